"""GloVe: rows whose products are the logarithms of how often two tokens stand together.

"GloVe: Global vectors for word representation" (Pennington et al. 2014): the word row of token i, the context
row of token j and their two biases are drawn by least squares to the logarithm of the co-occurrences ``x`` of
i and j; an entry weighs ``min(1, (x / x_max) ** alpha)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.adagrad import AdaGrad
from tui_embed.engine.training.cooccurrence import Cooccurrences, count_cooccurrences
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.freed_memory import keep_freed_memory
from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.sparse import Groups, products_of_pairs
from tui_embed.engine.training.start import Start
from tui_embed.engine.training.trainer import (
    OUTPUT,
    TOKENS,
    DivergedError,
    Parameters,
    StepReport,
    restore_arrays,
)
from tui_embed.errors import UsageError

BIAS, OUTPUT_BIAS = "bias", "output_bias"
"""Names of the biases of word rows and of context rows, each ``(n_vocab,)``."""

CONTEXTS_STREAM, ORDER_STREAM, HELDOUT_STREAM = 1, 2, 3
"""What, besides the token rows, is drawn from the seed."""

LEAST_PAIRS, MOST_PAIRS, STEPS = 16, 1 << 16, 64
"""A step takes so many pairs that an epoch has at least STEPS steps, within these bounds."""

HELDOUT_PAIRS = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Entries of the matrix of co-occurrences: ``rows`` and ``columns`` ``(n,)``, their ``log_counts``
    ``(n,)`` and ``weights`` ``(n,)``.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    log_counts: Array
    weights: Array


RowGradient = tuple[NDArray[np.intp], Array]
"""Different ids ``(m,)``, in any order, and the gradient on their rows ``(m, …)``; on others it is 0."""


def glove_residuals(parameters: Parameters, pairs: Pairs) -> Array:
    """What is predicted less what was counted, ``(n,)``: the loss of a pair is half its weighted square."""
    residuals = products_of_pairs(parameters[TOKENS], pairs.rows, parameters[OUTPUT], pairs.columns)
    residuals += parameters[BIAS][pairs.rows]
    residuals += parameters[OUTPUT_BIAS][pairs.columns]
    residuals -= pairs.log_counts
    return residuals


def glove_gradients(parameters: Parameters, pairs: Pairs, residuals: Array) -> dict[str, RowGradient]:
    """The gradients of the summed loss of ``pairs``, by the names of the parameters."""
    pulls = pairs.weights * residuals
    words, contexts = Groups.of(pairs.rows), Groups.of(pairs.columns)
    return {
        TOKENS: (words.ids, words.weighted_sums(pulls, pairs.columns, parameters[OUTPUT])),
        OUTPUT: (contexts.ids, contexts.weighted_sums(pulls, pairs.rows, parameters[TOKENS])),
        BIAS: (words.ids, words.sums(pulls)),
        OUTPUT_BIAS: (contexts.ids, contexts.sums(pulls)),
    }


class GloveTrainer:
    """Goes through all pairs of tokens that stand together once an epoch, in an order that each epoch draws.

    A step sums the gradients of its pairs by row and moves each row once, by AdaGrad. Windows are as wide as
    ``settings.window`` says, and no token is left out: GloVe has neither dynamic windows nor subsampling.
    Biases begin at 0, context rows uniformly on ±0.5 / d_model as in the authors' program, and the gradients
    are those of half the squared error, as there. UsageError for a corpus in which nothing stands together.
    """

    def __init__(
        self, train: Corpus, heldout: Corpus | None, settings: TrainingSettings, start: Start
    ) -> None:
        found = count_cooccurrences(train, settings.window)
        if not len(found):
            raise UsageError(
                f"{train.name}: no sentence has two tokens, so none stand together", "give longer sentences"
            )
        keep_freed_memory()
        self.corpus = train
        self.heldout = heldout
        self.settings = settings
        self.start = start
        self.step = 0
        self._rows, self._columns, self._log_counts = found.rows, found.columns, np.log(found.counts)
        self._pairs_a_step = min(max(LEAST_PAIRS, len(found) // STEPS), MOST_PAIRS)
        reach = np.float32(0.5 / settings.d_model)
        generator = np.random.default_rng([settings.seed, CONTEXTS_STREAM])
        contexts = (2 * generator.random(start.rows.shape, dtype=np.float32) - 1) * reach
        self._parameters: dict[str, Floats] = {
            TOKENS: start.rows,
            OUTPUT: contexts,
            BIAS: np.zeros(train.n_vocab, dtype=np.float32),
            OUTPUT_BIAS: np.zeros(train.n_vocab, dtype=np.float32),
        }
        self._adagrad = AdaGrad(self._parameters)
        self._heldout_pairs = None if heldout is None else self._drawn_pairs(heldout)
        self._order: tuple[int, NDArray[np.int32]] | None = None

    @property
    def _steps_an_epoch(self) -> int:
        return -(-len(self._rows) // self._pairs_a_step)

    @property
    def n_steps(self) -> int:
        return self.settings.epochs * self._steps_an_epoch

    @property
    def epoch(self) -> int:
        return self.step // self._steps_an_epoch

    @property
    def parameters(self) -> Parameters:
        return self._parameters

    def rows(self) -> Floats:
        """The sum of word and context rows, as GloVe publishes; where rows are frozen the word rows alone,
        because then those live in the space of the frozen ones, which are to be seen as they are.
        """
        if self.start.n_frozen:
            return self._parameters[TOKENS].copy()
        return self._parameters[TOKENS] + self._parameters[OUTPUT]

    def advance(self, learning_rate: float, measure: bool) -> StepReport:
        """Make one step; its loss is half the weighted squared error, the mean of its pairs."""
        number = self.step % self._steps_an_epoch
        pairs = self._pairs_of(self._batch(self.epoch, number))
        with np.errstate(over="ignore", invalid="ignore"):
            residuals = glove_residuals(self._parameters, pairs)
            gradients = glove_gradients(self._parameters, pairs, residuals)
            norms = {name: float(np.linalg.norm(gradient)) for name, (_, gradient) in gradients.items()}
        if not np.isfinite(list(norms.values())).all():
            raise DivergedError(self.step + 1)
        ids, gradient = gradients[TOKENS]
        if self.start.n_frozen:
            free = ~self.start.frozen[ids]
            gradients[TOKENS] = ids[free], gradient[free]
        for name, (changed, of_them) in gradients.items():
            self._adagrad.update_rows(name, changed, of_them, learning_rate)
        self.step += 1
        return StepReport(
            words=self._words_until(number + 1) - self._words_until(number),
            touched=len(gradients[TOKENS][0]),
            loss=_mean_loss(pairs, residuals) if measure else None,
            gradient_norm=norms[TOKENS] if measure else None,
        )

    def heldout_loss(self) -> float | None:
        """Half the weighted squared error on the co-occurrences of the held-out sentences, the mean of at
        most HELDOUT_PAIRS of them.

        Their counts are scaled to the size of what is trained on, because a text of another length counts
        other numbers of the same pairs. So the figure says how well unseen text is predicted, and compares
        between steps; it lies above the training loss, because a rare pair that is met at all in a short
        text is met more often there than its share.
        """
        if self._heldout_pairs is None:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            return _mean_loss(self._heldout_pairs, glove_residuals(self._parameters, self._heldout_pairs))

    def state(self) -> Mapping[str, Floats]:
        return self._parameters | self._adagrad.state()

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        restore_arrays(self.state(), state)
        self.step = step

    def _batch(self, epoch: int, number: int) -> NDArray[np.int32]:
        """Which pairs a step takes. They are in the order of their rows, which are then near in memory."""
        if self._order is None or self._order[0] != epoch:
            order = np.arange(len(self._rows), dtype=np.int32)
            np.random.default_rng([self.settings.seed, ORDER_STREAM, epoch]).shuffle(order)
            self._order = epoch, order
        first = number * self._pairs_a_step
        return np.sort(self._order[1][first : first + self._pairs_a_step])

    def _pairs_of(self, chosen: NDArray[np.int32]) -> Pairs:
        log_counts = self._log_counts[chosen]
        rows, columns = self._rows[chosen].astype(np.intp), self._columns[chosen].astype(np.intp)
        return Pairs(rows, columns, log_counts, self._weights(log_counts))

    def _drawn_pairs(self, heldout: Corpus) -> Pairs | None:
        """Pairs of the held-out sentences, the same whenever they are drawn; None where there are none."""
        found: Cooccurrences = count_cooccurrences(heldout, self.settings.window)
        if not len(found):
            return None
        generator = np.random.default_rng([self.settings.seed, HELDOUT_STREAM])
        chosen = generator.choice(len(found), min(len(found), HELDOUT_PAIRS), replace=False)
        scale = np.float32(self.corpus.n_tokens / heldout.n_tokens)
        log_counts = np.log(found.counts[chosen] * scale)
        rows, columns = found.rows[chosen].astype(np.intp), found.columns[chosen].astype(np.intp)
        return Pairs(rows, columns, log_counts, self._weights(log_counts))

    def _weights(self, log_counts: Floats) -> Floats:
        """``min(1, (x / x_max) ** alpha)`` of each count, from its logarithm."""
        below = np.minimum(0, log_counts - np.float32(np.log(self.settings.x_max)))
        weights: Floats = np.exp(below * np.float32(self.settings.alpha))
        return weights

    def _words_until(self, number: int) -> int:
        """How many of the corpus' tokens an epoch's first ``number`` steps stand for: their share."""
        return self.corpus.n_tokens * number // self._steps_an_epoch


def _mean_loss(pairs: Pairs, residuals: Array) -> float:
    return float(np.mean(pairs.weights * residuals * residuals)) / 2
