"""A matrix that lies in a file as an array does: numbers of one type, row after row, as float32 rows."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import BLOCK_BYTES, Floats
from tui_embed.errors import SourceError
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.stream import ByteStream

MOST_D_MODEL = 1 << 20
"""Numbers a row: what has more is no table of vectors."""

MOST_LISTED = 6
"""Names that an error lists."""

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class NumberType:
    """How numbers lie in a file: as ``dtype``; ``is_exact`` where float32 has each of them."""

    name: str
    dtype: np.dtype[Any]
    is_exact: bool = True
    is_bfloat16: bool = False

    def float32(self, stored: NDArray[Any]) -> Floats:
        """``stored`` numbers, rounded to the nearest float32 where it has no such number; those beyond its
        range become infinite. The array itself where it is of float32 already.
        """
        if self.is_bfloat16:
            # the upper half of a float32
            widened = stored.astype(np.uint32) << np.uint32(16)
            return np.asarray(widened.view(np.float32))
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(stored.astype(np.float32, copy=False))


BFLOAT16 = NumberType("bfloat16", np.dtype("<u2"), is_bfloat16=True)

_WHOLE_IN_FLOAT32 = 2
"""Bytes of the widest whole numbers that float32 has all of."""


def number_type(dtype: np.dtype[Any]) -> NumberType | None:
    """How NumPy's ``dtype`` keeps numbers; None for what is no real number of at most 64 bits."""
    if dtype.itemsize > 8 or dtype.kind not in "biuf":
        return None
    exact = 4 if dtype.kind == "f" else _WHOLE_IN_FLOAT32
    return NumberType(dtype.name, dtype, dtype.itemsize <= exact)


@dataclass(frozen=True, slots=True)
class Matrix:
    """``n_rows`` × ``d_model`` numbers at ``place`` in a file."""

    place: str
    n_rows: int
    d_model: int
    numbers: NumberType

    @property
    def row_bytes(self) -> int:
        return self.d_model * self.numbers.dtype.itemsize

    @property
    def n_bytes(self) -> int:
        return self.n_rows * self.row_bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An array of a file that holds several; ``numbers`` is None for one of anything else. In Fortran order
    it lies column after column.
    """

    place: str
    shape: tuple[int, ...]
    numbers: NumberType | None
    is_fortran: bool = False


class ArrayFile(Protocol):
    """A file of arrays by name."""

    @property
    def file(self) -> SourceFile: ...

    @property
    def entries(self) -> Mapping[str, Entry]: ...

    def open(self, name: str) -> AbstractContextManager[ByteStream]:
        """The numbers of an array, from the first on."""
        ...


def checked_matrix(file: SourceFile, place: str, shape: tuple[int, ...], numbers: NumberType) -> Matrix:
    """The matrix of ``shape`` at ``place``. SourceError, with the shape, for what is no table of vectors."""
    if len(shape) != 2:
        hint = "a row for each token is needed: (tokens, numbers)"
        raise file.error(f"an array of {said(shape)}, which is no matrix", place, hint)
    n_rows, d_model = shape
    if not 1 <= d_model <= MOST_D_MODEL:
        raise file.error(f"an array of {said(shape)}: {d_model:,} numbers a row are no vectors", place)
    if not n_rows:
        raise file.error(f"an array of {said(shape)} has no rows", place)
    return Matrix(place, n_rows, d_model, numbers)


def said(shape: tuple[int, ...]) -> str:
    """A shape for a person: ``60 × 8``."""
    if not shape:
        return "no dimension"
    lengths = " × ".join(f"{length:,}" for length in shape[:4])
    return lengths + (f" × … ({len(shape)} dimensions)" if len(shape) > 4 else "")


def add_rows(builder: SpaceBuilder, stream: ByteStream, matrix: Matrix) -> None:
    """Start ``builder`` and add all rows of ``matrix``, which ``stream`` is at the beginning of.

    Where the file is packed its shape is not believed before its rows come.
    """
    builder.start(matrix.d_model, expected=0 if builder.file.packing else matrix.n_rows)
    for rows in row_blocks(stream, matrix):
        builder.add(rows)
        builder.report(stream.done)
    note_rounding(builder, matrix)


def row_blocks(stream: ByteStream, matrix: Matrix) -> Iterator[Floats]:
    """The rows of ``matrix`` block by block, each good until the next is asked for."""
    step = max(1, BLOCK_BYTES // matrix.row_bytes)
    stored = np.empty((min(step, matrix.n_rows), matrix.d_model), dtype=matrix.numbers.dtype)
    for start in range(0, matrix.n_rows, step):
        block = stored[: matrix.n_rows - start]
        fill(stream, block, matrix.place)
        yield matrix.numbers.float32(block)


def fill(stream: ByteStream, array: NDArray[Any], place: str) -> None:
    """The next bytes of ``stream`` into all of ``array``. SourceError where they end."""
    content = array.reshape(-1).view(np.uint8).data
    if stream.readinto(content) < len(content):
        raise _ends_inside(stream, place)


def take(stream: ByteStream, n: int, dtype: np.dtype[Any], place: str) -> NDArray[Any]:
    """The next ``n`` numbers of ``stream``, ``(n,)``; memory is taken as they come, not as they are claimed.

    SourceError where they end.
    """
    left = n * dtype.itemsize
    content = bytearray()
    while left:
        piece = stream.read(min(left, _PIECE))
        if not piece:
            raise _ends_inside(stream, place)
        content += piece
        left -= len(piece)
    return np.frombuffer(content, dtype=dtype)


def _ends_inside(stream: ByteStream, place: str) -> SourceError:
    return SourceError(stream.path, f"the file ends inside of it, {stream.position:,} bytes on", place)


def note_rounding(builder: SpaceBuilder, matrix: Matrix) -> None:
    """Say so where the rows are not quite the numbers of the file."""
    if not matrix.numbers.is_exact:
        builder.note(f"its numbers are {matrix.numbers.name}, rounded to float32 here")


def chosen(
    builder: SpaceBuilder, shapes: Mapping[str, tuple[int, ...]], known: Mapping[str, int], kind: str
) -> str:
    """The name of the matrix among arrays of ``shapes``, all of numbers: that of the file's ``part``, the
    only one of two dimensions, or, with a note, the one whose rank in ``known`` is the lowest.

    ``kind`` is what the format calls an array. SourceError that lists the matrices where none is meant.
    """
    file = builder.file
    if file.part:
        if file.part not in shapes:
            raise file.error(f"there is no such {kind} of numbers", f"{kind} {file.part}", _listed(shapes))
        return file.part
    matrices = {name: shape for name, shape in shapes.items() if len(shape) == 2}
    if len(matrices) > 1:
        ranks = sorted((known[name], name) for name in matrices if name in known)
        if ranks and [rank for rank, _ in ranks].count(ranks[0][0]) == 1:
            name = ranks[0][1]
            builder.note(f"its rows are {name}, one of {len(matrices):,} matrices in it")
            return name
        hint = f"open {file.path.name}#NAME with one of {_listed(matrices)}"
        what = f"{len(matrices)} matrices, none of a name that says it is the one"
        raise file.error(what, f"its {kind}s", hint)
    if not matrices:
        raise file.error("none of them is a matrix of numbers", f"its {kind}s", _listed(shapes))
    return next(iter(matrices))


def _listed(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """The arrays, those with most numbers a row first."""
    ranked = sorted(shapes, key=lambda name: (-len(shapes[name]), name))
    listed = [f"{name[:24]} {said(shapes[name])}" for name in ranked[:MOST_LISTED]]
    return ", ".join(listed) + (", …" if len(ranked) > MOST_LISTED else "")


def unpacked_only(file: SourceFile) -> None:
    """SourceError for a packed file of a format in which arrays are read where they lie."""
    if file.packing:
        what = f"it is packed as {file.packing.name}, and its arrays are read where they lie"
        raise file.error(what, "byte 0", "unpack it first")
