"""A whole space as named arrays: what our own .npz and .safetensors files hold, so that nothing is lost.

- ``embeddings`` ``(n_vocab, d_model) float32``
- ``token_bytes`` ``(total,) uint8`` and ``token_offsets`` ``(n_vocab + 1,) int64``: token ``i`` is
  ``token_bytes[token_offsets[i] : token_offsets[i + 1]]``. An array of strings would drop NULs at the end of
  a token, could hold no bytes that are not UTF-8, and would take for each the room of the longest.
- ``column_0_bytes`` and ``column_0_offsets``, and so on: the columns of metadata, in the same way
- ``positions`` ``(n_ctx, d_model) float32`` where they are learned
- ``subwords`` ``(n_buckets, d_model) float32``: rows of n-grams
- ``training_counts``, ``training_raw``, ``training_weight_output`` and so on, for a space that was trained
  here: see :mod:`tui_embed.sources.training_record`
- ``space`` uint8: JSON in ASCII that says what the arrays do not: where the numbers come from, notes, names
  of columns, what the positions are, and how long n-grams are

:mod:`tui_embed.sources.formats.bundles` reads it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.positions import LearnedPositions, NoPositions, Positions, SinusoidalPositions
from tui_embed.engine.rows import Rows
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.sources.training_record import record_arrays, record_facts

EMBEDDINGS, TOKENS, POSITIONS, SUBWORDS, SPACE = "embeddings", "token", "positions", "subwords", "space"
TRAINING = "training_"
"""What the names of a training's arrays begin with."""

MADE_BY, LAYOUT = "tui-embed", 1

UINT8, INT64, FLOAT32 = np.dtype("u1"), np.dtype("<i8"), np.dtype("<f4")

_FOUND_AGAIN = (
    "NaN or infinite numbers, left out of answers: ",
    " of an earlier row, which a look-up finds: ",
    " not UTF-8 and kept as bytes: ",
    "not kept in the store: ",
)
"""Notes with one of these are made anew whenever such a space is read."""


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """An array to write: its blocks one after another are all of it, in C order, little-endian."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    blocks: Callable[[], Iterator[NDArray[Any]]]

    @property
    def n_bytes(self) -> int:
        n_bytes = self.dtype.itemsize
        for length in self.shape:
            n_bytes *= length
        return n_bytes


def parts_of(space: EmbeddingSpace) -> list[Part]:
    """All of ``space`` but its name, which is the file's, and its tokenizer."""
    parts = [_rows_part(EMBEDDINGS, space.matrix.rows)]
    named_by_number = _is_numbered(space.vocabulary)
    if not named_by_number:
        blob, offsets, _ = space.vocabulary.arrays
        parts += _texts_parts(TOKENS, blob, offsets)
    for number, column in enumerate(space.metadata.values()):
        parts += _texts_parts(f"column_{number}", column.blob, column.offsets)
    if isinstance(space.positions, LearnedPositions):
        parts.append(_rows_part(POSITIONS, space.positions.rows))
    if space.subwords is not None:
        parts.append(_rows_part(SUBWORDS, space.subwords.rows))
    if space.training is not None:
        for name, array in record_arrays(space.training).items():
            dtype = INT64 if array.dtype.kind == "i" else FLOAT32
            parts.append(_array_part(TRAINING + name, array, dtype))
    facts = json.dumps({**_facts_of(space), "named_by_number": named_by_number}).encode("ascii")
    return [*parts, _array_part(SPACE, np.frombuffer(facts, dtype=np.uint8), UINT8)]


def _is_numbered(vocabulary: Vocabulary) -> bool:
    """Whether its tokens are the numbers by which rows are called that have no tokens."""
    return all(vocabulary.token_bytes(row) == b"#%d" % row for row in range(len(vocabulary)))


def _rows_part(name: str, rows: Rows) -> Part:
    def blocks() -> Iterator[NDArray[Any]]:
        return (block for _, block in rows.blocks())

    return Part(name, FLOAT32, rows.shape, blocks)


def _texts_parts(name: str, blob: NDArray[np.uint8], offsets: NDArray[np.integer]) -> list[Part]:
    return [_array_part(f"{name}_bytes", blob, UINT8), _array_part(f"{name}_offsets", offsets, INT64)]


def _array_part(name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> Part:
    return Part(name, dtype, array.shape, lambda: iter((array,)))


def _facts_of(space: EmbeddingSpace) -> dict[str, Any]:
    provenance = asdict(space.provenance)
    if Path(space.provenance.source).is_absolute():
        # where it lay on this machine is nobody's business elsewhere
        provenance["source"] = Path(space.provenance.source).name
    subwords = space.subwords
    return {
        "made_by": MADE_BY,
        "layout": LAYOUT,
        "provenance": provenance,
        "notes": [note for note in space.notes if not any(part in note for part in _FOUND_AGAIN)],
        "columns": list(space.metadata),
        "positions": positions_facts(space.positions),
        "subwords": None if subwords is None else [subwords.minn, subwords.maxn],
        "training": None if space.training is None else record_facts(space.training),
    }


def positions_facts(positions: Positions) -> dict[str, Any]:
    """What positions are, but for the rows of learned ones."""
    return {"kind": positions.kind, "n_ctx": positions.n_ctx, "note": positions.note}


def positions_of(facts: Mapping[str, Any], d_model: int, rows: Rows | None) -> Positions:
    """The positions that ``facts`` tell of; ``rows`` are those of learned ones. ValueError."""
    if facts["kind"] == "learned" and rows is not None:
        return LearnedPositions(rows, facts["note"])
    if facts["kind"] == "sinusoidal":
        return SinusoidalPositions(d_model, facts["n_ctx"])
    if facts["kind"] == "none":
        return NoPositions(facts["note"])
    raise ValueError(f"positions of the kind {facts['kind']!r}")
