"""The token rows that a training begins with, and those that it must leave as they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.lookup import get_token, unknown_token
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.errors import UsageError

ROWS_STREAM = 0
"""The first of the numbers, after the seed, that random rows are drawn from; other uses have others."""


@dataclass(frozen=True, eq=False, slots=True)
class Start:
    """``rows`` ``(n_vocab, d_model) float32``, the trainer's own from now on; ``frozen`` ``(n_vocab,)`` marks
    those that stay. Of rows ``from_space`` (its name) ``matched`` marks those that it had.
    """

    rows: Floats
    frozen: NDArray[np.bool_]
    from_space: str | None = None
    matched: NDArray[np.bool_] | None = None

    @property
    def n_frozen(self) -> int:
        return int(np.count_nonzero(self.frozen))

    def unmatched(self, corpus: Corpus, limit: int) -> list[str]:
        """The most frequent tokens, at most ``limit``, that the space did not have."""
        if self.matched is None:
            return []
        return [corpus.vocabulary[int(token_id)] for token_id in np.flatnonzero(~self.matched)[:limit]]

    def coverage(self, corpus: Corpus) -> float | None:
        """The share of the running text, 0 … 1, whose tokens the space had."""
        if self.matched is None:
            return None
        return float(corpus.counts[self.matched].sum() / corpus.counts.sum())


def start_of(corpus: Corpus, settings: TrainingSettings, space: EmbeddingSpace | None = None) -> Start:
    """The rows to begin with: drawn by ``settings.seed``; from ``space`` where it has the token (as written,
    else in lower case) and settings ask for it.

    UsageError for a space of another width, for one that is missing, and for frozen tokens that are not in
    the corpus.
    """
    shape = (corpus.n_vocab, settings.d_model)
    generator = np.random.default_rng([settings.seed, ROWS_STREAM])
    if settings.start == "uniform":
        reach = settings.drawn_std * 3**0.5
        rows = generator.uniform(-reach, reach, shape).astype(np.float32)
    else:
        rows = (generator.standard_normal(shape, dtype=np.float32) * np.float32(settings.drawn_std)).astype(
            np.float32
        )
    matched = None
    if settings.start == "space":
        matched = _copy_rows(rows, corpus, settings, space)
    name = space.name if space is not None and settings.start == "space" else None
    return Start(rows, _frozen(corpus, settings, matched), name, matched)


def _copy_rows(
    rows: Floats, corpus: Corpus, settings: TrainingSettings, space: EmbeddingSpace | None
) -> NDArray[np.bool_]:
    if space is None:
        raise UsageError("the rows are to start from a space, but none is given", "name one with --start")
    if space.d_model != settings.d_model:
        raise UsageError(
            f"{space.name} has rows of {space.d_model:,} numbers, this training {settings.d_model:,}",
            f"train with --d-model {space.d_model}, or project the space first: take its first "
            f"{settings.d_model} principal components, save them, and start from that file",
        )
    pairs = []
    for own, token in enumerate(corpus.vocabulary.texts):
        there = space.vocabulary.get(token)
        if there is None:
            there = space.vocabulary.get(token.lower())
        if there is not None:
            pairs.append((own, there))
    matched = np.zeros(corpus.n_vocab, dtype=bool)
    if not pairs:
        raise UsageError(f"{space.name} has none of the {corpus.n_vocab:,} tokens of {corpus.name}")
    found = np.array(pairs)
    rows[found[:, 0]] = space.matrix.rows.take(found[:, 1])
    matched[found[:, 0]] = True
    odd = ~np.isfinite(rows).all(axis=1)
    if odd.any():
        raise UsageError(
            f"{space.name}: the row of “{corpus.vocabulary[int(np.flatnonzero(odd)[0])]}” is not finite",
            "start from another space",
        )
    return matched


def _frozen(
    corpus: Corpus, settings: TrainingSettings, matched: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    if settings.freeze == "everything":
        return np.ones(corpus.n_vocab, dtype=bool)
    if settings.freeze == "pretrained" and matched is not None:
        return matched.copy()
    frozen = np.zeros(corpus.n_vocab, dtype=bool)
    if settings.freeze == "tokens":
        for token in settings.frozen_tokens:
            found = get_token(corpus.vocabulary, token)
            if found is None:
                raise unknown_token(corpus.vocabulary, token, corpus.name)
            frozen[found] = True
    return frozen
