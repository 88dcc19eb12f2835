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
from tui_embed.engine.training.windows import EpochText

BLOCK = 32
"""Centres of a block: wide enough for a fast product, little wider than the contexts of one centre."""


MOST_CURVED = np.float32(0.125)
"""Half of what log(1 + eˢ) curves by at most: a step of twice 1 / curvature along a parabola ends as high as
it began, and only beyond that it goes up.
"""

AT_ONCE = 16
"""So many places of a word are summed together with those of other words."""


@dataclass(frozen=True, eq=False, slots=True)
class TextBlocks:
    """``n`` places of a text cut into blocks, with ``window`` places before and after them.

    ``ids`` ``(words,)`` are the different token ids of the places, ``of_place`` ``(n_blocks · BLOCK + 2 ·
    window,)`` says which of them stands where; ``mask`` ``(n_blocks, BLOCK, BLOCK + 2 · window) float32`` is
    1 for a centre and a context of it, ``counts`` ``(n_blocks, BLOCK)`` how many contexts a centre has, and
    ``pairs`` ``(words,)`` those of all centres that are the word.
    """

    ids: NDArray[np.int32]
    of_place: NDArray[np.intp]
    mask: NDArray[np.float32]
    counts: NDArray[np.float32]
    pairs: NDArray[np.float32]
    window: int

    @property
    def n_pairs(self) -> int:
        return int(self.pairs.sum())

    @property
    def of_centre(self) -> NDArray[np.intp]:
        """Which of ``ids`` each centre is, ``(n_blocks · BLOCK,)``."""
        return self.of_place[self.window : self.window + self.counts.size]

    @property
    def n_centres(self) -> int:
        """How many centres have a context at all."""
        return int(np.count_nonzero(self.counts))

    def contexts(self) -> NDArray[np.bool_]:
        """Which words are the context of a centre, ``(words,)``."""
        used = unwindowed(self.mask.max(axis=1)[:, :, None], self.window)[:, 0]
        found = np.zeros(len(self.ids), dtype=bool)
        found[self.of_place[used > 0]] = True
        return found

    @classmethod
    def of(cls, text: EpochText, first: int, reaches: NDArray[np.integer], window: int) -> "TextBlocks":
        """The windows of the places from ``first`` on, each with its reach of ``reaches`` ``(n,)``."""
        n_blocks = max(1, -(-len(reaches) // BLOCK))
        places = np.arange(first - window, first + n_blocks * BLOCK + window)
        inside = places.clip(0, len(text.ids) - 1)
        sentences = np.where(places == inside, text.sentences[inside], -1)
        ids, of_place = np.unique(text.ids[inside], return_inverse=True)
        padded = np.zeros(n_blocks * BLOCK, dtype=np.int64)
        padded[: len(reaches)] = reaches
        width = BLOCK + 2 * window
        near: NDArray[np.bool_] = _distances(window)[None] <= padded.reshape(n_blocks, BLOCK, 1)
        centre_sentences = sentences[window : window + n_blocks * BLOCK].reshape(n_blocks, BLOCK, 1)
        near &= windowed(sentences, n_blocks, width)[:, None, :] == centre_sentences
        counts = np.count_nonzero(near, axis=2).astype(np.float32)
        of_centre = of_place[window : window + n_blocks * BLOCK]
        pairs = np.bincount(of_centre, counts.reshape(-1), len(ids)).astype(np.float32)
        return cls(ids, of_place, near.astype(np.float32), counts, pairs, window)


@dataclass(frozen=True, eq=False, slots=True)
class SharedNoise:
    """Noise words that all pairs of a step share: ``ids`` ``(k,)``, each once, and how much each of them
    counts for one pair, ``weights`` ``(k,)``, the negatives of a pair in all.
    """

    ids: NDArray[np.intp]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, drawn: NDArray[np.integer], negatives: int) -> "SharedNoise":
        """Of ``drawn`` ids, with repetitions."""
        ids, counts = np.unique(drawn, return_counts=True)
        return cls(ids.astype(np.intp), (counts * (negatives / len(drawn))).astype(np.float32))


@dataclass(frozen=True, eq=False, slots=True)
class BlockGradients:
    """Gradients of the summed loss on the rows of the blocks' words as centres (``vectors``) and as contexts
    (``output``), ``(words, d)``, and on those of the noise, ``(k, d)``; and the ``loss``, where it was asked
    for. ``…_curvatures`` are by row, for :func:`~tui_embed.engine.training.damping.damped_rates`: how much
    the loss curves at most as the row moves while the others stay, times MOST_CURVED / ¼.
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

    ``vectors`` and ``output`` ``(words, d)`` are the rows of ``blocks.ids``, ``noise_rows`` ``(k, d)`` those
    of ``noise.ids``.
    """
    mask, window = blocks.mask, blocks.window
    n_blocks, d = len(mask), vectors.shape[1]
    centres = vectors.take(blocks.of_centre, axis=0).reshape(n_blocks, BLOCK, d)
    contexts = windowed(output.take(blocks.of_place, axis=0), n_blocks, mask.shape[2])
    scores = centres @ contexts.transpose(0, 2, 1)
    noise_scores = vectors @ noise_rows.T
    weights = blocks.pairs[:, None] * noise.weights
    loss = None
    if measure:
        loss = float((np.logaddexp(0, -scores) * mask).sum(dtype=np.float64))
        loss += float((np.logaddexp(0, noise_scores) * weights).sum(dtype=np.float64))
    on_scores = slopes(scores, mask)
    on_noise_scores = noise_slopes(noise_scores, weights)
    on_centres = (on_scores @ contexts).reshape(-1, d)
    on_contexts = unwindowed(on_scores.transpose(0, 2, 1) @ centres, window)
    both = np.zeros((len(blocks.of_place), 2 * d), dtype=vectors.dtype)
    both[window : window + n_blocks * BLOCK, :d] = on_centres
    both[:, d:] = on_contexts
    summed = summed_by_word(both, blocks.of_place, len(blocks.ids))
    on_vectors = summed[:, :d]
    on_vectors += on_noise_scores @ noise_rows
    lengths, noise_lengths = np.vecdot(vectors, vectors), np.vecdot(noise_rows, noise_rows)
    around = _around(blocks, np.vecdot(output, output))
    return BlockGradients(
        on_vectors,
        summed[:, d:],
        on_noise_scores.T @ vectors,
        MOST_CURVED * (around + blocks.pairs * (noise.weights @ noise_lengths)),
        MOST_CURVED * over_windows(blocks, lengths[blocks.of_centre]),
        MOST_CURVED * noise.weights * (blocks.pairs @ lengths),
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
    placed = unwindowed(sums.reshape(n_blocks, -1, 1), blocks.window)[:, 0]
    found: Array = np.bincount(blocks.of_place, placed, len(blocks.ids)).astype(values.dtype)
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


def summed_by_word(rows: Array, of_place: NDArray[np.intp], n_words: int) -> Array:
    """The sum of each word's ``rows`` ``(places, m)``, ``(n_words, m)``.

    Most words stand at one place or two: the first place of all words is gathered at once, then the second
    of those that have one, and so on; what stands more often than that is summed by itself.
    """
    order = np.argsort(of_place, kind="stable")
    counts = np.bincount(of_place, minlength=n_words)
    starts = np.cumsum(counts) - counts
    summed: Array = np.zeros((n_words, rows.shape[1]), dtype=rows.dtype)
    for rank in range(AT_ONCE):
        words = np.flatnonzero(counts > rank)
        if not len(words):
            break
        summed[words] += rows.take(order[starts[words] + rank], axis=0)
    for word in np.flatnonzero(counts > AT_ONCE).tolist():
        places = order[starts[word] + AT_ONCE : starts[word] + counts[word]]
        summed[word] += rows[places].sum(axis=0)
    return summed


def _distances(window: int) -> NDArray[np.int64]:
    """How far each context place of a block is from each centre, ``(BLOCK, BLOCK + 2 · window)``; further
    than any reach from itself.
    """
    distances: NDArray[np.int64] = np.abs(np.arange(BLOCK)[:, None] + window - np.arange(BLOCK + 2 * window))
    distances[distances == 0] = BLOCK + 2 * window
    return distances


def windowed(places: NDArray[np.generic], n_blocks: int, width: int) -> Array:
    """The places of each block, ``(n_blocks, width, …)``: overlapping views of one array."""
    step = places.strides[0]
    strides = (BLOCK * step, step, *places.strides[1:])
    view: Array = as_strided(places, (n_blocks, width, *places.shape[1:]), strides, writeable=False)
    return view


def unwindowed(blocks: Array, window: int) -> Array:
    """The sum over blocks at each place, ``(places, d)``, of what overlaps ``(n_blocks, width, d)``."""
    n_blocks, width, d = blocks.shape
    n_places = n_blocks * BLOCK + 2 * window
    summed = np.zeros((n_places + BLOCK + width, d), dtype=blocks.dtype)
    for first in range(0, width, BLOCK):
        part = blocks[:, first : first + BLOCK]
        target = summed[first : first + n_blocks * BLOCK].reshape(n_blocks, BLOCK, d)
        target[:, : part.shape[1]] += part
    return summed[:n_places]
