"""Everything there is to say about one row at one position."""

from dataclasses import dataclass

import numpy as np

from tui_embed.engine.positions import PositionKind, Positions, input_embedding
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.summary import RowSummary, one_hot_product, share_below, summarize


@dataclass(frozen=True, slots=True, eq=False)
class InspectedRow:
    """``W_E[token_id]``, ``W_P[position]`` and their sum, each ``(d_model,) float32``.

    ``position_row`` is None where there is none. ``share_below`` is the part of all rows with a smaller
    norm, None where the norms are not known. ``one_hot_error`` is the largest difference between the row
    and the one-hot vector multiplied with ``W_E``, None where no whole matrix exists to multiply.
    """

    token_id: int
    position: int
    kind: PositionKind
    token_row: Floats
    position_row: Floats | None
    sum: Floats
    summary: RowSummary
    share_below: float | None
    one_hot_error: float | None


def inspect_row(space: EmbeddingSpace, token_id: int, position: int, positions: Positions) -> InspectedRow:
    """Read one row and all that is shown of it. UsageError for a position that does not exist."""
    token_row = space.matrix.row(token_id)
    position_row = positions.row(position)
    norms = space.matrix.known_norms
    product = one_hot_product(space.matrix, token_id)
    return InspectedRow(
        token_id=token_id,
        position=position,
        kind=positions.kind,
        token_row=token_row,
        position_row=position_row,
        sum=input_embedding(token_row, position_row),
        summary=summarize(token_row),
        share_below=None if norms is None else share_below(norms, token_id),
        one_hot_error=None if product is None else float(np.abs(product - token_row).max()),
    )
