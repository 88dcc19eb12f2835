"""Skip-gram by blocks of the running text: all pairs of a block are one product of two small matrices.

A block has BLOCK centres and, with ``window`` more on both sides, all of their contexts. Scores of centres by
contexts are computed whole, and a mask keeps those within each centre's reach. So no pair costs a row of its
own: a row is gathered once and moved once however many pairs its word is in.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.shared_noise import SharedNoise
from tui_embed.engine.training.windows import EpochText
from tui_embed.engine.training.word_sums import WordPlaces

BLOCK = 16
"""Centres of a block: enough for a fast product, not many more than the contexts of one centre. With 32 the
products of a step take twice as long.
"""

MOST_CURVED = np.float32(0.125)
"""Half of what log(1 + eˢ) curves by at most: a step of twice 1 / curvature along a parabola ends as high as
it began, and only beyond that it goes up.
"""


@dataclass(frozen=True, eq=False, slots=True)
class TextBlocks:
    """``n`` places of a text cut into blocks, with ``window`` places before and after them.

    ``places`` are the words at ``n_blocks · BLOCK + 2 · window`` places; ``mask`` ``(n_blocks, BLOCK, BLOCK +
    2 · window) float32`` is 1 for a centre and a context of it, ``counts`` ``(n_blocks, BLOCK)`` how many
    contexts a centre has, and ``pairs`` ``(words,)`` those of all centres that are the word.
    """

    places: WordPlaces
    mask: NDArray[np.float32]
    counts: NDArray[np.float32]
    pairs: NDArray[np.float32]
    window: int

    @property
    def ids(self) -> NDArray[np.integer]:
        """The different token ids of the places, ``(words,)``."""
        return self.places.ids

    @property
    def of_place(self) -> NDArray[np.intp]:
        """Which of ``ids`` stands where, ``(places,)``."""
        return self.places.of_place

    @property
    def centres(self) -> slice:
        """Where among the places the centres are."""
        return slice(self.window, self.window + self.counts.size)

    @property
    def n_pairs(self) -> int:
        return int(self.pairs.sum())

    @property
    def of_centre(self) -> NDArray[np.intp]:
        """Which of ``ids`` each centre is, ``(n_blocks · BLOCK,)``."""
        return self.of_place[self.centres]

    @property
    def n_centres(self) -> int:
        """How many centres have a context at all."""
        return int(np.count_nonzero(self.counts))

    def contexts(self) -> NDArray[np.bool_]:
        """Which words are the context of a centre, ``(words,)``."""
        return over_windows(self, np.ones(self.counts.size, dtype=np.float32)) > 0

    @classmethod
    def of(cls, text: EpochText, first: int, reaches: NDArray[np.integer], window: int) -> "TextBlocks":
        """The windows of the places from ``first`` on, each with its reach of ``reaches`` ``(n,)``."""
        n_blocks = max(1, -(-len(reaches) // BLOCK))
        places = np.arange(first - window, first + n_blocks * BLOCK + window)
        inside = places.clip(0, len(text.ids) - 1)
        sentences = np.where(places == inside, text.sentences[inside], -1)
        words = WordPlaces.of(text.ids[inside])
        padded = np.zeros((n_blocks, BLOCK, 1), dtype=np.int16)
        padded.reshape(-1)[: len(reaches)] = reaches
        centre_sentences = sentences[window : window + n_blocks * BLOCK].reshape(n_blocks, BLOCK, 1)
        near: NDArray[np.bool_] = _distances(window) <= padded
        near &= windowed(sentences, n_blocks, BLOCK + 2 * window)[:, None, :] == centre_sentences
        mask = near.astype(np.float32)
        counts = mask @ np.ones(BLOCK + 2 * window, dtype=np.float32)
        of_centre = words.of_place[window : window + n_blocks * BLOCK]
        pairs = np.bincount(of_centre, counts.reshape(-1), len(words.ids)).astype(np.float32)
        return cls(words, mask, counts, pairs, window)


@dataclass(frozen=True, eq=False, slots=True)
class BlockGradients:
    """Gradients of the summed loss on the token rows (``vectors``) and the output rows (``output``) of the
    blocks' words, ``(words, d)``, and on the output rows of the ``noise``, ``(n_groups, k, d)``; and the
    ``loss``, where it was asked for.

    ``…_curvatures`` are by row, for :func:`~tui_embed.engine.training.damping.damped_rates`: how much the
    loss curves at most as the row moves while the others stay, times MOST_CURVED / ¼.
    """

    vectors: Array
    output: Array
    noise: Array
    vector_curvatures: Array
    output_curvatures: Array
    noise_curvatures: Array
    loss: float | None


def block_gradients(
    blocks: TextBlocks, noise: SharedNoise, vectors: Array, output: Array, noise_rows: Array, measure: bool
) -> BlockGradients:
    """−log σ(u·v) of every pair, and −log σ(−u·n) of its centre with every noise word, by its weight.

    ``vectors`` and ``output`` ``(words, d)`` are the rows of ``blocks.ids``, ``noise_rows`` ``(n_groups,
    k, d)`` those of ``noise.ids``.
    """
    mask, weights = blocks.mask, (blocks.pairs * noise.weight)[:, None]
    n_blocks, d = len(mask), vectors.shape[1]
    centres = vectors.take(blocks.of_centre, axis=0).reshape(n_blocks, BLOCK, d)
    contexts = windowed(output.take(blocks.of_place, axis=0), n_blocks, mask.shape[2])
    scores = centres @ contexts.transpose(0, 2, 1)
    noise_scores = noise.scores(vectors, noise_rows)
    loss = None
    if measure:
        loss = float((np.logaddexp(0, -scores) * mask).sum(dtype=np.float64))
        loss += float((np.logaddexp(0, noise_scores) * weights).sum(dtype=np.float64))
    on_scores = slopes(scores, mask)
    on_noise_scores = noise_slopes(noise_scores, weights)
    # side by side: one pass sums both by word
    both = np.empty((len(blocks.of_place), 2 * d), dtype=vectors.dtype)
    on_centres, on_contexts = both[:, :d], both[:, d:]
    on_centres[: blocks.window] = on_centres[blocks.centres.stop :] = 0
    np.matmul(on_scores, contexts, out=on_centres[blocks.centres].reshape(n_blocks, BLOCK, d))
    unwindow(on_scores.transpose(0, 2, 1) @ centres, on_contexts)
    summed = blocks.places.sums(both)
    on_vectors = summed[:, :d]
    by_noise, on_noise = noise.gradients(on_noise_scores, vectors, noise_rows)
    on_vectors += by_noise
    lengths, noise_lengths = np.vecdot(vectors, vectors), np.vecdot(noise_rows, noise_rows)
    around = _around(blocks, np.vecdot(output, output))
    return BlockGradients(
        on_vectors,
        summed[:, d:],
        on_noise,
        MOST_CURVED * (around + blocks.pairs * noise.sums_of_noise(noise_lengths, len(vectors))),
        MOST_CURVED * over_windows(blocks, lengths[blocks.of_centre]),
        MOST_CURVED * noise.sums_of_rows(blocks.pairs * lengths),
        loss,
    )


def _around(blocks: TextBlocks, values: Array) -> Array:
    """The sum of ``values`` ``(words,)`` over all contexts of each word, ``(words,)``."""
    contexts = windowed(values[blocks.of_place], len(blocks.mask), blocks.mask.shape[2])
    sums = (blocks.mask @ contexts[:, :, None]).reshape(-1)
    found: Array = np.bincount(blocks.of_centre, sums, len(blocks.ids)).astype(values.dtype)
    return found


def over_windows(blocks: TextBlocks, values: Array) -> Array:
    """The sum of ``values`` ``(n_blocks · BLOCK,)``, one a window, over the windows that each word is in,
    ``(words,)``.
    """
    n_blocks = len(blocks.mask)
    sums = values.reshape(n_blocks, 1, BLOCK) @ blocks.mask
    placed = np.empty((len(blocks.of_place), 1), dtype=values.dtype)
    unwindow(sums.reshape(n_blocks, -1, 1), placed)
    found: Array = np.bincount(blocks.of_place, placed[:, 0], len(blocks.ids)).astype(values.dtype)
    return found


def slopes(scores: Array, mask: Array) -> Array:
    """σ(s) − 1 where the mask is 1: −1 / (1 + eˢ), in place of the scores."""
    np.exp(scores, out=scores)
    scores += 1
    np.divide(mask, scores, out=scores)
    return np.negative(scores, out=scores)


def noise_slopes(scores: Array, weights: Array) -> Array:
    """σ(s) times the weights, in place of the scores."""
    np.negative(scores, out=scores)
    np.exp(scores, out=scores)
    scores += 1
    return np.divide(weights, scores, out=scores)


def _distances(window: int) -> NDArray[np.int16]:
    """How far each context place of a block is from each centre, ``(BLOCK, BLOCK + 2 · window)``; further
    than any reach from itself.
    """
    distances: NDArray[np.int64] = np.abs(np.arange(BLOCK)[:, None] + window - np.arange(BLOCK + 2 * window))
    distances[distances == 0] = BLOCK + 2 * window
    return distances.astype(np.int16)


def windowed(places: NDArray[np.generic], n_blocks: int, width: int) -> Array:
    """The places of each block, ``(n_blocks, width, …)``: overlapping views of one array."""
    step = places.strides[0]
    view: Array = as_strided(
        places, (n_blocks, width, *places.shape[1:]), (BLOCK * step, step, *places.strides[1:])
    )
    return view


def unwindow(blocks: Array, out: Array) -> None:
    """Write into ``out`` ``(places, d)`` the sum of ``blocks`` ``(n_blocks, width, d)`` at each place."""
    n_blocks, width, _ = blocks.shape
    places = windowed(out, n_blocks, width)
    places[:, :BLOCK] = blocks[:, :BLOCK]
    out[n_blocks * BLOCK :] = 0
    for first in range(BLOCK, width, BLOCK):
        # parts of no more than BLOCK places do not overlap with those of other blocks
        part = slice(first, first + BLOCK)
        places[:, part] += blocks[:, part]
