"""Tokens with a bar for each probability, before and after a step where there are both."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui_embed.figures import MINUS
from tui_embed.printable import pad
from tui_embed.tui.widgets.glyphs import bar
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, segment

NAME_CELLS, FIGURE_CELLS, CHANGE_CELLS = 14, 9, 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A token (text from outside) with its probability, and the one after a step; ``marked`` is the true
    one.
    """

    name: str | bytes
    before: float
    after: float | None = None
    marked: bool = False


class ProbabilityBars(StripView):
    """Bars on one scale, that of the largest; where there is an after, a thin bar of before lies over it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._bars: Sequence[Bar] = ()
        self._said = ""

    def show(self, bars: Sequence[Bar], said: str = "") -> None:
        """Show bars, or where there are none what is said (printable) instead."""
        self._bars, self._said = bars, said
        self.rebuild()

    def build(self, width: int, palette: Palette) -> list[Line]:
        if not self._bars:
            return [[segment(self._said, palette.faint)]]
        most = max((max(entry.before, entry.after or 0.0) for entry in self._bars), default=1.0) or 1.0
        # one precision for all: two digits where the largest has them to show
        digits = 2 if most >= 0.005 else 4
        return [self._line(entry, most, digits, width, palette) for entry in self._bars]

    def _line(self, entry: Bar, most: float, digits: int, width: int, palette: Palette) -> Line:
        style = palette.accent if entry.marked else palette.text
        line = [segment(pad(entry.name, NAME_CELLS) + " ", style)]
        line.append(segment(f"{_percent(entry.before, digits)} ", palette.text))
        room = width - NAME_CELLS - FIGURE_CELLS - 2
        if entry.after is None:
            line.append(segment(bar(entry.before / most, room), style))
            return line
        room = max(0, (room - FIGURE_CELLS - CHANGE_CELLS - 3) // 2)
        change = entry.after - entry.before
        sign = "+" if change >= 0 else MINUS
        points = f"{sign}{abs(100 * change):.{digits + 1}f}"
        changed = palette.success if change > 0 else palette.primary
        return [
            *line,
            segment(bar(entry.before / most, room) + "→ ", palette.faint),
            segment(f"{_percent(entry.after, digits)} ", palette.text),
            segment(bar(entry.after / most, room), style),
            segment(points.rjust(CHANGE_CELLS), changed),
        ]


def _percent(share: float, digits: int) -> str:
    return f"{f'{100 * share:.{digits}f} %':>{FIGURE_CELLS}}"
