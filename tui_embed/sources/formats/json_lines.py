"""JSON lines: an object a line, such as ``{"word": "king", "vector": [0.5, 0.7], "kind": "person"}``."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from tui_embed.engine.rows import Floats
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import HEAD_BYTES, SourceFile
from tui_embed.sources.formats.table_columns import Column, Kind, Layout, lay_out
from tui_embed.sources.formats.table_lines import BYTE_ORDER_MARK, Lines, Places, in_blocks, line_place
from tui_embed.sources.formats.table_rows import TableRows, Texts, wrong_width
from tui_embed.sources.formats.written_numbers import NoNumberError, as_rows, kind_of_texts, listed_floats

MOST_COLUMNS = 1000

Row = dict[str, Any]

_BEGINS = re.compile(rb'\{[ \t]*"(?:[^"\\]|\\.)*"[ \t]*:')


def is_json_lines(head: bytes) -> bool:
    """Whether a content that begins with ``head`` is JSON lines: its first line is an object."""
    first, end, _ = head.removeprefix(BYTE_ORDER_MARK).lstrip(b"\r\n").partition(b"\n")
    if not _BEGINS.match(first):
        return False
    if end:
        with suppress(ValueError, RecursionError):
            return isinstance(_parse(first), dict)
    # a line that is longer than the head, or cut off, can only be taken at its word
    return not end or len(head) >= HEAD_BYTES


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read a row a line. SourceError, with the line, for what is no object or does not fit the others."""
    places = Places()
    builder.place = places.place
    table: _Table | None = None
    with file.stream() as stream:
        lines = Lines(stream, builder)
        for block in in_blocks(_rows(lines, places, file), lines):
            if table is None:
                table = _Table(block, builder)
            table.add(block)
    if table is not None:
        table.rows.finish()


def _rows(lines: Lines, places: Places, file: SourceFile) -> Iterator[Row]:
    for line in lines:
        if line.isspace():
            continue
        try:
            row = _parse(line.rstrip(b"\r\n"))
        except RecursionError:
            raise file.error("its JSON is nested too deeply", line_place(lines.number)) from None
        except json.JSONDecodeError as error:
            what = f"no JSON: {error.msg} at column {error.colno}"
            raise file.error(what, line_place(lines.number)) from None
        except ValueError as error:
            raise file.error(str(error)[:120], line_place(lines.number)) from None
        if not isinstance(row, dict):
            raise file.error("JSON, but no object", line_place(lines.number))
        places.add(lines.number)
        yield row


class _Table:
    """What the keys of the first block's objects hold, and all blocks' rows."""

    def __init__(self, block: Sequence[Row], builder: SpaceBuilder) -> None:
        names = list(dict.fromkeys(name for row in block for name in row))
        columns = [Column(name, _kind([row[name] for row in block if name in row])) for name in names]
        layout: Layout = lay_out(columns, builder.file)
        self.builder = builder
        self.label = None if layout.label is None else names[layout.label]
        self.vector = [names[place] for place in layout.vector]
        self.spread = layout.spread
        self.metadata = [names[place] for place in layout.metadata]
        self.known = set(names)
        self.d_model = len(self.vector) if self.spread else len(self.numbers(block[0], 0))
        self.rows = TableRows(builder, self.d_model, self.metadata)

    def add(self, block: Sequence[Row]) -> None:
        vectors = self.vectors(block)
        for name in dict.fromkeys(name for row in block for name in row):
            if name not in self.known:
                self.new_column(name)
        tokens = self.tokens(block)
        metadata = [Texts.of(_text(row.get(name)) for row in block) for name in self.metadata]
        self.rows.add(vectors, tokens, metadata)

    def vectors(self, block: Sequence[Row]) -> Floats:
        """The block's vectors, ``(m, d_model)``. SourceError for the first that is none."""
        flat: list[float] = []
        for row, values in enumerate(block, self.builder.n_rows):
            numbers = self.numbers(values, row)
            if len(numbers) != self.d_model:
                raise wrong_width(len(numbers), self.d_model, self.builder, row)
            flat += numbers
        return as_rows(flat, len(block))

    def numbers(self, values: Row, row: int) -> list[float]:
        """The vector of one object."""
        error = self.builder.file.error
        place = self.builder.place(row)
        missing = [name for name in self.vector if values.get(name) is None]
        if missing:
            raise error(f"“{missing[0]}” is missing", place)
        found: Any = [values[name] for name in self.vector] if self.spread else values[self.vector[0]]
        name = self.vector[0]
        try:
            if isinstance(found, str):
                return listed_floats(found)
            types = set(map(type, found)) if isinstance(found, list) else {None}
            if not types <= {float, int}:
                raise error(f"“{name}” is no list of numbers", place)
            return list(map(float, found)) if int in types else found
        except (NoNumberError, OverflowError) as why:
            raise error(f"“{name}”: {why}", place) from None

    def tokens(self, block: Sequence[Row]) -> Texts | None:
        if self.label is None:
            return None
        values = [row.get(self.label) for row in block]
        for row, value in enumerate(values, self.builder.n_rows):
            if value is None:
                self.rows.no_token(row)
        return Texts.of(map(_text, values))

    def new_column(self, name: str) -> None:
        if len(self.known) >= MOST_COLUMNS:
            raise self.builder.file.error(f"over {MOST_COLUMNS:,} different keys", "its objects")
        self.known.add(name)
        self.metadata.append(name)
        self.rows.add_column(name)


def _parse(line: bytes) -> Any:
    return json.loads(line.decode("utf-8", "surrogateescape"), object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> Row:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a key stands twice in it")
    return row


def _kind(values: Sequence[Any]) -> Kind:
    """What most of the values are: one that is damaged is told apart later, and is told with its place."""
    types = Counter(type(value) for value in values if value is not None)
    if not types:
        return Kind.OTHER
    [(usual, _)] = types.most_common(1)
    if usual is str:
        kind = kind_of_texts(value for value in values if isinstance(value, str))
        # what is written as text is no number, though it may look like one
        return kind if kind is Kind.WRITTEN_NUMBERS else Kind.TEXT
    if usual is list:
        inner = {type(number) for value in values if isinstance(value, list) for number in value}
        if float in inner:
            return Kind.NUMBERS
        return Kind.WHOLE_NUMBERS if int in inner else Kind.OTHER
    return Kind.NUMBER if usual in (int, float) else Kind.OTHER


def _text(value: Any) -> str:
    """A value as metadata: a text as it is, anything else as JSON writes it, nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
