"""The points of a map as lines, of which only those in sight are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_embed.figures import score
from tui_embed.printable import pad
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import cut, segment

VALUE_CELLS = 8


@dataclass(frozen=True, eq=False, slots=True)
class PointLines:
    """``order`` ``(m,)`` are the points from the top; ``name`` gives a point's token, text from outside.
    ``colours`` and ``values`` ``(n,)`` are by point: −1 is no colour, NaN no value. Points of ``torn`` are
    marked.
    """

    order: NDArray[np.int64]
    name: Callable[[int], str | bytes]
    colours: NDArray[np.int64]
    values: NDArray[np.float64] | None = None
    torn: frozenset[int] = frozenset()


class PointList(ScrollView, can_focus=True):
    """A list of points; posts :class:`Moved` when the cursor is at another, :class:`Chosen` on Enter."""

    DEFAULT_CSS = """
    PointList { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; background: $background;
        scrollbar-color: $line; scrollbar-background: $background; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "A page up", show=False),
        Binding("pagedown", "page(1)", "A page down", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end", "edge(-1)", "Last", show=False),
        Binding("enter", "choose", "Follow", key_display="Enter", tooltip="Make this token the selection"),
    ]

    class Moved(Message):
        """The cursor is at another point."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PointList.Moved)

    class Chosen(Message):
        """A point was chosen."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: PointLines | None = None
        self._line = 0

    def show(self, shown: PointLines | None, cursor: int | None) -> None:
        """Show other lines, with the cursor at a point where it is among them."""
        self._shown = shown
        self._line = 0
        self.virtual_size = Size(self.size.width, 0 if shown is None else len(shown.order))
        self.move_to(cursor)
        self.refresh()

    def move_to(self, place: int | None) -> None:
        """Put the cursor at a point, which is then in sight; nothing is posted."""
        if self._shown is None or place is None or place == self.current:
            return
        found = np.flatnonzero(self._shown.order == place)
        if len(found):
            self._line = int(found[0])
            self._reveal()
            self.refresh()

    @property
    def current(self) -> int | None:
        """The point under the cursor."""
        if self._shown is None or not len(self._shown.order):
            return None
        return int(self._shown.order[self._line])

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.scrollable_content_region.width
        number = y + round(self.scroll_offset.y)
        if self._shown is None or number >= len(self._shown.order):
            return Strip.blank(width, self.rich_style)
        place = int(self._shown.order[number])
        value = "" if self._shown.values is None else _written(float(self._shown.values[place]))
        colour = int(self._shown.colours[place])
        chosen = number == self._line
        mark = palette.faint if colour < 0 else palette.clusters[colour % len(palette.clusters)][1]
        cluster = "  " if colour < 0 else f"{colour + 1:<2}"
        cells = max(1, width - 5 - (VALUE_CELLS if value else 0))
        text = palette.accent if chosen else palette.text
        if chosen and self.has_focus:
            text = palette.selected
        elif place in self._shown.torn:
            text = palette.error
        dot = "○" if place in self._shown.torn else "●"
        line = [
            segment(f"{dot}{cluster}", mark),
            segment(pad(self._shown.name(place), cells), text),
            segment(cut(f" {value:>{VALUE_CELLS - 1}}", VALUE_CELLS) if value else "", palette.text),
        ]
        return Strip(line).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        number = event.y + round(self.scroll_offset.y)
        if self._shown is not None and number < len(self._shown.order):
            self._go(number)
            if event.chain == 2:
                self.action_choose()

    def action_move(self, step: int) -> None:
        self._go(self._line + step)

    def action_page(self, direction: int) -> None:
        self._go(self._line + direction * max(1, self.size.height - 1))

    def action_edge(self, number: int) -> None:
        self._go(number if number >= 0 else self.virtual_size.height - 1)

    def action_choose(self) -> None:
        if self.current is not None:
            self.post_message(self.Chosen(self.current))

    def _go(self, number: int) -> None:
        if self._shown is None or not len(self._shown.order):
            return
        self._line = min(max(number, 0), len(self._shown.order) - 1)
        self._reveal()
        self.refresh()
        place = self.current
        if place is not None:
            self.post_message(self.Moved(place))

    def _reveal(self) -> None:
        top, height = round(self.scroll_offset.y), max(1, self.size.height)
        if self._line < top:
            self.scroll_to(y=self._line, animate=False)
        elif self._line >= top + height:
            self.scroll_to(y=self._line - height + 1, animate=False)


def _written(value: float) -> str:
    if np.isnan(value):
        return ""
    return f"{value:,.0f}" if value.is_integer() and abs(value) >= 1 else score(value)
