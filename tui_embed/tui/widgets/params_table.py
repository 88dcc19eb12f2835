"""Sizes of embedding matrices in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, cut, segment

NAME = 17


@dataclass(frozen=True, slots=True)
class ParamsRow:
    """A model; all texts are printable. ``share`` is of all its parameters, ``output`` what scores tokens."""

    name: str
    n_vocab: int
    d_model: int
    n_ctx: int | None
    positions: str
    embedding: int
    share: str
    output: str


class ParamsTable(StripView):
    """Rows with the first ``own`` of them marked; ← → go to the columns that do not fit beside the others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "columns(-1)", "Columns", key_display="←→", tooltip="The columns before"),
        Binding("right", "columns(1)", "More columns", show=False, tooltip="The columns after"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[ParamsRow] = ()
        self._own = 0
        self._first = 0
        """The first column that is shown."""
        self._furthest = 0

    def show(self, rows: Sequence[ParamsRow], own: int) -> None:
        self._rows, self._own = rows, own
        self.rebuild()

    def build(self, width: int, palette: Palette) -> list[Line]:
        heads = ("n_vocab", "d_model", "share", "W_E + W_P", "n_ctx", "positions", "output")
        table = [
            (
                f"{row.n_vocab:,}",
                f"{row.d_model:,}",
                row.share,
                f"{row.embedding:,}",
                "" if row.n_ctx is None else f"{row.n_ctx:,}",
                row.positions,
                row.output,
            )
            for row in self._rows
        ]
        widths = [max(len(cells[i]) for cells in (heads, *table)) for i in range(len(heads))]
        name = min(NAME, max(10, max((cell_len(row.name) for row in self._rows), default=10)))
        room = max(0, width - name - 1)
        starts = range(len(heads))
        # from here on the last column is in sight
        self._furthest = next((at for at in starts if _end(widths, at, room) == len(heads)), len(heads) - 1)
        self._first = min(self._first, self._furthest)
        shown = slice(self._first, _end(widths, self._first, room))

        def line(first: str, cells: Sequence[str]) -> str:
            columns = zip(cells[shown], widths[shown], strict=True)
            kept = "".join(f"  {cell:>{size}}" for cell, size in columns)
            title = cut(first, name)
            return title + " " * (name - cell_len(title)) + kept

        before, after = self._first > 0, self._first < self._furthest
        more = f"{'‹ ' * before}more{' ›' * after}" if before or after else ""
        lines: list[Line] = [[segment(line(more, heads), palette.faint)]]
        for number, (row, cells) in enumerate(zip(self._rows, table, strict=True)):
            style = palette.accent if number < self._own else palette.text
            lines.append([segment(line(row.name, cells), style)])
        return lines

    def action_columns(self, step: int) -> None:
        self._first = min(max(0, self._first + step), self._furthest)
        self.rebuild()


def _end(widths: Sequence[int], first: int, room: int) -> int:
    """The column after the last that fits into ``room`` cells from ``first`` on."""
    at = first
    while at < len(widths) and room >= widths[at] + 2:
        room -= widths[at] + 2
        at += 1
    return at
