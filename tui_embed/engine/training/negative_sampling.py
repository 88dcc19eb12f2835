"""Training by negative sampling on the windows of a text: what skip-gram and CBOW have in common.

"Distributed representations of words and phrases and their compositionality" (Mikolov et al. 2013).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.blocks import BlockGradients, TextBlocks
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.damping import damped_rates
from tui_embed.engine.training.freed_memory import keep_freed_memory
from tui_embed.engine.training.noise import Noise
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.shared_noise import SharedNoise
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

NOISE_STREAM, HELDOUT_NOISE_STREAM = 5, 6
"""What, besides token rows and windows, is drawn from the seed."""


class NegativeSamplingTrainer(ABC):
    """Goes through the corpus once an epoch, in its order. Output rows begin at 0."""

    most_tokens: ClassVar[int]
    """Tokens of a step at most: with thousands, summed gradients overshoot."""
    shared_noise: ClassVar[tuple[int, int]]
    """Groups of the predictions of a step, and the noise words that those of a group share."""

    def __init__(
        self, train: Corpus, heldout: Corpus | None, settings: TrainingSettings, start: Start
    ) -> None:
        keep_freed_memory()
        self.corpus = train
        self.heldout = heldout
        self.settings = settings
        self.start = start
        self.step = 0
        self._windows = Windows(train, settings, self.most_tokens)
        self._noise = Noise(train.counts)
        self._parameters = {TOKENS: start.rows, OUTPUT: np.zeros_like(start.rows)}
        self._any_frozen = bool(start.frozen.any())

    @abstractmethod
    def _gradients(
        self,
        blocks: TextBlocks,
        noise: SharedNoise,
        vectors: Floats,
        output: Floats,
        noise_rows: Floats,
        measure: bool,
    ) -> BlockGradients:
        """How the rows of ``blocks.ids`` and ``noise.ids`` are to move, and the loss of all predictions."""

    @abstractmethod
    def _read(self, blocks: TextBlocks) -> NDArray[np.bool_]:
        """Which words' token rows the predictions read, ``(words,)``."""

    @abstractmethod
    def _n_predictions(self, blocks: TextBlocks) -> int:
        """How many predictions the loss is summed over."""

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
        noise = self._drawn(np.random.default_rng([self.settings.seed, NOISE_STREAM, self.step]))
        tokens, output, noise_rows = self._rows_of(blocks, noise)
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._gradients(blocks, noise, tokens, output, noise_rows, measure)
            norm = float(np.linalg.norm(found.vectors)) if measure else None
            of_noise = noise.by_word(found.noise, found.noise_curvatures)
            tokens -= _damped(found.vectors, learning_rate, found.vector_curvatures)
            output -= _damped(found.output, learning_rate, found.output_curvatures)
            by_noise = _damped(of_noise.gradients, learning_rate, of_noise.sums)
            if not all(np.isfinite(array.sum()) for array in (tokens, output, by_noise)):
                raise DivergedError(self.step + 1)
        self.step += 1
        self._parameters[OUTPUT][blocks.ids] = output
        self._parameters[OUTPUT][of_noise.ids] -= by_noise
        touched = self._write(blocks, tokens)
        n_predictions = self._n_predictions(blocks)
        loss = found.loss / n_predictions if found.loss is not None and n_predictions else None
        return StepReport(words, touched, loss, norm)

    def heldout_loss(self) -> float | None:
        """The mean loss of the predictions in some held-out windows, each with its noise words."""
        if self.heldout is None:
            return None
        generator = np.random.default_rng([self.settings.seed, HELDOUT_NOISE_STREAM])
        loss, n_predictions = 0.0, 0
        for text, begin, reaches in self._windows.reaches_of_heldout(self.heldout):
            blocks = TextBlocks.of(text, begin, reaches, self.settings.window)
            noise = self._drawn(generator)
            found = self._gradients(blocks, noise, *self._rows_of(blocks, noise), measure=True)
            loss += found.loss or 0.0
            n_predictions += self._n_predictions(blocks)
        return loss / n_predictions if n_predictions else None

    def state(self) -> Mapping[str, NDArray[Any]]:
        return self._parameters

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        restore_arrays(self._parameters, state)
        self.step = step

    def _drawn(self, generator: np.random.Generator) -> SharedNoise:
        return SharedNoise.of(self._noise.draw(generator, self.shared_noise), self.settings.negatives)

    def _rows_of(self, blocks: TextBlocks, noise: SharedNoise) -> tuple[Floats, Floats, Floats]:
        """Copies of the token rows and the output rows of the blocks, and of the output rows of the noise."""
        output = self._parameters[OUTPUT]
        return (
            self._parameters[TOKENS].take(blocks.ids, axis=0),
            output.take(blocks.ids, axis=0),
            output.take(noise.ids, axis=0),
        )

    def _write(self, blocks: TextBlocks, tokens: Floats) -> int:
        """Make ``tokens`` the token rows of the blocks that were read and are not frozen; how many these are.
        Rows that were not read have not moved.
        """
        read, ids = self._read(blocks), blocks.ids
        if self._any_frozen:
            read &= ~self.start.frozen[ids]
            ids, tokens = ids[read], tokens[read]
        self._parameters[TOKENS][ids] = tokens
        return int(np.count_nonzero(read))


def _damped(gradients: Floats, learning_rate: float, curvatures: Floats) -> Floats:
    """By how much the rows of ``gradients`` ``(n, d)`` move, in their place."""
    gradients *= damped_rates(learning_rate, curvatures)
    return gradients
