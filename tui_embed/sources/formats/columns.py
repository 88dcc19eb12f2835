"""A matrix in Fortran order, which lies column after column, as rows."""

from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrays import Matrix, note_rounding, take
from tui_embed.sources.stream import ByteStream

GATHERED_BYTES = 32 << 20
"""Columns are put together to blocks of rows of about so many bytes."""

Part = Callable[[int, int, int], NDArray[Any]]
"""The numbers of a column from one row to before another."""


def add_columns(builder: SpaceBuilder, matrix: Matrix, part: Part) -> None:
    """Start ``builder`` and add all rows of ``matrix``."""
    builder.start(matrix.d_model, expected=matrix.n_rows)
    step = max(1, GATHERED_BYTES // matrix.row_bytes)
    for start in range(0, matrix.n_rows, step):
        rows = np.empty((min(step, matrix.n_rows - start), matrix.d_model), dtype=np.float32)
        for column in range(matrix.d_model):
            rows[:, column] = matrix.numbers.float32(part(column, start, start + len(rows)))
        builder.add(rows)
        builder.report(builder.file.size * (start + len(rows)) // matrix.n_rows)
    note_rounding(builder, matrix)


def columns_on_disk(file: SourceFile, raw: BinaryIO, begin: int, matrix: Matrix) -> Part:
    """Columns that are read where they lie, from byte ``begin`` of ``raw`` on, part by part."""
    item = matrix.numbers.dtype.itemsize

    def part(column: int, start: int, stop: int) -> NDArray[Any]:
        numbers = np.empty(stop - start, dtype=matrix.numbers.dtype)
        content = numbers.view(np.uint8).data
        try:
            raw.seek(begin + item * (column * matrix.n_rows + start))
            found = raw.readinto(content)  # type: ignore[attr-defined]  # BinaryIO lacks it, its files do not
        except OSError as error:
            raise file.error((error.strerror or "cannot be read").lower(), matrix.place) from None
        if found < len(content):
            raise file.error(f"the file ends inside of column {column + 1}", matrix.place)
        return numbers

    return part


def columns_in_memory(builder: SpaceBuilder, stream: ByteStream, matrix: Matrix) -> Part:
    """Columns of what can only be read in order: all of them are held until the rows are made."""
    columns: list[NDArray[Any]] = []
    for _ in range(matrix.d_model):
        columns.append(take(stream, matrix.n_rows, matrix.numbers.dtype, matrix.place))
        builder.report(stream.done)
    return lambda column, start, stop: columns[column][start:stop]
