"""Vectors in text, a token and its numbers a line: GloVe's, word2vec's with its heading, fastText's ``.vec``.

Lines end at newlines and nowhere else, the last numbers of a line are its row and all before them its token,
whatever it holds. Every row's width is checked.
"""

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.errors import SourceError
from tui_embed.sources.builder import NAMED, SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.projector import siblings
from tui_embed.sources.formats.text_layout import TextLayout, check_content, text_layout
from tui_embed.sources.formats.text_rows import (
    Lines,
    WrongLine,
    find_lines,
    numbered_tokens,
    rows_of,
    tokens_of,
)
from tui_embed.sources.numbers import MARGIN
from tui_embed.sources.stream import ByteStream

BLOCK = 512 << 10
"""Bytes that are parsed at once: as many as make NumPy's cost of a call small beside the work in it."""
LONGEST_LINE = 8 << 20
ARENA = 16 << 20


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """All rows of the file."""
    _keep_freed_memory()
    layout = text_layout(file)
    kind = "GloVe text" if layout.n_rows is None else "word2vec text"
    builder.format = builder.format.replace("text", kind, 1)
    if layout.separators == b"\t":
        # labels beside it would make this another format
        for path in siblings(file.path):
            builder.consult(path)
    reader = _TextReader(file, builder, layout)
    with file.stream() as stream:
        stream.read(layout.skip)
        reader.read_all(stream)
    reader.finish()


def _keep_freed_memory() -> None:
    """Freeing a large array once teaches the C library's allocator to keep what smaller ones free.

    Else each block's arrays are given back to the system and come back as fresh pages, which takes as long as
    the parsing.
    """
    np.empty(ARENA, dtype=np.uint8)


class _TextReader:
    """Goes through the lines of one file."""

    def __init__(self, file: SourceFile, builder: SpaceBuilder, layout: TextLayout) -> None:
        self._file = file
        self._builder = builder
        self._layout = layout
        self._line = layout.first_line
        # where the distance between a row's number and its line's changes: blank lines
        self._turns: list[tuple[int, int]] = [(0, layout.first_line)]
        self._n_blank = 0
        self._nameless: list[int] = []
        self._numbered: list[int] = []
        self._no_newline = False
        builder.place = self._place

    def read_all(self, stream: ByteStream) -> None:
        """Block by block; what is left of a block after its last newline begins the next."""
        buffer = np.empty(BLOCK + MARGIN + 8, dtype=np.uint8)
        held = 0
        while True:
            if held > len(buffer) // 2:
                buffer = self._larger(buffer, held)
            room = buffer.data[held : len(buffer) - MARGIN - 8]
            came = stream.readinto(room)
            filled = held + came
            ended = came < len(room)
            if ended and filled and buffer[filled - 1] != 0x0A:
                buffer[filled] = 0x0A
                filled += 1
                self._no_newline = True
            whole = _after_last_newline(buffer, held, filled)
            if whole:
                self._take(buffer, whole, stream)
            held = filled - whole
            buffer[:held] = buffer[whole:filled]
            if ended:
                return

    def finish(self) -> None:
        """What is to be said once all rows are there."""
        builder, claimed = self._builder, self._layout.n_rows
        if claimed is not None and claimed != builder.n_rows:
            cut = ": it may be cut short" if builder.n_rows < claimed else ""
            builder.note(f"the heading says {claimed:,} rows, the file has {builder.n_rows:,}{cut}")
        if self._n_blank:
            builder.note(f"{self._n_blank:,} blank lines between rows were passed over")
        self._note_lines(self._nameless, "numbers without a token before them")
        self._note_lines(self._numbered, "a token that ends in a number")
        if self._no_newline:
            builder.note("the last line has no newline: if the file was cut short, so may its last number be")

    def _take(self, buffer: NDArray[np.uint8], whole: int, stream: ByteStream) -> None:
        """Add the lines of ``buffer[:whole]``."""
        lines = find_lines(buffer[:whole], self._layout)
        rows = rows_of(buffer, lines, self._layout)
        if isinstance(rows, WrongLine):
            raise self._wrong(buffer[:whole], rows)
        numbered, longer = numbered_tokens(buffer, lines, self._layout)
        if longer is not None:
            raise self._wrong(buffer[:whole], longer)
        self._numbered += [self._line + number for number in numbered]
        blob, lengths = tokens_of(buffer, lines)
        self._look_at(lines, lengths)
        self._add(rows, blob, lengths, whole)
        self._line += lines.n_lines
        self._builder.report(stream.done)

    def _add(self, rows: Floats, blob: bytes, lengths: NDArray[np.int64], n_bytes: int) -> None:
        builder = self._builder
        if not builder.n_rows and len(rows):
            builder.start(self._layout.d_model, self._expected(len(rows), n_bytes))
        if len(rows):
            builder.add(rows, blob, lengths)

    def _expected(self, n_rows: int, n_bytes: int) -> int:
        """About how many rows the whole file has, by its first block."""
        if self._file.packing is not None:
            return n_rows
        return int(self._file.size / n_bytes * n_rows * 1.02) + n_rows

    def _look_at(self, lines: Lines, lengths: NDArray[np.int64]) -> None:
        """Note where tokens are odd, and where blank lines shift the numbers of the lines."""
        first_row = self._builder.n_rows
        if len(lines.numbers) < lines.n_lines or self._line - first_row != self._turns[-1][1]:
            self._note_blank(lines, first_row)
        if not lengths.all():
            self._nameless += (self._line + lines.numbers[lengths == 0]).tolist()

    def _note_blank(self, lines: Lines, first_row: int) -> None:
        distances = self._line + lines.numbers - (first_row + np.arange(len(lines.numbers)))
        for row in np.flatnonzero(np.diff(distances, prepend=self._turns[-1][1])).tolist():
            self._n_blank += int(distances[row]) - self._turns[-1][1]
            self._turns.append((first_row + row, int(distances[row])))

    def _place(self, row: int) -> str:
        at = bisect_right(self._turns, row, key=lambda turn: turn[0]) - 1
        return f"line {row + self._turns[at][1]}"

    def _note_lines(self, numbers: list[int], what: str) -> None:
        if numbers:
            named = ", ".join(f"line {number}" for number in numbers[:NAMED])
            more = ", …" if len(numbers) > NAMED else ""
            count = "1 line has" if len(numbers) == 1 else f"{len(numbers):,} lines have"
            self._builder.note(f"{count} {what}: {named}{more}")

    def _wrong(self, block: NDArray[np.uint8], wrong: WrongLine) -> SourceError:
        line = bytes(block).split(b"\n")[wrong.number]
        number = self._line + wrong.number
        check_content(self._file, line, number)
        return self._file.error(wrong.what, f"line {number}")

    def _larger(self, buffer: NDArray[np.uint8], held: int) -> NDArray[np.uint8]:
        """Room for a line that is longer than a block."""
        if held > LONGEST_LINE:
            raise self._file.error(f"longer than {LONGEST_LINE >> 20} MB, no row is", f"line {self._line}")
        larger = np.empty(2 * len(buffer), dtype=np.uint8)
        larger[:held] = buffer[:held]
        return larger


def _after_last_newline(buffer: NDArray[np.uint8], held: int, filled: int) -> int:
    """Where the last line that is whole ends; 0 if none is. What was held before has no newline."""
    found = bytes(buffer[held:filled]).rfind(b"\n")
    return held + found + 1 if found >= 0 else 0
