"""The best token for each of many analogies: few words make many questions, so their cosines are shared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import EmbeddingMatrix, unit_rows
from tui_embed.engine.parallel import share_out, threads
from tui_embed.engine.rows import Floats, Rows

TERMS_PER_GROUP = 2048
ROWS_PER_TILE = 2048
QUESTIONS_PER_BATCH = 512
"""A group's terms with a tile take 16 MB at most, a batch's scores 4: they stay in a large cache, and each
step is long enough that threads seldom wait for one another.
"""

Tile = tuple[int, Floats]
"""The id of its first row, and rows ``(m, d_model)``."""


def best_answers(
    matrix: EmbeddingMatrix,
    questions: NDArray[np.int64],
    n_searched: int,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> NDArray[np.int64]:
    """The id among the first ``n_searched`` that 3CosAdd gives each question ``(a, b, c)``, without its own
    words: ``(n, 3)`` ids → ``(n,)``; −1 where no score is finite. Ties go to the lowest id.

    3CosAdd's u·(b − a + c) is (u·b − u·a) + u·c: unit rows are multiplied once a word and subtracted once a
    pair, and a question costs an addition.
    """
    groups = [_group(matrix, questions, part) for part in _parts(questions)]
    own = _OwnWords(questions)
    n_threads = threads(-(-n_searched // ROWS_PER_TILE))
    searches = [_Search(groups, own, len(questions), cancel) for _ in range(n_threads)]
    tiles = _tiles(matrix.rows, n_searched)
    share_out(tiles, [s.search for s in searches], cancel, lambda done: progress(done, n_searched))
    best, *others = searches
    for other in others:
        best.merge(other.scores, other.ids)
    return best.ids


@dataclass(frozen=True, slots=True)
class _Group:
    """Questions ``part``, and the unit rows ``(w, d_model)`` of their words.

    ``first`` and ``second`` index the words of each pair (a, b); ``pair`` and ``third`` are a question's pair
    and its c.
    """

    part: slice
    units: Floats
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    pair: NDArray[np.intp]
    third: NDArray[np.intp]

    def batches(self) -> Iterator[slice]:
        for start in range(0, len(self.pair), QUESTIONS_PER_BATCH):
            yield slice(start, min(start + QUESTIONS_PER_BATCH, len(self.pair)))


def _parts(questions: NDArray[np.int64]) -> Iterator[slice]:
    """Runs of questions that have at most ``TERMS_PER_GROUP`` different words and pairs together."""
    start = 0
    terms: set[int | tuple[int, int]] = set()
    for place, (a, b, c) in enumerate(questions.tolist()):
        terms.update((a, b, c, (a, b)))
        if len(terms) > TERMS_PER_GROUP:
            yield slice(start, place)
            start, terms = place, {a, b, c, (a, b)}
    if terms:
        yield slice(start, len(questions))


def _group(matrix: EmbeddingMatrix, questions: NDArray[np.int64], part: slice) -> _Group:
    words, places = np.unique(questions[part], return_inverse=True)
    places = places.reshape(-1, 3)
    pairs, pair = np.unique(places[:, :2], axis=0, return_inverse=True)
    return _Group(part, matrix.unit(words), pairs[:, 0], pairs[:, 1], pair.reshape(-1), places[:, 2])


class _OwnWords:
    """Which questions have which words, to leave those out of their answers."""

    def __init__(self, questions: NDArray[np.int64]) -> None:
        words = questions.ravel()
        order = np.argsort(words, kind="stable")
        self._words = words[order]
        self._questions = order // 3

    def within(self, start: int, stop: int) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Of ids ``start`` to ``stop``: (question, id), by question."""
        first, last = np.searchsorted(self._words, (start, stop))
        order = np.argsort(self._questions[first:last], kind="stable")
        return self._questions[first:last][order], self._words[first:last][order]


def _tiles(rows: Rows, n_rows: int) -> Iterator[Tile]:
    """The first ``n_rows`` in tiles of even size."""
    for start, whole in rows.blocks():
        block = whole[: n_rows - start]
        parts = -(-len(block) // ROWS_PER_TILE)
        step = -(-len(block) // parts)
        for first in range(0, len(block), step):
            yield start + first, block[first : first + step]
        if start + len(block) == n_rows:
            return


class _Search:
    """One thread's best answers so far: their ``scores`` and ``ids``, ``(n,)`` each."""

    def __init__(
        self, groups: Sequence[_Group], own: _OwnWords, n_questions: int, cancel: CancelToken | None
    ) -> None:
        self.scores = np.full(n_questions, -np.inf, dtype=np.float32)
        self.ids = np.full(n_questions, -1, dtype=np.int64)
        self._groups = groups
        self._own = own
        self._cancel = cancel
        self._scratch = np.empty((2, QUESTIONS_PER_BATCH * ROWS_PER_TILE), dtype=np.float32)

    def search(self, tile: Tile) -> int:
        """Look for better answers among the rows of ``tile``; returns how many those are."""
        start, rows = tile
        units = unit_rows(rows)
        lost = np.flatnonzero(~np.isfinite(units).all(axis=1))
        units[lost] = 0
        peaks = np.empty_like(self.scores)
        places = np.empty(len(peaks), dtype=np.intp)
        for group in self._groups:
            peaks[group.part], places[group.part] = self._best_of(group, units, start, lost)
        self.merge(peaks, places + start)
        return len(rows)

    def merge(self, scores: Floats, ids: NDArray[np.int64]) -> None:
        """Take over what is better, or as good with a lower id."""
        better = (scores > self.scores) | ((scores == self.scores) & (ids < self.ids))
        self.scores[better] = scores[better]
        self.ids[better] = ids[better]

    def _best_of(
        self, group: _Group, units: Floats, start: int, lost: NDArray[np.intp]
    ) -> tuple[Floats, NDArray[np.intp]]:
        """The best score of each question of ``group``, and which of the tile's ``units`` has it."""
        cosines = group.units @ units.T
        arrows = cosines[group.second]
        arrows -= cosines[group.first]
        questions, words = self._own.within(start, start + len(units))
        questions, words = questions - group.part.start, words - start
        peaks = np.empty(len(group.pair), dtype=np.float32)
        places = np.empty(len(group.pair), dtype=np.intp)
        for batch in group.batches():
            if self._cancel is not None:
                self._cancel.check()
            scores = self._add(arrows, group.pair[batch], cosines, group.third[batch])
            scores[:, lost] = -np.inf
            first, last = np.searchsorted(questions, (batch.start, batch.stop))
            scores[questions[first:last] - batch.start, words[first:last]] = -np.inf
            scores.argmax(axis=1, out=places[batch])
            peaks[batch] = np.take_along_axis(scores, places[batch, None], axis=1)[:, 0]
        return peaks, places

    def _add(
        self, arrows: Floats, pair: NDArray[np.intp], cosines: Floats, third: NDArray[np.intp]
    ) -> Floats:
        """``arrows[pair] + cosines[third]``, valid until the next sum."""
        n, m = len(pair), cosines.shape[1]
        total, term = (room[: n * m].reshape(n, m) for room in self._scratch)
        np.take(arrows, pair, axis=0, out=total, mode="clip")  # any mode but "raise" writes to ``out`` itself
        total += np.take(cosines, third, axis=0, out=term, mode="clip")
        return total
