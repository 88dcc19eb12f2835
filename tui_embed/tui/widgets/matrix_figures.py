"""A whole matrix as figures and two small charts."""

import math
from collections.abc import Sequence

from tui_embed.engine.statistics import Statistics
from tui_embed.figures import percent, score
from tui_embed.tui.widgets.facts import Fact, folded
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, cut, segment

LABEL = 13
EIGHTHS = " ▁▂▃▄▅▆▇█"
LEAST_CHART, MOST_CHART = 2, 5
"""Lines of a chart."""


class MatrixFigures(StripView):
    """Facts, the histogram of norms, and the mean norm along the ids."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Statistics | None = None
        self._share: tuple[int, int] | None = None
        self._empty = ""

    def show(self, found: Statistics | None, share: tuple[int, int] | None = None, empty: str = "") -> None:
        """Show figures, with the numbers of the matrix and of the whole model in ``share``; the printable
        text ``empty`` where there are none.
        """
        self._found, self._share, self._empty = found, share, empty
        self.rebuild()

    def build(self, width: int, palette: Palette) -> list[Line]:
        found = self._found
        if found is None:
            return [[segment(f" {cut(self._empty, width - 1)}", palette.faint)]]
        lines: list[Line] = []
        for fact in self._facts(found):
            label = fact.label
            for text in folded(fact.text, max(1, width - LABEL)):
                lines.append([segment(f"{label:<{LABEL}}", palette.faint), segment(text, palette.text)])
                label = ""
        room = self.size.height - len(lines) - 4
        height = min(MOST_CHART, max(LEAST_CHART, room // 2))
        counts = [math.sqrt(count) for count in found.counts.tolist()]
        ends = (score(float(found.edges[0])), score(float(found.edges[-1])))
        lines.append([segment("rows by norm, heights as √count", palette.faint)])
        lines += _chart(counts, height, width, palette)
        lines.append(_axis(*ends, width, palette))
        means = [band.mean for band in found.bands]
        first = 0 if not found.bands else found.bands[0].start
        lines.append([segment("mean norm along the ids", palette.faint)])
        lines += _chart(means, height, width, palette)
        lines.append(_axis(f"id {first:,}", f"{len(found.norms) - 1:,}", width, palette))
        return lines

    def _facts(self, found: Statistics) -> list[Fact]:
        d = found.d_model
        facts = []
        if self._share is not None:
            own, whole = self._share
            facts.append(Fact("of the model", f"{own:,} of {whole:,} parameters, {percent(own / whole)}"))
        odd = f" · {found.n_odd:,} not finite" if found.n_odd else ""
        zero = f" · {found.n_zero:,} of zeros" if found.n_zero else ""
        spread = f"{score(float(found.edges[0]))} … {score(float(found.edges[-1]))}"
        participation = f"participation {score(found.participation)}"
        facts += [
            Fact("norms", f"mean {score(found.mean_norm)}, {spread}{zero}{odd}"),
            Fact("rank", f"effective {score(found.effective_rank)} of {d:,} · {participation}"),
            Fact("mean cosine", f"{score(found.anisotropy)} of all pairs of rows (anisotropy)"),
            Fact("mean row", f"{percent(found.mean_share)} as long as a row is on average"),
            Fact(
                "variance", " ".join(percent(float(part)) for part in found.spectrum[:6]) + " … by direction"
            ),
        ]
        return facts


def _chart(values: Sequence[float], height: int, width: int, palette: Palette) -> list[Line]:
    """Columns of ``values`` over the whole width."""
    top = max(values, default=0.0) or 1.0
    shown = [values[cell * len(values) // width] for cell in range(width)] if values else []
    lines: list[Line] = []
    for row in range(height - 1, -1, -1):
        heights = [min(8, max(0, round(value / top * height * 8) - row * 8)) for value in shown]
        lines.append([segment("".join(EIGHTHS[cells] for cells in heights), palette.primary)])
    return lines


def _axis(left: str, right: str, width: int, palette: Palette) -> Line:
    return [segment(cut(f"{left}{right:>{max(1, width - len(left))}}", width), palette.faint)]
