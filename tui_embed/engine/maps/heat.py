"""Matrices to be looked at as heat maps: cosines of tokens, cosines of positions, rows."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.maps.subject import Subject
from tui_embed.engine.matrix import unit_rows
from tui_embed.engine.positions import Positions, SinusoidalPositions
from tui_embed.engine.projection import pca
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError, UsageError

HeatKind = Literal["similarity", "one-hot", "rows", "positions"]
HEAT_KINDS: tuple[HeatKind, ...] = get_args(HeatKind)

MOST_TOKENS = 500
MOST_POSITIONS = 512


@dataclass(frozen=True, eq=False, slots=True)
class HeatMap:
    """``values`` ``(n, m) float32`` with a name for each row and column, text from outside. ``limit`` is the
    value, and its negative, at the ends of the colour scale.
    """

    title: str
    values: Floats
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    limit: float
    said: str = ""


def similarities(space: EmbeddingSpace, subject: Subject) -> HeatMap:
    """The cosine of each token of a list to each, ``(n, n)``. UsageError for more than can be looked at."""
    ids, names = _listed(space, subject)
    units = space.matrix.unit(ids).astype(np.float64)
    values = (units @ units.T).astype(np.float32)
    off = values[~np.eye(len(ids), dtype=bool)]
    mean = f"mean off the diagonal {off.mean():.4f}" if len(off) else ""
    return HeatMap(f"cosine similarity, {subject.title}", values, names, names, 1.0, mean)


def one_hot(space: EmbeddingSpace, subject: Subject) -> HeatMap:
    """The same of one-hot vectors, which is the identity: to them all different tokens are equally far."""
    ids, names = _listed(space, subject)
    values = np.eye(len(ids), dtype=np.float32)
    said = "one-hot vectors are all at right angles: nothing is like anything"
    return HeatMap(f"cosine of one-hot vectors, {subject.title}", values, names, names, 1.0, said)


def token_rows(space: EmbeddingSpace, subject: Subject) -> HeatMap:
    """The rows of a list of tokens, ``(n, d_model)``."""
    ids, names = _listed(space, subject)
    rows = space.matrix.rows.take(ids)
    limit = float(np.abs(rows[np.isfinite(rows)]).max(initial=0.0)) or 1.0
    columns = tuple(f"d{number}" for number in range(rows.shape[1]))
    return HeatMap(f"rows of W_E, {subject.title}", rows, names, columns, limit)


@dataclass(frozen=True, eq=False, slots=True)
class PositionPicture:
    """Position rows ``0 … n − 1`` of one kind: ``cosines`` of each to each, and ``curve`` ``(n, k)``, the
    rows along their first principal components, of which ``explained`` are the shares.
    """

    kind: str
    note: str
    cosines: HeatMap
    curve: Floats
    explained: tuple[float, ...]


def position_pictures(
    space: EmbeddingSpace, most: int = MOST_POSITIONS, cancel: CancelToken | None = None
) -> list[PositionPicture]:
    """The space's own position rows, where it has any, and the sinusoidal ones of the same size beside
    them. TuiEmbedError for a space whose width gives no formula.
    """
    n = min(most, space.positions.n_ctx or most)
    sinusoidal = SinusoidalPositions(space.d_model)
    kinds: list[Positions] = [sinusoidal]
    if space.positions.kind != "none":
        kinds = [space.positions, *([sinusoidal] if space.positions.kind == "learned" else [])]
    return [_picture(positions, n, cancel) for positions in kinds]


def _picture(positions: Positions, n: int, cancel: CancelToken | None) -> PositionPicture:
    rows = []
    for number in range(n):
        if cancel is not None:
            cancel.check()
        row = positions.row(number)
        if row is None:
            raise TuiEmbedError("this space has no position rows")
        rows.append(row)
    matrix = np.stack(rows)
    if not np.isfinite(matrix).all():
        raise TuiEmbedError("position rows with NaN or infinite numbers cannot be compared")
    units = unit_rows(matrix).astype(np.float64)
    names = tuple(map(str, range(n)))
    title = f"cosine between {positions.kind} positions 0 … {n - 1}"
    cosines = HeatMap(title, (units @ units.T).astype(np.float32), names, names, 1.0)
    k = min(3, *matrix.shape)
    if n < 2 or k < 2:
        return PositionPicture(positions.kind, positions.note, cosines, np.zeros((n, 2), np.float32), (0, 0))
    found = pca(matrix, k)
    explained = tuple(found.explained.tolist())
    return PositionPicture(
        positions.kind, positions.note, cosines, found.points.astype(np.float32), explained
    )


def heat_map(space: EmbeddingSpace, kind: HeatKind, subject: Subject | None) -> HeatMap:
    """The heat map of one kind; ``subject`` is for those of tokens."""
    if kind == "positions":
        return position_pictures(space)[0].cosines
    if subject is None:
        raise UsageError(f"a heat map of {kind} needs tokens")
    makers = {"similarity": similarities, "one-hot": one_hot, "rows": token_rows}
    return makers[kind](space, subject)


def _listed(space: EmbeddingSpace, subject: Subject) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if len(subject) > MOST_TOKENS:
        raise UsageError(
            f"{len(subject):,} tokens are too many to compare each with each", f"at most {MOST_TOKENS}"
        )
    return subject.ids, tuple(space.vocabulary[token_id] for token_id in subject.ids.tolist())
