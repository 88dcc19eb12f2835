"""What of a map is in sight: which part of the plane, and which of its points."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.tui.widgets.map_scene import Line
from tui_embed.tui.widgets.viewport import Viewport, next_towards

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class MapPoints:
    """What is on a map: ``points`` ``(n, 2)``, ``colours`` ``(n,)`` with −1 for none, and ``name``, which
    gives a point's token (text from outside). ``main`` points are always named; ``lines`` are its arrows.
    With ``own_scales`` each axis has its own scale and a line at 0. ``named`` are the points that are named
    where there is room, the most important first; None are all, in their order.
    """

    points: Floats
    colours: NDArray[np.int64]
    name: Callable[[int], str | bytes]
    main: Sequence[int] = ()
    lines: Sequence[Line] = ()
    own_scales: bool = False
    named: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.points)


class Sight:
    """A look at ``shown`` through a window of so many ``dots``. Until a person looks at a part of it, all
    points that are ``kept`` are in sight, whatever becomes of the window.
    """

    def __init__(self, shown: MapPoints) -> None:
        self.shown = shown
        self.dots = (2, 4)
        self.kept: Mask | None = None
        self.whole = True
        self.filled = False
        self._viewport = Viewport()

    @property
    def viewport(self) -> Viewport:
        if self.whole:
            points = self.shown.points if self.kept is None else self.shown.points[self.kept]
            stretched = self.shown.own_scales or self.filled
            self._viewport = Viewport.around(points, self.dots, stretched)
        return self._viewport

    @property
    def hidden(self) -> int:
        """How many points are left out."""
        return 0 if self.kept is None else int((~self.kept).sum())

    @property
    def visible(self) -> Mask:
        """The points ``(n,)`` that are not left out."""
        return np.ones(len(self.shown), dtype=bool) if self.kept is None else self.kept

    def seen(self) -> Mask:
        """The points ``(n,)`` that are in sight."""
        across, down = self.viewport.dots(self.shown.points, self.dots)
        inside = (across >= 0) & (across < self.dots[0]) & (down >= 0) & (down < self.dots[1])
        return inside & self.visible

    def look(self, viewport: Viewport) -> None:
        """Look at a part."""
        self._viewport, self.whole = viewport, False

    def zoom(self, factor: float, dot: tuple[float, float]) -> None:
        """Go closer by ``factor`` to what lies at a dot."""
        self.look(self.viewport.zoomed(factor, *dot, self.dots))

    def reveal(self, place: int) -> None:
        """Have a point in sight."""
        if self.kept is not None and not self.kept[place]:
            self.kept = None
        if not self.seen()[place]:
            x, y = self.shown.points[place].tolist()
            self.look(replace(self.viewport, x=x, y=y))

    def keep(self, kept: Mask) -> None:
        """Leave out all points but those of ``kept`` ``(n,)`` that are there; nothing changes for none."""
        kept = kept & self.visible
        if kept.any():
            self.kept, self.whole = kept, True

    def dot_of(self, place: int) -> tuple[float, float]:
        """Where a point is, or the middle where it is not in sight."""
        if not self.seen()[place]:
            return self.middle
        across, down = self.viewport.dots(self.shown.points[[place]], self.dots)
        return float(across[0]), float(down[0])

    @property
    def middle(self) -> tuple[float, float]:
        return self.dots[0] / 2, self.dots[1] / 2

    def at(self, column: float, row: float) -> int | None:
        """The point in sight that is nearest to a dot."""
        seen = np.flatnonzero(self.seen())
        if not len(seen):
            return None
        across, down = self.viewport.dots(self.shown.points[seen], self.dots)
        return int(seen[np.argmin(np.square(across - column) + np.square(down - row))])

    def beside(self, place: int, right: int, up: int) -> int | None:
        """The next point in sight in a direction, as it looks on the screen."""
        seen = self.seen()
        seen[place] = False
        candidates = np.flatnonzero(seen)
        if not len(candidates):
            return None
        units = np.array([self.viewport.unit_x, self.viewport.unit_y])
        here_x, here_y = (self.shown.points[place] / units).tolist()
        found = next_towards(self.shown.points[candidates] / units, (here_x, here_y), (right, up))
        return None if found is None else int(candidates[found])
