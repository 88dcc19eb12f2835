"""Where the rows that a reader finds are kept until the space is whole: in memory, or in a file."""

from typing import Protocol

import numpy as np

from tui_embed.engine.rows import Floats
from tui_embed.errors import TuiEmbedError

SPARE = 1.05
FIRST_ROWS = 1024


class RowStorage(Protocol):
    """Takes blocks of rows in order, then gives all of them back."""

    def append(self, rows: Floats) -> None:
        """Keep a copy of ``rows`` ``(m, d_model) float32``."""
        ...

    def finish(self) -> Floats:
        """All rows ``(n, d_model) float32``, read-only; nothing can be appended any more."""
        ...


class Storages(Protocol):
    """Gives out storage by name, one after another."""

    def open(self, name: str, d_model: int, expected: int) -> RowStorage:
        """Storage for about ``expected`` rows (0: unknown). The one before it must be finished."""
        ...


class MemoryStorages:
    """Storage in memory."""

    def open(self, name: str, d_model: int, expected: int) -> "MemoryRows":
        return MemoryRows(d_model, expected)


class MemoryRows:
    """Rows in one array that is grown when its room does not suffice, and cut to its size at the end.

    Room that is not used is address space, not memory: the system gives a page when it is first written to.
    """

    def __init__(self, d_model: int, expected: int = 0) -> None:
        self._n_rows = 0
        self._array = _room(max(expected, FIRST_ROWS), d_model)

    def append(self, rows: Floats) -> None:
        end = self._n_rows + len(rows)
        if end > len(self._array):
            grown = _room(2 * end, self._array.shape[1])
            grown[: self._n_rows] = self._array[: self._n_rows]
            self._array = grown
        self._array[self._n_rows : end] = rows
        self._n_rows = end

    def finish(self) -> Floats:
        # shrinking in place, which copies nothing
        self._array.resize((self._n_rows, self._array.shape[1]), refcheck=False)
        self._array.flags.writeable = False
        return self._array


def _room(n_rows: int, d_model: int) -> Floats:
    try:
        return np.empty((n_rows, d_model), dtype=np.float32)
    except (MemoryError, ValueError):
        size = n_rows * d_model * 4 / 1e9
        raise TuiEmbedError(f"{n_rows:,} rows of {d_model:,} numbers need {size:,.1f} GB of memory") from None
