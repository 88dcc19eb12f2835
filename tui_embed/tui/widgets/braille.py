"""Braille characters as a raster of 2 × 4 dots a cell."""

import numpy as np
from numpy.typing import NDArray

DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
"""The bit of each dot, by row and column (Unicode 15, chapter 21)."""

BLANK = 0x2800


class Raster:
    """``width`` × ``height`` cells of dots, (0, 0) at the top left; what lies outside is left out."""

    def __init__(self, width: int, height: int) -> None:
        self.cells: NDArray[np.uint8] = np.zeros((height, width), dtype=np.uint8)

    @property
    def dots(self) -> tuple[int, int]:
        """How many dots across and down."""
        height, width = self.cells.shape
        return 2 * width, 4 * height

    def points(self, x: NDArray[np.integer], y: NDArray[np.integer]) -> None:
        """Set dots."""
        across, down = self.dots
        inside = (x >= 0) & (x < across) & (y >= 0) & (y < down)
        x, y = x[inside], y[inside]
        np.bitwise_or.at(self.cells, (y >> 2, x >> 1), DOTS[y & 3, x & 1])

    def line(self, x: NDArray[np.integer], y: NDArray[np.integer]) -> None:
        """Set the dots of a line through points from left to right, each column joined to the next."""
        if not len(x):
            return
        columns = np.arange(x[0], x[-1] + 1)
        heights = np.rint(np.interp(columns, x, y)).astype(np.int64)
        before = np.concatenate([heights[:1], heights[:-1]])
        low, high = np.minimum(before, heights), np.maximum(before, heights)
        # a steep part is a column of dots: from next to the height before to this one
        low = np.where(heights > before, before + 1, low)
        high = np.where(heights < before, before - 1, high)
        low, high = np.minimum(low, heights), np.maximum(high, heights)
        lengths = high - low + 1
        starts = np.repeat(low, lengths)
        steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self.points(np.repeat(columns, lengths), starts + steps)

    def text(self, row: int) -> str:
        """The characters of one line of cells."""
        return "".join(chr(BLANK | int(cell)) if cell else " " for cell in self.cells[row])
