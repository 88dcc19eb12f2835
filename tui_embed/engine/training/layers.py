"""Pieces of a small network: pure functions in whatever precision they are given.

Each gives its result and ``back``, which takes the gradient of the loss on the result to the gradients on
what went in.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""float32 when a model is trained, float64 where its gradients are checked."""

LossBack = Callable[[], tuple[Array, Array]]
NormBack = Callable[[Array], tuple[Array, Array, Array]]

EPSILON = 1e-5
"""Keeps a layer norm of equal numbers finite; GPT-2's."""

CACHED_SCORES = 1 << 17
"""Scores that are turned into exponentials at a time: they stay in the cache from one pass to the next."""


def softmax(scores: Array) -> Array:
    """The softmax of the last axis; −inf gets exactly 0."""
    shares: Array = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def softmax_loss(hidden: Array, rows: Array, targets: NDArray[np.integer]) -> tuple[Array, LossBack]:
    """How surprised the softmax of ``hidden`` ``(n, d_model)`` · ``rows`` ``(n_vocab, d_model)`` is by
    ``targets`` ``(n,)``: −log p of each, ``(n,)``, in nats. ``back()`` gives the gradients of their mean on
    ``hidden`` and on ``rows``.
    """
    scores: Array = hidden @ rows.T
    n, n_vocab = scores.shape
    every = np.arange(n)
    of_targets = scores[every, targets]
    tops, sums = np.empty_like(of_targets), np.empty_like(of_targets)
    step = max(1, CACHED_SCORES // n_vocab)
    for first in range(0, n, step):
        block, part = scores[first : first + step], slice(first, first + step)
        np.max(block, axis=1, out=tops[part])
        np.subtract(block, tops[part, None], out=block)
        np.exp(block, out=block)
        np.sum(block, axis=1, out=sums[part])
    losses = tops + np.log(sums) - of_targets

    def back() -> tuple[Array, Array]:
        # (p − 1 at the target) / n, without a pass over the scores to divide them: the small sides are
        scores[every, targets] -= sums
        scale = (1 / (n * sums))[:, None]
        return (scores @ rows) * scale, scores.T @ (hidden * scale)

    return losses, back


def normalize(x: Array, scale: Array, shift: Array) -> tuple[Array, NormBack]:
    """Layer norm over the last axis (Ba et al. 2016); ``back`` gives the gradients on ``x``, ``scale`` and
    ``shift``.
    """
    # in place where it can be: arrays of this size are new pages from the system each time
    unit: Array = x - x.mean(axis=-1, keepdims=True)
    variance = np.vecdot(unit, unit)[..., None] / x.shape[-1]
    inverse = 1 / np.sqrt(variance + x.dtype.type(EPSILON))
    unit *= inverse

    def back(gradient: Array) -> tuple[Array, Array, Array]:
        every = tuple(range(x.ndim - 1))
        on_x: Array = gradient * scale
        along = np.vecdot(on_x, unit)[..., None] / x.shape[-1]
        on_x -= on_x.mean(axis=-1, keepdims=True)
        on_x -= unit * along
        on_x *= inverse
        return on_x, (gradient * unit).sum(axis=every), gradient.sum(axis=every)

    result: Array = unit * scale
    result += shift
    return result, back


def gelu(x: Array) -> tuple[Array, Callable[[Array], Array]]:
    """The Gaussian error linear unit (Hendrycks and Gimpel 2016), by its formula with tanh, as in GPT-2."""
    root = x.dtype.type(np.sqrt(2 / np.pi))
    cubic = x.dtype.type(0.044715)
    bent = np.tanh(root * (x + cubic * x * x * x))

    def back(gradient: Array) -> Array:
        slope = root * (1 + 3 * cubic * x * x) * (1 - bent * bent)
        found: Array = gradient * (1 + bent + x * slope) / 2
        return found

    return x * (1 + bent) / 2, back
