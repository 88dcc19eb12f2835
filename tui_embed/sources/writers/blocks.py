"""A space as blocks of rows with their tokens, for writers of formats that have one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.vocabulary import decode_token
from tui_embed.errors import TuiEmbedError

SHOWN = 40
"""Characters of a token that an error shows."""


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """``rows`` ``(m, d_model)`` from id ``start`` on, and the bytes of their tokens."""

    start: int
    rows: Floats
    tokens: list[bytes]


def blocks(space: EmbeddingSpace, cancel: CancelToken | None, progress: Progress) -> Iterator[Block]:
    """All of ``space`` in order; ``progress`` counts rows. CancelledError where ``cancel`` is raised."""
    blob, offsets, _ = space.vocabulary.arrays
    for start, rows in space.matrix.rows.blocks():
        if cancel is not None:
            cancel.check()
        places = offsets[start : start + len(rows) + 1].astype(int)
        letters = blob[places[0] : places[-1]].tobytes()
        tokens = [letters[begin:end] for begin, end in pairwise((places - places[0]).tolist())]
        yield Block(start, rows, tokens)
        progress(start + len(rows), len(space))


def refused(path: Path, block: Block, row: int, why: str, hint: str) -> TuiEmbedError:
    """The error for the token of a block's ``row`` that a format cannot hold, in one line."""
    token = decode_token(block.tokens[row])
    shown = token if len(token) <= SHOWN else f"{token[:SHOWN]}…"
    return TuiEmbedError(f"{path}: token {shown!r} (id {block.start + row}) {why}", hint)
