"""Which rows lie near a vector: exact, over every row, in one pass."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import row_norms, safe, unit
from tui_embed.engine.rows import Floats, rows_per_block
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError

Metric = Literal["cosine", "dot", "euclidean"]
METRICS: tuple[Metric, ...] = get_args(Metric)


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
    scores = closeness(space, query, metric, cancel, progress)
    return ranked(space, scores, k, exclude, metric)


def closeness(
    space: EmbeddingSpace,
    query: Floats,
    metric: Metric,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Floats:
    """How near each row is to ``query``, ``(n_vocab,) float32``; more is nearer: distances are negated."""
    checked_metric(metric)
    if query.shape != (space.d_model,):
        raise UsageError(f"a vector of {space.name} has the shape ({space.d_model},), not {query.shape}")
    check_finite(query)
    query = unit(query) if metric == "cosine" else query
    return scan(space, lambda rows, norms: _score(rows, norms, query, metric), cancel, progress)


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


def scan(
    space: EmbeddingSpace,
    score: Callable[[Floats, Floats], Floats],
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Floats:
    """``score(rows, norms)`` of every row, ``(n_vocab,) float32``, in one pass over rows that may exist
    only in blocks. CancelledError where ``cancel`` is raised between blocks.
    """
    matrix = space.matrix
    if matrix.array is not None:
        return score(matrix.array, matrix.norms())
    scores = np.empty(matrix.n_vocab, dtype=np.float32)
    norms = np.empty(matrix.n_vocab, dtype=np.float32)
    for start, block in matrix.rows.blocks():
        if cancel is not None:
            cancel.check()
        part = slice(start, start + len(block))
        norms[part] = row_norms(block)
        scores[part] = score(block, norms[part])
        progress(part.stop, matrix.n_vocab)
    matrix.remember_norms(norms)
    return scores


def ranked(
    space: EmbeddingSpace, scores: Floats, k: int, exclude: tuple[int, ...] = (), metric: Metric = "cosine"
) -> Answer:
    """The ``k`` best of ``scores`` as neighbours; rows that are not finite are left out of the answer."""
    if k < 1:
        raise UsageError(f"k is {k}", "ask for at least one neighbour")
    best = top_k(scores, k, exclude)
    sign = -1.0 if metric == "euclidean" else 1.0
    neighbors = [
        Neighbor(rank, space.vocabulary[token_id], token_id, sign * float(scores[token_id]))
        for rank, token_id in enumerate(best.tolist(), 1)
    ]
    return Answer(neighbors, len(scores), len(space))


def top_k(scores: Floats, k: int, exclude: tuple[int, ...] = ()) -> NDArray[np.intp]:
    """Ids of the ``k`` highest scores, highest first, ties by id; never an excluded id, −inf or NaN.

    The best of each block of scores bounds the answer from below, so that only few scores are sorted.
    """
    wanted = min(k + len(exclude), len(scores))
    block = 256
    whole = len(scores) // block
    if whole > wanted:
        peaks = np.fmax.reduce(scores[: whole * block].reshape(whole, block), axis=1)
        # a block with an infinite score bounds nothing: its best finite one is unknown
        peaks[~np.isfinite(peaks)] = -np.inf
        bound = np.partition(peaks, -wanted)[-wanted]
        candidates = np.flatnonzero(scores >= bound)
    else:
        candidates = np.arange(len(scores))
    candidates = candidates[np.isfinite(scores[candidates])]
    if exclude:
        candidates = candidates[~np.isin(candidates, exclude)]
    order = np.lexsort((candidates, -scores[candidates]))
    return candidates[order[:k]]


def similarity(space: EmbeddingSpace, first: int, second: int, metric: Metric = "cosine") -> float:
    """Cosine, dot product or Euclidean distance of two rows, in float64."""
    checked_metric(metric)
    a, b = space.matrix.rows.take(np.array([first, second])).astype(np.float64)
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


def rank_of(space: EmbeddingSpace, scores: Floats, token_id: int, exclude: tuple[int, ...] = ()) -> int:
    """The 1-based place of a token among all others by ``scores`` (as from :func:`closeness`), ties by id;
    scores that are not finite come last. UsageError for an id that the space does not have.
    """
    space.checked_id(token_id)
    scores = np.where(np.isfinite(scores), scores, -np.inf)
    own = scores[token_id]
    better = scores > own
    better[:token_id] |= scores[:token_id] == own
    better[[i for i in exclude if i != token_id]] = False
    return int(better.sum()) + 1


def closer_than(
    space: EmbeddingSpace, token_id: int, other: int, k: int, metric: Metric = "cosine"
) -> Answer:
    """The tokens that lie nearer to ``token_id`` than ``other`` does, nearest first, at most ``k``."""
    scores = closeness(space, space.matrix.row(token_id), metric)
    rank = rank_of(space, scores, other, (token_id,))
    if rank == 1:
        return Answer([], len(scores), len(space))
    return ranked(space, scores, min(k, rank - 1), (token_id, other), metric)


def products(rows: Floats, query: Floats) -> Floats:
    """The dot product of each row with ``query``, ``(n,) float32``.

    By einsum rather than ``@``: a BLAS matrix-vector product waits on its threads for longer than the
    product takes.
    """
    dots: Floats = np.einsum("ij,j->i", rows, query)
    return dots


def _score(rows: Floats, norms: Floats, query: Floats, metric: Metric) -> Floats:
    """How near each row is to ``query``, which for the cosine has length 1."""
    if metric == "euclidean":
        return -_distances(rows, query)
    dots = products(rows, query)
    if metric == "cosine":
        with np.errstate(invalid="ignore"):  # an infinite row has no cosine: it becomes NaN
            dots /= safe(norms)
    return dots


def _distances(rows: Floats, query: Floats) -> Floats:
    """The Euclidean distance of each row to ``query``, ``(n,) float32``.

    By subtraction, since |a|² − 2 a·q + |q|² loses the distance of near neighbours far from the origin; in
    parts that stay in the cache. Beyond 1e19 a distance is infinite.
    """
    squares = np.empty(len(rows), dtype=np.float32)
    step = max(1, rows_per_block(rows.shape[1]) // 8)
    scratch = np.empty((min(step, len(rows)), rows.shape[1]), dtype=np.float32)
    with np.errstate(over="ignore"):
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            arrows = np.subtract(part, query, out=scratch[: len(part)])
            np.einsum("ij,ij->i", arrows, arrows, out=squares[start : start + step])
    distances: Floats = np.sqrt(squares, out=squares)
    return distances
