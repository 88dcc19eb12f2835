"""CBOW with negative sampling: the mean of the words in a window predicts the word in the middle.

"Efficient estimation of word representations in vector space" (Mikolov et al. 2013), with the negative
sampling of their later paper.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.blocks import (
    BLOCK,
    MOST_CURVED,
    SharedNoise,
    TextBlocks,
    noise_slopes,
    over_windows,
    slopes,
    summed_by_word,
    unwindowed,
    windowed,
)
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.damping import damped_rates
from tui_embed.engine.training.freed_memory import keep_freed_memory
from tui_embed.engine.training.layers import Array
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

MOST_TOKENS = 2000
"""Tokens of a step at most: with thousands, summed gradients overshoot."""

SHARED_NOISE = 40
"""Noise words that the predictions of a step share."""

NOISE_STREAM, HELDOUT_NOISE_STREAM = 5, 6
"""What, besides token rows and windows, is drawn from the seed."""


@dataclass(frozen=True, eq=False, slots=True)
class CBOWGradients:
    """Gradients of the summed loss: on the means of the windows, ``hidden``, and on the output rows of the
    words in their middle, ``wanted``, ``(n_blocks · BLOCK, d)`` both; on those of the noise, ``(k, d)``; and
    the ``loss``, where it was asked for. ``…_curvatures`` are by row as those of
    :class:`~tui_embed.engine.training.blocks.BlockGradients`, for a row of a window as if it were the mean:
    all of them move alike.
    """

    hidden: Array
    wanted: Array
    noise: Array
    row_curvatures: Array
    output_curvatures: Array
    noise_curvatures: Array
    loss: float | None


def window_means(blocks: TextBlocks, vectors: Array) -> Array:
    """The mean of the rows around each centre, ``(n_blocks · BLOCK, d)``; zeros where there are none.

    ``vectors`` ``(words, d)`` are the rows of ``blocks.ids``.
    """
    contexts = windowed(vectors.take(blocks.of_place, axis=0), len(blocks.mask), blocks.mask.shape[2])
    means: Array = blocks.mask @ contexts
    means /= np.maximum(blocks.counts, 1)[:, :, None]
    return means.reshape(-1, vectors.shape[1])


def cbow_gradients(
    blocks: TextBlocks, noise: SharedNoise, hidden: Array, output: Array, noise_rows: Array, measure: bool
) -> CBOWGradients:
    """−log σ(h·v) of every word in the middle of a window whose mean is h, and −log σ(−h·n) for every noise
    word, by its weight.
    """
    of_centre = blocks.of_centre
    there = (blocks.counts > 0).reshape(-1).astype(hidden.dtype)
    wanted = output.take(of_centre, axis=0)
    scores, noise_scores = np.vecdot(hidden, wanted), hidden @ noise_rows.T
    weights = there[:, None] * noise.weights
    loss = None
    if measure:
        loss = float((np.logaddexp(0, -scores) * there).sum(dtype=np.float64))
        loss += float((np.logaddexp(0, noise_scores) * weights).sum(dtype=np.float64))
    lengths = np.vecdot(hidden, hidden) * there
    around = (np.vecdot(wanted, wanted) + noise.weights @ np.vecdot(noise_rows, noise_rows)) * there
    on_scores = slopes(scores, there)[:, None]
    on_noise_scores = noise_slopes(noise_scores, weights)
    on_hidden = on_noise_scores @ noise_rows
    wanted *= on_scores
    on_hidden += wanted
    on_noise = on_noise_scores.T @ hidden
    return CBOWGradients(
        on_hidden,
        np.multiply(on_scores, hidden, out=wanted),
        on_noise,
        MOST_CURVED * over_windows(blocks, around),
        MOST_CURVED * np.bincount(of_centre, lengths, len(blocks.ids)).astype(hidden.dtype),
        MOST_CURVED * noise.weights * lengths.sum(),
        loss,
    )


def on_word_rows(blocks: TextBlocks, on_hidden: Array, on_wanted: Array) -> tuple[Array, Array]:
    """How the token rows and the output rows of ``blocks.ids`` move, ``(words, d)`` both.

    As in word2vec's program each row of a window moves by the whole gradient on its mean, not by its share of
    it, so that a word learns as fast in a wide window as in a narrow one.
    """
    n_blocks, d = len(blocks.mask), on_hidden.shape[1]
    on_contexts = blocks.mask.transpose(0, 2, 1) @ on_hidden.reshape(n_blocks, BLOCK, d)
    both = np.zeros((len(blocks.of_place), 2 * d), dtype=on_hidden.dtype)
    both[:, :d] = unwindowed(on_contexts, blocks.window)
    both[blocks.window : blocks.window + len(on_hidden), d:] = on_wanted
    summed = summed_by_word(both, blocks.of_place, len(blocks.ids))
    return summed[:, :d], summed[:, d:]


class CBOWTrainer:
    """Goes through the corpus once an epoch, in its order. Output rows begin at 0."""

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
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._gradients(blocks, noise, measure)
            on_rows, on_output = on_word_rows(blocks, found.hidden, found.wanted)
            norm = float(np.linalg.norm(on_rows)) if measure else None
            moves = (
                on_rows * damped_rates(learning_rate, found.row_curvatures),
                on_output * damped_rates(learning_rate, found.output_curvatures),
                found.noise * damped_rates(learning_rate, found.noise_curvatures),
            )
            if not all(np.isfinite(move.sum()) for move in moves):
                raise DivergedError(self.step + 1)
        self.step += 1
        self._parameters[OUTPUT][blocks.ids] -= moves[1]
        self._parameters[OUTPUT][noise.ids] -= moves[2]
        moved = blocks.contexts() & ~self.start.frozen[blocks.ids]
        self._parameters[TOKENS][blocks.ids[moved]] -= moves[0][moved]
        loss = None if found.loss is None else found.loss / max(1, blocks.n_centres)
        return StepReport(words, int(np.count_nonzero(moved)), loss, norm)

    def heldout_loss(self) -> float | None:
        """The mean loss of the predictions in some held-out windows, each with its noise words."""
        if self.heldout is None:
            return None
        generator = np.random.default_rng([self.settings.seed, HELDOUT_NOISE_STREAM])
        loss, n_centres = 0.0, 0
        for text, begin, reaches in self._windows.reaches_of_heldout(self.heldout):
            blocks = TextBlocks.of(text, begin, reaches, self.settings.window)
            found = self._gradients(blocks, self._drawn(generator), measure=True)
            loss += found.loss or 0.0
            n_centres += blocks.n_centres
        return loss / n_centres if n_centres else None

    def state(self) -> Mapping[str, NDArray[Any]]:
        return self._parameters

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        restore_arrays(self._parameters, state)
        self.step = step

    def _drawn(self, generator: np.random.Generator) -> SharedNoise:
        return SharedNoise.of(self._noise.draw(generator, SHARED_NOISE), self.settings.negatives)

    def _gradients(self, blocks: TextBlocks, noise: SharedNoise, measure: bool) -> CBOWGradients:
        output = self._parameters[OUTPUT]
        hidden = window_means(blocks, self._parameters[TOKENS].take(blocks.ids, axis=0))
        return cbow_gradients(
            blocks,
            noise,
            hidden,
            output.take(blocks.ids, axis=0),
            output.take(noise.ids, axis=0),
            measure,
        )
