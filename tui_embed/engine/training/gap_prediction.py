"""What stands in a gap, predicted as each objective does it, with the loss and its gradients."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.contexts import Contexts
from tui_embed.engine.training.layers import Array, softmax, softmax_loss
from tui_embed.engine.training.next_token import gradients_of, losses_of, pass_through
from tui_embed.engine.training.row_sums import RowSums, all_rows, row_sums
from tui_embed.engine.training.settings import Body
from tui_embed.engine.training.trainer import NGRAMS, OUTPUT, TOKENS, Parameters


class GapPrediction(Protocol):
    """One prediction, as a function of the parameters."""

    def hidden(self, parameters: Parameters) -> Array:
        """What the output rows are scored against, ``(d_model,)``: the mean, where there are several."""
        ...

    def probabilities(self, parameters: Parameters) -> Array:
        """What is expected in the gap, ``(n_vocab,)``."""
        ...

    def loss(self, parameters: Parameters) -> float:
        """How wrong that is, in nats."""
        ...

    def gradients(self, parameters: Parameters) -> dict[str, RowSums]:
        """Of the loss, by parameter; those on OUTPUT apart from those on TOKENS also where both are one."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class NextTokenPrediction:
    """The language model's: softmax after what stands before."""

    body: Body
    contexts: Contexts
    target: int

    def hidden(self, parameters: Parameters) -> Array:
        hidden: Array = pass_through(parameters, self.body, self.contexts).hidden[0]
        return hidden

    def probabilities(self, parameters: Parameters) -> Array:
        return softmax(parameters[OUTPUT] @ self.hidden(parameters))

    def loss(self, parameters: Parameters) -> float:
        return float(losses_of(parameters, self.body, self.contexts, np.array([self.target]))[0])

    def gradients(self, parameters: Parameters) -> dict[str, RowSums]:
        found = gradients_of(parameters, self.body, self.contexts, np.array([self.target]))
        weights = {name: all_rows(gradient) for name, gradient in found.weights.items()}
        return {TOKENS: found.read, OUTPUT: all_rows(found.output), **weights}


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """Input vectors ``weights`` ``(n, m)`` · the rows ``ids`` ``(m,)`` of a matrix; ``ids`` ascend."""

    ids: NDArray[np.int64]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: Iterable[dict[int, float]]) -> "Reading":
        """From the weight of each row in each vector."""
        weights = list(vectors)
        ids = sorted({row for vector in weights for row in vector})
        table = [[vector.get(row, 0.0) for row in ids] for vector in weights]
        return cls(np.array(ids, dtype=np.int64), np.array(table, dtype=np.float32).reshape(len(weights), -1))


def mean_reading(context: tuple[int, ...]) -> dict[str, Reading]:
    """CBOW's input: one vector, the mean of the rows of the context."""
    shares = {row: count / len(context) for row, count in Counter(context).items()}
    return {TOKENS: Reading.of([shares])}


def each_reading(context: tuple[int, ...], ngrams: "list[list[int]] | None") -> dict[str, Reading]:
    """Skip-gram's input: a vector for each of the context, its row; or the mean of that and the rows of its
    ``ngrams``, for each a list.
    """
    if ngrams is None:
        return {TOKENS: Reading.of({row: 1.0} for row in context)}
    shares = [1 / (1 + len(own)) for own in ngrams]
    counts = [Counter(own) for own in ngrams]
    return {
        TOKENS: Reading.of({row: share} for row, share in zip(context, shares, strict=True)),
        NGRAMS: Reading.of(
            {row: count * share for row, count in own.items()}
            for own, share in zip(counts, shares, strict=True)
        ),
    }


@dataclass(frozen=True, eq=False, slots=True)
class WindowPrediction:
    """That of skip-gram and CBOW: each input vector predicts the ``target``; probabilities, loss and
    gradients are means over the vectors.

    Without ``negatives`` the loss is that of the softmax, −log p. With them it is Mikolov et al.'s (2013):
    −log σ(score) of the target and −log σ(−score) of each of the negatives, ids that may repeat.
    """

    readings: dict[str, Reading]
    target: int
    negatives: tuple[int, ...] | None

    def hidden(self, parameters: Parameters) -> Array:
        mean: Array = self._vectors(parameters).mean(axis=0)
        return mean

    def probabilities(self, parameters: Parameters) -> Array:
        mean: Array = softmax(self._vectors(parameters) @ parameters[OUTPUT].T).mean(axis=0)
        return mean

    def loss(self, parameters: Parameters) -> float:
        vectors = self._vectors(parameters)
        if self.negatives is None:
            return float(softmax_loss(vectors, parameters[OUTPUT], self._targets(vectors))[0].mean())
        scores = vectors @ parameters[OUTPUT][self._scored].T
        return float(np.logaddexp(0, self._wrong_way(scores)).sum(axis=1).mean())

    def gradients(self, parameters: Parameters) -> dict[str, RowSums]:
        vectors = self._vectors(parameters)
        if self.negatives is None:
            on_vectors, on_rows = softmax_loss(vectors, parameters[OUTPUT], self._targets(vectors))[1]()
            on_output = all_rows(on_rows)
        else:
            rows = parameters[OUTPUT][self._scored]
            scores = self._wrong_way(vectors @ rows.T)
            errors = self._wrong_way(np.exp(-np.logaddexp(0, -scores))) / len(vectors)
            on_vectors = errors @ rows
            on_output = row_sums(self._scored, errors.T @ vectors)
        on_inputs = {
            name: RowSums(reading.ids, reading.weights.T @ on_vectors)
            for name, reading in self.readings.items()
        }
        return {OUTPUT: on_output, **on_inputs}

    def _vectors(self, parameters: Parameters) -> Array:
        parts = [reading.weights @ parameters[name][reading.ids] for name, reading in self.readings.items()]
        vectors: Array = np.sum(parts, axis=0)
        return vectors

    def _targets(self, vectors: Array) -> NDArray[np.int64]:
        return np.full(len(vectors), self.target)

    @property
    def _scored(self) -> NDArray[np.int64]:
        return np.array([self.target, *(self.negatives or ())])

    @staticmethod
    def _wrong_way(scores: Array) -> Array:
        """Scores ``(n, 1 + negatives)`` so that larger is worse: that of the target is turned."""
        turned = scores.copy()
        turned[:, 0] *= -1
        return turned
