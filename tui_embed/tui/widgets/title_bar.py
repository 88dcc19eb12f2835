"""The line at the top: what is looked at, and as what."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import printable
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import cut

Piece = tuple[str, Style]

LEAST_CELLS = 16
"""So much of where a space comes from is always shown: whether it is trained stands there."""


class TitleBar(Widget):
    """``tui-embed ─ space · size · origin``, the modes, and at the right what runs, or the selection.

    Posts :class:`ModeClicked`. Where there is no room the name of the program is left out, then the end of
    where the space comes from, then the modes.
    """

    DEFAULT_CSS = """
    TitleBar { height: 1; width: 1fr; background: $panel; }
    """

    class ModeClicked(Message):
        """Another way to look was asked for."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, modes: Sequence[str], mode: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._modes = modes
        self._mode = mode
        self._space: EmbeddingSpace | None = None
        self._said: tuple[str, str] | None = None
        self._right = ""
        self._busy = ""
        self._places: list[tuple[int, int, str]] = []

    def show_space(self, space: EmbeddingSpace) -> None:
        self._space = space
        self.refresh()

    def show_text(self, name: str, more: str) -> None:
        """Say this, already printable, in place of a space."""
        if (name, more) != self._said:
            self._said = (name, more)
            self.refresh()

    def show_right(self, text: str) -> None:
        """Text, already printable, for the right end."""
        if text != self._right:
            self._right = text
            self.refresh()

    def show_busy(self, text: str) -> None:
        """What runs at the moment, already printable; empty when nothing does."""
        if text != self._busy:
            self._busy = text
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        for start, stop, mode in self._places:
            if start <= event.x < stop:
                self.post_message(self.ModeClicked(mode))

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.size.width
        right = cut(self._busy or self._right, max(0, width - 24))
        room = width - cell_len(right) - 2
        program: list[Piece] = [(" tui-embed", palette.accent), (" ─ ", palette.line)]
        modes, what = self._mode_pieces(palette), self._what(palette)
        margin: Piece = (" ", Style())
        shortened = _shortened(what, room - _cells([margin, *modes]))
        wanted = [margin, *what]
        for pieces in ([*program, *what, *modes], [margin, *shortened, *modes], [*program, *what]):
            if _cells(pieces) <= room:
                wanted = pieces
                break
        segments: list[Segment] = []
        self._places = []
        at = 0
        for text, style in wanted:
            shown = cut(text, room - at)
            if (text, style) in modes and text.strip(" []").lower() in self._modes and shown == text:
                self._places.append((at, at + cell_len(text), text.strip(" []").lower()))
            segments.append(Segment(shown, style))
            at += cell_len(shown)
            if at >= room:
                break
        segments.append(Segment(" " * max(1, room - at + 1), Style()))
        segments.append(Segment(f"{right} ", palette.accent if self._busy else palette.faint))
        return Strip(segments).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def _mode_pieces(self, palette: Palette) -> list[Piece]:
        pieces: list[Piece] = [("   ", Style())]
        for mode in self._modes:
            title = mode.capitalize()
            pieces.append(
                (f"[{title}]", palette.accent) if mode == self._mode else (f" {title} ", palette.faint)
            )
        return pieces

    def _what(self, palette: Palette) -> list[Piece]:
        if self._said is not None:
            name, more = self._said
            return [(name, palette.text), (more, palette.faint)]
        if self._space is None:
            return [("no space is open · ^o opens one", palette.faint)]
        space = self._space
        origin = palette.faint if space.provenance.trained else palette.accent
        return [
            (printable(space.name), palette.text),
            (f" · {len(space):,} × {space.d_model:,} · ", palette.faint),
            (printable(space.provenance.origin), origin),
        ]


def _shortened(pieces: Sequence[Piece], room: int) -> list[Piece]:
    """The pieces in ``room`` cells where that takes no more than the end of the last."""
    *first, (text, style) = pieces
    return [*first, (cut(text, max(LEAST_CELLS, room - _cells(first))), style)]


def _cells(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(text) for text, _ in pieces)
