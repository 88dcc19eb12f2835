"""How a matrix is laid out as cells: whole, in blocks of so many rows and columns, or number by number."""

from dataclasses import dataclass

import numpy as np

from tui_embed.engine.maps.heat import HeatMap
from tui_embed.engine.rows import Floats
from tui_embed.printable import fit

WIDTHS = (7, 5, 2, 1)
"""Cells that a number takes across: the widest that lets all be seen. In the first two it is written."""

WRITTEN = 5
TALLEST = 3
NAME_CELLS = 16


@dataclass(frozen=True, eq=False, slots=True)
class HeatCells:
    """``values`` ``(n, m)`` are means of blocks of ``stride`` × ``stride`` numbers. Each is ``wide`` cells
    across and ``tall`` lines high, or there are two to a line where ``halves``.
    """

    heat: HeatMap
    values: Floats
    stride: int
    wide: int
    tall: int
    halves: bool

    @classmethod
    def of(cls, heat: HeatMap, stride: int, columns: int, lines: int) -> "HeatCells":
        """The matrix in blocks of ``stride``, for a window of so many cells."""
        values = _means(heat.values, stride)
        n, m = values.shape
        wide = next((wide for wide in WIDTHS if wide * m <= columns), 1)
        halves = wide < WRITTEN and n > lines
        tall = 1 if halves else max(1, min(TALLEST, wide // 2 + 1, lines // n))
        return cls(heat, values, stride, wide, tall, halves)

    @property
    def rows_a_line(self) -> float:
        return 2.0 if self.halves else 1 / self.tall

    def row_name(self, row: int) -> str:
        """The name of a row, or of the first of a block."""
        return self.heat.rows[row * self.stride]

    def column_name(self, column: int) -> str:
        return self.heat.columns[column * self.stride]

    def place(self, row: int, column: int) -> str:
        """Which numbers a cell stands for."""
        return f"{self._names(self.heat.rows, row)} · {self._names(self.heat.columns, column)}"

    def _names(self, names: tuple[str, ...], block: int) -> str:
        first = block * self.stride
        last = min(first + self.stride, len(names)) - 1
        shown = fit(names[first], NAME_CELLS)
        return shown if self.stride == 1 else f"{shown} … {fit(names[last], NAME_CELLS)}"


def whole_stride(heat: HeatMap, columns: int, lines: int) -> int:
    """The smallest blocks in which all of a matrix is seen in a window of so many cells, two rows a line."""
    n, m = heat.values.shape
    stride: int = max(1, -(-m // max(1, columns)), -(-n // max(1, 2 * lines)))
    return stride


def _means(values: Floats, stride: int) -> Floats:
    if stride == 1:
        return values
    n, m = values.shape
    rows, columns = np.arange(0, n, stride), np.arange(0, m, stride)
    sums = np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1)
    counts = np.outer(np.diff([*rows, n]), np.diff([*columns, m]))
    return np.asarray(sums / counts, dtype=np.float32)
