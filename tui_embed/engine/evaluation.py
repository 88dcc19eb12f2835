"""How well a space does on analogies and on human judgements of similarity."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import unit_rows
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError

QUESTIONS_PER_BATCH = 1024
SCORES_PER_TILE = 1 << 19
"""Scores of a tile, 2 MB of float32: a product is still in the cache when its best is taken."""


@dataclass(frozen=True, slots=True)
class AnalogySection:
    """Questions of one kind: ``a`` is to ``b`` as ``c`` is to ``d``."""

    name: str
    questions: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class SectionResult:
    """``covered`` of ``total`` questions have all four words in the space; ``correct`` were answered so."""

    name: str
    correct: int
    covered: int
    total: int

    @property
    def accuracy(self) -> float:
        return self.correct / self.covered if self.covered else 0.0


@dataclass(frozen=True, slots=True)
class AnalogyResult:
    """Results by section, and together."""

    sections: list[SectionResult]
    searched: int

    @property
    def together(self) -> SectionResult:
        return SectionResult(
            "all",
            sum(section.correct for section in self.sections),
            sum(section.covered for section in self.sections),
            sum(section.total for section in self.sections),
        )


def evaluate_analogies(
    space: EmbeddingSpace,
    sections: Sequence[AnalogySection],
    restrict_vocab: int | None = None,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> AnalogyResult:
    """Answer each question by 3CosAdd, inputs left out (Mikolov et al. 2013, "Efficient estimation of word
    representations in vector space").

    ``restrict_vocab`` searches, and takes questions, among the first so many tokens only. Words are looked
    up as written, then in lower case. Questions with a word that is not there are counted as not covered.
    """
    n_searched = min(len(space), restrict_vocab if restrict_vocab is not None else len(space))
    if n_searched < 1:
        raise UsageError(f"{restrict_vocab} tokens leave nothing to search")
    asked = [_question_ids(space, section, n_searched) for section in sections]
    ids = np.concatenate([*asked, np.empty((0, 4), dtype=np.int64)])
    right = _answers(space, ids, n_searched, cancel, progress) == ids[:, 3]
    results, start = [], 0
    for section, own in zip(sections, asked, strict=True):
        correct = int(right[start : start + len(own)].sum())
        results.append(SectionResult(section.name, correct, len(own), len(section.questions)))
        start += len(own)
    return AnalogyResult(results, n_searched)


@dataclass(frozen=True, slots=True)
class PairResult:
    """Spearman's ρ between human scores and cosines over the ``covered`` of ``total`` pairs."""

    spearman: float
    covered: int
    total: int


def evaluate_pairs(space: EmbeddingSpace, pairs: Sequence[tuple[str, str, float]]) -> PairResult:
    """Rank correlation of cosine similarity with the scores that people gave to pairs of words.

    Words are looked up as written, then in lower case; a pair with a row that is not finite is not covered.
    UsageError where fewer than two pairs are.
    """
    found = [
        (first, second, score)
        for a, b, score in pairs
        if (first := _word_id(space, a, len(space))) is not None
        and (second := _word_id(space, b, len(space))) is not None
    ]
    ids = np.array([(first, second) for first, second, _ in found], dtype=np.int64).reshape(-1, 2)
    left = space.matrix.unit(ids[:, 0]).astype(np.float64)
    right = space.matrix.unit(ids[:, 1]).astype(np.float64)
    cosines = np.einsum("ij,ij->i", left, right)
    human = np.array([score for _, _, score in found])
    finite = np.isfinite(cosines)
    covered = int(finite.sum())
    if covered < 2:
        raise UsageError(f"{space.name} has both words of {covered} of {len(pairs)} pairs", "two are needed")
    return PairResult(spearman(cosines[finite], human[finite]), covered, len(pairs))


def spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Spearman's rank correlation of two samples ``(n,)``, ties at mean rank; NaN where one is constant."""
    a, b = _mean_ranks(x), _mean_ranks(y)
    a -= a.mean()
    b -= b.mean()
    lengths = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / lengths if lengths else float("nan")


def _mean_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[group], dtype=np.float64)


def _word_id(space: EmbeddingSpace, word: str, n_searched: int) -> int | None:
    """The id of ``word`` as written, else in lower case, among the first ``n_searched``."""
    for form in (word, word.lower()):
        found = space.vocabulary.get(form)
        if found is not None and found < n_searched:
            return found
    return None


def _question_ids(space: EmbeddingSpace, section: AnalogySection, n_searched: int) -> NDArray[np.int64]:
    known: dict[str, int | None] = {
        word: _word_id(space, word, n_searched)
        for word in {word for question in section.questions for word in question}
    }
    found = [[known[word] for word in question] for question in section.questions]
    covered = [ids for ids in found if None not in ids]
    return np.array(covered, dtype=np.int64).reshape(-1, 4)


def _answers(
    space: EmbeddingSpace,
    ids: NDArray[np.int64],
    n_searched: int,
    cancel: CancelToken | None,
    progress: Progress,
) -> NDArray[np.int64]:
    """The best token for each question ``(n, 4)``, ``(n,)``: products of batches with tiles of unit rows."""
    words, index = np.unique(ids[:, :3], return_inverse=True)
    units = space.matrix.unit(words)
    a, b, c = index.reshape(-1, 3).T
    queries = units[b] - units[a] + units[c]
    best_score = np.full(len(ids), -np.inf, dtype=np.float32)
    best_id = np.full(len(ids), -1, dtype=np.int64)
    step = max(1, SCORES_PER_TILE // QUESTIONS_PER_BATCH)
    done = 0
    for start, block in space.matrix.rows.blocks():
        for first in range(0, len(block), step):
            rows = unit_rows(block[first : min(first + step, n_searched - start)])
            if len(rows):
                _best_of_tile(queries, ids, rows, start + first, best_score, best_id, cancel)
        done = min(start + len(block), n_searched)
        progress(done, n_searched)
        if done == n_searched:
            break
    return best_id


def _best_of_tile(
    queries: Floats,
    ids: NDArray[np.int64],
    rows: Floats,
    first_id: int,
    best_score: Floats,
    best_id: NDArray[np.int64],
    cancel: CancelToken | None,
) -> None:
    lost = np.flatnonzero(~np.isfinite(rows).all(axis=1))  # argmax would take a NaN for the best
    for start in range(0, len(queries), QUESTIONS_PER_BATCH):
        if cancel is not None:
            cancel.check()
        batch = slice(start, start + QUESTIONS_PER_BATCH)
        scores = queries[batch] @ rows.T
        scores[:, lost] = -np.inf
        question, which = np.nonzero((ids[batch, :3] >= first_id) & (ids[batch, :3] < first_id + len(rows)))
        scores[question, ids[batch, :3][question, which] - first_id] = -np.inf
        place = scores.argmax(axis=1)
        peak = scores[np.arange(len(place)), place]
        better = peak > best_score[batch]
        best_score[batch][better] = peak[better]
        best_id[batch][better] = place[better] + first_id
