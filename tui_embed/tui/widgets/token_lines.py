"""A text's tokens in several encodings, as coloured chips with their ids, walked by keys."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_embed.printable import fit
from tui_embed.tui.widgets.chips import COMPOSED, NO_ROW, Chip, EncodedText, wrapped_chips
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import LaterLine, Line, StripView, segment

INDENT = 2


class TokenLines(StripView):
    """The chips of each encoding, under its name. Posts :class:`Picked` as the cursor walks, :class:`Left`
    when it leaves at the top."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "walk(-1)", "Token", key_display="←→", tooltip="The token before"),
        Binding("right", "walk(1)", "Next token", show=False, tooltip="The token after"),
        Binding("up", "climb(-1)", "Line above", show=False, tooltip="The line or encoding above"),
        Binding("down", "climb(1)", "Line below", show=False, tooltip="The line or encoding below"),
        Binding("home", "edge(0)", "First token", show=False),
        Binding("end", "edge(-1)", "Last token", show=False),
        Binding("enter", "pick", "Pick token", show=False, tooltip="Make this token the selection again"),
    ]

    class Picked(Message):
        """The cursor stands on a token."""

        def __init__(self, encoding: int, index: int) -> None:
            super().__init__()
            self.encoding = encoding
            self.index = index

    class Left(Message):
        """The cursor went up from the first line."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.encoded: tuple[EncodedText, ...] = ()
        self.cursor = (0, 0)
        self._chosen: tuple[int, int] | None = None
        self._rows: list[tuple[int, int, list[Chip]]] = []
        """Of each wrapped row of chips: its encoding, its first line, its chips."""

    @property
    def chip_width(self) -> int:
        """The cells that a row of chips may take."""
        return max(1, self.scrollable_content_region.width) - INDENT

    def show(self, encoded: Sequence[EncodedText]) -> None:
        """Show other tokens; the cursor stays where it is as far as that exists."""
        self.encoded = tuple(encoded)
        self.rebuild()
        self._go(*self.cursor, pick=False)

    def mark(self, place: tuple[int, int] | None) -> None:
        """Show (encoding, token) as the selection, or nothing where the selection is not in this text."""
        if place == self._chosen and place in (None, self.cursor):
            return
        self._chosen = place
        if place is not None:
            self.cursor = place
        self.repaint()
        self._reveal_cursor()

    def build(self, width: int, palette: Palette) -> list[Line | LaterLine]:
        self._rows = []
        lines: list[Line | LaterLine] = []
        for number, encoded in enumerate(self.encoded):
            lines.append(_heading(encoded, width, palette))
            if encoded.error:
                lines.append([segment(" " * INDENT + fit(encoded.error, width - INDENT), palette.error)])
            for row in wrapped_chips(encoded, max(1, width) - INDENT):
                self._rows.append((number, len(lines), row))
                n_lines = 3 if any(chip.part for chip in row) else 2
                lines += [partial(self._draw_line, number, row, palette, line) for line in range(n_lines)]
        return lines

    def _draw_line(self, number: int, row: list[Chip], palette: Palette, line: int) -> Line:
        return self._draw_row(number, row, palette)[line]

    def _draw_row(self, number: int, row: list[Chip], palette: Palette) -> list[Line]:
        has_parts = any(chip.part for chip in row)
        texts: Line = [segment(" " * INDENT, palette.text)]
        parts: Line = [segment(" " * INDENT, palette.text)]
        marks: Line = [segment(" " * INDENT, palette.text)]
        for chip in row:
            style, mark_style = self._chip_styles((number, chip.index), chip, palette)
            gap = segment("│", palette.line)
            texts += [segment(set_cell_size(chip.text, chip.width), style), gap]
            parts += [segment(chip.part.ljust(chip.width), style if chip.part else palette.text), gap]
            marks += [segment(f"{chip.mark:<{chip.width}}", mark_style), gap]
        return [texts, parts, marks] if has_parts else [texts, marks]

    def _chip_styles(self, place: tuple[int, int], chip: Chip, palette: Palette) -> tuple[Style, Style]:
        if place == self._chosen or (place == self.cursor and self.has_focus):
            return palette.selected, palette.accent
        if chip.mark == NO_ROW:
            return palette.error, palette.error
        if chip.mark == COMPOSED:
            return palette.chips[chip.index % len(palette.chips)], palette.primary
        return palette.chips[chip.index % len(palette.chips)], palette.faint

    def action_walk(self, step: int) -> None:
        number, index = self.cursor
        if self.encoded and 0 <= index + step < len(self.encoded[number].tokens):
            self._go(number, index + step)

    def action_climb(self, step: int) -> None:
        at = self._row_of_cursor()
        if at is None or at + step < 0:
            self.post_message(self.Left())
            return
        if at + step >= len(self._rows):
            return
        _, _, row = self._rows[at]
        column = sum(chip.width + 1 for chip in row if chip.index < self.cursor[1])
        number, _, target = self._rows[at + step]
        edges = [0]
        for chip in target:
            edges.append(edges[-1] + chip.width + 1)
        chosen = target[min(bisect_right(edges, column) - 1, len(target) - 1)]
        self._go(number, chosen.index)

    def action_edge(self, index: int) -> None:
        if self.encoded and self.encoded[self.cursor[0]].tokens:
            self._go(self.cursor[0], index % len(self.encoded[self.cursor[0]].tokens))

    def action_pick(self) -> None:
        self._go(*self.cursor)

    def on_click(self, event: events.Click) -> None:
        line, x = event.y + round(self.scroll_offset.y), event.x - INDENT
        for number, first, row in reversed(self._rows):
            if line >= first:
                for chip in row:
                    if 0 <= x < chip.width:
                        self._go(number, chip.index)
                        return
                    x -= chip.width + 1
                return

    def on_focus(self) -> None:
        self.repaint()
        if self._chosen is None and self.encoded:
            self._go(*self.cursor)

    def on_blur(self) -> None:
        self.repaint()

    def _go(self, number: int, index: int, *, pick: bool = True) -> None:
        if not self.encoded:
            self.cursor = (0, 0)
            self.repaint()
            return
        number = min(number, len(self.encoded) - 1)
        index = min(index, len(self.encoded[number].tokens) - 1)
        self.cursor = (number, max(0, index))
        self.repaint()
        self._reveal_cursor()
        if pick and index >= 0:
            self.post_message(self.Picked(number, index))

    def _row_of_cursor(self) -> int | None:
        number, index = self.cursor
        for at, (own, _, row) in enumerate(self._rows):
            if own == number and row[0].index <= index <= row[-1].index:
                return at
        return None

    def _reveal_cursor(self) -> None:
        at = self._row_of_cursor()
        if at is not None:
            first = self._rows[at][1]
            self.reveal(0 if first == 1 else first, first + 2)


def _heading(encoded: EncodedText, width: int, palette: Palette) -> Line:
    count = len(encoded.tokens)
    per_token = f" · {encoded.n_characters / count:.1f} characters a token" if count else ""
    figures = f"{count:,} token{'' if count == 1 else 's'}{per_token}"
    name = fit(encoded.encoding, max(1, width - cell_len(figures) - 1))
    return [
        segment(name.ljust(max(0, width - cell_len(figures))), palette.primary),
        segment(figures, palette.faint),
    ]
