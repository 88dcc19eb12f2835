"""Skip-gram over words that are composed of n-grams, so that a word never seen has a vector too.

"Enriching word vectors with subword information" (Bojanowski et al. 2017): the vector of a centre is the mean
of its own row and the rows of its n-grams.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.damping import damped_rates
from tui_embed.engine.training.freed_memory import keep_freed_memory
from tui_embed.engine.training.noise import Noise
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.sparse import subtract_from_rows
from tui_embed.engine.training.start import Start
from tui_embed.engine.training.trainer import (
    NGRAMS,
    OUTPUT,
    TOKENS,
    DivergedError,
    Parameters,
    StepReport,
    restore_arrays,
)
from tui_embed.engine.training.windows import WindowPairs, Windows
from tui_embed.engine.training.word_ngrams import Composition, WordNgrams
from tui_embed.engine.training.word_pairs import WordPairs, pairs_gradients, pairs_loss, word_pairs
from tui_embed.errors import UsageError

MOST_TOKENS = 512
"""Tokens of a step at most: with thousands, summed gradients overshoot."""

SHARED_NOISE = 192
"""Noise words that the pairs of a step share."""

NGRAMS_STREAM, NOISE_STREAM, HELDOUT_NOISE_STREAM = 4, 5, 6
"""What, besides token rows and windows, is drawn from the seed."""


class SubwordSkipGramTrainer:
    """Goes through the corpus once an epoch, in its order, by negative sampling.

    The rows of a word move as in fastText's program: each by the whole gradient of the word's vector, not by
    its share of the mean, so that the vector moves as fast as a row of its own would. Own rows are
    the start's, n-gram rows begin uniformly on ±1 / d_model, output rows at 0. A frozen word is its own row
    alone: with n-grams, which other words move, it would not stay.
    """

    def __init__(
        self, train: Corpus, heldout: Corpus | None, settings: TrainingSettings, start: Start
    ) -> None:
        if settings.ngrams is None:
            raise UsageError("no n-grams to train are given", "give the least and the most characters")
        keep_freed_memory()
        self.corpus = train
        self.heldout = heldout
        self.settings = settings
        self.start = start
        self.step = 0
        self._windows = Windows(train, settings, MOST_TOKENS)
        self._noise = Noise(train.counts)
        self._ngrams = WordNgrams.of(train.vocabulary, *settings.ngrams, settings.buckets).without(
            start.frozen
        )
        generator = np.random.default_rng([settings.seed, NGRAMS_STREAM])
        ngram_rows = generator.random((settings.buckets, settings.d_model), dtype=np.float32)
        ngram_rows -= np.float32(0.5)
        ngram_rows *= np.float32(2 / settings.d_model)
        self._parameters = {TOKENS: start.rows, NGRAMS: ngram_rows, OUTPUT: np.zeros_like(start.rows)}

    @property
    def n_steps(self) -> int:
        return self.settings.epochs * self._windows.steps_an_epoch

    @property
    def epoch(self) -> int:
        return self.step // self._windows.steps_an_epoch

    @property
    def parameters(self) -> Parameters:
        return self._parameters

    def rows(self) -> Floats:
        """The words' vectors; rows of n-grams alone make those of other words (engine/subwords.py)."""
        return self._ngrams.all_composed(self._parameters[TOKENS], self._parameters[NGRAMS])

    def advance(self, learning_rate: float, measure: bool) -> StepReport:
        words, windows = self._windows.of_step(self.step)
        touched, loss, norm = 0, None, None
        if len(windows):
            generator = np.random.default_rng([self.settings.seed, NOISE_STREAM, self.step])
            pairs = self._with_noise(windows, generator)
            composition = Composition.of(self._ngrams, pairs.centres)
            with np.errstate(over="ignore", invalid="ignore"):
                vectors, output = self._rows_of(pairs, composition)
                found = pairs_gradients(pairs, vectors, output)
                if measure:
                    loss = pairs_loss(pairs, vectors, output) / pairs.n_pairs
                    norm = float(np.linalg.norm(found.on_vectors * composition.shares))
                on_vectors = found.on_vectors * damped_rates(learning_rate, found.vector_curvatures)
                on_output = found.on_output * damped_rates(learning_rate, found.output_curvatures)
                touched = self._move(pairs, composition, on_vectors, on_output)
        self.step += 1
        return StepReport(words, touched, loss, norm)

    def heldout_loss(self) -> float | None:
        """The mean loss of the predictions in some held-out windows, each with its noise words."""
        if self.heldout is None:
            return None
        generator = np.random.default_rng([self.settings.seed, HELDOUT_NOISE_STREAM])
        loss, n_pairs = 0.0, 0
        for windows in self._windows.of_heldout(self.heldout):
            pairs = self._with_noise(windows, generator)
            n_pairs += pairs.n_pairs
            with np.errstate(over="ignore", invalid="ignore"):
                vectors, output = self._rows_of(pairs, Composition.of(self._ngrams, pairs.centres))
                loss += pairs_loss(pairs, vectors, output)
        return loss / n_pairs if n_pairs else None

    def state(self) -> Mapping[str, NDArray[Any]]:
        return self._parameters

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        restore_arrays(self.state(), state)
        self.step = step

    def _with_noise(self, windows: WindowPairs, generator: np.random.Generator) -> WordPairs:
        noise = self._noise.draw(generator, SHARED_NOISE)
        return word_pairs(windows, noise, self.settings.negatives)

    def _rows_of(self, pairs: WordPairs, composition: Composition) -> tuple[Floats, Floats]:
        """The vectors of the centres, and the output rows that they are scored against."""
        vectors = composition.vectors(self._parameters[TOKENS], self._parameters[NGRAMS])
        return vectors, self._parameters[OUTPUT].take(pairs.outputs, axis=0)

    def _move(self, pairs: WordPairs, composition: Composition, vectors: Floats, output: Floats) -> int:
        """Move the rows behind ``vectors``, and output rows; how many words' own rows moved. DivergedError,
        with none moved.
        """
        for moves in (vectors, output):
            if not np.isfinite(np.vdot(moves, moves)):
                raise DivergedError(self.step + 1)
        subtract_from_rows(self._parameters[NGRAMS], *composition.on_ngrams(vectors))
        free = ~self.start.frozen[pairs.centres]
        subtract_from_rows(self._parameters[TOKENS], pairs.centres[free], vectors[free])
        subtract_from_rows(self._parameters[OUTPUT], pairs.outputs, output)
        return int(np.count_nonzero(free))
