"""CSV and TSV with a heading line: RFC 4180 quoting, with a tab, a comma or a semicolon between fields."""

import csv
import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from tui_embed.engine.rows import Floats
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import HEAD_BYTES, SourceFile
from tui_embed.sources.formats.table_columns import LABELS, OWN_VECTOR, Column, lay_out
from tui_embed.sources.formats.table_lines import (
    BYTE_ORDER_MARK,
    LONGEST,
    Lines,
    Places,
    in_blocks,
    line_place,
)
from tui_embed.sources.formats.table_rows import TableRows, Texts, wrong_width
from tui_embed.sources.formats.written_numbers import (
    NoNumberError,
    as_rows,
    floats,
    is_listed,
    is_number,
    kind_of_texts,
    listed_floats,
    listed_rows,
    plain_rows,
)

DELIMITERS = ("\t", ",", ";")

QUOTING = "a quote in a field is written twice, and the field in quotes"

Record = list[str]

_FRACTION = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_NUMBER = r"[ \t]+[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf)"
_ENDS_IN_NUMBERS = re.compile(rf"(?:{_NUMBER}{_NUMBER}|^\S*{_NUMBER})\s*$", re.IGNORECASE)


def is_delimited(head: bytes) -> bool:
    """Whether a content that begins with ``head`` is a table with a heading line, and no text of vectors.

    A line of GloVe or word2vec ends in numbers after blanks, whatever commas and quotes its token holds; a
    heading line does not, and the line below it has as many fields.
    """
    return _delimiter(head) is not None


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read a row a record. SourceError, with the line, for a record that does not fit the heading."""
    delimiter = _delimiter(file.head)
    if delimiter is None:
        raise file.error("no heading line with the names of columns", line_place(1))
    places = Places()
    builder.place = places.place
    # of the whole process; the length of a line is held to the same
    csv.field_size_limit(LONGEST)
    with file.stream() as stream:
        lines = Lines(stream, builder)
        records = _records(lines, delimiter, file)
        _, heading = next(records)
        if any(map(_FRACTION.fullmatch, heading)):
            raise file.error(
                "numbers where a heading line with the names of the columns belongs", line_place(1)
            )
        table: _Table | None = None
        for block in in_blocks(_placed(records, len(heading), places, file), lines):
            if table is None:
                table = _Table(heading, block, delimiter, builder)
            table.add(block)
    if table is not None:
        table.rows.finish()


def _delimiter(head: bytes) -> str | None:
    """What stands between the fields of a table; None for what is no table."""
    text = head.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "surrogateescape")
    first = text.partition("\n")[0].rstrip("\r")
    if first[:1] in ("<", "{", "") or "\0" in first:
        return None
    found = [one for one in DELIMITERS if _fits(text, one, whole=len(head) < HEAD_BYTES)]
    return max(found, key=first.count, default=None)


def _fits(text: str, delimiter: str, whole: bool) -> bool:
    """Whether the heading names columns, and the record below it has a field, one of numbers, for each."""
    lines = [f"{line}\n" for line in text.split("\n")]
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        heading = next(reader, [])
        names = {name.strip().lower() for name in heading}
        if len(heading) < 2 or (_ENDS_IN_NUMBERS.search(lines[0]) and OWN_VECTOR not in names):
            return False
        if names & set(LABELS[:2]):
            return True
        record = next((record for record in reader if record), [])
    except csv.Error:
        return False
    # a record may be longer than the head
    complete = len(record) == len(heading) or (not whole and reader.line_num == len(lines))
    return complete and any(is_number(field) or is_listed(field) for field in record)


def _records(lines: Lines, delimiter: str, file: SourceFile) -> Iterator[tuple[int, Record]]:
    """The records, each with the line that it begins on; blank lines are none."""
    texts = (line.decode("utf-8", "surrogateescape") for line in lines)
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    while True:
        begins = lines.number + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise file.error(f"no proper record: {error}"[:120], line_place(begins), QUOTING) from None
        if record is None:
            return
        if record:
            yield begins, record


def _placed(
    records: Iterator[tuple[int, Record]], width: int, places: Places, file: SourceFile
) -> Iterator[Record]:
    for line, record in records:
        if len(record) != width:
            raise file.error(f"{len(record):,} fields, not {width:,}", line_place(line))
        places.add(line)
        yield record


class _Table:
    """What the columns hold by the first block, and all blocks' rows."""

    def __init__(
        self, heading: Record, block: Sequence[Record], delimiter: str, builder: SpaceBuilder
    ) -> None:
        columns = [
            Column(name, kind_of_texts(fields))
            for name, fields in zip(heading, zip(*block, strict=True), strict=True)
        ]
        layout = lay_out(columns, builder.file)
        self.builder = builder
        self.heading = heading
        self.delimiter = delimiter
        self.layout = layout
        self.d_model = len(self.vector(block[0], 0))
        self.rows = TableRows(builder, self.d_model, [heading[place] for place in layout.metadata])

    def add(self, block: Sequence[Record]) -> None:
        vectors = self.vectors(block)
        label = self.layout.label
        tokens = None if label is None else Texts.of(record[label] for record in block)
        metadata = [Texts.of(record[place] for record in block) for place in self.layout.metadata]
        self.rows.add(vectors, tokens, metadata)

    def vectors(self, block: Sequence[Record]) -> Floats:
        """The block's vectors, ``(m, d_model)``. SourceError for the first that is none."""
        for row, record in enumerate(block, self.builder.n_rows):
            self.check_quotes(record, row)
        if self.layout.spread:
            pick: Any = itemgetter(*self.layout.vector)
            plain = plain_rows([",".join(pick(record)) for record in block], self.d_model, ",")
        else:
            [place] = self.layout.vector
            plain = listed_rows([record[place] for record in block], self.d_model)
        return self.one_by_one(block) if plain is None else plain

    def one_by_one(self, block: Sequence[Record]) -> Floats:
        """Vectors that are written in some other way, or of which one is none."""
        flat: list[float] = []
        for row, record in enumerate(block, self.builder.n_rows):
            numbers = self.vector(record, row)
            if len(numbers) != self.d_model:
                raise wrong_width(len(numbers), self.d_model, self.builder, row)
            flat += numbers
        return as_rows(flat, len(block))

    def vector(self, record: Record, row: int) -> list[float]:
        try:
            if self.layout.spread:
                return floats([record[place] for place in self.layout.vector])
            return listed_floats(record[self.layout.vector[0]])
        except NoNumberError as error:
            name = self.heading[self.layout.vector[error.place if self.layout.spread else 0]]
            raise self.builder.file.error(
                f"column “{name}”: {error}"[:160], self.builder.place(row)
            ) from None

    def check_quotes(self, record: Record, row: int) -> None:
        """SourceError for a field that holds whole rows: its quote was never meant to open it, and what
        follows up to the next quote, many lines below maybe, is lost in it.
        """
        for field in record if "\n" in "".join(record) else ():
            if any(map(self.is_row, field.split("\n")[1:-1])):
                what = "a quote opens a field that holds rows"
                raise self.builder.file.error(what, self.builder.place(row), QUOTING)

    def is_row(self, line: str) -> bool:
        """Whether a line of a field has the numbers of a vector where a row has them."""
        fields = line.split(self.delimiter)
        return len(fields) == len(self.heading) and all(
            is_number(fields[place]) or is_listed(fields[place]) for place in self.layout.vector
        )
