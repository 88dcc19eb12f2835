"""A small map of words: a dot for each, and names for as many as have room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.printable import fit
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import segment

DOT, MAIN_DOT = "·", "●"
LABEL_CELLS = 14


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a cell, ``cells`` wide."""

    text: str
    x: int
    y: int
    cells: int
    main: bool


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A word on the map (text from outside); ``main`` ones are named first."""

    name: str | bytes
    x: float
    y: float
    main: bool = False


class MiniMap(Widget):
    """Points from −1 … 1 after scaling; the widest spread fills the widget."""

    DEFAULT_CSS = """
    MiniMap { height: 1fr; min-height: 4; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._points: Sequence[MapPoint] = ()
        self._rows: list[list[tuple[str, Style]]] = []
        self._drawn_for: tuple[int, int] | None = None

    def show(self, points: Sequence[MapPoint]) -> None:
        """Draw other points, the most important first."""
        self._points = points
        self._drawn_for = None
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._drawn_for != (width, height):
            self._drawn_for = (width, height)
            self._rows = self._drawn(width, height)
        row = self._rows[y] if y < len(self._rows) else []
        line = [segment(text, style) for text, style in row]
        return Strip(line).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def _drawn(self, width: int, height: int) -> list[list[tuple[str, Style]]]:
        palette = Palette.of(self)
        cells: list[list[tuple[str, Style]]] = [[(" ", palette.faint)] * width for _ in range(height)]
        if not self._points or width < 8 or height < 3:
            return cells
        at = cells_of(self._points, width, height)
        for point, (x, y) in zip(self._points[::-1], at[::-1], strict=True):
            style = palette.accent if point.main else palette.primary
            cells[y][x] = (MAIN_DOT if point.main else DOT, style)
        for label in placed(self._points, at, width, height):
            style = palette.text if label.main else palette.faint
            cells[label.y][label.x] = (label.text, style)
            for x in range(label.x + 1, label.x + label.cells):
                cells[label.y][x] = ("", style)
        return cells


def cells_of(points: Sequence[MapPoint], width: int, height: int) -> list[tuple[int, int]]:
    """The cell of each point; a cell is twice as high as it is wide."""
    if not points:
        return []
    places: NDArray[np.float64] = np.array([(point.x, point.y) for point in points], dtype=np.float64)
    places = np.nan_to_num(places, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = places.min(axis=0), places.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    shares = (places - low) / spread
    x = np.rint(shares[:, 0] * (width - 1)).astype(int)
    y = np.rint((1 - shares[:, 1]) * (height - 1)).astype(int)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def placed(points: Sequence[MapPoint], at: Sequence[tuple[int, int]], width: int, height: int) -> list[Label]:
    """Names beside their dots, none over another or over a dot; those of main points first."""
    taken = np.zeros((height, width), dtype=bool)
    for x, y in at:
        taken[y, x] = True
    labels = []
    for point, (x, y) in sorted(zip(points, at, strict=True), key=lambda pair: not pair[0].main):
        text = fit(point.name, LABEL_CELLS)
        cells = cell_len(text)
        beside = ((x + 2, y), (x - 1 - cells, y), (x - cells // 2, y - 1), (x - cells // 2, y + 1))
        free = (place for place in beside if cells and _is_free(taken, *place, cells, x))
        left, row = next(free, (-1, -1))
        if row >= 0:
            taken[row, left : left + cells] = True
            labels.append(Label(text, left, row, cells, point.main))
    return labels


def _is_free(taken: NDArray[np.bool_], left: int, row: int, cells: int, dot: int) -> bool:
    """Whether a name has room, and a free cell on both sides but for its own dot: names run into one another
    otherwise.
    """
    height, width = taken.shape
    if not (0 <= row < height and left >= 0 and left + cells <= width):
        return False
    sides = [x for x in (left - 1, left + cells) if 0 <= x < width and x != dot]
    return not taken[row, left : left + cells].any() and not taken[row, sides].any()
