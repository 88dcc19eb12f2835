"""Watched words with their neighbours, and watched pairs with their cosine over time."""

from collections.abc import Callable, Mapping

import numpy as np
from rich.cells import cell_len

from tui_embed.engine.training.watching import Near, Trace, Watched
from tui_embed.figures import MINUS, score
from tui_embed.printable import fit, pad
from tui_embed.tui.widgets.glyphs import columns
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, segment

WORD_CELLS, NAME_CELLS, LEAST_NEAR = 9, 12, 3

Spelled = Callable[[int], bytes]
"""How a token is spelled: text from outside."""


def _short(cosine: float) -> str:
    """Two digits: what matters here is the order."""
    return f"{cosine:.2f}".replace("0.", ".", 1).replace("-", MINUS)


class WatchList(StripView):
    """Lines of words and pairs; those that rose since the moment before are marked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._watched: Watched | None = None
        self._traces: Mapping[tuple[int, int], Trace] = {}
        self._spelled: Spelled = lambda token_id: b""

    def show(
        self, watched: Watched | None, traces: Mapping[tuple[int, int], Trace], spelled: Spelled
    ) -> None:
        """Show another moment; ``traces`` are the cosines of pairs until now."""
        self._watched, self._traces, self._spelled = watched, traces, spelled
        self.rebuild()

    def build(self, width: int, palette: Palette) -> list[Line]:
        if self._watched is None:
            return [[segment("words are watched while a training runs", palette.faint)]]
        lines: list[Line] = []
        for word, near in self._watched.near.items():
            lines += self._word(word, near, width, palette)
        lines += [self._pair(pair, cosine, width, palette) for pair, cosine in self._watched.pairs.items()]
        return lines

    def _word(self, word: int, near: tuple[Near, ...], width: int, palette: Palette) -> list[Line]:
        """A line, or two where fewer than LEAST_NEAR neighbours fit on one."""
        found = [self._neighbor(neighbor, palette) for neighbor in near]
        lines: list[Line] = [[segment(pad(self._spelled(word), WORD_CELLS) + " ", palette.accent)]]
        if not found:
            return [[*lines[0], segment("nothing is near it", palette.faint)]]
        used, shown = WORD_CELLS + 1, 0
        for pieces in found:
            cells = sum(piece.cell_length for piece in pieces)
            if used + cells > width:
                if shown >= LEAST_NEAR or len(lines) == 2:
                    break
                lines.append([segment(" " * (WORD_CELLS + 1), palette.faint)])
                used = WORD_CELLS + 1
            lines[-1] += pieces
            used, shown = used + cells, shown + 1
        return lines

    def _neighbor(self, neighbor: Near, palette: Palette) -> Line:
        mark, style = " ", palette.faint
        if neighbor.rose is None or neighbor.rose > 0:
            mark, style = "▲", palette.success
        elif neighbor.rose < 0:
            mark, style = "▼", palette.primary
        name = fit(self._spelled(neighbor.token_id), NAME_CELLS)
        return [
            segment(mark, style),
            segment(f"{name} ", palette.text),
            segment(f"{_short(neighbor.cosine)} ", palette.faint),
        ]

    def _pair(self, pair: tuple[int, int], cosine: float, width: int, palette: Palette) -> Line:
        names = " ~ ".join(fit(self._spelled(word), WORD_CELLS) for word in pair)
        text = f"{score(cosine):>6} "
        name_cells = 2 * WORD_CELLS + 3
        shown = names + " " * max(0, name_cells - cell_len(names))
        cells = max(0, width - name_cells - len(text) - 1)
        trace = self._traces.get(pair)
        spark = "" if trace is None else columns(trace.over(cells).astype(np.float32))
        return [
            segment(f"{shown} ", palette.accent),
            segment(text, palette.text),
            segment(spark, palette.primary),
        ]
