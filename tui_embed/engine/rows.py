"""Where the rows of a matrix live: in memory, in a mapped file, or nowhere until they are drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tui_embed.errors import UsageError

Floats = NDArray[np.float32]
Ids = NDArray[np.integer]

BLOCK_BYTES = 4 << 20
"""Blocks of about this size stay in the cache between one pass over them and the next."""


class Rows(Protocol):
    """``(n_rows, d_model) float32`` without saying where they are."""

    @property
    def shape(self) -> tuple[int, int]: ...

    def take(self, ids: Ids) -> Floats:
        """The rows of ``ids``, ``(len(ids), d_model)``, the caller's own array. IndexError outside."""
        ...

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        """All rows in order: (id of the block's first row, block ``(m, d_model)``); blocks are read-only."""
        ...


@runtime_checkable
class PartRows(Rows, Protocol):
    """Rows of which any stretch can be had, by several threads at once."""

    def part(self, start: int, stop: int) -> Floats:
        """Rows ``start`` … ``stop`` − 1, or as many as there are, read-only."""
        ...


@runtime_checkable
class WholeRows(PartRows, Protocol):
    """Rows that exist as an array."""

    def whole(self) -> Floats:
        """All rows, ``(n_rows, d_model)``, read-only; a mapped file may have to be read for it."""
        ...


class ArrayRows:
    """Rows that are an array, in memory or mapped from a file."""

    def __init__(self, array: Floats) -> None:
        if array.ndim != 2 or array.dtype != np.float32:
            raise ValueError(f"rows are (n, d) float32, not {array.shape} {array.dtype}")
        self.array = array.view()
        self.array.flags.writeable = False

    @property
    def shape(self) -> tuple[int, int]:
        n_rows, d_model = self.array.shape
        return n_rows, d_model

    def take(self, ids: Ids) -> Floats:
        return np.asarray(self.array[checked_ids(ids, self.shape[0])])

    def whole(self) -> Floats:
        return self.array

    def part(self, start: int, stop: int) -> Floats:
        return self.array[start:stop]

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        step = rows_per_block(self.shape[1])
        for start in range(0, self.shape[0], step):
            yield start, self.array[start : start + step]


DrawKind = Literal["normal", "uniform"]
DRAW_KINDS: tuple[DrawKind, ...] = get_args(DrawKind)


@dataclass(frozen=True, slots=True)
class Distribution:
    """How an untrained row is drawn: N(0, std²), or uniform on ±std·√3, which has the same deviation.

    UsageError for any other kind.
    """

    kind: DrawKind
    std: float

    def __post_init__(self) -> None:
        if self.kind not in DRAW_KINDS:
            raise UsageError(f"rows cannot be drawn from {self.kind!r}", f"kinds are {', '.join(DRAW_KINDS)}")

    def __str__(self) -> str:
        if self.kind == "normal":
            return f"N(0, {self.std:g}²)"
        return f"U(±{self.std * 3**0.5:.4g})"


class DrawnRows:
    """Untrained rows, each drawn when asked for and never kept: the matrix may be larger than memory.

    Row ``i`` comes from a Philox generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
    3") whose key is ``(seed, stream)`` and whose counter starts at ``i``, so a row is the same whoever
    asks, in whatever order. ``stream`` tells matrices of one seed apart. UsageError for a seed outside of 0
    … 2^64 − 1.
    """

    def __init__(
        self, shape: tuple[int, int], distribution: Distribution, seed: int, stream: int = 0
    ) -> None:
        if not 0 <= seed < 1 << 64:
            raise UsageError(f"{seed} is no seed", "a seed is a whole number from 0 to 2^64 − 1")
        self.shape = shape
        self.distribution = distribution
        self.seed = seed
        self._stream = stream

    def take(self, ids: Ids) -> Floats:
        return self._draw(checked_ids(ids, self.shape[0]))

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        step = rows_per_block(self.shape[1])
        for start in range(0, self.shape[0], step):
            block = self._draw(np.arange(start, min(start + step, self.shape[0])))
            block.flags.writeable = False
            yield start, block

    def _draw(self, ids: Ids) -> Floats:
        bits = np.random.Philox(key=np.array([self.seed, self._stream], dtype=np.uint64))
        generator = np.random.Generator(bits)
        start = bits.state
        rows = np.empty((len(ids), self.shape[1]), dtype=np.float32)
        for row, token_id in zip(rows, ids.tolist(), strict=True):
            start["state"]["counter"][:] = (0, 0, token_id, 0)
            bits.state = start
            if self.distribution.kind == "normal":
                generator.standard_normal(out=row, dtype=np.float32)
            else:
                generator.random(out=row, dtype=np.float32)
        if self.distribution.kind == "uniform":
            rows -= np.float32(0.5)
            rows *= np.float32(2 * 3**0.5)
        rows *= np.float32(self.distribution.std)
        return rows


def rows_per_block(d_model: int) -> int:
    """How many rows of ``d_model`` float32 make a block."""
    return max(1, BLOCK_BYTES // (4 * max(1, d_model)))


def checked_ids(ids: Ids, n_rows: int) -> Ids:
    """``ids`` as an array. IndexError for one outside of 0 … n_rows − 1."""
    ids = np.asarray(ids)
    if ids.size and (ids.min() < 0 or ids.max() >= n_rows):
        raise IndexError(f"a row outside of 0 … {n_rows - 1}")
    return ids
