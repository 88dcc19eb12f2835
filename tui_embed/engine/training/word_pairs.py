"""Skip-gram with negative sampling over the different words of a step, and its exact gradient.

"Distributed representations of words and phrases and their compositionality" (Mikolov et al. 2013). A word
has one row however often it stands in a step, so all that a step predicts is a matrix of counts: centres by
contexts. Scores and gradients are a few dense matrix products, and each row is gathered and moved once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.windows import WindowPairs

FLAT = 1e-3
"""Scores nearer to 0 than this are given about the curvature of 0."""


@dataclass(frozen=True, eq=False, slots=True)
class WordPairs:
    """The different ``centres`` ``(c,)`` and ``outputs`` ``(o,)``, token ids in ascending order, and what is
    to be told apart: ``positive`` ``(c, o)`` counts how often the output is a context of the centre,
    ``negative`` ``(c, o)`` how often it is noise for it, the mean of many drawings.
    """

    centres: NDArray[np.intp]
    outputs: NDArray[np.intp]
    positive: NDArray[np.float32]
    negative: NDArray[np.float32]
    n_pairs: int


def word_pairs(windows: WindowPairs, noise: NDArray[np.integer], negatives: int) -> WordPairs:
    """The counts of the pairs in ``windows``, each with ``negatives`` noise words.

    All pairs share the words of ``noise`` ``(k,)``: each of them counts ``negatives / k``. As in word2vec, a
    word is no noise for a pair whose context it is.
    """
    ids, n_places = windows.ids, len(windows.ids)
    is_centre = np.zeros(n_places, dtype=bool)
    is_centre[windows.centres] = True
    row_of = np.empty(n_places, dtype=np.intp)
    centres, row_of[is_centre] = np.unique(ids[is_centre], return_inverse=True)
    outputs, column_of = np.unique(np.concatenate([ids, noise]), return_inverse=True)
    shape = len(centres), len(outputs)
    cells = row_of[windows.centres] * len(outputs) + column_of[windows.contexts]
    positive = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    drawn = np.bincount(column_of[n_places:], minlength=len(outputs)) * (negatives / len(noise))
    negative = positive.sum(axis=1, keepdims=True) - positive
    negative *= drawn.astype(np.float32)
    return WordPairs(centres.astype(np.intp), outputs.astype(np.intp), positive, negative, len(windows))


def pairs_loss(pairs: WordPairs, vectors: Array, output: Array) -> float:
    """The summed loss in nats, of the centres' ``vectors`` ``(c, d)`` and the outputs' rows ``(o, d)``."""
    scores = vectors @ output.T
    likely = np.logaddexp(0, -scores)
    # log(1 + eˢ) is log(1 + e⁻ˢ) + s
    losses = pairs.positive * likely + pairs.negative * (likely + scores)
    return float(losses.sum(dtype=np.float64))


@dataclass(frozen=True, eq=False, slots=True)
class PairsGradients:
    """The gradients of :func:`pairs_loss` on the vectors ``(c, d)`` and on the output rows ``(o, d)``; and
    how much the loss curves at most as one row moves while the others stay, ``(c,)`` and ``(o,)``.
    """

    on_vectors: Array
    on_output: Array
    vector_curvatures: Array
    output_curvatures: Array


def pairs_gradients(pairs: WordPairs, vectors: Array, output: Array) -> PairsGradients:
    """The gradients, and bounds of the curvature.

    The bound is that of "Bayesian parameter estimation via variational methods" (Jaakkola and Jordan 2000):
    log(1 + eˢ) lies under a parabola that touches it at the score s and curves by (σ(s) − ½) / s.
    """
    scores = vectors @ output.T
    likely = _sigmoid(scores)
    weights = pairs.positive + pairs.negative
    # negative · σ(s) − positive · σ(−s)
    on_scores = weights * likely
    on_scores -= pairs.positive
    # a mean of the bound and of ¼, which it is at most, so a bound as well; and not 0 / 0 at a score of 0
    np.abs(scores, out=scores)
    scores += FLAT
    likely -= 0.5
    np.abs(likely, out=likely)
    likely += FLAT / 4
    likely /= scores
    weights *= likely
    return PairsGradients(
        on_scores @ output,
        on_scores.T @ vectors,
        weights @ np.vecdot(output, output),
        np.vecdot(vectors, vectors) @ weights,
    )


def _sigmoid(scores: Array) -> Array:
    """σ(s) of each score, its own array."""
    likely = np.negative(scores)
    np.exp(likely, out=likely)
    likely += 1
    found: Array = np.reciprocal(likely, out=likely)
    return found
