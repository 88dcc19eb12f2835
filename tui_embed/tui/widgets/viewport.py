"""Which part of a plane is looked at."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats

MARGIN = 0.07
"""The share of a side that stays free around the points."""

CLOSEST = 1e-6
"""Units of the whole extent that a dot is at least: closer, float32 cannot tell points apart."""

FAR_OUTSIDE = 1 << 20

Dots = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Viewport:
    """The point ``x``, ``y`` is in the middle; a dot is ``unit_x`` wide and ``unit_y`` high."""

    x: float = 0.0
    y: float = 0.0
    unit_x: float = 1.0
    unit_y: float = 1.0

    @classmethod
    def around(cls, points: Floats, dots: tuple[int, int], stretched: bool = False) -> "Viewport":
        """All of ``points`` ``(n, 2)`` in so many dots across and down. A dot is as wide as it is high, so
        that distances can be compared, unless the two axes are ``stretched``, each to its own extent.
        """
        if not len(points):
            return cls()
        low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
        middle, extent = (low + high) / 2, high - low
        inside = np.maximum(1.0, np.array(dots) * (1 - 2 * MARGIN))
        units = extent / inside
        if not units.any():
            units = np.array([1.0, 1.0])
        if not stretched or not units.all():
            units[:] = units.max()
        return cls(float(middle[0]), float(middle[1]), float(units[0]), float(units[1]))

    def dots(self, points: Floats, dots: tuple[int, int]) -> tuple[Dots, Dots]:
        """The dot of each point, column and row from the top left; some lie outside."""
        # a unit may be too small for the points' float32
        columns, rows = points.astype(np.float64).T
        across = np.floor((columns - self.x) / self.unit_x + dots[0] / 2)
        down = np.floor(dots[1] / 2 - (rows - self.y) / self.unit_y)
        far = float(FAR_OUTSIDE)
        return (
            np.clip(across, -far, far).astype(np.int64),
            np.clip(down, -far, far).astype(np.int64),
        )

    def place(self, column: float, row: float, dots: tuple[int, int]) -> tuple[float, float]:
        """What lies at a dot."""
        return self.x + (column - dots[0] / 2) * self.unit_x, self.y - (row - dots[1] / 2) * self.unit_y

    def zoomed(self, factor: float, column: float, row: float, dots: tuple[int, int]) -> "Viewport":
        """Closer by ``factor``, with what lies at a dot staying where it is."""
        x, y = self.place(column, row, dots)
        middle_x, middle_y = x + (self.x - x) / factor, y + (self.y - y) / factor
        return Viewport(middle_x, middle_y, self.unit_x / factor, self.unit_y / factor)

    def panned(self, columns: float, rows: float) -> "Viewport":
        """Moved by so many dots to the right and down."""
        return replace(self, x=self.x + columns * self.unit_x, y=self.y - rows * self.unit_y)


def next_towards(points: Floats, here: tuple[float, float], direction: tuple[int, int]) -> int | None:
    """The nearest of ``points`` ``(n, 2)`` that lies in a direction, (1, 0) being right and (0, 1) up: what
    lies within 45 degrees of it goes before what lies further to the side. None where there is none.
    """
    arrows = points - np.array(here)
    along = arrows @ np.array(direction, dtype=np.float64)
    across = np.abs(arrows @ np.array((direction[1], direction[0]), dtype=np.float64))
    ahead = along > 0
    if not ahead.any():
        return None
    cost = np.where(ahead, np.hypot(along, across) + np.where(across > along, 3 * across, across), np.inf)
    return int(np.argmin(cost))
