"""The figures of one moment of a training."""

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.figures import duration, percent, score
from tui_embed.tui.widgets.glyphs import bar
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, cut, segment

LABEL = 9
UNKNOWN = "–"


class TrainingFigures(Widget, can_focus=True):
    """A bar of what is done, and two columns of figures."""

    DEFAULT_CSS = """
    TrainingFigures { height: 7; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot | None) -> None:
        """Show the figures of another moment."""
        self._snapshot = snapshot
        self.refresh()

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.size.width
        lines = _lines(self._snapshot, width, palette)
        line = lines[y] if y < len(lines) else []
        return Strip(line).adjust_cell_length(width, Style()).apply_style(self.rich_style)


def _lines(snapshot: Snapshot | None, width: int, palette: Palette) -> list[Line]:
    if snapshot is None:
        return [[segment("nothing trains yet: F2, then Enter", palette.faint)]]
    half = width // 2
    pairs = _figures(snapshot)
    lines = [_bar(snapshot, width, palette)]
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        lines.append([*_figure(first, half, palette), *_figure(second, width - half, palette)])
    return lines


def _bar(snapshot: Snapshot, width: int, palette: Palette) -> Line:
    share = snapshot.step / snapshot.n_steps if snapshot.n_steps else 1.0
    left = snapshot.seconds_left
    said = f" {percent(share)}"
    if snapshot.state == "running" and left is not None:
        said += f" · {duration(left)} left"
    cells = max(0, width - cell_len(said))
    done = bar(share, cells).rstrip()
    return [
        segment(done, palette.accent),
        segment("─" * (cells - len(done)), palette.line),
        segment(said, palette.text),
    ]


def _figures(snapshot: Snapshot) -> list[tuple[str, str]]:
    pace = snapshot.words_per_second
    return [
        ("loss", _number(snapshot.loss)),
        ("smoothed", _number(snapshot.smoothed)),
        ("held out", _number(snapshot.heldout)),
        ("rate", _number(snapshot.learning_rate)),
        ("step", f"{snapshot.step:,}"),
        ("epoch", f"{min(snapshot.epoch + 1, snapshot.epochs):,}/{snapshot.epochs:,}"),
        ("words/s", UNKNOWN if pace is None else f"{pace:,.0f}"),
        ("time", duration(snapshot.seconds)),
        ("touched", f"{snapshot.touched:,}"),
        ("gradient", _number(snapshot.gradient_norm)),
    ]


def _number(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return score(value) if value == 0 or abs(value) >= 1e-3 else f"{value:.1e}"


def _figure(pair: tuple[str, str], width: int, palette: Palette) -> Line:
    label, value = pair
    shown = cut(value, max(0, width - LABEL - 2))
    return [
        segment(cut(f"{label:<{LABEL}} ", width), palette.faint),
        segment(f"{shown:<{max(0, width - LABEL - 1)}}", palette.text),
    ]
