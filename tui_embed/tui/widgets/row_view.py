"""One row of ``W_E``, the position row, and their sum, as strips of heights and colours, with every value."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType

from tui_embed.engine.input_layer import Step
from tui_embed.engine.inspect import InspectedRow
from tui_embed.engine.rows import Floats
from tui_embed.figures import component, percent, score
from tui_embed.printable import fit
from tui_embed.tui.widgets.glyphs import columns
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, cut, segment, wrapped

LABEL = 12
VALUE_CELLS = 8
COLUMN_CELLS, MOST_METADATA = 60, 3
"""How long a column's name or text may be, and how many lines of them there are."""


class RowView(StripView):
    """An inspected row; ← → move along its dimensions, and the strips turn pages where they do not fit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "along(-1)", "Dimension", key_display="←→", tooltip="The dimension before"),
        Binding("right", "along(1)", "Next dimension", show=False, tooltip="The dimension after"),
        Binding("home", "to(0)", "First dimension", show=False),
        Binding("end", "to(-1)", "Last dimension", show=False),
        Binding("ctrl+left", "along(-50)", "50 dimensions back", show=False),
        Binding("ctrl+right", "along(50)", "50 dimensions on", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.inspected: InspectedRow | None = None
        self.dimension = 0
        self._n_vocab = 0
        self._trained = True
        self._position_note = ""
        self._columns: Sequence[tuple[str, str]] = ()

    def show(
        self,
        inspected: InspectedRow,
        n_vocab: int,
        trained: bool,
        position_note: str,
        columns: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Show a row of a space of ``n_vocab`` rows. ``position_note``, printable, says where its position
        row comes from; ``columns`` are the names and texts of its metadata, text from outside.
        """
        self.inspected = inspected
        self._columns = columns
        self._n_vocab = n_vocab
        self._trained = trained
        self._position_note = position_note
        self.dimension = min(self.dimension, len(inspected.token_row) - 1)
        self.rebuild()

    def clear(self) -> None:
        """Show no row."""
        self.inspected = None
        self.rebuild()

    def build(self, width: int, palette: Palette) -> list[Line]:
        if self.inspected is None:
            return [[segment(" Pick a token to see its row", palette.faint)]]
        row = self.inspected
        cells = max(1, width - LABEL - 1)
        page = self.dimension // cells
        window = slice(page * cells, min((page + 1) * cells, len(row.token_row)))
        above: list[Line] = [
            self._origin(row, cells, palette),
            *self._strips(row, window, cells, palette),
            self._legend(row, window, palette),
            self._at_cursor(row, palette),
            [],
            *self._summary(row, width, palette),
            *self._metadata(width, palette),
            [],
        ]
        return [*above, *self._values(row, width, self.size.height - len(above), palette)]

    def _origin(self, row: InspectedRow, cells: int, palette: Palette) -> Line:
        """What picks the row out of ``W_E``, or what the vector of a word without a row is the mean of."""
        if isinstance(row.chosen, int):
            return self._one_hot(row, row.chosen, cells, palette)
        ngrams = row.chosen.ngrams
        says = f"no row of its own: the mean of {len(ngrams)} n-gram rows  "
        named = fit(" ".join(ngrams), max(1, cells - len(says)))
        return [
            _label("n-grams", palette),
            segment(cut(says, cells), palette.accent),
            segment(named if len(says) < cells else "", palette.faint),
        ]

    def _one_hot(self, row: InspectedRow, token_id: int, cells: int, palette: Palette) -> Line:
        if row.one_hot_error is None:
            product = "W_E is not multiplied out"
        elif row.one_hot_error == 0:
            product = "× W_E is this row"
        else:
            product = f"× W_E is this row ± {row.one_hot_error:.0e}"
        says = f"  1 at {token_id:,} of {self._n_vocab:,} · {product}"
        strip = max(4, cells - len(says))
        at = min(strip - 1, token_id * strip // max(1, self._n_vocab))
        return [
            _label("one-hot", palette),
            segment("·" * at, palette.line),
            segment("█", palette.accent),
            segment("·" * (strip - at - 1), palette.line),
            segment(cut(says, max(1, cells - strip)), palette.faint),
        ]

    def _strips(self, row: InspectedRow, window: slice, cells: int, palette: Palette) -> list[Line]:
        name = f"W_E[{row.chosen}]" if isinstance(row.chosen, int) else "composed"
        lines = [[_label(name, palette), *self._strip(row.token_row, window, palette)]]
        if row.position_row is None:
            none = cut(self._position_note, cells)
            lines.append([_label("W_P  none", palette), segment(none, palette.faint)])
            if not row.steps:
                alone = cut(f"= {name}: nothing is added · p adds sinusoidal rows", cells)
                lines.append([_label("sum", palette), segment(alone, palette.faint)])
        else:
            lines.append(
                [_label(f"W_P[{row.position}]", palette), *self._strip(row.position_row, window, palette)]
            )
            lines.append([_label("sum", palette), *self._strip(row.sum, window, palette)])
        steps = row.steps
        lines += [
            [_label(step.short, palette), *self._strip(step.row, window, palette, self._extent_of(step))]
            for step in steps
        ]
        return lines

    def _strip(self, values: Floats, window: slice, palette: Palette, extent: float | None = None) -> Line:
        fractions = values[window] / (self._extent() if extent is None else extent)
        drawn = zip(columns(fractions), palette.signed(fractions), strict=True)
        line = [segment(glyph, style) for glyph, style in drawn]
        cursor = self.dimension - window.start
        if self.has_focus and 0 <= cursor < len(line):
            line[cursor] = segment(line[cursor].text, palette.selected)
        return line

    def _legend(self, row: InspectedRow, window: slice, palette: Palette) -> Line:
        extent = self._extent()
        shades = np.linspace(-1, 1, 8, dtype=np.float32)
        scale = [segment(g, s) for g, s in zip(columns(shades), palette.signed(shades), strict=True)]
        shown = f"   dimensions {window.start}–{window.stop - 1} of {len(row.token_row):,}"
        rescaled = [step for step in row.steps if step.rescaled]
        if rescaled:
            own = score(self._extent_of(rescaled[-1]))
            shown = (
                f" · {rescaled[-1].short} ±{own} · {window.start}–{window.stop - 1} of {len(row.token_row):,}"
            )
        return [
            _label("", palette),
            segment(f"{component(-extent)} ", palette.faint),
            *scale,
            segment(f" {component(extent)}", palette.faint),
            segment(shown, palette.faint),
        ]

    def _at_cursor(self, row: InspectedRow, palette: Palette) -> Line:
        d = self.dimension
        name = "W_E" if isinstance(row.chosen, int) else "composed"
        said = f"{name} {component(float(row.token_row[d]))}"
        if row.position_row is not None:
            said += f"  +  W_P {component(float(row.position_row[d]))}"
            said += "" if row.steps else f"  =  {component(float(row.sum[d]))}"
        for step in row.steps:
            said += f"  {step.short} {component(float(step.row[d]))}"
        return [_label(f"d{d}", palette, palette.accent), segment(said, palette.text)]

    def _summary(self, row: InspectedRow, width: int, palette: Palette) -> list[Line]:
        figures = row.summary
        place = "" if row.share_below is None else f", above {percent(row.share_below)} of rows"
        pieces = [
            (f"norm {score(figures.norm)}{place}", palette.text),
            (f"mean {component(figures.mean)}", palette.text),
            (f"sd {score(figures.std)}", palette.text),
        ]
        if not self._trained:
            pieces.insert(0, ("untrained: random numbers", palette.accent))
        largest = "  ".join(f"d{d} {component(value)}" for d, value in figures.largest)
        return [
            *wrapped(pieces, width, faint=palette.faint),
            *wrapped([(f"largest  {largest}", palette.text)], width),
        ]

    def _metadata(self, width: int, palette: Palette) -> list[Line]:
        if not self._columns:
            return []
        pieces = [
            (f"{fit(name, COLUMN_CELLS)} {fit(text, COLUMN_CELLS)}", palette.text)
            for name, text in self._columns
        ]
        return [[], *wrapped(pieces, width, faint=palette.faint)[:MOST_METADATA]]

    def _values(self, row: InspectedRow, width: int, room: int, palette: Palette) -> list[Line]:
        """The input embedding's numbers in the ``room`` lines that are left: of a long row those around the
        cursor.
        """
        numbers = row.input_embedding
        extent = self._extent_of(row.steps[-1]) if row.steps else self._extent()
        per_line = max(1, (width - 6) // VALUE_CELLS)
        n_lines = -(-len(numbers) // per_line)
        here = self.dimension // per_line
        first = max(0, min(here - room // 2, n_lines - room))
        lines: list[Line] = []
        for at in range(first, min(first + room, n_lines)):
            start = at * per_line
            values = numbers[start : start + per_line]
            styles: list[Style] = palette.signed(values / extent)
            line = [segment(f"d{start:<5}", palette.faint)]
            for d, (value, style) in enumerate(zip(values.tolist(), styles, strict=True), start):
                chosen = self.has_focus and d == self.dimension
                line.append(
                    segment(f"{component(value):>{VALUE_CELLS - 1}}", palette.selected if chosen else style)
                )
                line.append(segment(" ", style))
            lines.append(line)
        return lines

    def _extent(self) -> float:
        row = self.inspected
        if row is None:
            return 1.0
        parts = [row.token_row, row.sum, *(step.row for step in row.steps if not step.rescaled)]
        parts += [] if row.position_row is None else [row.position_row]
        return max(map(_largest, parts)) or 1.0

    def _extent_of(self, step: Step) -> float:
        """The scale of a step's strip: its own, where its numbers are of another size."""
        return (_largest(step.row) or 1.0) if step.rescaled else self._extent()

    def action_along(self, step: int) -> None:
        if self.inspected is not None:
            self.dimension = min(max(self.dimension + step, 0), len(self.inspected.token_row) - 1)
            self.rebuild()

    def action_to(self, dimension: int) -> None:
        if self.inspected is not None:
            self.dimension = dimension % len(self.inspected.token_row)
            self.rebuild()

    def on_click(self, event: events.Click) -> None:
        cells = max(1, self.scrollable_content_region.width - LABEL - 1)
        if self.inspected is not None and LABEL <= event.x < LABEL + cells and 1 <= event.y <= 3:
            page = self.dimension // cells
            self.dimension = min(page * cells + event.x - LABEL, len(self.inspected.token_row) - 1)
            self.rebuild()

    def on_resize(self, event: events.Resize) -> None:
        self.rebuild()

    def on_focus(self) -> None:
        self.rebuild()

    def on_blur(self) -> None:
        self.rebuild()


def _largest(row: Floats) -> float:
    return float(np.abs(np.nan_to_num(row, posinf=0, neginf=0)).max())


def _label(text: str, palette: Palette, style: Style | None = None) -> Segment:
    return segment(f"{cut(text, LABEL - 1) if text else '':<{LABEL}}", style or palette.faint)
