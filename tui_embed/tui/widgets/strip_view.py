"""A scrolling view whose lines are drawn by the widget itself."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_embed.tui.widgets.palette import Palette

Line = list[Segment]
LaterLine = Callable[[], Line]
"""A line that is made only when it comes into sight: of thousands, few ever do."""


def segment(text: str, style: Style) -> Segment:
    """A piece of a line. The style is never None: Textual's filter for NO_COLOR cannot do without one."""
    return Segment(text, style)


def cut(shown: str, cells: int) -> str:
    """Printable text in at most ``cells`` cells, with “…” at the end where it was cut."""
    if cell_len(shown) <= cells:
        return shown
    return set_cell_size(shown, cells - 1) + "…" if cells > 0 else ""


class StripView(ScrollView, can_focus=True):
    """Lines built once for a width and shown until something changes.

    A subclass says in :meth:`build` what the lines are, and calls :meth:`rebuild` when that changes.
    """

    DEFAULT_CSS = """
    StripView { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line | LaterLine] | None = None
        self._strips_made: dict[int, Strip] = {}
        self._built_for = -1

    def build(self, width: int, palette: Palette) -> Sequence[Line | LaterLine]:
        """All lines at ``width`` cells."""
        raise NotImplementedError

    def pinned(self, at: int) -> int:
        """The number of the line that stands at the top where line ``at`` is the first in sight: a subclass
        keeps the names of its columns there, over the line that they cover.
        """
        return at

    def rebuild(self) -> None:
        """Forget the lines: what they show has changed."""
        self._lines = None
        self._lay_out()
        self.refresh()

    def repaint(self) -> None:
        """Make the lines that were made later again: they look different, but stand where they stood."""
        self._strips_made.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._lines = None

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        lines = self._lay_out()
        width = self.scrollable_content_region.width
        at = y + round(self.scroll_offset.y)
        at = self.pinned(at) if y == 0 else at
        if at >= len(lines):
            return Strip.blank(width, self.rich_style)
        strip = self._strips_made.get(at)
        if strip is None:
            line = lines[at]
            strip = self._strips_made[at] = Strip(line() if callable(line) else line)
        return strip.adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def reveal(self, first: int, last: int) -> None:
        """Scroll so that the lines ``first`` … ``last`` are seen, the first one if not all fit."""
        top, height = round(self.scroll_offset.y), self.size.height
        # forced: of lines that were just built the scrollbar is not shown yet
        if first < top:
            self.scroll_to(y=first, animate=False, force=True)
        elif last >= top + height:
            self.scroll_to(y=min(first, last - height + 1), animate=False, force=True)

    def _lay_out(self) -> Sequence[Line | LaterLine]:
        width = self.scrollable_content_region.width
        if self._lines is None or width != self._built_for:
            self._built_for = width
            # at least one cell: without lines the scrollbar that took the last one would go, and come back
            self._lines = self.build(max(1, width), Palette.of(self)) if self.is_attached else []
            self._strips_made.clear()
            self.virtual_size = Size(width, len(self._lines))
        return self._lines


def wrapped(
    pieces: list[tuple[str, Style]], width: int, gap: str = " · ", faint: Style | None = None
) -> list[Line]:
    """Pieces one after another with ``gap`` between, a new line where one would not fit; none is cut but by
    width."""
    lines: list[Line] = [[]]
    used = 0
    for piece, style in pieces:
        text = cut(piece, max(1, width))
        length = cell_len(text)
        if used and used + len(gap) + length > width:
            lines.append([])
            used = 0
        if used:
            lines[-1].append(segment(gap, faint or Style()))
            used += len(gap)
        lines[-1].append(segment(text, style))
        used += length
    return lines
