"""Skip-gram with negative sampling: each word predicts those in the window around it.

"Distributed representations of words and phrases and their compositionality" (Mikolov et al. 2013).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.blocks import BlockGradients, SharedNoise, TextBlocks, block_gradients
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.damping import damped_rates
from tui_embed.engine.training.freed_memory import keep_freed_memory
from tui_embed.engine.training.noise import Noise
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import Start
from tui_embed.engine.training.trainer import (
    OUTPUT,
    TOKENS,
    DivergedError,
    Parameters,
    StepReport,
    restore_arrays,
)
from tui_embed.engine.training.windows import Windows

MOST_TOKENS = 1200
"""Tokens of a step at most: with thousands, summed gradients overshoot."""

SHARED_NOISE = 96
"""Noise words that the pairs of a step share."""

NOISE_STREAM, HELDOUT_NOISE_STREAM = 5, 6
"""What, besides token rows and windows, is drawn from the seed."""


class SkipGramTrainer:
    """Goes through the corpus once an epoch, in its order. The word in the middle has the input row, those
    around it the output rows, which begin at 0.
    """

    def __init__(
        self, train: Corpus, heldout: Corpus | None, settings: TrainingSettings, start: Start
    ) -> None:
        keep_freed_memory()
        self.corpus = train
        self.heldout = heldout
        self.settings = settings
        self.start = start
        self.step = 0
        self._windows = Windows(train, settings, MOST_TOKENS)
        self._noise = Noise(train.counts)
        self._parameters = {TOKENS: start.rows, OUTPUT: np.zeros_like(start.rows)}
        self._any_frozen = bool(start.frozen.any())

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
        return self._parameters[TOKENS].copy()

    def advance(self, learning_rate: float, measure: bool) -> StepReport:
        words, text, begin, reaches = self._windows.reaches_of_step(self.step)
        if not len(reaches):
            self.step += 1
            return StepReport(words, 0)
        blocks = TextBlocks.of(text, begin, reaches, self.settings.window)
        generator = np.random.default_rng([self.settings.seed, NOISE_STREAM, self.step])
        noise = self._drawn(generator)
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._gradients(blocks, noise, measure)
            norm = float(np.linalg.norm(found.vectors)) if measure else None
            moves = (
                found.vectors * damped_rates(learning_rate, found.vector_curvatures),
                found.output * damped_rates(learning_rate, found.output_curvatures),
                found.noise * damped_rates(learning_rate, found.noise_curvatures),
            )
            if not all(np.isfinite(move.sum()) for move in moves):
                raise DivergedError(self.step + 1)
        self.step += 1
        self._parameters[OUTPUT][blocks.ids] -= moves[1]
        self._parameters[OUTPUT][noise.ids] -= moves[2]
        loss = None if found.loss is None or not blocks.n_pairs else found.loss / blocks.n_pairs
        return StepReport(words, self._move(blocks, moves[0]), loss, norm)

    def heldout_loss(self) -> float | None:
        """The mean loss of the predictions in some held-out windows, each with its noise words."""
        if self.heldout is None:
            return None
        generator = np.random.default_rng([self.settings.seed, HELDOUT_NOISE_STREAM])
        loss, n_pairs = 0.0, 0
        for text, begin, reaches in self._windows.reaches_of_heldout(self.heldout):
            blocks = TextBlocks.of(text, begin, reaches, self.settings.window)
            found = self._gradients(blocks, self._drawn(generator), measure=True)
            loss += found.loss or 0.0
            n_pairs += blocks.n_pairs
        return loss / n_pairs if n_pairs else None

    def state(self) -> Mapping[str, NDArray[Any]]:
        return self._parameters

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        restore_arrays(self._parameters, state)
        self.step = step

    def _drawn(self, generator: np.random.Generator) -> SharedNoise:
        return SharedNoise.of(self._noise.draw(generator, SHARED_NOISE), self.settings.negatives)

    def _gradients(self, blocks: TextBlocks, noise: SharedNoise, measure: bool) -> BlockGradients:
        output = self._parameters[OUTPUT]
        return block_gradients(
            blocks,
            noise,
            self._parameters[TOKENS].take(blocks.ids, axis=0),
            output.take(blocks.ids, axis=0),
            output.take(noise.ids, axis=0),
            measure,
        )

    def _move(self, blocks: TextBlocks, by: Floats) -> int:
        """Move the rows of ``W_E`` that are centres and not frozen; how many these are."""
        moved = blocks.pairs > 0
        if self._any_frozen:
            moved &= ~self.start.frozen[blocks.ids]
        self._parameters[TOKENS][blocks.ids[moved]] -= by[moved]
        return int(np.count_nonzero(moved))
