"""Parquet and Arrow IPC files as blocks of rows; what pyarrow says of damaged ones is said in one line.

pyarrow reads from a Python object, never from a map, which a file that shrinks would turn into a crash.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from tui_embed.errors import SourceError
from tui_embed.optional import require
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.stream import ByteStream

PARQUET, ARROW_FILE = b"PAR1", b"ARROW1"

BLOCK_BYTES = 8 << 20
MOST_BLOCK_ROWS = 1 << 16
PIECE = 1 << 22
BUFFER = 1 << 20

CUT = "the file is cut short, or was never finished"


@dataclass(frozen=True, slots=True)
class ArrowTable:
    """``types`` of pyarrow for the columns ``names``; ``blocks`` are record batches in order; ``n_rows`` is 0
    where unknown.
    """

    names: list[str]
    types: list[Any]
    n_rows: int
    blocks: Iterator[Any]


@contextmanager
def opened(file: SourceFile, builder: SpaceBuilder) -> Iterator[ArrowTable]:
    """The table in ``file``. SourceError, also while blocks are drawn, for a file that is damaged;
    TuiEmbedError without pyarrow.
    """
    pa = require("pyarrow", "tables")
    if not file.head.startswith((PARQUET, ARROW_FILE)):
        with file.stream() as stream:
            yield _stream(pa, stream, file, builder)
        return
    if file.packing is not None:
        hint = "unpack it: such files are packed inside"
        raise file.error(f"its rows cannot be reached inside of {file.packing.name}", "byte 0", hint)
    with file.raw() as raw:
        read = _parquet if file.head.startswith(PARQUET) else _arrow
        yield read(pa, raw, file)


def _parquet(pa: Any, raw: BinaryIO, file: SourceFile) -> ArrowTable:
    _check_parquet_footer(raw, file)
    with said(pa, file, "footer"):
        parquet = _parquet_file(pa, raw, file, [])
        metadata = parquet.metadata
        names, types = _columns(parquet.schema_arrow)
        # a text that is repeated a million times stays one text until all of them are weighed
        texts = [name for name, type_ in zip(names, types, strict=True) if pa.types.is_string(type_)]
        parquet = _parquet_file(pa, raw, file, texts)
        # of a group, not of its columns: those of a damaged footer make pyarrow end the process
        groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
        size = sum(group.total_byte_size for group in groups)
    if sum(group.num_rows for group in groups) != metadata.num_rows:
        raise file.error(f"{metadata.num_rows:,} rows are not those of its row groups", "footer")
    with said(pa, file, "row group 1"):
        # packed rows may be smaller than they are: what the first one takes tells more
        first = next(parquet.iter_batches(1, use_threads=False), None)
    width = (
        0
        if first is None
        else sum(column.nbytes for column in first.columns if not pa.types.is_dictionary(column.type))
    )
    step = _block_rows(max(size, width * metadata.num_rows), metadata.num_rows)

    def blocks() -> Iterator[Any]:
        for group in range(len(groups)):
            with said(pa, file, f"row group {group + 1}"):
                for batch in parquet.iter_batches(step, [group], use_threads=False):
                    yield from _checked(batch)

    return ArrowTable(names, types, metadata.num_rows, blocks())


def _parquet_file(pa: Any, raw: BinaryIO, file: SourceFile, texts: list[str]) -> Any:
    return require("pyarrow.parquet", "tables").ParquetFile(
        pa.PythonFile(_Seekable(raw, file.size), mode="r"),
        read_dictionary=texts,
        pre_buffer=False,
        buffer_size=BUFFER,  # without it a column of a row group is read whole
        # no string or list of a footer is longer than the file
        thrift_string_size_limit=max(file.size, 1 << 10),
        thrift_container_size_limit=max(file.size, 1 << 10),
    )


def _check_parquet_footer(raw: BinaryIO, file: SourceFile) -> None:
    """The last eight bytes of a Parquet file are the length of the footer before them, and ``PAR1``."""
    if file.size < 12:
        raise file.error("it has no footer", "footer", CUT)
    raw.seek(file.size - 8)
    length, magic = struct.unpack("<I4s", raw.read(8))
    if magic != PARQUET:
        raise file.error("it has no footer", "footer", CUT)
    if length > file.size - 12:
        raise file.error(f"{length:,} bytes of footer in a file of {file.size:,}", "footer")


def _arrow(pa: Any, raw: BinaryIO, file: SourceFile) -> ArrowTable:
    with said(pa, file, "footer"):
        reader = pa.ipc.open_file(pa.PythonFile(_Seekable(raw, file.size), mode="r"))
        names, types = _columns(reader.schema)

    def blocks() -> Iterator[Any]:
        for batch in range(reader.num_record_batches):
            with said(pa, file, f"record batch {batch + 1}"):
                yield from _checked(reader.get_batch(batch))

    return ArrowTable(names, types, 0, blocks())


def _stream(pa: Any, stream: ByteStream, file: SourceFile, builder: SpaceBuilder) -> ArrowTable:
    content = _Stream(stream)
    with said(pa, file, "schema"):
        reader = pa.ipc.open_stream(pa.PythonFile(content, mode="r"))
        names, types = _columns(reader.schema)

    def blocks() -> Iterator[Any]:
        number = 0
        while True:
            number += 1
            with said(pa, file, f"record batch {number}"):
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    break
                yield from _checked(batch)
        if content.ended:
            builder.note("the stream has no end mark: the file may be cut short")

    return ArrowTable(names, types, 0, blocks())


def _columns(schema: Any) -> tuple[list[str], list[Any]]:
    return list(schema.names), list(schema.types)


def _checked(batch: Any) -> Iterator[Any]:
    """``batch`` in blocks, once all its offsets and indices lead to where something is."""
    batch.validate(full=True)
    step = _block_rows(batch.nbytes, batch.num_rows)
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def _block_rows(size: int, n_rows: int) -> int:
    """How many of ``n_rows`` rows of ``size`` bytes make a block."""
    return max(1, min(MOST_BLOCK_ROWS, BLOCK_BYTES * n_rows // max(1, size)))


@contextmanager
def said(pa: Any, file: SourceFile, place: str) -> Iterator[None]:
    """What pyarrow raises, as a SourceError that names ``place``."""
    try:
        yield
    except SourceError:
        raise
    except (pa.ArrowException, OSError, EOFError, ValueError, TypeError, OverflowError, MemoryError) as error:
        said = " ".join(str(error).split())[:140]
        raise file.error(f"it is damaged: {said}" if said else "it is damaged", place) from None


class _Seekable:
    """A file for pyarrow that never asks the system for more than there is, whatever a header claims."""

    closed = False

    def __init__(self, raw: BinaryIO, size: int) -> None:
        self._raw = raw
        self._size = size
        self.seek, self.tell = raw.seek, raw.tell

    def read(self, n: int = -1) -> bytes:
        left = max(0, self._size - self._raw.tell())
        return self._raw.read(left if n < 0 else min(n, left))

    def close(self) -> None:
        """Whoever opened the file closes it."""


class _Stream:
    """A stream for pyarrow; ``ended`` says whether it wanted more than there was."""

    closed = False

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.ended = False

    def read(self, n: int) -> bytes:
        pieces: list[bytes] = []
        while n > 0:
            piece = self._stream.read(min(n, PIECE))
            if not piece:
                self.ended = True
                break
            pieces.append(piece)
            n -= len(piece)
        return b"".join(pieces)

    def tell(self) -> int:
        return self._stream.position

    def close(self) -> None:
        """Whoever opened the stream closes it."""
