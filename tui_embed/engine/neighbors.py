"""Which rows lie near a vector: exact, over every row, in one pass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import EmbeddingMatrix, row_norms, unit
from tui_embed.engine.parallel import share_out, threads
from tui_embed.engine.ranking import top_k
from tui_embed.engine.rows import Floats, Ids, rows_per_block
from tui_embed.engine.scan import METRICS, Metric, scan, score_rows
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
from tui_embed.errors import UsageError


@dataclass(frozen=True, slots=True)
class Neighbor:
    """One answer. ``score`` is a similarity (cosine, dot: high is near) or a distance (euclidean: low is)."""

    rank: int
    token: str
    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The nearest tokens, and over how many rows they were searched."""

    neighbors: list[Neighbor]
    searched: int
    n_vocab: int


def neighbors_of_token(
    space: EmbeddingSpace,
    token_id: int,
    k: int = 10,
    metric: Metric = "cosine",
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Answer:
    """The ``k`` tokens nearest to a token of the space, which is itself left out."""
    query = space.matrix.row(token_id)
    return neighbors_of_vector(space, query, k, metric, (token_id,), cancel, progress)


def neighbors_of_vector(
    space: EmbeddingSpace,
    query: Floats,
    k: int = 10,
    metric: Metric = "cosine",
    exclude: tuple[int, ...] = (),
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Answer:
    """The ``k`` tokens nearest to ``query`` ``(d_model,)``, without those of ``exclude``; ties by id."""
    return nearest(space, query, k, metric, exclude, None, cancel, progress)


def nearest(
    space: EmbeddingSpace,
    query: Floats,
    k: int = 10,
    metric: Metric = "cosine",
    exclude: tuple[int, ...] = (),
    among: Ids | None = None,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Answer:
    """The ``k`` tokens nearest to ``query`` ``(d_model,)``, without those of ``exclude``; ties by id.

    ``among``, ascending ids, restricts the search to those. Where the matrix has codes, they prove for most
    rows that a cosine cannot be among the best; the answer is that of scoring all of them, to the bit.
    """
    _check_k(k)
    direction = _direction(space, query, metric)

    def score(ids: Ids, progress: Progress = no_progress) -> Floats:
        return _scores_of(space.matrix, ids, direction, metric, cancel, progress)

    if among is not None:
        return _answer(space, among, score(among, progress), len(among), k, exclude, metric)
    # asked for only where they are of use: they may have to be made
    quantized = space.matrix.quantized if metric == "cosine" else None
    if quantized is not None:
        found = quantized.candidates(direction, k, score, exclude, cancel=cancel, progress=progress)
        if found is not None:
            return _answer(space, found, score(found), len(space), k, exclude, metric)
    return ranked(space, closeness(space, query, metric, cancel, progress), k, exclude, metric)


def closeness(
    space: EmbeddingSpace,
    query: Floats,
    metric: Metric,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Floats:
    """How near each row is to ``query``, ``(n_vocab,) float32``; more is nearer: distances are negated."""
    direction = _direction(space, query, metric)

    def score(rows: Floats, norms: Floats, out: Floats) -> None:
        score_rows(rows, norms, direction, metric, out)

    return scan(space, score, cancel, progress)


def checked_metric(name: str) -> Metric:
    """``name`` as a metric. UsageError for any other."""
    for metric in METRICS:
        if name == metric:
            return metric
    raise UsageError(f"{name!r} is no metric", f"metrics are {', '.join(METRICS)}")


def check_finite(rows: NDArray[np.floating]) -> None:
    """UsageError for rows with NaN or infinite numbers: nothing is near them or far from them."""
    if not np.isfinite(rows).all():
        raise UsageError("a vector with NaN or infinite numbers has no neighbours")


def ranked(
    space: EmbeddingSpace,
    scores: Floats,
    k: int,
    exclude: tuple[int, ...] = (),
    metric: Metric = "cosine",
    among: Ids | None = None,
) -> Answer:
    """The ``k`` best of ``scores`` ``(n_vocab,)`` as neighbours, of the rows ``among``, ascending ids, where
    those are given; rows that are not finite are left out of the answer.
    """
    _check_k(k)
    if among is not None:
        return _answer(space, among, scores[among], len(among), k, exclude, metric)
    best = top_k(scores, k, exclude)
    return Answer(_neighbors(space, best, scores[best], metric), len(scores), len(space))


def similarity(space: EmbeddingSpace, first: Chosen, second: Chosen, metric: Metric = "cosine") -> float:
    """Cosine, dot product or Euclidean distance of two rows or composed vectors, in float64."""
    checked_metric(metric)
    a, b = (space.vector(chosen).astype(np.float64) for chosen in (first, second))
    if metric == "dot":
        return float(a @ b)
    if metric == "euclidean":
        return float(np.linalg.norm(a - b))
    return cosine(a, b)


def cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Cosine similarity of two vectors; 0 where one of them is zero."""
    lengths = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(a @ b) / lengths if lengths else 0.0


@dataclass(frozen=True, slots=True)
class OddOne:
    """The token least like the others, and each token's cosine to the mean of their unit rows."""

    id: int
    scores: list[tuple[int, float]]


def odd_one_out(space: EmbeddingSpace, ids: list[int]) -> OddOne:
    """The token farthest, by cosine, from the mean of all unit rows. UsageError for fewer than three
    tokens, and for rows that are not finite.
    """
    if len(set(ids)) < 3:
        raise UsageError("odd one out needs at least three different tokens")
    units = space.matrix.unit(np.array(ids)).astype(np.float64)
    check_finite(units)
    mean = units.mean(axis=0)
    scores = [cosine(row, mean) for row in units]
    return OddOne(ids[int(np.argmin(scores))], list(zip(ids, scores, strict=True)))


def rank_of(
    space: EmbeddingSpace,
    scores: Floats,
    token_id: int,
    exclude: tuple[int, ...] = (),
    among: Ids | None = None,
) -> int:
    """The 1-based place of a token among all others, or those of ``among``, by ``scores`` (as from
    :func:`closeness`), ties by id; scores that are not finite come last. UsageError for an id that the space
    does not have.
    """
    space.checked_id(token_id)
    scores = np.where(np.isfinite(scores), scores, -np.inf)
    own = scores[token_id]
    better = scores > own
    better[:token_id] |= scores[:token_id] == own
    better[[i for i in exclude if i != token_id]] = False
    return int((better if among is None else better[among]).sum()) + 1


def closer_than(
    space: EmbeddingSpace, token_id: int, other: int, k: int, metric: Metric = "cosine"
) -> Answer:
    """The tokens that lie nearer to ``token_id`` than ``other`` does, nearest first, at most ``k``."""
    scores = closeness(space, space.matrix.row(token_id), metric)
    rank = rank_of(space, scores, other, (token_id,))
    if rank == 1:
        return Answer([], len(scores), len(space))
    return ranked(space, scores, min(k, rank - 1), (token_id, other), metric)


def _check_k(k: int) -> None:
    if k < 1:
        raise UsageError(f"k is {k}", "ask for at least one neighbour")


def _direction(space: EmbeddingSpace, query: Floats, metric: Metric) -> Floats:
    """``query`` as rows are scored against it: for the cosine at length 1."""
    checked_metric(metric)
    if query.shape != (space.d_model,):
        raise UsageError(f"a vector of {space.name} has the shape ({space.d_model},), not {query.shape}")
    check_finite(query)
    return unit(query) if metric == "cosine" else query


def _scores_of(
    matrix: EmbeddingMatrix,
    ids: Ids,
    query: Floats,
    metric: Metric,
    cancel: CancelToken | None,
    progress: Progress,
) -> Floats:
    """The scores of some rows, ``(len(ids),) float32``: to the bit those of a scan."""
    known = matrix.known_norms
    scores = np.empty(len(ids), dtype=np.float32)
    step = rows_per_block(matrix.d_model)

    def work(start: int) -> int:
        own = ids[start : start + step]
        rows = matrix.rows.take(own)
        norms = row_norms(rows) if known is None else known[own]
        score_rows(rows, norms, query, metric, scores[start : start + step])
        return len(own)

    starts = range(0, len(ids), step)
    share_out(starts, [work] * threads(len(starts)), cancel, lambda done: progress(done, len(ids)))
    return scores


def _answer(
    space: EmbeddingSpace,
    ids: Ids,
    scores: Floats,
    searched: int,
    k: int,
    exclude: tuple[int, ...],
    metric: Metric,
) -> Answer:
    """The best of some rows, whose ``ids`` ascend."""
    kept = ~np.isin(ids, exclude)
    ids, scores = ids[kept], scores[kept]
    best = top_k(scores, k)
    return Answer(_neighbors(space, ids[best], scores[best], metric), searched, len(space))


def _neighbors(space: EmbeddingSpace, ids: Ids, scores: Floats, metric: Metric) -> list[Neighbor]:
    sign = -1.0 if metric == "euclidean" else 1.0
    return [
        Neighbor(rank, space.vocabulary[token_id], token_id, sign * score)
        for rank, (token_id, score) in enumerate(zip(ids.tolist(), scores.tolist(), strict=True), 1)
    ]
