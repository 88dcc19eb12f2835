"""The line at the top: which space, and whether it is trained."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import printable
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import cut


class TitleBar(Widget):
    """``tui-embed ─ space · size · origin``, with what runs, or the selection, at the right."""

    DEFAULT_CSS = """
    TitleBar { height: 1; width: 1fr; background: $panel; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._space: EmbeddingSpace | None = None
        self._right = ""
        self._busy = ""

    def show_space(self, space: EmbeddingSpace) -> None:
        self._space = space
        self.refresh()

    def show_right(self, text: str) -> None:
        """Text, already printable, for the right end."""
        self._right = text
        self.refresh()

    def show_busy(self, text: str) -> None:
        """What runs at the moment, already printable; empty when nothing does."""
        if text != self._busy:
            self._busy = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.size.width
        right = cut(self._busy or self._right, max(0, width - 24))
        pieces = self._left(palette)
        if sum(cell_len(text) for text, _ in pieces) > width - cell_len(right) - 2:
            pieces = [(" ", Style()), *pieces[2:]]
        room = width - cell_len(right) - 2
        segments: list[Segment] = []
        for text, style in pieces:
            shown = cut(text, room)
            segments.append(Segment(shown, style))
            room -= cell_len(shown)
            if room <= 0:
                break
        segments.append(Segment(" " * max(1, room + 1), Style()))
        segments.append(Segment(f"{right} ", palette.accent if self._busy else palette.faint))
        return Strip(segments).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def _left(self, palette: Palette) -> list[tuple[str, Style]]:
        pieces = [(" tui-embed", palette.accent), (" ─ ", palette.line)]
        if self._space is None:
            return [*pieces, ("no space is open · ^o opens one", palette.faint)]
        space = self._space
        origin = palette.faint if space.provenance.trained else palette.accent
        return [
            *pieces,
            (printable(space.name), palette.text),
            (f" · {len(space):,} × {space.d_model:,} · ", palette.faint),
            (printable(space.provenance.origin), origin),
        ]
