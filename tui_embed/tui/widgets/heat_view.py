"""A matrix as a heat map, walked by keys."""

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.engine.maps.heat import HeatMap
from tui_embed.engine.rows import Floats
from tui_embed.figures import component, score
from tui_embed.printable import fit, pad
from tui_embed.tui.widgets.heat_cells import NAME_CELLS, WRITTEN, HeatCells, whole_stride
from tui_embed.tui.widgets.palette import SCALE_STEPS, Palette
from tui_embed.tui.widgets.strip_view import Line, cut, segment

HALF = "▀"
CURSOR = "▣"
TOP_LINES, FOOT_LINES = 2, 1


class HeatView(Widget, can_focus=True):
    """A window on a matrix, its title and the names of its columns above, and the number under the cursor
    below. A matrix that is larger than the window is seen whole, in blocks, until one goes closer.
    """

    DEFAULT_CSS = """
    HeatView { height: 1fr; width: 1fr; min-height: 4; margin-right: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1,0)", "Cell", key_display="← → ↑ ↓", tooltip="The cell to the left"),
        Binding("right", "move(1,0)", "Right", show=False, tooltip="The cell to the right"),
        Binding("up", "move(0,-1)", "Up", show=False, tooltip="The cell above"),
        Binding("down", "move(0,1)", "Down", show=False, tooltip="The cell below"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom", key_display="+ −", tooltip="Closer: smaller blocks"),
        Binding("minus", "zoom(-1)", "Further", show=False, tooltip="Further away: larger blocks"),
        Binding("0", "whole", "All", show=False, tooltip="All of the matrix in sight"),
        Binding("home", "edge(0)", "First column", show=False),
        Binding("end", "edge(-1)", "Last column", show=False),
        Binding("pageup", "page(-1)", "A page up", show=False),
        Binding("pagedown", "page(1)", "A page down", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._heat: HeatMap | None = None
        self._cells: HeatCells | None = None
        self._stride: int | None = None
        self._row = self._column = self._top = self._left = 0

    def show(self, heat: HeatMap | None) -> None:
        """Show another matrix, whole."""
        self._heat, self._stride = heat, None
        self._row = self._column = self._top = self._left = 0
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.size.width
        line: Line = []
        if self._cells is not None and self._heat is not None:
            if y == 0:
                line = [segment(cut(fit(self._heat.title, width), width), palette.faint)]
            elif y == 1:
                line = self._heading(self._cells, palette)
            elif y == self.size.height - 1:
                line = self._value_line(self._cells, palette)
            else:
                line = self._numbers(self._cells, y - TOP_LINES, palette)
        return Strip(line).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        cells = self._cells
        if cells is not None and event.y >= TOP_LINES and event.x >= self._names:
            row = self._top + int((event.y - TOP_LINES) * cells.rows_a_line)
            self._go(row, self._left + (event.x - self._names) // cells.wide)

    def action_move(self, right: int, down: int) -> None:
        self._go(self._row + down, self._column + right)

    def action_edge(self, column: int) -> None:
        if self._cells is not None:
            self._go(self._row, column % self._cells.values.shape[1])

    def action_page(self, direction: int) -> None:
        self._go(self._row + direction * max(1, self._rows_seen - 1), self._column)

    def action_zoom(self, direction: int) -> None:
        if self._cells is None or self._heat is None:
            return
        before = self._cells.stride
        most = whole_stride(self._heat, self._room, self._lines)
        self._stride = max(1, before // 2) if direction > 0 else min(most, before * 2)
        # what lies under the cursor stays there
        self._row, self._column = (place * before // self._stride for place in (self._row, self._column))
        self._lay_out()

    def action_whole(self) -> None:
        if self._cells is not None:
            before = self._cells.stride
            self._stride = None
            self._lay_out()
            stride = self._cells.stride
            self._go(self._row * before // stride, self._column * before // stride)

    @property
    def _names(self) -> int:
        """Cells for the names of rows."""
        if self._heat is None:
            return 0
        longest = max((cell_len(fit(name, NAME_CELLS)) for name in self._heat.rows), default=0)
        return min(longest + 1, max(4, self.size.width // 4))

    @property
    def _room(self) -> int:
        return max(1, self.size.width - self._names)

    @property
    def _lines(self) -> int:
        return max(1, self.size.height - TOP_LINES - FOOT_LINES)

    @property
    def _rows_seen(self) -> int:
        return 1 if self._cells is None else max(1, int(self._lines * self._cells.rows_a_line))

    @property
    def _columns_seen(self) -> int:
        return 1 if self._cells is None else max(1, self._room // self._cells.wide)

    def _lay_out(self) -> None:
        self._cells = None
        if self._heat is not None and self.size.width and self.size.height:
            stride = self._stride or whole_stride(self._heat, self._room, self._lines)
            self._cells = HeatCells.of(self._heat, stride, self._room, self._lines)
            self._go(self._row, self._column)
        self.refresh()

    def _go(self, row: int, column: int) -> None:
        if self._cells is None:
            return
        n, m = self._cells.values.shape
        self._row, self._column = min(max(row, 0), n - 1), min(max(column, 0), m - 1)
        rows, columns = self._rows_seen, self._columns_seen
        self._top = max(0, min(max(self._top, self._row - rows + 1), self._row, n - 1))
        self._top -= self._top % 2 if self._cells.halves else 0
        self._left = max(0, min(max(self._left, self._column - columns + 1), self._column))
        self.refresh()

    def _heading(self, cells: HeatCells, palette: Palette) -> Line:
        """The names of all columns in sight where there is room for them, else that of the cursor's."""
        line = [segment(" " * self._names, palette.faint)]
        last = min(self._left + self._columns_seen, cells.values.shape[1])
        if cells.wide >= WRITTEN:
            for column in range(self._left, last):
                style = palette.accent if column == self._column else palette.faint
                line.append(segment(pad(cells.column_name(column), cells.wide - 1) + " ", style))
            return line
        name = fit(cells.column_name(self._column), NAME_CELLS)
        at = min((self._column - self._left) * cells.wide, max(0, self._room - cell_len(name) - 2))
        return [*line, segment(f"{' ' * at}▾ {name}", palette.accent)]

    def _numbers(self, cells: HeatCells, y: int, palette: Palette) -> Line:
        top = self._top + int(y * cells.rows_a_line)
        rows = [row for row in (top, top + 1)[: 2 if cells.halves else 1] if row < len(cells.values)]
        if not rows:
            return []
        middle = cells.halves or y % cells.tall == cells.tall // 2
        here = self._row in rows
        name = cells.row_name(self._row if here else rows[0]) if middle else ""
        line = [segment(pad(name, self._names - 1) + " ", palette.accent if here else palette.faint)]
        window = slice(self._left, self._left + self._columns_seen)
        steps = [_steps(cells.values[row, window], cells.heat.limit) for row in rows]
        for offset, step in enumerate(steps[0]):
            column = self._left + offset
            chosen = here and column == self._column
            if cells.halves:
                below = steps[1][offset] if len(steps) > 1 else None
                cell = HALF * cells.wide, _two(palette, step, below)
            else:
                cell = _text(cells, rows[0], column, middle), _filled(palette, step)
            if chosen:
                cell = (cell[0] if cells.wide >= WRITTEN else CURSOR.center(cells.wide)), palette.selected
            line.append(Segment(*cell))
        return line

    def _value_line(self, cells: HeatCells, palette: Palette) -> Line:
        value = float(cells.values[self._row, self._column])
        scale = [segment("█", style) for style in palette.scale[::4]]
        ends = score(cells.heat.limit)
        mean = "mean " if cells.stride > 1 else ""
        said = f"{cells.place(self._row, self._column)}  {mean}"
        line = [segment(said, palette.text), segment(component(value), palette.accent)]
        low, high = f"   −{ends} ", f" +{ends}"
        if cell_len(f"{said}{component(value)}{low}{high}") + len(scale) <= self.size.width:
            line += [segment(low, palette.faint), *scale, segment(high, palette.faint)]
        return line


def _text(cells: HeatCells, row: int, column: int, middle: bool) -> str:
    if cells.wide < WRITTEN or not middle:
        return " " * cells.wide
    value = float(cells.values[row, column])
    short = score(value) if cells.wide > WRITTEN else score(round(value, 2))[: 4 if value < 0 else 3]
    return cut(f"{short:>{cells.wide - 1}} ", cells.wide)


def _steps(values: Floats, limit: float) -> Sequence[int]:
    shares = np.clip(np.nan_to_num(values / limit), -1, 1)
    steps: list[int] = np.rint((shares + 1) * (SCALE_STEPS - 1) / 2).astype(int).tolist()
    return steps


@lru_cache(maxsize=64)
def _filled(palette: Palette, step: int) -> Style:
    """A step of the scale, with black or white on it, whichever can be read."""
    colour = palette.scale[step].color
    assert colour is not None
    red, green, blue = colour.get_truecolor()
    text = "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else "#ffffff"
    return Style(color=text, bgcolor=colour)


@lru_cache(maxsize=2048)
def _two(palette: Palette, upper: int, lower: int | None) -> Style:
    below = palette.background.bgcolor if lower is None else palette.scale[lower].color
    return Style(color=palette.scale[upper].color, bgcolor=below)
