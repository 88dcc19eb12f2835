"""Pieces of text one after another, none of them cut but by the width."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import segment, wrapped


@dataclass(frozen=True, slots=True)
class Piece:
    """Printable text, in the colour of a cluster or, without one, as what is secondary."""

    text: str
    colour: int | None = None


class Pieces(Widget):
    """As many lines as the pieces need, up to some; those that have no room are left out, with “…” at the
    end.
    """

    DEFAULT_CSS = """
    Pieces { height: 1; display: none; }
    """

    def __init__(self, gap: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._gap = gap
        self._pieces: Sequence[Piece] = ()
        self._most = 1

    def show(self, pieces: Sequence[Piece], most: int) -> None:
        """Show other pieces, in at most so many lines."""
        if (list(pieces), most) == (list(self._pieces), self._most):
            return
        self._pieces, self._most = pieces, most
        self._lay_out()
        self.refresh()

    @property
    def text(self) -> str:
        """All of it, with what has no room."""
        return self._gap.join(piece.text for piece in self._pieces)

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.size.width
        lines = wrapped(self._styled(palette), max(1, width - 2), self._gap, palette.faint)
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        line = lines[y]
        if y == self.size.height - 1 and y + 1 < len(lines):
            line = [*line, segment(" …", palette.faint)]
        return Strip(line).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def _lay_out(self) -> None:
        """Take as many lines as are needed."""
        self.display = bool(self._pieces) and self._most > 0
        width = self.size.width or (self.parent.size.width if isinstance(self.parent, Widget) else 0)
        if self.display and width:
            lines = wrapped(self._styled(Palette.of(self)), max(1, width - 2), self._gap)
            self.styles.height = min(self._most, len(lines))

    def _styled(self, palette: Palette) -> list[tuple[str, Style]]:
        return [
            (
                piece.text,
                palette.faint
                if piece.colour is None
                else palette.clusters[piece.colour % len(palette.clusters)][1],
            )
            for piece in self._pieces
        ]
