"""What is done about words that were seen too seldom to have learned much.

A row that was moved a handful of times is mostly the noise it began as. It can be drawn to the mean of the
frequent rows while it trains, as a prior would, or be replaced at the end by a vector with more behind it.
"""

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.trainer import NGRAMS, TOKENS, TrainedParts, Trainer

TIMES = 50
"""So often in a training rare rows are drawn to the mean."""

SHARE = 0.1
"""And each time by this share of the way, for a word that was not seen at all; less the more it was seen."""


def rare_words(corpus: Corpus, settings: TrainingSettings, frozen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Ids of words seen fewer than ``settings.rare_count`` times that may be changed; ``<unk>`` is none."""
    rare = (corpus.counts < settings.rare_count) & ~frozen
    if corpus.unk is not None:
        rare[corpus.unk] = False
    return np.flatnonzero(rare)


def regularise(trainer: Trainer) -> None:
    """Draw rare rows to the mean of the others, where settings ask for it and the step is one of those."""
    settings = trainer.settings
    every = max(1, trainer.n_steps // TIMES)
    if settings.rare != "regularise" or trainer.step % every:
        return
    rare = rare_words(trainer.corpus, settings, trainer.start.frozen)
    rows: Floats = trainer.parameters[TOKENS]
    mean = frequent_mean(rows, trainer.corpus, settings)
    if not len(rare) or mean is None:
        return
    shares = SHARE * (1 - trainer.corpus.counts[rare] / settings.rare_count)
    rows[rare] += shares.astype(np.float32)[:, None] * (mean - rows[rare])


def fall_back(trained: TrainedParts, rows: Floats) -> tuple[Floats, str]:
    """``rows`` with those of rare words replaced, and by what: their n-grams, ``<unk>``, or the mean row of
    the words that are not rare.
    """
    corpus, settings = trained.corpus, trained.settings
    rare = rare_words(corpus, settings, trained.start.frozen)
    replaced = rows.copy()
    if NGRAMS in trained.parameters and settings.ngrams is not None:
        from tui_embed.engine.rows import ArrayRows
        from tui_embed.engine.subwords import Subwords

        subwords = Subwords(*settings.ngrams, ArrayRows(trained.parameters[NGRAMS]))
        for word in rare.tolist():
            composed = subwords.compose(corpus.vocabulary[word])
            if composed is not None:
                replaced[word] = composed.vector
        return replaced, "the vectors of their n-grams"
    if corpus.unk is not None:
        replaced[rare] = rows[corpus.unk]
        return replaced, "the row of <unk>"
    mean = frequent_mean(rows, corpus, settings)
    if mean is None:
        return replaced, "nothing: no word is frequent"
    replaced[rare] = mean
    return replaced, "the mean row of the others"


def frequent_mean(rows: Floats, corpus: Corpus, settings: TrainingSettings) -> Floats | None:
    """The mean row of words that are not rare, ``(d_model,)``; None where there is none."""
    frequent = corpus.counts >= settings.rare_count
    if not frequent.any():
        return None
    mean: Floats = rows[frequent].mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean
