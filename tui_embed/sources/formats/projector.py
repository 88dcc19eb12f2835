"""The Embedding Projector's files: ``vectors.tsv`` of numbers alone, ``metadata.tsv`` with a line a row, and
a configuration that names them; a tensor may also be raw float32, little-endian.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.rows import Floats, rows_per_block
from tui_embed.errors import SourceError
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import HEAD_BYTES, SourceFile
from tui_embed.sources.formats.projector_config import Embedding, is_projector_config, read_config
from tui_embed.sources.formats.table_columns import LABELS
from tui_embed.sources.formats.table_lines import BYTE_ORDER_MARK, Lines, Places, in_blocks
from tui_embed.sources.formats.written_numbers import NoNumberError, as_rows, floats, is_number, plain_rows

SIBLINGS = (("vectors", "metadata"), ("vecs", "meta"), ("tensors", "metadata"), ("tensors", "labels"))
"""Where the first is in the name of a file of vectors, the second is in that of their labels."""

LARGEST_METADATA = 1 << 30

_BLANK = re.compile(r"[\s\ufeff]*")
_WRITTEN = re.compile(rb"[-+.0-9eEnaifNAIF\t\r\n ]*")
_FRACTION = re.compile(rb"[+-]?\d*(?:\.\d*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)")


def is_projector_vectors(head: bytes, file: SourceFile) -> bool:
    """Whether a content that begins with ``head`` is numbers alone, with tabs between them, none of which is
    a label: their labels are in a file beside this one, or the first of each line is a fraction.
    """
    lines = head.removeprefix(BYTE_ORDER_MARK).replace(b"\r\n", b"\n").split(b"\n")
    lines = [line for line in (lines[:-1] if len(head) >= HEAD_BYTES else lines) if line]
    if not lines or not all(map(_WRITTEN.fullmatch, lines)):
        return False
    fields = [line.decode("ascii").split("\t") for line in lines]
    if not all(is_number(field) for line in fields for field in line):
        return False
    if any(path.is_file() for path in siblings(file.path)):
        return True
    return len(lines) > 1 and all(
        len(line) > 2 and _FRACTION.fullmatch(line[0].encode()) is not None for line in fields
    )


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read what a configuration names, or vectors and the metadata beside them. SourceError, with the file
    and the line, for what cannot be read or does not fit together.
    """
    if not is_projector_config(file.head):
        _read_vectors(file, builder, None)
        for path in siblings(file.path):
            builder.consult(path)
            if path.is_file():
                _read_metadata(path, builder)
                break
        return
    embedding = read_config(file)
    builder.consult(embedding.tensor)
    with SourceFile(embedding.tensor) as tensor:
        if _is_raw(tensor, embedding):
            _read_raw(tensor, builder, embedding)
        else:
            _read_vectors(tensor, builder, embedding)
        tensor.check_unchanged()
    if embedding.metadata is not None:
        builder.consult(embedding.metadata)
        _read_metadata(embedding.metadata, builder)


def siblings(path: Path) -> list[Path]:
    """Where the labels of a file of vectors may lie."""
    names = [path.name.replace(mine, theirs) for mine, theirs in SIBLINGS if mine in path.name]
    return [path.with_name(name) for name in names]


def is_blank(line: str) -> bool:
    """Whether the projector takes no notice of a line."""
    return _BLANK.fullmatch(line) is not None


def _read_vectors(file: SourceFile, builder: SpaceBuilder, embedding: Embedding | None) -> None:
    places = Places()
    name = "" if file is builder.file else f"{file.path.name}, "
    builder.place = lambda row: f"{name}{places.place(row)}"
    d_model = 0
    with file.stream() as stream:
        lines = Lines(stream, builder, file.size)
        for block in in_blocks(_number_lines(lines, places), lines):
            if not d_model:
                d_model = len(block[0].split("\t"))
                builder.start(d_model)
            builder.add(_block(block, d_model, file, builder.n_rows, places))
    if not d_model:
        raise file.error("there are no rows in it")
    if embedding and embedding.shape not in (None, (builder.n_rows, d_model)):
        raise _other_shape(file, embedding, f"{builder.n_rows:,} rows of {d_model:,} numbers")


def _number_lines(lines: Lines, places: Places) -> Iterator[str]:
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not is_blank(text):
            places.add(lines.number)
            yield text


def _block(lines: list[str], d_model: int, file: SourceFile, first: int, places: Places) -> Floats:
    plain = plain_rows(lines, d_model, "\t")
    if plain is not None:
        return plain
    flat: list[float] = []
    for row, line in enumerate(lines, first):
        fields = line.split("\t")
        if len(fields) != d_model:
            raise file.error(f"{len(fields):,} numbers, not {d_model:,}", places.place(row))
        try:
            flat += floats(fields)
        except NoNumberError as error:
            raise file.error(f"column {error.place + 1}: {error}", places.place(row)) from None
    return as_rows(flat, len(lines))


def _is_raw(file: SourceFile, embedding: Embedding) -> bool:
    """Whether a tensor is float32 and no text: its bytes are not those of numbers that are written out."""
    return embedding.shape is not None and not _WRITTEN.fullmatch(file.head)


def _read_raw(file: SourceFile, builder: SpaceBuilder, embedding: Embedding) -> None:
    assert embedding.shape is not None
    n_rows, d_model = embedding.shape
    if file.packing is None and file.size != 4 * n_rows * d_model:
        raise _other_shape(file, embedding, f"{file.size:,} bytes of float32")
    builder.place = lambda row: f"{file.path.name}, row {row + 1}"
    # what a packed tensor holds is known at its end
    builder.start(d_model, 0 if file.packing else n_rows)
    with file.stream() as stream:
        for start in range(0, n_rows, rows_per_block(d_model)):
            count = min(rows_per_block(d_model), n_rows - start)
            block = stream.read_exactly(4 * count * d_model, f"row {start + 1} to {start + count}")
            builder.add(np.frombuffer(block, "<f4").astype(np.float32, copy=False).reshape(count, d_model))
            builder.report(stream.done, file.size)
        if stream.read(1):
            raise _other_shape(file, embedding, "more than that")


def _other_shape(file: SourceFile, embedding: Embedding, found: str) -> SourceError:
    n_rows, d_model = embedding.shape or (0, 0)
    return file.error(
        f"{found}, where the configuration says {n_rows:,} rows of {d_model:,} numbers", "its end"
    )


def _read_metadata(path: Path, builder: SpaceBuilder) -> None:
    """One column has no heading line; several have one, as the projector has it."""
    with SourceFile(path) as file, file.stream() as stream:
        content = stream.read(LARGEST_METADATA + 1)
        if len(content) > LARGEST_METADATA:
            raise file.error(f"over {LARGEST_METADATA >> 30} GB of labels", f"byte {LARGEST_METADATA}")
        heading, rows, first = _metadata_lines(content, builder.n_rows, file)
        columns: list[list[bytes]] = [[] for _ in heading]
        for number, row in enumerate(rows, first):
            fields = row.split(b"\t") if len(heading) > 1 else [row]
            if len(fields) != len(heading):
                raise file.error(f"{len(fields):,} fields, not {len(heading):,}", f"line {number}")
            for column, field in zip(columns, fields, strict=True):
                column.append(field)
        file.check_unchanged()
    label = _label(heading)
    builder.tokens(columns[label])
    for place, (name, column) in enumerate(zip(heading, columns, strict=True)):
        if place != label:
            lengths = np.array([len(text) for text in column], dtype=np.int64)
            builder.metadata[name] = TextColumn.from_blob(b"".join(column), lengths)


def _metadata_lines(content: bytes, n_rows: int, file: SourceFile) -> tuple[list[str], list[bytes], int]:
    """The names of the columns, the lines of the rows, and the number of the first of these."""
    lines = content.removeprefix(BYTE_ORDER_MARK).split(b"\n")
    if not lines[-1]:
        lines.pop()
    if lines and all(line.endswith(b"\r") for line in lines[:-1]) and len(lines) > 1:
        lines = [line.removesuffix(b"\r") for line in lines]
    heading = [""]
    if lines and b"\t" in lines[0]:
        heading = lines.pop(0).decode("utf-8", "replace").split("\t")
        if len(set(heading)) < len(heading):
            raise file.error("two columns have one name", "line 1")
    if len(lines) != n_rows:
        said = [line for line in lines if not is_blank(line.decode("utf-8", "replace"))]
        if len(said) != n_rows:
            hint = "a single column has no heading line" if len(said) == n_rows + 1 else ""
            raise file.error(f"{len(said):,} labels for {n_rows:,} rows", f"line {len(lines)}", hint)
        lines = said
    return heading, lines, 2 if len(heading) > 1 else 1


def _label(heading: list[str]) -> int:
    names = [name.strip().lower() for name in heading]
    return next((names.index(label) for label in LABELS if label in names), 0)
