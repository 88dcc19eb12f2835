"""CBOW with negative sampling: the mean of the words in a window predicts the word in the middle.

"Efficient estimation of word representations in vector space" (Mikolov et al. 2013), with the negative
sampling of their later paper.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.blocks import (
    BLOCK,
    MOST_CURVED,
    BlockGradients,
    TextBlocks,
    noise_slopes,
    over_windows,
    slopes,
    unwindow,
    windowed,
)
from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.negative_sampling import NegativeSamplingTrainer
from tui_embed.engine.training.shared_noise import SharedNoise


@dataclass(frozen=True, eq=False, slots=True)
class CBOWGradients:
    """Gradients of the summed loss: on the means of the windows, ``hidden``, and on the output rows of the
    words in their middle, ``wanted``, ``(n_blocks · BLOCK, d)`` both; on those of the noise, ``(n_groups, k,
    d)``; and the ``loss``, where it was asked for. ``…_curvatures`` are by row as those of
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
    shares = (blocks.mask / np.maximum(blocks.counts, 1)[:, :, None]).astype(vectors.dtype, copy=False)
    means: Array = shares @ contexts
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
    scores, noise_scores = np.vecdot(hidden, wanted), noise.scores(hidden, noise_rows)
    weights = (there * noise.weight)[:, None]
    loss = None
    if measure:
        loss = float((np.logaddexp(0, -scores) * there).sum(dtype=np.float64))
        loss += float((np.logaddexp(0, noise_scores) * weights).sum(dtype=np.float64))
    lengths = np.vecdot(hidden, hidden) * there
    noise_lengths = noise.sums_of_noise(np.vecdot(noise_rows, noise_rows), len(hidden))
    around = (np.vecdot(wanted, wanted) + noise_lengths) * there
    on_scores = slopes(scores, there)[:, None]
    on_noise_scores = noise_slopes(noise_scores, weights)
    on_hidden, on_noise = noise.gradients(on_noise_scores, hidden, noise_rows)
    wanted *= on_scores
    on_hidden += wanted
    return CBOWGradients(
        on_hidden,
        np.multiply(on_scores, hidden, out=wanted),
        on_noise,
        MOST_CURVED * over_windows(blocks, around),
        MOST_CURVED * np.bincount(of_centre, lengths, len(blocks.ids)).astype(hidden.dtype),
        MOST_CURVED * noise.sums_of_rows(lengths),
        loss,
    )


def on_word_rows(blocks: TextBlocks, on_hidden: Array, on_wanted: Array) -> tuple[Array, Array]:
    """How the token rows and the output rows of ``blocks.ids`` move, ``(words, d)`` both.

    As in word2vec's program each row of a window moves by the whole gradient on its mean, not by its share of
    it, so that a word learns as fast in a wide window as in a narrow one.
    """
    n_blocks, d = len(blocks.mask), on_hidden.shape[1]
    on_contexts = blocks.mask.transpose(0, 2, 1) @ on_hidden.reshape(n_blocks, BLOCK, d)
    both = np.empty((len(blocks.of_place), 2 * d), dtype=on_hidden.dtype)
    unwindow(on_contexts, both[:, :d])
    on_centres = both[:, d:]
    on_centres[: blocks.window] = on_centres[blocks.centres.stop :] = 0
    on_centres[blocks.centres] = on_wanted
    summed = blocks.places.sums(both)
    return summed[:, :d], summed[:, d:]


class CBOWTrainer(NegativeSamplingTrainer):
    """The words around have the token rows, the word in the middle the output row."""

    most_tokens = 2400
    shared_noise = (4, 16)

    def _gradients(
        self,
        blocks: TextBlocks,
        noise: SharedNoise,
        vectors: Floats,
        output: Floats,
        noise_rows: Floats,
        measure: bool,
    ) -> BlockGradients:
        hidden = window_means(blocks, vectors)
        found = cbow_gradients(blocks, noise, hidden, output, noise_rows, measure)
        on_vectors, on_output = on_word_rows(blocks, found.hidden, found.wanted)
        return BlockGradients(
            on_vectors,
            on_output,
            found.noise,
            found.row_curvatures,
            found.output_curvatures,
            found.noise_curvatures,
            found.loss,
        )

    def _read(self, blocks: TextBlocks) -> NDArray[np.bool_]:
        return blocks.contexts()

    def _n_predictions(self, blocks: TextBlocks) -> int:
        return blocks.n_centres
