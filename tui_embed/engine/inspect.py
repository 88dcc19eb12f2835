"""Everything there is to say about one row at one position."""

from dataclasses import dataclass

import numpy as np

from tui_embed.engine.input_layer import Step
from tui_embed.engine.matrix import row_norms
from tui_embed.engine.positions import PositionKind, Positions, input_embedding
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen, Composed
from tui_embed.engine.summary import RowSummary, one_hot_product, share_below, summarize


@dataclass(frozen=True, slots=True, eq=False)
class InspectedRow:
    """``W_E[token_id]``, ``W_P[position]`` and their sum, each ``(d_model,) float32``.

    ``chosen`` is the token id, or a word without a row, whose composed vector then stands for ``token_row``.
    ``steps`` is what a model does besides adding the two; the last of them is its input embedding.
    ``position_row`` is None where there is none. ``share_below`` is the part of all rows with a smaller
    norm, None where the norms are not known. ``one_hot_error`` is the largest difference between the row
    and the one-hot vector multiplied with ``W_E``, None where no whole matrix exists to multiply.
    """

    chosen: Chosen
    position: int
    kind: PositionKind
    token_row: Floats
    position_row: Floats | None
    sum: Floats
    steps: tuple[Step, ...]
    summary: RowSummary
    share_below: float | None
    one_hot_error: float | None

    @property
    def input_embedding(self) -> Floats:
        """What the first layer is given."""
        return self.steps[-1].row if self.steps else self.sum


def inspect_row(space: EmbeddingSpace, chosen: Chosen, position: int, positions: Positions) -> InspectedRow:
    """Read one row and all that is shown of it. UsageError for a position that does not exist."""
    row = space.vector(chosen)
    product = None if isinstance(chosen, Composed) else one_hot_product(space.matrix, chosen)
    position_row = positions.row(position)
    return InspectedRow(
        chosen=chosen,
        position=position,
        kind=positions.kind,
        token_row=row,
        position_row=position_row,
        sum=input_embedding(row, position_row),
        steps=tuple(space.input_layer.steps(row, position_row)),
        summary=summarize(row),
        share_below=_share_below(space, chosen, row),
        one_hot_error=None if product is None else float(np.abs(product - row).max()),
    )


def _share_below(space: EmbeddingSpace, chosen: Chosen, row: Floats) -> float | None:
    norms = space.matrix.known_norms
    if norms is None:
        return None
    if isinstance(chosen, Composed):
        return float(np.count_nonzero(norms < row_norms(row[None, :]))) / max(1, len(norms))
    return share_below(norms, chosen)
