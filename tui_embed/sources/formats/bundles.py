"""Reads a whole space from named arrays, as :mod:`tui_embed.sources.bundle` lays them out."""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import Positions
from tui_embed.engine.rows import ArrayRows, Floats
from tui_embed.engine.space import Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.training.record import TrainingRecord
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.bundle import (
    EMBEDDINGS,
    FLOAT32,
    INT64,
    LAYOUT,
    MADE_BY,
    POSITIONS,
    SPACE,
    SUBWORDS,
    TOKENS,
    TRAINING,
    UINT8,
    positions_of,
)
from tui_embed.sources.formats.arrays import (
    ArrayFile,
    Entry,
    Matrix,
    add_rows,
    checked_matrix,
    row_blocks,
    take,
)
from tui_embed.sources.storage import MemoryRows
from tui_embed.sources.training_record import COUNTS, CURVE, DAMAGES, WEIGHT, record_of, weight_names

MOST_FACTS = 16 << 20
"""Bytes of the JSON."""

MOST_CHARACTERS = 64
"""Of an n-gram: a hostile file could ask for millions of them a word."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The JSON, checked."""

    provenance: Provenance
    named_by_number: bool
    notes: list[str]
    columns: list[str]
    positions: dict[str, Any]
    ngrams: tuple[int, int] | None
    training: dict[str, Any] | None


def read_facts(arrays: ArrayFile) -> Facts | None:
    """What the file says of the space in it; None for a file that is not of our own layout. SourceError."""
    entry = arrays.entries.get(SPACE)
    if entry is None or EMBEDDINGS not in arrays.entries:
        return None
    if not _is_of(entry, UINT8) or entry.shape[0] > MOST_FACTS:
        return None
    text = _whole(arrays, SPACE, UINT8).tobytes()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("made_by") != MADE_BY:
        return None
    if found.get("layout") != LAYOUT:
        raise arrays.file.error("it was written by a newer version of this program", entry.place)
    try:
        return _checked(found)
    except (KeyError, TypeError, ValueError):
        raise arrays.file.error("what it says of the space is damaged", entry.place) from None


def _checked(found: dict[str, Any]) -> Facts:
    """KeyError, TypeError or ValueError for anything that was not written here."""
    given = _a(dict, found["provenance"])
    texts = [_a(str, given[name]) for name in ("origin", "licence", "source")]
    columns = [_a(str, name) for name in _a(list, found["columns"])]
    if len(set(columns)) < len(columns):
        raise ValueError("two columns of one name")
    return Facts(
        provenance=Provenance(_a(bool, given["trained"]), *texts),
        named_by_number=_a(bool, found["named_by_number"]),
        notes=[_a(str, note) for note in _a(list, found["notes"])],
        columns=columns,
        positions=_checked_positions(_a(dict, found["positions"])),
        ngrams=None if found["subwords"] is None else _checked_ngrams(found["subwords"]),
        # files from before there was training do not tell of it
        training=None if found.get("training") is None else _a(dict, found["training"]),
    )


def _checked_positions(found: dict[str, Any]) -> dict[str, Any]:
    _a(str, found["note"])
    _a(str, found["kind"])
    if found["n_ctx"] is not None and _a(int, found["n_ctx"]) < 1:
        raise ValueError("no positions")
    return found


def _checked_ngrams(found: Any) -> tuple[int, int]:
    minn, maxn = (_a(int, length) for length in _a(list, found))
    if not 0 <= minn <= maxn <= MOST_CHARACTERS:
        raise ValueError("no lengths of n-grams")
    return minn, maxn


def _a(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"no {kind}")
    return value


def read_bundle(builder: SpaceBuilder, arrays: ArrayFile, facts: Facts) -> None:
    """Fill ``builder`` with the space in ``arrays``."""
    matrix = _matrix(arrays, EMBEDDINGS)
    if facts.ngrams is not None:
        builder.subwords = _subwords(builder, arrays, facts.ngrams, matrix)
    with arrays.open(EMBEDDINGS) as stream:
        add_rows(builder, stream, matrix)
    if not facts.named_by_number:
        blob, lengths = _texts(arrays, TOKENS, matrix.n_rows)
        builder.add_tokens(blob.tobytes(), lengths)
    for number, name in enumerate(facts.columns):
        builder.metadata[name] = TextColumn.from_blob(*_texts(arrays, f"column_{number}", matrix.n_rows))
    builder.positions = _positions(arrays, facts, matrix)
    builder.provenance = facts.provenance
    if facts.training is not None:
        builder.training = _training(arrays, facts.training, matrix)
    for note in facts.notes:
        builder.note(note)


def _matrix(arrays: ArrayFile, name: str, like: Matrix | None = None) -> Matrix:
    """The matrix of float32 of this name, its rows as wide as those of ``like``."""
    entry = arrays.entries.get(name)
    if entry is None or entry.numbers is None or entry.numbers.dtype != FLOAT32:
        raise arrays.file.error(
            f"there is no matrix (float32) called {name}, as there should be", "its arrays"
        )
    if entry.is_fortran:
        raise arrays.file.error("it lies column after column, which this layout never does", entry.place)
    matrix = checked_matrix(arrays.file, entry.place, entry.shape, entry.numbers)
    if like is not None and matrix.d_model != like.d_model:
        what = f"its rows have {matrix.d_model:,} numbers, those of {EMBEDDINGS} {like.d_model:,}"
        raise arrays.file.error(what, entry.place)
    return matrix


def _positions(arrays: ArrayFile, facts: Facts, embeddings: Matrix) -> Positions:
    rows = None
    if facts.positions["kind"] == "learned":
        matrix = _matrix(arrays, POSITIONS, embeddings)
        kept = MemoryRows(matrix.d_model)
        with arrays.open(POSITIONS) as stream:
            for block in row_blocks(stream, matrix):
                kept.append(block)
        rows = ArrayRows(kept.finish())
    try:
        return positions_of(facts.positions, embeddings.d_model, rows)
    except ValueError as error:
        raise arrays.file.error(str(error), arrays.entries[SPACE].place) from None


def _subwords(
    builder: SpaceBuilder, arrays: ArrayFile, ngrams: tuple[int, int], embeddings: Matrix
) -> Subwords:
    matrix = _matrix(arrays, SUBWORDS, embeddings)
    kept = builder.storages.open(SUBWORDS, matrix.d_model, matrix.n_rows)
    with arrays.open(SUBWORDS) as stream:
        for block in row_blocks(stream, matrix):
            kept.append(block)
            builder.report(stream.done)
    return Subwords(*ngrams, ArrayRows(kept.finish()))


def _training(arrays: ArrayFile, facts: dict[str, Any], embeddings: Matrix) -> TrainingRecord:
    try:
        names = weight_names(facts)
        small = {
            COUNTS: _whole(arrays, TRAINING + COUNTS, INT64),
            **{name: _whole(arrays, TRAINING + name, dtype) for name, dtype in CURVE.items()},
        }
        if len(small[COUNTS]) != embeddings.n_rows:
            raise ValueError("counts of other tokens")
        weights = {name: _weight(arrays, TRAINING + WEIGHT + name) for name in names}
        return record_of(facts, small, weights)
    except DAMAGES:
        place = arrays.entries[SPACE].place
        raise arrays.file.error("what it says of its training is damaged", place) from None


def _weight(arrays: ArrayFile, name: str) -> Floats:
    """An array of float32 of one or two dimensions."""
    entry = arrays.entries[name]
    if entry.numbers is None or entry.numbers.dtype != FLOAT32 or not 1 <= len(entry.shape) <= 2:
        raise ValueError("no weights")
    with arrays.open(name) as stream:
        array: Floats = take(stream, math.prod(entry.shape), FLOAT32, entry.place).reshape(entry.shape)
    return array


def _texts(arrays: ArrayFile, name: str, n: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of ``n`` texts, and how many each takes ``(n,)``."""
    blob = _whole(arrays, f"{name}_bytes", UINT8)
    offsets = _whole(arrays, f"{name}_offsets", INT64)
    place = arrays.entries[f"{name}_offsets"].place
    if len(offsets) != n + 1:
        what = f"{max(0, len(offsets) - 1):,} texts for the {n:,} rows of {EMBEDDINGS}"
        raise arrays.file.error(what, place)
    if offsets[0] != 0 or offsets[-1] != len(blob) or (offsets[1:] < offsets[:-1]).any():
        raise arrays.file.error(f"it does not divide the {len(blob):,} bytes of its texts", place)
    return blob, np.diff(offsets)


def _whole(arrays: ArrayFile, name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    """All of an array of one dimension."""
    entry = arrays.entries.get(name)
    if entry is None or not _is_of(entry, dtype):
        what = f"there is no array ({dtype.name}) called {name}, as there should be"
        raise arrays.file.error(what, "its arrays")
    with arrays.open(name) as stream:
        return take(stream, entry.shape[0], dtype, entry.place)


def _is_of(entry: Entry, dtype: np.dtype[Any]) -> bool:
    return len(entry.shape) == 1 and entry.numbers is not None and entry.numbers.dtype == dtype
