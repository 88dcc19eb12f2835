"""A content as the sections and facts of a store, and back."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.positions import LearnedPositions, NoPositions, Positions, SinusoidalPositions
from tui_embed.engine.rows import ArrayRows, Floats, Rows, WholeRows
from tui_embed.engine.space import Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.training.record import TrainingRecord
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.sources.builder import Content
from tui_embed.sources.bundle import TRAINING
from tui_embed.sources.store.folder import NotKeptError
from tui_embed.sources.store.layout import OlderError
from tui_embed.sources.store.mapped import MappedStore
from tui_embed.sources.store.pages import DamagedError
from tui_embed.sources.store.parts import Healer, Home, StoredColumn, StoredRows
from tui_embed.sources.store.writer import Place, StoreWriter
from tui_embed.sources.training_record import (
    COUNTS,
    CURVE,
    WEIGHT,
    LazyWeights,
    record_arrays,
    record_facts,
    record_of,
    weight_names,
)

CHECKED_AT_ONCE = ("blob", "offsets", "order", "norms")
"""The arrays of a vocabulary and the norms of the rows: small, and used in all places."""


def write_content(writer: StoreWriter, content: Content) -> dict[str, Any]:
    """Write what of ``content`` is not in the file yet; returns what is said of it. NotKeptError."""
    arrays: tuple[NDArray[Any], ...] = (*content.vocabulary.arrays, content.norms)
    for name, array in zip(CHECKED_AT_ONCE, arrays, strict=True):
        writer.add(name, array)
    for number, column in enumerate(content.metadata.values()):
        writer.add(f"column {number} blob", column.blob)
        writer.add(f"column {number} offsets", column.offsets)
    subwords = content.subwords
    if content.training is not None:
        for name, training_array in record_arrays(content.training).items():
            writer.add(TRAINING + name, np.ascontiguousarray(training_array))
    return {
        "format": content.format,
        "named_by_number": content.named_by_number,
        "notes": content.notes,
        "columns": list(content.metadata),
        "rows": _write_rows(writer, "kept rows", content.rows),
        "subwords": subwords and _write_subwords(writer, subwords),
        "positions": _write_positions(writer, content.positions),
        "provenance": content.provenance and asdict(content.provenance),
        "training": content.training and record_facts(content.training),
    }


def read_content(store: MappedStore, home: Home, healer: Healer) -> Content:
    """The content of a store; all but rows and columns is read and checked now. DamagedError; OlderError for
    one whose facts are others.
    """
    try:
        return _content(store, home, healer)
    except (KeyError, TypeError):
        raise OlderError from None


def _content(store: MappedStore, home: Home, healer: Healer) -> Content:
    facts = store.facts
    blob, offsets, order, norms = (store.array(name) for name in CHECKED_AT_ONCE)

    def column(number: int, name: str) -> StoredColumn:
        blob, offsets = store.pages(f"column {number} blob"), store.pages(f"column {number} offsets")
        return StoredColumn(blob, offsets, lambda: healer.content().metadata[name])

    return Content(
        format=facts["format"],
        rows=_read_rows(store, facts["rows"], home, lambda: healer.content().rows),
        norms=norms,
        vocabulary=Vocabulary(blob, offsets, order),
        named_by_number=facts["named_by_number"],
        notes=tuple(facts["notes"]),
        metadata={name: column(number, name) for number, name in enumerate(facts["columns"])},
        subwords=_read_subwords(store, home, healer),
        positions=_read_positions(store, home, healer),
        provenance=facts["provenance"] and Provenance(**facts["provenance"]),
        training=_read_training(store, healer),
    )


def _write_subwords(writer: StoreWriter, subwords: Subwords) -> dict[str, Any]:
    rows = _write_rows(writer, "kept subwords", subwords.rows)
    return {"minn": subwords.minn, "maxn": subwords.maxn, "rows": rows}


def _read_subwords(store: MappedStore, home: Home, healer: Healer) -> Subwords | None:
    facts = store.facts["subwords"]
    if facts is None:
        return None

    def again() -> WholeRows:
        subwords = healer.content().subwords
        return _whole(None if subwords is None else subwords.rows)

    return Subwords(facts["minn"], facts["maxn"], _read_rows(store, facts["rows"], home, again))


def _write_positions(writer: StoreWriter, positions: Positions | None) -> dict[str, Any] | None:
    if positions is None:
        return None
    facts: dict[str, Any] = {"kind": positions.kind, "note": positions.note, "n_ctx": positions.n_ctx}
    if isinstance(positions, LearnedPositions):
        facts["rows"] = _write_rows(writer, "kept positions", positions.rows)
    elif not isinstance(positions, NoPositions | SinusoidalPositions):
        raise NotKeptError("it has positions of a new kind")
    return facts


def _read_positions(store: MappedStore, home: Home, healer: Healer) -> Positions | None:
    facts = store.facts["positions"]
    if facts is None or facts["kind"] == "none":
        return facts and NoPositions(facts["note"])
    if facts["kind"] == "sinusoidal":
        return SinusoidalPositions(store.facts["rows"]["shape"][1], facts["n_ctx"])

    def again() -> WholeRows:
        positions = healer.content().positions
        return _whole(positions.rows if isinstance(positions, LearnedPositions) else None)

    return LearnedPositions(_read_rows(store, facts["rows"], home, again), facts["note"])


def _read_training(store: MappedStore, healer: Healer) -> TrainingRecord | None:
    facts = store.facts["training"]
    if facts is None:
        return None

    def weight(name: str) -> Floats:
        try:
            array: Floats = store.array(f"{TRAINING}{WEIGHT}{name}")
        except DamagedError:
            training = healer.content().training
            if training is None:
                raise TypeError("the same file was read in another way") from None
            array = training.weights[name]
        return array

    small = {name: store.array(TRAINING + name) for name in (COUNTS, *CURVE)}
    return record_of(facts, small, LazyWeights(weight_names(facts), weight))


def _whole(rows: Rows | None) -> WholeRows:
    if not isinstance(rows, WholeRows):
        raise TypeError("the same file was read in another way")
    return rows


def _write_rows(writer: StoreWriter, name: str, rows: Rows) -> dict[str, Any]:
    """Where ``rows`` lie in the file, where they are put if they are not there."""
    place = writer.place_of(rows.array) if isinstance(rows, ArrayRows) else None
    if place is None:
        storage = writer.open(name, rows.shape[1], rows.shape[0])
        for _, block in rows.blocks():
            storage.append(block)
        storage.finish()
        place = Place(name, 0)
    return {"section": place.section, "first": place.first, "shape": rows.shape}


def _read_rows(
    store: MappedStore, facts: dict[str, Any], home: Home, again: Callable[[], WholeRows]
) -> StoredRows:
    n_rows, d_model = facts["shape"]
    begin = 4 * d_model * facts["first"]
    pages = store.pages(facts["section"])
    if begin + 4 * d_model * n_rows > len(pages.unchecked):
        raise DamagedError
    return StoredRows(pages, begin, (n_rows, d_model), home, again, store.let_go)
