"""What some words mean at one moment of a training: their neighbours, how near pairs are, a small map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix, safe
from tui_embed.engine.projection import pca, turn_to
from tui_embed.engine.ranking import top_k
from tui_embed.errors import UsageError

MOST_ON_MAP = 60
MOST_MOMENTS = 512
"""Of more moments of a pair every other one is forgotten: memory stays flat however long a training runs."""


@dataclass(frozen=True, slots=True)
class Near:
    """A neighbour, its cosine, and by how many places it rose since the moment before: 0 where there was
    none, None if it is new.
    """

    token_id: int
    cosine: float
    rose: int | None


@dataclass(frozen=True, eq=False, slots=True)
class Watched:
    """``near`` by the id of the watched word; ``pairs`` are cosines; ``map_ids`` ``(m,)`` with their
    ``points`` ``(m, 2)`` and the share of variance ``explained`` ``(2,)``, empty where there is no map.

    A row that is 0 or not finite has no direction: nothing is near it, and it is not on the map.
    """

    step: int
    near: Mapping[int, tuple[Near, ...]]
    pairs: Mapping[tuple[int, int], float]
    map_ids: NDArray[np.intp]
    points: NDArray[np.float64]
    explained: tuple[float, ...]


@dataclass(eq=False, slots=True)
class Trace:
    """The ``cosines`` of a pair at ``steps``, which ascend."""

    steps: list[int] = field(default_factory=list)
    cosines: list[float] = field(default_factory=list)

    def add(self, step: int, cosine: float) -> None:
        """Take in a moment; one that is there already is no other."""
        if self.steps and step <= self.steps[-1]:
            return
        self.steps.append(step)
        self.cosines.append(cosine)
        if len(self.steps) > MOST_MOMENTS:
            # the first stays where the curve begins, the last where it is now
            del self.steps[1:-1:2], self.cosines[1:-1:2]

    def over(self, n: int) -> NDArray[np.float64]:
        """At most ``n`` cosines, evenly over the steps; all of them where there are no more."""
        values = np.array(self.cosines, dtype=np.float64)
        if len(values) <= n:
            return values
        wanted = np.linspace(self.steps[0], self.steps[-1], max(0, n))
        return values[np.searchsorted(self.steps, wanted, side="right") - 1]


def watch(
    matrix: EmbeddingMatrix,
    words: Sequence[int],
    pairs: Sequence[tuple[int, int]],
    k: int,
    before: Watched | None = None,
    cancel: CancelToken | None = None,
) -> Watched:
    """Look at ``words`` and ``pairs`` (ids) in ``matrix``, whose version is the step; ``before`` is the
    moment that ranks and the map are compared with.
    """
    near = _near(matrix, list(dict.fromkeys(words)), k, before, cancel)
    cosines = {pair: _cosine(matrix, *pair) for pair in dict.fromkeys(pairs)}
    on_map = dict.fromkeys([*words, *(word for pair in pairs for word in pair)])
    on_map |= dict.fromkeys(neighbor.token_id for found in near.values() for neighbor in found)
    ids, points, explained = _map(matrix, np.array(list(on_map)[:MOST_ON_MAP], dtype=np.intp), before)
    return Watched(matrix.version, near, cosines, ids, points, explained)


def _near(
    matrix: EmbeddingMatrix, words: list[int], k: int, before: Watched | None, cancel: CancelToken | None
) -> dict[int, tuple[Near, ...]]:
    """The ``k`` nearest of every word, in one pass over the rows for all of them."""
    if not words:
        return {}
    units, norms = matrix.unit(np.array(words)), safe(matrix.norms(cancel))
    scores = np.empty((len(words), matrix.n_vocab), dtype=np.float32)
    for start, block in matrix.rows.blocks():
        if cancel is not None:
            cancel.check()
        stop = start + len(block)
        with np.errstate(all="ignore"):  # of rows that are not finite: top_k leaves them out
            np.divide(units @ block.T, norms[start:stop], out=scores[:, start:stop])
    return {
        word: _ranked(scores[at], word, k, before) if np.any(units[at]) else ()
        for at, word in enumerate(words)
    }


def _ranked(scores: NDArray[np.float32], word: int, k: int, before: Watched | None) -> tuple[Near, ...]:
    known = None if before is None else before.near.get(word)
    places = {near.token_id: place for place, near in enumerate(known or ())}

    def rose(token_id: int, place: int) -> int | None:
        if known is None:
            return 0
        return places[token_id] - place if token_id in places else None

    best = top_k(scores, k, (word,)).tolist()
    return tuple(Near(token, float(scores[token]), rose(token, place)) for place, token in enumerate(best))


def _cosine(matrix: EmbeddingMatrix, first: int, second: int) -> float:
    units = matrix.unit(np.array([first, second]))
    return float(np.vecdot(units[0], units[1]))


def _map(
    matrix: EmbeddingMatrix, ids: NDArray[np.intp], before: Watched | None
) -> tuple[NDArray[np.intp], NDArray[np.float64], tuple[float, ...]]:
    """The unit rows of ``ids`` along their two main directions, turned to lie as they lay before."""
    units = matrix.unit(ids)
    placed = np.isfinite(units).all(axis=1) & units.any(axis=1)
    ids, units = ids[placed], units[placed]
    try:
        found = pca(units, 2)
    except UsageError:
        return ids[:0], np.empty((0, 2)), ()
    points = found.points
    if before is not None:
        shared, here, there = np.intersect1d(ids, before.map_ids, return_indices=True)
        if len(shared) >= 2:
            points = points @ turn_to(points[here], before.points[there])
    return ids, points, tuple(found.explained.tolist())
