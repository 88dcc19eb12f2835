"""fastText's own binary model, versions 11 and 12, as its Args, Dictionary and DenseMatrix write themselves.

Magic and version; twelve int32 and a double of arguments; the dictionary: numbers of entries, words and
labels, then each entry's text, a NUL, how often it was seen and whether it is a label; whether the input
matrix is quantized; the input matrix, first the rows of words, then those of the buckets of their n-grams;
the output matrix, which no word's vector needs. Everything is little-endian.

A word's row in the space is what fastText answers for it: the mean of its own row and its n-grams' rows.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ngrams import buckets
from tui_embed.engine.rows import ArrayRows, Floats, rows_per_block
from tui_embed.engine.subwords import Subwords, composed_rows
from tui_embed.errors import SourceError
from tui_embed.sources.builder import SpaceBuilder, row_place
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.records import CHUNK, Records
from tui_embed.sources.stream import ByteStream

VERSIONS = (11, 12)
MOST_D_MODEL = 1 << 20
MOST_CHARACTERS = 64
"""What an n-gram may have at most, so that a hostile file cannot ask for millions of them a word."""

TEXT_AT_ONCE = 1 << 17
"""Bytes of words whose n-grams are found together: about 40 times as much is needed for that."""

_HEADER = struct.Struct("<ii12idiiiqq")
_SHAPE = struct.Struct("<?qq")
_SEEN_AND_KIND = 9
"""Bytes of an entry behind its text."""
_SUPERVISED = 3
_CUT = "the file is cut short, or damaged"


@dataclass(frozen=True, slots=True)
class _Header:
    d_model: int
    n_words: int
    n_labels: int
    n_buckets: int
    minn: int
    maxn: int

    @property
    def has_ngrams(self) -> bool:
        return self.n_buckets > 0 and max(1, self.minn) <= self.maxn


@dataclass(frozen=True, eq=False, slots=True)
class _Words:
    """The bytes of all words, and how many each takes ``(n_words,)``."""

    blob: NDArray[np.uint8]
    lengths: NDArray[np.int64]

    def blocks(self, most: int) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
        """At most ``most`` words at a time, and about TEXT_AT_ONCE bytes: which they are, and their bytes."""
        ends = np.append(0, np.cumsum(self.lengths))
        start = 0
        while start < len(self.lengths):
            stop = int(np.searchsorted(ends, ends[start] + TEXT_AT_ONCE))
            stop = min(max(stop, start + 1), start + most, len(self.lengths))
            yield slice(start, stop), self.blob[ends[start] : ends[stop]]
            start = stop


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read ``file`` into ``builder``."""
    with file.stream() as stream:
        header = _read_header(file, stream)
        records = Records(stream, b"\0", _SEEN_AND_KIND)
        words = _read_words(builder, stream, records, header)
        builder.add_tokens(words.blob.tobytes(), words.lengths)
        _check_input(file, records, header)
        blocks = _blocks(builder, stream, records, header)
        if header.has_ngrams:
            _add_composed(builder, header, words, blocks)
        else:
            _add_own(builder, header, blocks)
        _check_output(file, records, header)


def _read_header(file: SourceFile, stream: ByteStream) -> _Header:
    values = _HEADER.unpack(stream.read_exactly(_HEADER.size, "its header"))
    version, d_model, model, n_buckets, minn, maxn = (values[i] for i in (1, 2, 9, 10, 11, 12))
    n_entries, n_words, n_labels, _, pruned = values[15:]
    if version not in VERSIONS:
        raise file.error(f"version {version} of fastText's format, known are 11 and 12", "header")
    if pruned >= 0:
        raise _quantized(file)
    if version == 11 and model == _SUPERVISED:
        maxn = 0  # such models were trained without n-grams, whatever they say
    if not 1 <= d_model <= MOST_D_MODEL:
        raise file.error(f"{d_model:,} numbers a row are no vectors", "header")
    if maxn > MOST_CHARACTERS:
        raise file.error(
            f"n-grams of up to {maxn:,} characters, over {MOST_CHARACTERS}, are no model's", "header"
        )
    if min(n_words, n_labels, n_buckets) < 0 or n_words + n_labels != n_entries:
        what = (
            f"{n_words:,} words and {n_labels:,} labels in {n_entries:,} entries, and {n_buckets:,} buckets"
        )
        raise file.error(f"{what}: that cannot be", "header")
    if not n_words:
        raise file.error("there are no words in its dictionary", "header")
    _check_room(file, stream.position, n_entries, _SEEN_AND_KIND + 1, "entries in its dictionary")
    return _Header(d_model, n_words, n_labels, n_buckets, minn, maxn)


def _read_words(builder: SpaceBuilder, stream: ByteStream, records: Records, header: _Header) -> _Words:
    """The dictionary: words, then labels, which are no words and are left out."""
    file = builder.file
    blobs: list[NDArray[np.uint8]] = []
    lengths: list[NDArray[np.int64]] = []
    kinds: list[NDArray[np.uint8]] = []
    left = header.n_words + header.n_labels
    while left:
        block = records.take(left)
        if not len(block):
            raise file.error("the file ends inside of its dictionary", records.place, _CUT)
        left -= len(block)
        blobs.append(block.blob)
        lengths.append(block.lengths)
        kinds.append(block.tails[:, -1].copy())
        builder.report(stream.done, _work(builder, header))
    blob, length, kind = np.concatenate(blobs), np.concatenate(lengths), np.concatenate(kinds)
    wrong = np.flatnonzero(kind != (np.arange(len(kind)) >= header.n_words))
    if len(wrong):
        raise file.error("no word where the header says that words are", row_place(int(wrong[0])))
    if header.n_labels:
        label = (
            blob[length[: header.n_words].sum() :][: length[header.n_words]]
            .tobytes()
            .decode(errors="replace")
        )
        builder.note(
            f"{header.n_labels:,} labels, “{label}” the first, have no row among the words and are left out"
        )
    length = length[: header.n_words]
    return _Words(blob[: int(length.sum())], length)


def _check_input(file: SourceFile, records: Records, header: _Header) -> None:
    """Take the input matrix's shape. SourceError for another one than the header's, or for lack of bytes."""
    place = f"byte {records.position}"
    quantized, n_rows, width = _SHAPE.unpack(records.read_exactly(_SHAPE.size, "its input matrix"))
    if quantized:
        raise _quantized(file)
    if (n_rows, width) != (header.n_words + header.n_buckets, header.d_model):
        needed = f"{header.n_words + header.n_buckets:,} × {header.d_model:,} by the header"
        raise file.error(f"the input matrix is {n_rows:,} × {width:,}, {needed}", place)
    _check_room(file, records.position, n_rows, 4 * width, "rows of its input matrix")


def _blocks(builder: SpaceBuilder, stream: ByteStream, records: Records, header: _Header) -> Iterator[Floats]:
    """The input matrix by blocks of rows: words' rows, then, in blocks of their own, those of buckets."""
    step = rows_per_block(header.d_model)
    for n_rows in (header.n_words, header.n_buckets):
        for start in range(0, n_rows, step):
            size = 4 * header.d_model * min(step, n_rows - start)
            content = records.read_exactly(size, "its input matrix")
            yield (
                np.frombuffer(content, dtype="<f4").reshape(-1, header.d_model).astype(np.float32, copy=False)
            )
            builder.report(stream.done, _work(builder, header))


def _add_own(builder: SpaceBuilder, header: _Header, blocks: Iterator[Floats]) -> None:
    """Words' own rows are their vectors; buckets, where there are any, are those of n-grams of words."""
    builder.start(header.d_model, _expected(builder, header.n_words))
    for rows in blocks:
        if builder.n_rows < header.n_words:
            builder.add(rows)


def _add_composed(builder: SpaceBuilder, header: _Header, words: _Words, blocks: Iterator[Floats]) -> None:
    """A word's vector is the mean of its own row and its n-grams' rows."""
    storage = builder.storages.open(
        "input", header.d_model, _expected(builder, header.n_words + header.n_buckets)
    )
    for rows in blocks:
        storage.append(rows)
    matrix = storage.finish()
    own, ngram_rows = matrix[: header.n_words], matrix[header.n_words :]
    builder.subwords = Subwords(header.minn, header.maxn, ArrayRows(ngram_rows))
    builder.start(header.d_model, header.n_words)
    for part, blob in words.blocks(rows_per_block(header.d_model)):
        ids, counts = buckets(blob, words.lengths[part], header.minn, header.maxn, header.n_buckets)
        builder.add(composed_rows(own[part], ngram_rows, ids, counts))
        builder.report(builder.file.size + 4 * header.d_model * part.stop, _work(builder, header))


def _expected(builder: SpaceBuilder, n_rows: int) -> int:
    """Rows to make room for: of a packed file nothing is known to be true before it comes."""
    return n_rows if builder.file.packing is None else 0


def _work(builder: SpaceBuilder, header: _Header) -> int:
    """Bytes to go through in all: those of the file, then those of the rows that are composed."""
    return builder.file.size + 4 * header.d_model * header.n_words * header.has_ngrams


def _check_output(file: SourceFile, records: Records, header: _Header) -> None:
    """SourceError where the output matrix, which is not used, is cut short: so may anything be, then."""
    place = f"byte {records.position}"
    quantized, n_rows, width = _SHAPE.unpack(records.read_exactly(_SHAPE.size, "its output matrix"))
    if quantized or n_rows < 0 or width != header.d_model:
        raise file.error(f"the output matrix is no {n_rows:,} × {width:,} numbers", place)
    _check_room(file, records.position, n_rows, 4 * width, "rows of its output matrix")
    left = 4 * n_rows * width if file.packing else 0
    while left:
        left -= len(records.read_exactly(min(left, CHUNK), "its output matrix"))


def _check_room(file: SourceFile, position: int, n: int, size: int, what: str) -> None:
    """SourceError where no ``n`` things of ``size`` bytes or more can follow ``position``."""
    if not file.packing and position + n * size > file.size:
        there = f"there are {file.size - position:,}"
        raise file.error(f"{n:,} {what} take {n * size:,} bytes or more, {there}", f"byte {position}", _CUT)


def _quantized(file: SourceFile) -> SourceError:
    hint = "open the .bin that it was made from, or the vectors that fastText's print-word-vectors prints"
    return file.error(
        "a quantized fastText model, whose rows are rounded and partly left out", "header", hint
    )
