"""The rows that a step moves: which way, and how far."""

from collections.abc import Callable

from tui_embed.engine.training.explanation import ExplainedStep, RowMove
from tui_embed.figures import MINUS, score
from tui_embed.printable import fit, pad
from tui_embed.tui.widgets.glyphs import bar
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, segment

NAMES = {"tokens": "W_E", "output": "output", "tied": "W_E", "positions": "W_P", "ngrams": "n-gram"}
ROLES = {"context": "context", "target": "true", "negative": "noise", "other": ""}
NAME_CELLS, ROLE_CELLS, FIGURE_CELLS = 18, 8, 8

Spelled = Callable[[int], bytes]


def _short(length: float) -> str:
    return score(length) if length >= 1e-3 else f"{length:.1e}"


class RowMoves(StripView):
    """A line for each row that moves most: drawn in →, pushed away ←, or frozen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._step: ExplainedStep | None = None
        self._spelled: Spelled = lambda token_id: b""

    def show(self, step: ExplainedStep | None, spelled: Spelled) -> None:
        """Show the moves of another step."""
        self._step, self._spelled = step, spelled
        self.rebuild()

    def build(self, width: int, palette: Palette) -> list[Line]:
        if self._step is None:
            return []
        furthest = max((move.distance for move in self._step.moves), default=0.0) or 1.0
        heading = f"{'row':<{NAME_CELLS}} {'role':<{ROLE_CELLS}}  {'moved':>{FIGURE_CELLS}}"
        heading += f" {'pull':>{FIGURE_CELLS}} {'gradient':>{FIGURE_CELLS}}"
        lines: list[Line] = [[segment(heading, palette.faint)]]
        return lines + [self._line(move, furthest, width, palette) for move in self._step.moves]

    def _line(self, move: RowMove, furthest: float, width: int, palette: Palette) -> Line:
        inside = str(move.row)
        if move.matrix in ("tokens", "output", "tied"):
            inside = fit(self._spelled(move.row), NAME_CELLS - len(NAMES[move.matrix]) - 2)
        name = pad(f"{NAMES[move.matrix]}[{inside}]", NAME_CELLS)
        role = f" {ROLES[move.role]:<{ROLE_CELLS}}"
        if move.frozen:
            stays = f"  {'frozen: stays':<{2 * FIGURE_CELLS + 1}} {_short(move.gradient):>{FIGURE_CELLS}}"
            return [segment(name, palette.faint), segment(role, palette.faint), segment(stays, palette.faint)]
        drawn = move.pull > 0
        arrow, style = ("→", palette.success) if drawn else ("←", palette.primary)
        pull = f"{'+' if drawn else MINUS}{_short(abs(move.pull))}"
        figures = (_short(move.distance), pull, _short(move.gradient))
        said = " ".join(f"{figure:>{FIGURE_CELLS}}" for figure in figures)
        cells = max(0, width - NAME_CELLS - ROLE_CELLS - 4 - len(said))
        return [
            segment(name, palette.accent if move.role == "target" else palette.text),
            segment(role, palette.faint),
            segment(f"{arrow} ", style),
            segment(f"{said} ", palette.text),
            segment(bar(move.distance / furthest, cells), style),
        ]
