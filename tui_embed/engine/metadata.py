"""Columns of text that come with the rows of a space."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.vocabulary import encode_token

BLOCK = 1 << 16
"""Rows whose texts exist as Python objects at a time."""

_NUMBER_BYTES = b"0123456789+-.eE"
"""Of these alone ``float`` reads what a person calls a number: no nan, no inf, no 1_000, no blanks."""


class TextColumn:
    """``n`` texts, laid out so that a mapped file is usable without being read.

    ``blob`` is their UTF-8 one after another, ``offsets`` ``(n + 1,) uint64`` where each begins. An empty
    text stands for no value.
    """

    def __init__(self, blob: bytes | NDArray[np.uint8], offsets: NDArray[np.uint64]) -> None:
        self.blob = np.frombuffer(blob, dtype=np.uint8) if isinstance(blob, bytes) else blob
        self.offsets = offsets

    @classmethod
    def from_blob(cls, blob: bytes | NDArray[np.uint8], lengths: NDArray[np.integer]) -> "TextColumn":
        """Texts that lie one after another in ``blob``, their ``lengths`` ``(n,)`` in bytes."""
        offsets = np.zeros(len(lengths) + 1, dtype=np.uint64)
        np.cumsum(lengths, out=offsets[1:])
        return cls(blob, offsets)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> "TextColumn":
        """Lay out ``texts``, given in row order; lone surrogates become U+FFFD when they are read."""
        encoded = [encode_token(text) for text in texts]
        return cls.from_blob(b"".join(encoded), np.array([len(text) for text in encoded], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> str:
        """The text of one row. IndexError outside of 0 … n − 1."""
        return self.bytes_of(row).decode("utf-8", "replace")

    def bytes_of(self, row: int) -> bytes:
        """The UTF-8 of one row's text. IndexError outside of 0 … n − 1."""
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of a column of {len(self)}")
        return self.blob[int(self.offsets[row]) : int(self.offsets[row + 1])].tobytes()

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Bytes of each text, ``(n,)``."""
        return np.diff(self.offsets).astype(np.int64)

    def blocks(self) -> Iterator[tuple[int, list[bytes]]]:
        """All texts in order, as bytes: (the block's first row, its texts)."""
        for start in range(0, len(self), BLOCK):
            offsets = self.offsets[start : start + BLOCK + 1]
            blob = self.blob[int(offsets[0]) : int(offsets[-1])].tobytes()
            places = (offsets - offsets[0]).tolist()
            yield start, [blob[begin:end] for begin, end in pairwise(places)]

    @cached_property
    def numbers(self) -> NDArray[np.float64] | None:
        """The texts as numbers ``(n,)``, NaN where there is none; None for a column that is not of numbers.

        Made when first asked for (about 200 ms for a million).
        """
        numbers = np.empty(len(self), dtype=np.float64)
        for start, texts in self.blocks():
            read = _numbers(texts)
            if read is None:
                return None
            numbers[start : start + len(texts)] = read
        return numbers if len(self.blob) else None

    def first_word(self) -> int | None:
        """The first row whose text is no number, or None."""
        for start, texts in self.blocks():
            for place, text in enumerate(texts):
                if _numbers([text]) is None:
                    return start + place
        return None

    def counts(self, most: int = 1000) -> list[tuple[str, int]] | None:
        """The different texts and how many rows have each, most frequent first; None for over ``most``."""
        counts: Counter[bytes] = Counter()
        for _, texts in self.blocks():
            counts.update(texts)
            if len(counts) > most:
                return None
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [(text.decode("utf-8", "replace"), count) for text, count in ranked]


Metadata = Mapping[str, TextColumn]
"""Columns by name, in the order of the source; each as long as the space has rows."""


def describe(metadata: Metadata, row: int) -> list[tuple[str, str]]:
    """The name and text of each column that says something about ``row``, in the order of the source."""
    found = [(name, column[row]) for name, column in metadata.items()]
    return [(name, text) for name, text in found if text]


def _numbers(texts: list[bytes]) -> list[float] | None:
    if b"".join(texts).translate(None, _NUMBER_BYTES):
        return None
    # typed for str alone, though bytes are read as well and need not be decoded
    number: Any = float
    try:
        return [number(text) if text else np.nan for text in texts]
    except ValueError:
        return None
