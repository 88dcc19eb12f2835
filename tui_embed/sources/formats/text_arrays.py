"""NumPy's arrays of texts, ``U`` and ``S``, and of whole numbers, as the bytes of a text each."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import BLOCK_BYTES
from tui_embed.engine.vocabulary import encode_token
from tui_embed.errors import SourceError
from tui_embed.sources.builder import row_place
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.npy import PICKLE
from tui_embed.sources.formats.npy_header import NpyHeader
from tui_embed.sources.formats.table_columns import LABELS
from tui_embed.sources.stream import ByteStream

TOKENS = (
    *(*LABELS, *(f"{name}s" for name in LABELS)),
    *("vocab", "vocabulary", "index", "keys", "index_to_key", "itos"),
)
"""What the tokens are called, in any case, the best name first."""

MOST_TEXT = 4 << 20
"""Bytes of one text."""

_LAST_CHARACTER = 0x10FFFF


def is_text(header: NpyHeader) -> bool:
    """Whether it is an array of texts with one dimension."""
    return header.dtype is not None and header.dtype.kind in "US" and len(header.shape) == 1


def is_column(header: NpyHeader, n_rows: int) -> bool:
    """Whether it holds a text or a whole number for each row."""
    return header.dtype is not None and header.dtype.kind in "USbiu" and header.shape == (n_rows,)


def token_array(file: SourceFile, headers: Mapping[str, NpyHeader], n_rows: int, matrix: str) -> str | None:
    """Which array has the tokens of the ``n_rows`` rows of ``matrix``: the one of a name that says so, or the
    only one of texts that is as long. None where there is none.

    SourceError for one of such a name that is a pickle, or of another length.
    """
    possible = [name for name, header in headers.items() if is_text(header) or _may_be_texts(header)]
    for wanted in TOKENS:
        for name in possible:
            if name.lower() == wanted:
                _check(file, headers[name], name, n_rows, matrix)
                return name
    fitting = [name for name, header in headers.items() if is_text(header) and header.shape == (n_rows,)]
    return fitting[0] if len(fitting) == 1 else None


def _may_be_texts(header: NpyHeader) -> bool:
    return header.is_pickle and len(header.shape) == 1


def _check(file: SourceFile, header: NpyHeader, name: str, n_rows: int, matrix: str) -> None:
    if header.is_pickle:
        raise file.error(PICKLE, f"member {name}", "save the words as np.array(words, dtype=str)")
    if header.shape != (n_rows,):
        what = f"{header.shape[0]:,} tokens for the {n_rows:,} rows of member {matrix[:60]}"
        raise file.error(what, f"member {name}")


def texts_of(stream: ByteStream, header: NpyHeader, place: str) -> Iterator[list[bytes]]:
    """The texts of an array of one dimension, by blocks; as in NumPy a NUL at the end is no part of one."""
    dtype = header.dtype
    if dtype is None or dtype.itemsize > MOST_TEXT:
        raise SourceError(stream.path, f"its texts have room for over {MOST_TEXT:,} bytes each", place)
    (n,) = header.shape
    step = max(1, BLOCK_BYTES // max(1, dtype.itemsize))
    for start in range(0, n, step):
        size = min(step, n - start)
        content = stream.read_exactly(size * dtype.itemsize, "its texts")
        if dtype.kind == "U":
            _check_characters(stream, np.frombuffer(content, dtype=f"{dtype.str[0]}u4"), start, size, place)
        yield _encoded(np.ndarray((size,), dtype, content))


def _check_characters(
    stream: ByteStream, codes: NDArray[np.unsignedinteger[Any]], start: int, size: int, place: str
) -> None:
    """SourceError for a code that is no character, which Python fails at."""
    wrong = np.flatnonzero(codes > _LAST_CHARACTER)
    if len(wrong):
        row = row_place(start + int(wrong[0]) * size // len(codes))
        raise SourceError(stream.path, "a code that is no character", f"{place}, {row}")


def _encoded(texts: NDArray[Any]) -> list[bytes]:
    if texts.dtype.kind == "S":
        return list(texts.tolist())
    if texts.dtype.kind == "U":
        return [encode_token(text) for text in texts.tolist()]
    return [b"%d" % number for number in texts.tolist()]
