"""word2vec's binary format, as word2vec.c, gensim and GoogleNews have it.

A header ``n d`` in text, then ``n`` records: a token, a space, ``d`` little-endian float32. word2vec.c writes
a newline behind each record, others write none; here it counts as the beginning of the next token, which
cannot hold one of its own.

Nothing in the file says that ``d`` is right, and with a wrong one every record after the first is rubbish.
Three things give it away: rows that do not fill the file to its last byte, a newline inside of a token, and
tokens that hold control characters, as bytes of numbers do.
"""

import codecs
import re

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ragged import not_utf8
from tui_embed.errors import SourceError
from tui_embed.sources.builder import SpaceBuilder, row_place
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.records import RecordBlock, Records
from tui_embed.sources.numbers import NUMBER
from tui_embed.sources.stream import ByteStream

MOST_HEADER = 64
MOST_D_MODEL = 1 << 20
"""Numbers a row: what claims more has no header of this format."""

_HEADER = re.compile(rb"[ \t]*(\d{1,19})[ \t]+(\d{1,19})[ \t]*\n")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEWLINE = 0x0A
_CUT_OR_WRONG = "the file is cut short, or its header is wrong"


def is_word2vec_binary(head: bytes) -> bool:
    """Whether a content that begins with ``head`` is of this format: a header, then no line of numbers but
    bytes that no text has.
    """
    header = _HEADER.match(head)
    if header is None:
        return False
    body = head[header.end() :]
    return b" " in body and not _is_line_of_numbers(body, int(header[2])) and _is_no_text(body)


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read ``file`` into ``builder``."""
    with file.stream() as stream:
        claimed, d_model = _header(file, stream)
        builder.start(d_model, expected=0 if file.packing else claimed)
        records = Records(stream, b" ", 4 * d_model)
        suspicion = _Suspicion(file, d_model)
        while len(block := records.take()):
            blob, lengths = _without_newlines(block)
            suspicion.look_at(blob, lengths)
            rows = block.tails.view("<f4").astype(np.float32, copy=False)
            builder.add(rows, blob.tobytes(), lengths)
            builder.report(stream.done)
        _check_end(file, builder, records, claimed)
        suspicion.conclude(header_right=builder.n_rows == claimed)


def _header(file: SourceFile, stream: ByteStream) -> tuple[int, int]:
    """Rows and numbers a row, as the header claims them; SourceError where the file is too small for them."""
    line = b""
    while not line.endswith(b"\n") and len(line) < MOST_HEADER:
        line += stream.read_exactly(1, "its header")
    found = _HEADER.fullmatch(line)
    if found is None:
        raise file.error("no number of rows and of numbers a row", "header")
    n_rows, d_model = int(found[1]), int(found[2])
    if not 1 <= d_model <= MOST_D_MODEL:
        raise file.error(f"{d_model:,} numbers a row are no vectors", "header")
    least = stream.position + n_rows * (4 * d_model + 1)
    if not file.packing and least > file.size:
        what = (
            f"{n_rows:,} rows of {d_model:,} numbers take {least:,} bytes or more, the file has {file.size:,}"
        )
        raise file.error(what, "header", _CUT_OR_WRONG)
    return n_rows, d_model


def _without_newlines(block: RecordBlock) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The tokens of ``block`` without the newline that ends the record before them."""
    starts = np.cumsum(block.lengths) - block.lengths
    leading = np.flatnonzero(block.lengths)
    leading = leading[block.blob[starts[leading]] == _NEWLINE]
    if not len(leading):
        return block.blob, block.lengths
    lengths = block.lengths.copy()
    lengths[leading] -= 1
    return np.delete(block.blob, starts[leading]), lengths


class _Suspicion:
    """Counts the tokens that look like bytes of numbers, until it is clear that they are just that."""

    FEW = 1000
    """Tokens after which nobody waits for the end of the file to say so."""

    def __init__(self, file: SourceFile, d_model: int) -> None:
        self._file = file
        self._d_model = d_model
        self._seen = 0
        self._first_odd = 0
        self._control = 0
        self._not_utf8 = 0

    def look_at(self, blob: NDArray[np.uint8], lengths: NDArray[np.int64]) -> None:
        """Look at the next tokens. SourceError for a newline in one, or control characters in most."""
        newlines = _pieces_with(blob == _NEWLINE, lengths)
        if len(newlines):
            raise self._error(self._seen + int(newlines[0]), "a newline in its token")
        control = _pieces_with((blob < 0x20) | (blob == 0x7F), lengths)
        odd = [*control.tolist(), *not_utf8(blob, lengths)]
        if odd and not self._control + self._not_utf8:
            self._first_odd = self._seen + min(odd)
        # the first token of all is right whatever the header says
        self._control += len(control) - (self._seen == 0 and 0 in control)
        self._not_utf8 += len(odd) - len(control)
        self._seen += len(lengths)
        if self._seen > self.FEW:
            self.conclude(header_right=True)

    def conclude(self, header_right: bool) -> None:
        """SourceError where most of the tokens hold control characters: some encodings look odd, but not so.

        Where the header is wrong about the number of rows already, a tenth of odd tokens is enough.
        """
        odd = self._control + self._not_utf8
        if 2 * self._control > self._seen - 1 or (not header_right and 10 * odd > self._seen):
            raise self._error(self._first_odd, f"its token looks like bytes of numbers, as {odd:,} others do")

    def _error(self, row: int, what: str) -> SourceError:
        hint = f"a row has not {self._d_model:,} numbers as the header says, or this is no word2vec file"
        return self._file.error(what, row_place(row), hint)


def _pieces_with(marked: NDArray[np.bool_], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of the pieces of ``lengths`` bytes hold a marked byte."""
    return np.unique(np.searchsorted(np.cumsum(lengths), np.flatnonzero(marked), "right"))


def _check_end(file: SourceFile, builder: SpaceBuilder, records: Records, claimed: int) -> None:
    """SourceError for a content that does not end with a row, or before the last; a note for rows beyond."""
    found = builder.n_rows
    if records.rest.strip(b"\n"):
        inside = "the file ends inside of this row"
        raise file.error(f"{inside}; the header claims {claimed:,} rows", records.place, _CUT_OR_WRONG)
    if found < claimed:
        raise file.error(f"the file ends after {found:,} of {claimed:,} rows", records.place, _CUT_OR_WRONG)
    if found > claimed:
        builder.note(f"the header says {claimed:,} rows, the file has {found:,}: all of them were read")


def _is_line_of_numbers(body: bytes, d_model: int) -> bool:
    """Whether the first line ends with numbers, two where a row has so many; the last may be cut off where
    ``body`` is.
    """
    line, newline, _ = body.partition(b"\n")
    fields = re.split(rb"[ \t]", line.rstrip(b" \t\r"))
    if not newline and not NUMBER.fullmatch(fields[-1]):
        fields.pop()
    numbers = fields[1:][-min(2, d_model) :]
    return bool(numbers) and all(map(NUMBER.fullmatch, numbers))


def _is_no_text(content: bytes) -> bool:
    """Whether it holds control characters or what is not UTF-8; a character may be cut off at the end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return True
    return bool(_NO_TEXT.search(content))
