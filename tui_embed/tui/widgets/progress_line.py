"""A line that says how far long work is: a thin bar, the share, the rate, the time left."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.tui.widgets.glyphs import bar
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import cut

STOP = "Esc stops"
GAP = " · "
BAR_CELLS = 6, 40
GAPS = 8
"""Cells between the parts and at both ends."""


class ProgressLine(Widget):
    """Not there while nothing runs. Posts :class:`Stopped` for a click on what stops it."""

    DEFAULT_CSS = """
    ProgressLine { height: 1; width: 1fr; display: none; background: $panel; }
    """

    class Stopped(Message):
        """The person wants it stopped."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._what = ""
        self._share: float | None = None
        self._figures: tuple[str, ...] = ()

    def show(self, what: str, share: float | None, figures: tuple[str, ...]) -> None:
        """Say that ``what`` runs (printable). ``share`` is None where the whole is not known; ``figures`` are
        most telling first, and what has no room is left out from the end.
        """
        self._what, self._share, self._figures = what, share, figures
        self.display = True
        self.refresh()

    def hide(self) -> None:
        """Nothing runs."""
        self.display = False

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.size.width
        what, said = self._words(width - cell_len(STOP) - GAPS)
        room = width - cell_len(what) - cell_len(said) - cell_len(STOP) - GAPS
        cells = max(0, min(BAR_CELLS[1], room)) if self._share is not None else 0
        done = bar(self._share or 0.0, cells).rstrip()
        pieces = [
            (f" {what}  ", palette.text),
            (done, palette.accent),
            ("─" * (cells - len(done)), palette.line),
            (f"  {said}", palette.text),
            (" " * max(2, room - cells + 2), Style()),
            (f"{STOP} ", palette.faint),
        ]
        segments = [Segment(text, style) for text, style in pieces]
        return Strip(segments).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def _words(self, room: int) -> tuple[str, str]:
        """What runs, and its figures: as many as leave room for a bar."""
        least = BAR_CELLS[0] if self._share is not None else 0
        figures = list(self._figures)
        while len(figures) > 1 and cell_len(self._what) + cell_len(GAP.join(figures)) + least > room:
            figures.pop()
        said = GAP.join(figures)
        return cut(self._what, max(0, room - cell_len(said) - least)), said

    def on_click(self, event: events.Click) -> None:
        if event.x >= self.size.width - cell_len(STOP) - 1:
            self.post_message(self.Stopped())
