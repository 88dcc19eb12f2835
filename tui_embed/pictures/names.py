"""Which points of a map are named on paper, and where their names go."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tui_embed.engine.maps.labels import Box, place_labels
from tui_embed.engine.maps.point_map import PointMap
from tui_embed.engine.rows import Floats
from tui_embed.pictures.fonts import Fonts
from tui_embed.printable import fit

CELLS = 26
SIZE, MAIN_SIZE = 7.5, 8.5
LINE = 1.15
BASE = 0.78
"""Where in the height of a name its base line is, from the top."""

GAP = 3
"""Points between a name and its point, and between names of one line."""

FREQUENT, SPREAD = 500, 1000
"""How many of the first points, and of all others, are tried."""

MOST_KEPT_CLEAR = 400
"""Of so many points no name lies over another's point."""

ARROW_ENDS = 5.0
"""Points at each end of an arrow that its own names may come near to."""


@dataclass(frozen=True, slots=True)
class Name:
    """The printable name of a point, and the ``box`` where it goes, in points from the top left."""

    place: int
    text: str
    size: float
    main: bool
    box: Box

    @property
    def base(self) -> float:
        """How far down its base line is."""
        return self.box.y + self.box.height * BASE

    def leader(self, x: float, y: float) -> tuple[float, float] | None:
        """Where a line from its point should end, if the name is so far away that it needs one."""
        near_x = min(max(x, self.box.x), self.box.x + self.box.width)
        near_y = min(max(y, self.box.y), self.box.y + self.box.height)
        far = np.hypot(near_x - x, near_y - y)
        return (near_x, near_y) if far > self.box.height else None


def texts(drawn: PointMap) -> dict[int, str]:
    """The points to find room for, each with its printable name: the main ones, then the words that name
    clusters, the first ones, and some of all others.
    """
    n = len(drawn)
    main = [place for place in range(n) if int(drawn.subject.ids[place]) in drawn.subject.main]
    central = [] if drawn.clusters is None else [place for one in drawn.clusters.central for place in one]
    others = range(min(n, FREQUENT), n, max(1, (n - FREQUENT) // SPREAD))
    order = dict.fromkeys([*main, *central, *range(min(n, FREQUENT)), *others])
    return {place: fit(drawn.name(place), CELLS) for place in order}


def placed(
    drawn: PointMap, named: dict[int, str], fonts: Fonts, at: Floats, size: tuple[float, float]
) -> list[Name]:
    """Where names go on a field of ``size`` points, on which the map's points lie ``at`` ``(n, 2)`` from the
    top left. Names keep off other points, arrows and the lines of axes, unless a main one would be left out.
    """
    grid = int(size[0]), int(size[1])
    cells = at.astype(int)
    main = [int(drawn.subject.ids[place]) in drawn.subject.main for place in named]
    heights = [MAIN_SIZE if is_main else SIZE for is_main in main]
    sizes = [
        (int(fonts.width(text, height, is_main)) + 1 if text else 0, int(height * LINE) + 1)
        for text, height, is_main in zip(named.values(), heights, main, strict=True)
    ]
    anchors = [(int(cells[place, 0]), int(cells[place, 1])) for place in named]
    must = sum(main)
    boxes = place_labels(anchors, sizes, grid, must, GAP, _obstacles(drawn, at, grid))
    if any(box is None and width for box, (width, _) in zip(boxes[:must], sizes, strict=False)):
        boxes = place_labels(anchors, sizes, grid, must, GAP)
    return [
        Name(place, text, height, is_main, box)
        for (place, text), height, is_main, box in zip(named.items(), heights, main, boxes, strict=True)
        if box is not None
    ]


def _obstacles(drawn: PointMap, at: Floats, grid: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The cells that no name covers."""
    if len(drawn) <= MOST_KEPT_CLEAR:
        for x, y in at.astype(int).tolist():
            yield from ((x, y - 1), (x, y), (x, y + 1))
    for arrow in drawn.arrows:
        yield from _line(at[drawn.places[arrow.start]], at[drawn.places[arrow.end]])
    if len(drawn.own_axes) == 1:
        # all points lie on it
        yield from ((x, int(at[0, 1])) for x in range(grid[0]))


def _line(start: Floats, end: Floats) -> Iterator[tuple[int, int]]:
    """The cells of a line but for those near its ends."""
    length = float(np.linalg.norm(end - start))
    steps = np.arange(ARROW_ENDS, length - ARROW_ENDS)
    for step in steps.tolist():
        x, y = (start + (end - start) * step / length).tolist()
        yield int(x), int(y)
