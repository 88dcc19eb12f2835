"""What is drawn on a map, and the drawing of it as cells of characters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from tui_embed.engine.maps.labels import Box, place_labels
from tui_embed.engine.rows import Floats
from tui_embed.printable import fit
from tui_embed.tui.widgets.braille import BLANK, DOTS
from tui_embed.tui.widgets.viewport import Viewport

LABEL_CELLS = 22
NAMES_TRIED = 300
"""Points for which a name is looked for room: the first of those in sight."""

FEW, CROWD = 2, 6
"""From so many points in a cell on they are a few, and a crowd."""

SHADES = " ░▒▓█"
HEADS = "→↗↑↖←↙↓↘"

PLAIN = -1
"""The colour of what is in no cluster."""


@dataclass(frozen=True, slots=True)
class Ink:
    """What a cell is drawn with: a ``kind`` of thing, its colour among the clusters', and how many points
    there are.
    """

    kind: str
    colour: int = PLAIN
    level: int = 1


POINT_KIND, LINE_KIND, TORN_KIND, ARROW_KIND, OPEN_KIND = "point", "line", "torn", "arrow", "open"


@dataclass(frozen=True, eq=False, slots=True)
class Marked:
    """A point that is always named: ``role`` is ``cursor``, ``near`` or ``torn``, or ``main`` for what the
    map is about.
    """

    place: int
    role: str


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """A line from one point to another, drawn as ``kind``; with a ``head`` it is an arrow."""

    start: int
    end: int
    kind: str
    head: bool = False


@dataclass(frozen=True, eq=False)
class Scene:
    """``points`` ``(n, 2)``, their colours ``(n,)`` (PLAIN for none), and what is drawn over them.

    ``name`` gives a point's token, text from outside. ``order`` are the points that are named where there is
    room, the most important first. ``visible`` ``(n,)`` are the points that are not hidden. ``cross`` has
    the lines of 0 drawn; ``shaded`` shows how many points there are in place of where each lies.
    """

    points: Floats
    colours: NDArray[np.int64]
    name: Callable[[int], str | bytes]
    order: NDArray[np.int64]
    visible: NDArray[np.bool_]
    marked: Sequence[Marked] = ()
    lines: Sequence[Line] = ()
    cross: bool = False
    named: bool = True
    shaded: bool = False
    names_written: dict[int, tuple[str, int]] = field(default_factory=dict)

    def written(self, place: int) -> tuple[str, int]:
        """A point's name as it is drawn, and its cells."""
        found = self.names_written.get(place)
        if found is None:
            text = fit(self.name(place), LABEL_CELLS)
            found = self.names_written[place] = (text, cell_len(text))
        return found


@dataclass(frozen=True, eq=False, slots=True)
class Name:
    """A name at a cell."""

    text: str
    box: Box
    place: int
    role: str
    colour: int


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """``characters`` ``(height, width)`` code points, the number of the ink of each cell among ``inks``
    (0 is blank), the ``names`` that lie over them, and the ``spots``, cells of marked points.
    """

    characters: NDArray[np.uint32]
    ink: NDArray[np.int64]
    inks: Sequence[Ink]
    names: Sequence[Name]
    spots: Sequence[tuple[int, int, str, str]]


def drawn(scene: Scene, viewport: Viewport, width: int, height: int) -> Drawn:
    """The scene in ``width`` × ``height`` cells."""
    dots = 2 * width, 4 * height
    across, down = viewport.dots(scene.points, dots)
    seen = scene.visible & (across >= 0) & (across < dots[0]) & (down >= 0) & (down < dots[1])
    canvas = _Canvas(width, height)
    if scene.cross:
        canvas.cross(viewport, dots)
    for line in scene.lines:
        if scene.visible[line.start] and scene.visible[line.end]:
            start, end = ((float(across[place]), float(down[place])) for place in (line.start, line.end))
            canvas.line(start, end, line.kind)
    canvas.points(across[seen], down[seen], scene.colours[seen], scene.shaded)
    spots = [
        (int(across[mark.place]) >> 1, int(down[mark.place]) >> 2, mark.role, _glyph(mark.role))
        for mark in scene.marked
        if seen[mark.place]
    ]
    spots += _heads(scene.lines, across, down, seen)
    names = _names(scene, across, down, seen, (width, height))
    return Drawn(canvas.characters(scene.shaded), canvas.ink, canvas.inks, names, spots)


class _Canvas:
    """Dots and the ink of each cell; what is drawn later goes over what is there."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._dots = np.zeros((4 * height, 2 * width), dtype=bool)
        self._counts: NDArray[np.int64] = np.zeros(width * height, dtype=np.int64)
        self.ink: NDArray[np.int64] = np.zeros((height, width), dtype=np.int64)
        self.inks: list[Ink] = [Ink("blank")]

    def points(
        self, across: NDArray[np.int64], down: NDArray[np.int64], colours: NDArray[np.int64], shaded: bool
    ) -> None:
        """Each cell takes the colour that most of its points have."""
        width, height = self._size
        if not shaded:
            self._dots[down, across] = True
        cells = (down >> 2) * width + (across >> 1)
        kinds = int(colours.max(initial=PLAIN)) + 2
        votes = np.bincount(cells * kinds + colours + 1, minlength=width * height * kinds)
        votes = votes.reshape(-1, kinds)
        self._counts = votes.sum(axis=1)
        level = (self._counts >= FEW).astype(np.int64) + (self._counts >= CROWD)
        ink = len(self.inks) + votes.argmax(axis=1) * 3 + level
        self.inks += [Ink(POINT_KIND, kind - 1, crowd) for kind in range(kinds) for crowd in range(3)]
        there = self._counts > 0
        self.ink.reshape(-1)[there] = ink[there]

    def line(self, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
        """Dots along a straight line, as far as it lies inside."""
        rows, columns = self._dots.shape
        part = inside_part(start, end, (columns, rows))
        if part is None:
            return
        (x, y), (other_x, other_y) = part
        steps = round(max(abs(other_x - x), abs(other_y - y), 1.0))
        across = np.rint(np.linspace(x, other_x, steps + 1)).astype(np.int64)
        down = np.rint(np.linspace(y, other_y, steps + 1)).astype(np.int64)
        self._trace(across, down, kind)

    def cross(self, viewport: Viewport, dots: tuple[int, int]) -> None:
        """The lines on which one of the two places is 0, every other dot."""
        origin = viewport.dots(np.zeros((1, 2), dtype=np.float32), dots)
        column, row = int(origin[0][0]), int(origin[1][0])
        wide, high = np.arange(0, dots[0], 2), np.arange(0, dots[1], 2)
        self._trace(wide, np.full(len(wide), row), LINE_KIND)
        self._trace(np.full(len(high), column), high, LINE_KIND)

    def _trace(self, across: NDArray[np.int64], down: NDArray[np.int64], kind: str) -> None:
        rows, columns = self._dots.shape
        inside = (across >= 0) & (across < columns) & (down >= 0) & (down < rows)
        across, down = across[inside], down[inside]
        self._dots[down, across] = True
        self.ink[down >> 2, across >> 1] = len(self.inks)
        self.inks.append(Ink(kind))

    def characters(self, shaded: bool) -> NDArray[np.uint32]:
        width, height = self._size
        grouped = self._dots.reshape(height, 4, width, 2)
        bits = (grouped * DOTS[None, :, None, :]).sum(axis=(1, 3)).astype(np.uint32)
        characters = np.where(bits > 0, bits + BLANK, ord(" ")).astype(np.uint32)
        if shaded:
            counts = self._counts.reshape(height, width)
            most = max(1.0, float(np.log1p(counts.max(initial=0))))
            steps = np.ceil(np.log1p(counts) / most * (len(SHADES) - 1)).astype(np.int64)
            shades = np.array([ord(shade) for shade in SHADES], dtype=np.uint32)[steps]
            characters = np.where(counts > 0, shades, characters)
        return characters


Dot = tuple[float, float]


def inside_part(start: Dot, end: Dot, dots: tuple[int, int]) -> tuple[Dot, Dot] | None:
    """The part of a line that lies within so many dots across and down, or None (Liang and Barsky 1984, "A
    new concept and method for line clipping").
    """
    first, last = 0.0, 1.0
    for at, other, most in zip(start, end, (dots[0] - 1, dots[1] - 1), strict=True):
        way = other - at
        for step, room in ((-way, at), (way, most - at)):
            if step == 0:
                if room < 0:
                    return None
            elif step < 0:
                first = max(first, room / step)
            else:
                last = min(last, room / step)
    if first > last:
        return None
    ways = end[0] - start[0], end[1] - start[1]
    return (
        (start[0] + first * ways[0], start[1] + first * ways[1]),
        (start[0] + last * ways[0], start[1] + last * ways[1]),
    )


def _names(
    scene: Scene,
    across: NDArray[np.int64],
    down: NDArray[np.int64],
    seen: NDArray[np.bool_],
    grid: tuple[int, int],
) -> list[Name]:
    roles = {mark.place: mark.role for mark in scene.marked if seen[mark.place]}
    places = list(roles)
    if scene.named:
        inside = scene.order[seen[scene.order]][: NAMES_TRIED + len(places)].tolist()
        places += [place for place in inside if place not in roles]
    anchors = [(int(across[place]) >> 1, int(down[place]) >> 2) for place in places]
    sizes = [(scene.written(place)[1], 1) for place in places]
    boxes = place_labels(anchors, sizes, grid, must=len(roles))
    return [
        Name(scene.written(place)[0], box, place, roles.get(place, ""), int(scene.colours[place]))
        for place, box in zip(places, boxes, strict=True)
        if box is not None
    ]


def _heads(
    lines: Sequence[Line], across: NDArray[np.int64], down: NDArray[np.int64], seen: NDArray[np.bool_]
) -> list[tuple[int, int, str, str]]:
    """The heads of arrows, in the cell before the one they lead to."""
    found = []
    for line in lines:
        if not line.head or not seen[line.end]:
            continue
        right = (int(across[line.end]) >> 1) - (int(across[line.start]) >> 1)
        below = (int(down[line.end]) >> 2) - (int(down[line.start]) >> 2)
        length = max(abs(right), abs(below))
        if length < 2:
            continue
        angle = np.arctan2(-2 * below, right)
        head = HEADS[round(angle / (np.pi / 4)) % 8]
        column = (int(across[line.end]) >> 1) - round(right / length)
        row = (int(down[line.end]) >> 2) - round(below / length)
        found.append((column, row, line.kind, head))
    return found


def _glyph(role: str) -> str:
    return {"cursor": "◉", "torn": "○"}.get(role, "●")
