"""Sizes of embedding matrices in a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

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
    """Rows with the first ``own`` of them marked; columns that do not fit are left out from the right."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[ParamsRow] = ()
        self._own = 0

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
        shown, room = 0, width - name - 1
        while shown < len(heads) and room >= widths[shown] + 2:
            room -= widths[shown] + 2
            shown += 1

        def line(first: str, cells: Sequence[str]) -> str:
            kept = "".join(f"  {cell:>{size}}" for cell, size in zip(cells[:shown], widths, strict=False))
            title = cut(first, name)
            return title + " " * (name - cell_len(title)) + kept

        lines: list[Line] = [[segment(line("", heads), palette.faint)]]
        for number, (row, cells) in enumerate(zip(self._rows, table, strict=True)):
            style = palette.accent if number < self._own else palette.text
            lines.append([segment(line(row.name, cells), style)])
        return lines
