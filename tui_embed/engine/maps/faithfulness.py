"""How far a map can be trusted: whether what lies together on it is near, and what is near lies together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import row_norms, safe
from tui_embed.engine.rows import Floats, Ids
from tui_embed.engine.scan import Metric

K = 10
TORN = 3
"""A neighbour is torn away when on the map it is not among so many times k points."""

MOST_WORK = 1e8
"""Pairs of points that are compared; of larger maps a sample of points is taken."""

AT_ONCE = 1 << 21
"""Pairs at a time."""


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """``trustworthiness`` (Venna and Kaski 2001) is 1 where all points that lie together on the map are near
    in the space; ``kept`` is the share of the ``k`` nearest in the space that are among the k nearest on the
    map. Both are means over ``looked_at`` of the points, each compared with all others.
    """

    trustworthiness: float
    kept: float
    k: int
    looked_at: int


def faithfulness(
    rows: Floats,
    points: Floats,
    metric: Metric = "cosine",
    k: int = K,
    seed: int = 1,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Faithfulness | None:
    """How faithful ``points`` ``(n, 2)`` are to ``rows`` ``(n, d)``; None for fewer than four points.

    Where n² comparisons are too many, a sample of points drawn from ``seed`` is looked at.
    """
    n = len(rows)
    k = min(k, (n - 1) // 2)
    if k < 1:
        return None
    looked_at = np.arange(n)
    if n * n > MOST_WORK:
        chosen = np.random.default_rng(seed).choice(n, max(200, int(MOST_WORK / n)), replace=False)
        looked_at = np.sort(chosen)
    step = max(1, AT_ONCE // n)
    kept, penalty = 0, 0
    for start in range(0, len(looked_at), step):
        if cancel is not None:
            cancel.check()
        own = looked_at[start : start + step]
        near, penalties = _compared(rows, points, own, metric, k)
        kept += near
        penalty += penalties
        progress(start + len(own), len(looked_at))
    m = len(looked_at)
    return Faithfulness(1 - penalty * 2 / (m * k * (2 * n - 3 * k - 1)), kept / (m * k), k, m)


def true_neighbours(rows: Floats, point: int, metric: Metric, k: int) -> list[int]:
    """The ``k`` points nearest to one in the space, nearest first; ties by number."""
    distances = distances_to(rows, np.array([point]), metric)[0]
    distances[point] = np.inf
    best: list[int] = np.argsort(distances, kind="stable")[: min(k, len(rows) - 1)].tolist()
    return best


def ranks_on_map(points: Floats, point: int) -> NDArray[np.int64]:
    """The place of every point by its distance to one on the map, ``(n,)``: from 1; its own is 0."""
    distances = _on_map(points, np.array([point]))[0]
    distances[point] = -1
    places = np.empty(len(points), np.int64)
    places[np.argsort(distances, kind="stable")] = np.arange(len(points))
    return places


def torn_away(rank: int, k: int) -> bool:
    """Whether a true neighbour at that place on the map is torn away."""
    return rank > TORN * k


def distances_to(rows: Floats, own: Ids, metric: Metric) -> Floats:
    """How far every row is from those of ``own``, ``(len(own), n) float32``, in the order of ``metric``:
    less is nearer.
    """
    if metric == "euclidean":
        return _squared(rows, rows[own])
    if metric == "dot":
        return np.asarray(-(rows[own] @ rows.T))
    norms = safe(row_norms(rows))
    return np.asarray(-((rows[own] @ rows.T) / norms / norms[own][:, None]))


def _on_map(points: Floats, own: Ids) -> Floats:
    """Squared distances on the map, ``(len(own), n)``, by subtraction: near ones keep their digits."""
    differences = points[own][:, None, :] - points[None, :, :]
    return np.asarray(np.einsum("ijk,ijk->ij", differences, differences))


def _squared(rows: Floats, own: Floats) -> Floats:
    centre = rows.mean(axis=0)
    about, mine = rows - centre, own - centre
    lengths = np.einsum("ij,ij->i", about, about)
    return np.asarray(lengths - 2 * (mine @ about.T) + np.einsum("ij,ij->i", mine, mine)[:, None])


def _compared(rows: Floats, points: Floats, own: Ids, metric: Metric, k: int) -> tuple[int, int]:
    """For some points: how many of their true neighbours the map keeps, and the sum of how far the others
    that it puts beside them are from being one.
    """
    places = np.arange(len(own))
    true, shown = distances_to(rows, own, metric), _on_map(points, own)
    true[places, own] = np.inf
    shown[places, own] = np.inf
    beside = np.argpartition(shown, k - 1, axis=1)[:, :k]
    found = np.take_along_axis(true, beside, axis=1)
    kept = penalty = 0
    for row, wanted in zip(true, found, strict=True):
        ranks = [int(np.count_nonzero(row < distance)) + 1 for distance in wanted]
        kept += sum(rank <= k for rank in ranks)
        penalty += sum(rank - k for rank in ranks if rank > k)
    return kept, penalty
