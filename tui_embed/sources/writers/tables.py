"""A space as a table (Parquet, Arrow, CSV, TSV, JSON lines): its tokens, vectors and metadata as columns."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError
from tui_embed.optional import require
from tui_embed.sources.writers.blocks import SHOWN, blocks
from tui_embed.sources.writers.packed import output
from tui_embed.sources.writers.text import ANY_TOKEN
from tui_embed.sources.writers.written_rows import check_finite, utf8, written_rows

TableKind = Literal["parquet", "arrow", "csv", "tsv", "jsonl"]
TABLE_KINDS: tuple[TableKind, ...] = get_args(TableKind)

TOKEN, VECTOR = "token", "vector"

Told = tuple[list[str], Floats, list[list[str]]]
"""Rows in order: their tokens, their vectors ``(m, d_model)``, and the texts of each column of metadata."""


def write(
    space: EmbeddingSpace,
    path: Path,
    kind: TableKind,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> None:
    """Write ``space`` so that reading it gives the same tokens, numbers and metadata.

    TuiEmbedError, in one line, where the file cannot be written, pyarrow is missing, and for what the kind of
    file cannot hold, by its token: one that is no UTF-8 and, where numbers are written out, one whose row is
    not finite. CancelledError where ``cancel`` is raised: a file from before is then as it was. ``progress``
    counts rows.
    """
    _check_names(space, path)
    if kind in ("parquet", "arrow"):
        require("pyarrow", "tables")
    with output(path) as file:
        _WRITERS[kind](space, file, _told(space, path, kind, cancel, progress))


def _check_names(space: EmbeddingSpace, path: Path) -> None:
    for name in space.metadata:
        if name in (TOKEN, VECTOR):
            raise TuiEmbedError(f"{path}: a column of the metadata is called {name}, as the table's own is")
        try:
            name.encode()
        except UnicodeEncodeError:
            raise TuiEmbedError(f"{path}: the name of the column “{name[:SHOWN]}” is no UTF-8") from None


def _told(
    space: EmbeddingSpace, path: Path, kind: TableKind, cancel: CancelToken | None, progress: Progress
) -> Iterator[Told]:
    for block in blocks(space, cancel, progress):
        tokens = utf8(path, block, ANY_TOKEN)
        if kind not in ("parquet", "arrow"):
            check_finite(path, block, "a Parquet or Arrow file holds it; JSON has no such numbers")
        ids = range(block.start, block.start + len(tokens))
        yield tokens, block.rows, [[column[row] for row in ids] for column in space.metadata.values()]


def _write_parquet(space: EmbeddingSpace, file: BinaryIO, rows: Iterator[Told]) -> None:
    pa: Any = require("pyarrow", "tables")
    schema = _schema(pa, space)
    # numbers hardly ever repeat: a dictionary of them would cost time and save nothing
    texts = [name for name in schema.names if name != VECTOR]
    parquet = require("pyarrow.parquet", "tables")
    with parquet.ParquetWriter(file, schema, compression="zstd", use_dictionary=texts) as writer:
        for told in rows:
            writer.write_batch(_batch(pa, schema, told), row_group_size=len(told[0]))


def _write_arrow(space: EmbeddingSpace, file: BinaryIO, rows: Iterator[Told]) -> None:
    pa: Any = require("pyarrow", "tables")
    schema = _schema(pa, space)
    with pa.ipc.new_file(file, schema) as writer:
        for told in rows:
            writer.write_batch(_batch(pa, schema, told))


def _schema(pa: Any, space: EmbeddingSpace) -> Any:
    vector = pa.list_(pa.field("item", pa.float32(), nullable=False), space.d_model)
    fields = [pa.field(TOKEN, pa.string(), nullable=False), pa.field(VECTOR, vector, nullable=False)]
    return pa.schema([*fields, *(pa.field(name, pa.string()) for name in space.metadata)])


def _batch(pa: Any, schema: Any, told: Told) -> Any:
    tokens, vectors, metadata = told
    flat = pa.array(np.ascontiguousarray(vectors).ravel())
    listed = pa.FixedSizeListArray.from_arrays(flat, type=schema.field(VECTOR).type)
    texts = [pa.array(column, pa.string()) for column in (tokens, *metadata)]
    return pa.record_batch([texts[0], listed, *texts[1:]], schema=schema)


def _write_delimited(delimiter: str) -> Callable[[EmbeddingSpace, BinaryIO, Iterator[Told]], None]:
    # a carriage return too, which csv.writer leaves bare though csv.reader takes it for an end of line
    special = re.compile(f'["\\r\\n{delimiter}]')

    def field(text: str) -> str:
        doubled = text.replace('"', '""')
        return f'"{doubled}"' if special.search(text) else text

    def write_rows(space: EmbeddingSpace, file: BinaryIO, rows: Iterator[Told]) -> None:
        def write_records(records: Iterable[Sequence[str]]) -> None:
            file.write("".join(f"{delimiter.join(map(field, record))}\n" for record in records).encode())

        write_records([[TOKEN, VECTOR, *space.metadata]])
        for tokens, vectors, metadata in rows:
            write_records(zip(tokens, _listed(vectors), *metadata, strict=True))

    return write_rows


def _write_json_lines(space: EmbeddingSpace, file: BinaryIO, rows: Iterator[Told]) -> None:
    keys = [f", {_json(name)}: " for name in space.metadata]
    for tokens, vectors, metadata in rows:
        lines = []
        for token, vector, *texts in zip(tokens, _listed(vectors), *metadata, strict=True):
            more = "".join(key + _json(text) for key, text in zip(keys, texts, strict=True))
            lines.append(f'{{"{TOKEN}": {_json(token)}, "{VECTOR}": {vector}{more}}}\n')
        file.write("".join(lines).encode())


def _listed(vectors: Floats) -> Iterator[str]:
    """Each vector as JSON writes a list of numbers."""
    return (f"[{row.decode()}]" for row in written_rows(vectors, b", "))


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_WRITERS: dict[TableKind, Callable[[EmbeddingSpace, BinaryIO, Iterator[Told]], None]] = {
    "parquet": _write_parquet,
    "arrow": _write_arrow,
    "csv": _write_delimited(","),
    "tsv": _write_delimited("\t"),
    "jsonl": _write_json_lines,
}
