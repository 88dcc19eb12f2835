"""A table that is written in lines: the lines, where each row stands, and an end that may be missing."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import TypeVar

from tui_embed.errors import SourceError
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.stream import ByteStream

PIECE = 1 << 18
LONGEST = 16 << 20
"""Bytes of a line, at most."""

BLOCK_BYTES = 1 << 17
"""Text of the rows that are taken together."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Row = TypeVar("Row")


class Lines:
    """The lines of a stream with their ends, split at ``\\n`` alone.

    ``number`` is that of the last one (from 1), ``bytes`` how many all had. Notes, at the end, a last line
    that has no end. SourceError for a line longer than LONGEST. ``total`` bytes are the whole of what is read
    (None: the builder's file).
    """

    def __init__(self, stream: ByteStream, builder: SpaceBuilder, total: int | None = None) -> None:
        self._stream = stream
        self._total = total
        self._builder = builder
        self.number = 0
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        rest: list[bytes] = []
        held = 0
        while piece := self._stream.read(PIECE):
            self._builder.report(self._stream.done, self._total)
            if not self.number and not rest:
                piece = piece.removeprefix(BYTE_ORDER_MARK)
            lines = piece.split(b"\n")
            for line in lines[:-1]:
                yield self._counted(b"".join([*rest, line, b"\n"]))
                rest, held = [], 0
            rest.append(lines[-1])
            held += len(lines[-1])
            if held > LONGEST:
                what = f"a line of over {LONGEST >> 20} MB"
                raise SourceError(self._stream.path, what, line_place(self.number + 1))
        if held:
            yield self._counted(b"".join(rest))
            place = line_place(self.number)
            self._builder.note(f"the last line ({place}) has no line end: the file may be cut short")

    def _counted(self, line: bytes) -> bytes:
        self.number += 1
        self.bytes += len(line)
        return line


def in_blocks(rows: Iterator[Row], lines: Lines) -> Iterator[list[Row]]:
    """What is read from ``lines``, in lists of about BLOCK_BYTES of text."""
    block: list[Row] = []
    begun = lines.bytes
    for row in rows:
        block.append(row)
        if lines.bytes - begun >= BLOCK_BYTES:
            yield block
            block, begun = [], lines.bytes
    if block:
        yield block


class Places:
    """On which line each row stands: rows that follow one another on lines that do so cost nothing."""

    def __init__(self) -> None:
        self._rows = [0]
        self._lines = [1]
        self._next = (0, 1)

    def add(self, line: int) -> None:
        """The next row stands on ``line`` (from 1)."""
        row, expected = self._next
        if line != expected:
            self._rows.append(row)
            self._lines.append(line)
        self._next = (row + 1, line + 1)

    def line(self, row: int) -> int:
        """The line of ``row`` (from 0)."""
        at = bisect_right(self._rows, row) - 1
        return self._lines[at] + row - self._rows[at]

    def place(self, row: int) -> str:
        return line_place(self.line(row))


def line_place(line: int) -> str:
    """How a format with lines says where something is."""
    return f"line {line}"
