"""What skip-gram and CBOW read and predict in a step, in one form, and the exact gradient of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.sparse import Groups


@dataclass(frozen=True, eq=False, slots=True)
class Examples:
    """``n`` hidden rows, each a weighted sum of token rows, and the tokens that each is to predict.

    Hidden row ``readers[k]`` reads token ``read[k]`` with the weight ``weights[k]``, all ``(r,)``; each
    reads something. Hidden row ``predictors[k]`` predicts ``targets[k]``, both ``(t,)``; it may predict
    several tokens, and the same one several times.
    """

    readers: NDArray[np.intp]
    read: NDArray[np.intp]
    weights: NDArray[np.float32]
    predictors: NDArray[np.intp]
    targets: NDArray[np.intp]

    @property
    def n_predictions(self) -> int:
        return len(self.targets)


def skipgram_examples(centres: NDArray[np.integer], contexts: NDArray[np.integer]) -> Examples:
    """Each centre predicts its context, for pairs of token ids ``(n,)``. A token reads nothing but its own
    row, so that wherever it stands it predicts the same: it is one hidden row.
    """
    tokens, predictors = np.unique(centres, return_inverse=True)
    n_tokens = len(tokens)
    ones = np.ones(n_tokens, dtype=np.float32)
    return Examples(np.arange(n_tokens), tokens.astype(np.intp), ones, predictors, contexts.astype(np.intp))


def cbow_examples(
    places: NDArray[np.integer], centres: NDArray[np.integer], contexts: NDArray[np.integer]
) -> Examples:
    """The mean of the contexts around each place predicts its centre; ``places`` ``(n,)`` ascend, and say
    which pairs of ``centres`` and ``contexts`` belong together.
    """
    _, firsts, readers, counts = np.unique(places, return_index=True, return_inverse=True, return_counts=True)
    weights = (1 / counts).astype(np.float32)[readers]
    targets = centres[firsts].astype(np.intp)
    return Examples(readers, contexts.astype(np.intp), weights, np.arange(len(targets)), targets)


def hidden_rows(examples: Examples, tokens: Array) -> Array:
    """``(n, d_model)``, from token rows ``(n_vocab, d_model)``."""
    groups = Groups.of(examples.readers)
    hidden = np.empty((len(groups.ids), tokens.shape[1]), dtype=tokens.dtype)
    hidden[groups.ids] = groups.weighted_sums(examples.weights.astype(tokens.dtype), examples.read, tokens)
    return hidden


@dataclass(frozen=True, eq=False, slots=True)
class SoftmaxGradients:
    """The summed ``loss`` in nats and its gradients: on the token rows ``ids`` ``(m,)``, different, in any
    order, ``on_tokens`` ``(m, d_model)``; on all output rows, ``on_output`` ``(n_vocab, d_model)``. For each
    of these rows a curvature to damp its step by, ``(m,)`` and ``(n_vocab,)``.
    """

    loss: float
    ids: NDArray[np.intp]
    on_tokens: Array
    on_output: Array
    token_curvatures: Array
    output_curvatures: Array


def softmax_gradients(examples: Examples, tokens: Array, output: Array) -> SoftmaxGradients:
    """The gradients of the cross-entropy of all predictions, in the precision of the rows.

    A curvature is half of all that pulls or pushes a row, had it the direction of the row that it is scored
    against: so, damped by it, one row's step changes a score by about 2 at most.
    """
    hidden = hidden_rows(examples, tokens)
    loss, on_scores = _expected(examples, hidden, output)
    on_hidden_by, on_output_by = _curvatures(examples, on_scores, hidden, output)
    cells = examples.predictors * len(output) + examples.targets
    np.subtract.at(on_scores.reshape(-1), cells, on_scores.dtype.type(1))
    groups = Groups.of(examples.read)
    weights = examples.weights.astype(tokens.dtype)
    return SoftmaxGradients(
        loss,
        groups.ids,
        groups.weighted_sums(weights, examples.readers, on_scores @ output),
        on_scores.T @ hidden,
        groups.sums(weights**2 * on_hidden_by[examples.readers]),
        on_output_by,
    )


def softmax_cross_entropy(examples: Examples, tokens: Array, output: Array) -> float:
    """The summed loss alone, in nats."""
    return _expected(examples, hidden_rows(examples, tokens), output)[0]


def _expected(examples: Examples, hidden: Array, output: Array) -> tuple[float, Array]:
    """The summed loss, and how often each hidden row expects each token, ``(n, n_vocab)``: less how often it
    is there, that is the gradient on the scores.
    """
    scores: Array = hidden @ output.T
    of_targets = scores[examples.predictors, examples.targets].sum(dtype=np.float64)
    times = np.bincount(examples.predictors, minlength=len(hidden))
    tops = scores.max(axis=1)
    scores -= tops[:, None]
    np.exp(scores, out=scores)
    sums = scores.sum(axis=1)
    loss = float(times @ (tops + np.log(sums, dtype=np.float64)) - of_targets)
    scores *= (times / sums).astype(scores.dtype)[:, None]
    return loss, scores


def _curvatures(examples: Examples, expected: Array, hidden: Array, output: Array) -> tuple[Array, Array]:
    """Half of the expected and the actual predictions that a hidden row ``(n,)`` and an output row
    ``(n_vocab,)`` is in, each times the squared norm of the row on its other side.
    """
    hidden_squares, output_squares = np.vecdot(hidden, hidden), np.vecdot(output, output)
    of_targets, of_predictors = output_squares[examples.targets], hidden_squares[examples.predictors]
    on_hidden = expected @ output_squares + np.bincount(examples.predictors, of_targets, len(hidden))
    on_output = hidden_squares @ expected + np.bincount(examples.targets, of_predictors, len(output))
    return (on_hidden / 2).astype(hidden.dtype), (on_output / 2).astype(output.dtype)
