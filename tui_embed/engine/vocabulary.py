"""Tokens and their ids, laid out so that a mapped file is usable without being read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.byte_order import byte_order


class Vocabulary(Sequence[str]):
    """A sequence of tokens in id order, most frequent first where the source says so.

    Three arrays hold it, each of which may be a memory map: ``blob``, the tokens' bytes one after another;
    ``offsets`` ``(n_vocab + 1,) uint32``, where each begins; ``order`` ``(n_vocab,) uint32``, the ids
    sorted by the tokens' bytes, equal tokens by id. A look-up is a bisection over ``order``, so that
    opening costs nothing.

    A token is bytes that need not be UTF-8 (byte-level BPE splits characters). As ``str`` such bytes appear
    as the lone surrogates of Python's "surrogateescape", so that no two tokens look alike.
    """

    def __init__(
        self, blob: bytes | NDArray[np.uint8], offsets: NDArray[np.uint32], order: NDArray[np.uint32]
    ) -> None:
        self._blob = memoryview(blob)  # type: ignore[arg-type]  # Buffer is typed from Python 3.12 on
        self._offsets = offsets
        self._order = order

    @classmethod
    def from_tokens(cls, tokens: Iterable[str | bytes]) -> "Vocabulary":
        """Lay out ``tokens``, given in id order. Of equal tokens look-ups find the lowest id."""
        encoded = [encode_token(token) if isinstance(token, str) else token for token in tokens]
        return cls.from_blob(b"".join(encoded), np.array([len(token) for token in encoded], dtype=np.int64))

    @classmethod
    def from_blob(cls, blob: bytes | NDArray[np.uint8], lengths: NDArray[np.integer]) -> "Vocabulary":
        """Tokens that lie one after another in ``blob``, their ``lengths`` ``(n_vocab,)`` in bytes.

        ValueError for more than 4 GiB of text.
        """
        offsets = np.zeros(len(lengths) + 1, dtype=np.uint64)
        np.cumsum(lengths, out=offsets[1:])
        if offsets[-1] > np.iinfo(np.uint32).max:
            raise ValueError("a vocabulary's tokens may hold 4 GiB of text together")
        letters = np.frombuffer(blob, dtype=np.uint8) if isinstance(blob, bytes) else blob
        return cls(letters, offsets.astype(np.uint32), byte_order(letters, offsets))

    @property
    def arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.uint32], NDArray[np.uint32]]:
        """``blob``, ``offsets`` and ``order``, to store them."""
        return np.frombuffer(self._blob, dtype=np.uint8), self._offsets, self._order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return decode_token(self.token_bytes(index))

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __contains__(self, token: object) -> bool:
        return isinstance(token, str) and self.get(token) is not None

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes of a token. IndexError outside of −n_vocab … n_vocab − 1."""
        n_vocab = len(self)
        if not -n_vocab <= token_id < n_vocab:
            raise IndexError(f"id {token_id} of a vocabulary of {n_vocab}")
        token_id %= n_vocab
        return bytes(self._blob[int(self._offsets[token_id]) : int(self._offsets[token_id + 1])])

    def get(self, token: str | bytes) -> int | None:
        """The id of exactly this token, or None."""
        wanted = encode_token(token) if isinstance(token, str) else token
        place = self._first_at_least(wanted)
        if place == len(self):
            return None
        token_id = int(self._order[place])
        return token_id if self.token_bytes(token_id) == wanted else None

    def with_prefix(self, prefix: str, limit: int | None = None) -> NDArray[np.uint32]:
        """Ids of the tokens that begin with ``prefix``, ascending (frequent first), at most ``limit``."""
        wanted = encode_token(prefix)
        first = self._first_at_least(wanted)
        following = _following(wanted)
        last = len(self) if following is None else self._first_at_least(following)
        ids = np.array(self._order[first:last])
        if limit is not None and limit < len(ids):
            ids = np.partition(ids, limit)[:limit] if limit else ids[:0]
        ids.sort()
        return ids

    def duplicates(self, limit: int) -> "Duplicates":
        """Ids whose token an id before them has already: how many, and the first ``limit`` of them."""
        blob, offsets, order = self.arrays
        starts = offsets[:-1][order].astype(np.int64)
        lengths = offsets[1:][order].astype(np.int64) - starts
        # equal tokens stand side by side in the order; one by one only those are compared that may be equal
        alike = np.flatnonzero((lengths[1:] == lengths[:-1]) & _same_sample(blob, starts, lengths))
        again = [
            int(later)
            for first, later in zip(order[alike].tolist(), order[alike + 1].tolist(), strict=True)
            if self.token_bytes(first) == self.token_bytes(later)
        ]
        return Duplicates(len(again), tuple(sorted(again)[:limit]))

    @cached_property
    def texts(self) -> list[str]:
        """All tokens as str; built when first asked for (about 20 ms for 100,000)."""
        blob = bytes(self._blob)
        return [decode_token(blob[start:stop]) for start, stop in pairwise(self._offsets.tolist())]

    def _first_at_least(self, wanted: bytes) -> int:
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.token_bytes(int(self._order[middle])) < wanted:
                low = middle + 1
            else:
                high = middle
        return low


@dataclass(frozen=True, slots=True)
class Duplicates:
    """``count`` ids repeat a token; ``first`` are the lowest of them."""

    count: int
    first: tuple[int, ...]


def _same_sample(
    blob: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each token's middle and last byte are those of the next, ``(n − 1,)``; empty ones agree."""
    if not len(blob):
        return np.ones(max(0, len(starts) - 1), dtype=bool)
    same = np.ones(max(0, len(starts) - 1), dtype=bool)
    for at in (lengths - 1, lengths // 2):
        sampled = blob[np.minimum(starts + np.maximum(at, 0), len(blob) - 1)]
        same &= (sampled[1:] == sampled[:-1]) | (lengths[1:] == 0)
    return same


def encode_token(text: str) -> bytes:
    """The bytes of a token from its ``str``; a text with lone surrogates that stand for no byte becomes
    bytes that are not UTF-8, so that it is never taken for another token.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def decode_token(token: bytes) -> str:
    """The ``str`` of a token; bytes that are not UTF-8 become lone surrogates, so that nothing is lost."""
    return token.decode("utf-8", "surrogateescape")


def _following(prefix: bytes) -> bytes | None:
    """The least bytes after everything that begins with ``prefix``, or None if there is none."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None
