"""The loss over the steps: each measured one as a faint dot, the smoothed one as a line."""

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.engine.training.curve import LossCurve
from tui_embed.figures import score
from tui_embed.tui.widgets.braille import Raster
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, segment

LABEL = 7
"""Cells for the figures at the left."""

HELDOUT = "◆"
MARGIN = 0.06
"""Of the height is left free above and below."""


class LossChart(Widget):
    """A curve with its range at the left and its steps below; ``◆`` marks what is held out."""

    DEFAULT_CSS = """
    LossChart { height: 1fr; min-height: 3; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._curve = LossCurve.empty()
        self._lines: list[Line] = []
        self._drawn_for: tuple[int, int] | None = None

    def show(self, curve: LossCurve) -> None:
        """Draw another curve."""
        self._curve = curve
        self._drawn_for = None
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._drawn_for != (width, height):
            self._drawn_for = (width, height)
            self._lines = _drawn(self._curve, width, height, Palette.of(self))
        line = self._lines[y] if y < len(self._lines) else []
        # joined: each piece with a style costs a slow line more than its character does
        return Strip(line).simplify().adjust_cell_length(width, Style()).apply_style(self.rich_style)


def _drawn(curve: LossCurve, width: int, height: int, palette: Palette) -> list[Line]:
    across, down = width - LABEL - 1, height - 1
    if not len(curve.steps):
        return [[segment("no loss is measured yet", palette.faint)]]
    if across < 4 or down < 2:
        return [[segment(f"loss {score(float(curve.smoothed[-1]))}", palette.text)]]
    low, high = _range(curve)
    last = int(max(curve.steps[-1], curve.heldout_steps[-1] if len(curve.heldout) else 0, 1))
    raw, smoothed = Raster(across, down), Raster(across, down)

    def place(
        steps: NDArray[np.int64], losses: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        n_across, n_down = raw.dots
        x = np.rint(steps / last * (n_across - 1)).astype(np.int64)
        y = np.rint((high - losses) / (high - low) * (n_down - 1)).astype(np.int64)
        return x, y

    raw.points(*place(curve.steps, curve.raw))
    x, y = place(curve.steps, curve.smoothed)
    unique, first = np.unique(x, return_index=True)
    smoothed.line(unique, y[first])
    marks = {
        (int(column) // 2, min(down - 1, max(0, int(row) // 4)))
        for column, row in zip(*place(curve.heldout_steps, curve.heldout), strict=True)
    }
    lines = [
        _line(
            raw,
            smoothed,
            row,
            {column for column, at in marks if at == row},
            _label(row, down, low, high),
            palette,
        )
        for row in range(down)
    ]
    return [*lines, _axis(last, across, palette)]


def _range(curve: LossCurve) -> tuple[float, float]:
    """What is seen of the losses: all smoothed and held-out ones; single ones may lie outside."""
    seen = np.concatenate([curve.smoothed, curve.heldout]).astype(np.float64)
    seen = seen[np.isfinite(seen)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    margin = max((high - low) * MARGIN, 1e-3 * max(1.0, abs(high)))
    return low - margin, high + margin


def _label(row: int, down: int, low: float, high: float) -> str:
    if row == 0:
        return score(high)
    if row == down - 1:
        return score(low)
    return score((low + high) / 2) if down >= 7 and row == down // 2 else ""


def _line(raw: Raster, smoothed: Raster, row: int, marks: set[int], label: str, palette: Palette) -> Line:
    line = [segment(f"{label:>{LABEL}}", palette.faint), segment("▏", palette.line)]
    for column, (dots, curve) in enumerate(
        zip(raw.cells[row].tolist(), smoothed.cells[row].tolist(), strict=True)
    ):
        if column in marks:
            line.append(segment(HELDOUT, palette.primary))
        elif curve:
            line.append(segment(chr(0x2800 | curve), palette.accent))
        else:
            line.append(segment(chr(0x2800 | dots) if dots else " ", palette.faint))
    return line


def _axis(last: int, across: int, palette: Palette) -> Line:
    right = f"step {last:,}"
    return [segment(" " * (LABEL + 1) + "0" + right.rjust(across - 1), palette.faint)]
