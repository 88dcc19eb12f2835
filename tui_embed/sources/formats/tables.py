"""Parquet and Arrow tables: a column of vectors, a column of labels, the others kept as metadata."""

from itertools import chain
from typing import Any

from tui_embed.engine.rows import Floats
from tui_embed.optional import require
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrow_arrays import Weigh, kind_of, nulls, spread_vectors, texts_of, vectors_of
from tui_embed.sources.formats.arrow_files import ArrowTable, opened, said
from tui_embed.sources.formats.table_columns import Column, check_names, lay_out
from tui_embed.sources.formats.table_rows import TableRows
from tui_embed.sources.stream import ALLOWED, MOST_TIMES

SAMPLE = 100
"""Rows that tell what a column of texts holds."""


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read all blocks of the table. SourceError, with the row, for a vector that does not fit the others, and
    with the footer, row group or record batch for a file that is damaged.
    """
    with opened(file, builder) as table:
        check_names(table.names, file)
        first = next(table.blocks, None)
        if first is None:
            raise file.error("there are no rows in it")
        _Reader(table, first, builder).read()


def _one_row(more: int) -> None:
    """How much the first row's vector weighs: whatever it is, it is one."""


class _Reader:
    def __init__(self, table: ArrowTable, first: Any, builder: SpaceBuilder) -> None:
        self.pa = require("pyarrow", "tables")
        require("pyarrow.compute", "tables")
        self.table = table
        self.first = first
        self.builder = builder
        self.names = table.names
        with said(self.pa, builder.file, builder.place(0)):
            columns = [
                Column(name, kind_of(self.pa, type_, first.column(place).slice(0, SAMPLE)))
                for place, (name, type_) in enumerate(zip(table.names, table.types, strict=True))
            ]
        self.layout = lay_out(columns, builder.file)

    def read(self) -> None:
        """Every block, from the first on."""
        n_rows = self.table.n_rows
        with said(self.pa, self.builder.file, self.builder.place(0)):
            d_model = self.vectors(self.first.slice(0, 1), 0, _one_row).shape[1]
        self.check_claim(n_rows, d_model)
        names = [self.names[place] for place in self.layout.metadata]
        rows = TableRows(self.builder, d_model, names, n_rows)
        for block in chain([self.first], self.table.blocks):
            self.add(rows, block, d_model)
            if n_rows:
                self.builder.report(self.builder.file.size * self.builder.n_rows // n_rows)
            else:
                self.builder.report(min(self.builder.n_rows * 4 * d_model, self.builder.file.size))
        rows.finish()
        for place in self.layout.left_out:
            self.builder.note(f"the column “{self.names[place]}” holds bytes and is left out")

    def add(self, rows: TableRows, block: Any, d_model: int) -> None:
        with said(self.pa, self.builder.file, self.builder.place(self.builder.n_rows)):
            vectors = self.vectors(block, d_model, rows.weigh)
            columns = [block.column(place) for place in self.layout.metadata]
            metadata = [texts_of(self.pa, column, rows.weigh) for column in columns]
            tokens = None
            if self.layout.label is not None:
                labels = block.column(self.layout.label)
                tokens = texts_of(self.pa, labels, rows.weigh)
                for row in nulls(self.pa, labels):
                    rows.no_token(self.builder.n_rows + row)
        rows.add(vectors, tokens, metadata)

    def vectors(self, block: Any, d_model: int, weigh: Weigh) -> Floats:
        """The block's vectors, ``(m, d_model)``; a ``d_model`` of 0 is that of its first row."""
        places = self.layout.vector
        if self.layout.spread:
            names = [self.names[place] for place in places]
            return spread_vectors(self.pa, [block.column(place) for place in places], self.builder, names)
        column = block.column(places[0])
        return vectors_of(self.pa, column, d_model, self.builder, self.names[places[0]], weigh)

    def check_claim(self, n_rows: int, d_model: int) -> None:
        """SourceError where the file claims rows that no packing could hold in its size."""
        claimed, size = n_rows * d_model * 4, self.builder.file.size
        if claimed > ALLOWED and claimed > MOST_TIMES * size:
            what = f"{n_rows:,} rows of {d_model:,} numbers in a file of {size:,} bytes"
            raise self.builder.file.error(what, "footer", "no vectors pack so well")
