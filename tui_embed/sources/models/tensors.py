"""A tensor of a checkpoint, read where it lies: the bytes of the rows that are asked for, and no others."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats, Ids, checked_ids, rows_per_block
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrays import NumberType

Bytes = NDArray[np.uint8]

_GAP = 4
"""Rows as far apart as this many are read together, those between them too: a call costs more."""


class Encoding(Protocol):
    """How numbers lie in a file."""

    @property
    def name(self) -> str: ...

    @property
    def is_quantised(self) -> bool:
        """Whether the numbers are only near those that the model was trained to."""
        ...

    def row_bytes(self, width: int) -> int:
        """Bytes of a row of ``width`` numbers."""
        ...

    def float32(self, raw: Bytes, width: int) -> Floats:
        """The rows that lie in ``raw`` ``(n, row_bytes)``, ``(n, width)``; perhaps a view of it.
        TuiEmbedError for a type that this installation cannot read.
        """
        ...


@dataclass(frozen=True, slots=True)
class PlainEncoding:
    """Numbers one after another, each on its own."""

    numbers: NumberType
    is_quantised = False

    @property
    def name(self) -> str:
        return self.numbers.name

    def row_bytes(self, width: int) -> int:
        return width * self.numbers.dtype.itemsize

    def float32(self, raw: Bytes, width: int) -> Floats:
        stored: NDArray[Any] = raw.view(self.numbers.dtype)
        return self.numbers.float32(stored)


@dataclass(frozen=True, eq=False, slots=True)
class StoredTensor:
    """Numbers of ``shape`` in ``file`` from byte ``begin`` on. ``encoding`` is None for a type that is not
    read; ``type_name`` is what the format calls it.
    """

    file: SourceFile
    name: str
    shape: tuple[int, ...]
    begin: int
    encoding: Encoding | None
    type_name: str

    @property
    def place(self) -> str:
        """How an error says which tensor is meant."""
        return f"tensor {self.name[:80]}"

    @property
    def size(self) -> int:
        """How many numbers."""
        return prod(self.shape)

    def read(self) -> Floats:
        """All of it, ``shape``, the caller's own. SourceError where it cannot be read."""
        encoding, width = self.checked_encoding(), self.shape[-1] if self.shape else 1
        n_rows = self.size // max(1, width)
        raw = np.empty((n_rows, encoding.row_bytes(width)), dtype=np.uint8)
        self.file.read_at(self.begin, raw, self.place)
        return np.ascontiguousarray(self.float32(raw, width)).reshape(self.shape)

    def float32(self, raw: Bytes, width: int) -> Floats:
        """As :meth:`Encoding.float32`. SourceError, with the tensor."""
        try:
            return self.checked_encoding().float32(raw, width)
        except SourceError:
            raise
        except TuiEmbedError as error:
            raise self.file.error(error.message, self.place, error.hint) from None

    def checked_encoding(self) -> Encoding:
        """How its numbers lie. SourceError for a type that is not read."""
        if self.encoding is None:
            raise self.file.error(f"numbers of the type {self.type_name}, which is not read", self.place)
        return self.encoding


class TensorRows:
    """The rows of a stored matrix, ``n_rows`` of them from row ``first`` on."""

    def __init__(self, tensor: StoredTensor, first: int = 0, n_rows: int | None = None) -> None:
        total, d_model = tensor.shape
        self.tensor = tensor
        self.shape = (total - first if n_rows is None else n_rows, d_model)
        self._row_bytes = tensor.checked_encoding().row_bytes(d_model)
        self._begin = tensor.begin + first * self._row_bytes

    def take(self, ids: Ids) -> Floats:
        ids = checked_ids(ids, self.shape[0])
        rows = np.empty((len(ids), self.shape[1]), dtype=np.float32)
        order = np.argsort(ids, kind="stable")
        for run in np.split(order, np.flatnonzero(np.diff(ids[order]) > _GAP) + 1) if len(ids) else ():
            step = rows_per_block(self.shape[1])
            for at in range(0, len(run), step):
                places = run[at : at + step]
                first, last = int(ids[places[0]]), int(ids[places[-1]])
                rows[places] = self.part(first, last + 1)[ids[places] - first]
        return rows

    def part(self, start: int, stop: int) -> Floats:
        n_rows = max(0, min(stop, self.shape[0]) - start)
        raw = np.empty((n_rows, self._row_bytes), dtype=np.uint8)
        self.tensor.file.read_at(self._begin + start * self._row_bytes, raw, self.tensor.place)
        rows = self.tensor.float32(raw, self.shape[1])
        rows.flags.writeable = False
        return rows

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        step = rows_per_block(self.shape[1])
        for start in range(0, self.shape[0], step):
            yield start, self.part(start, start + step)
