"""How well a space does on analogies and on human judgements of similarity."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.analogies import best_answers
from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError


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
    right = best_answers(space.matrix, ids[:, :3], n_searched, cancel, progress) == ids[:, 3]
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
