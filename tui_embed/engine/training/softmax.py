"""Skip-gram and CBOW by the full softmax: every prediction is of one token among all of the vocabulary.

"Efficient estimation of word representations in vector space" (Mikolov et al. 2013) without what it takes
to be fast over large vocabularies: the loss is the exact cross-entropy.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.damping import damped_rates
from tui_embed.engine.training.freed_memory import keep_freed_memory
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.softmax_examples import (
    Examples,
    SoftmaxGradients,
    cbow_examples,
    skipgram_examples,
    softmax_cross_entropy,
    softmax_gradients,
)
from tui_embed.engine.training.sparse import subtract_from_rows
from tui_embed.engine.training.start import Start
from tui_embed.engine.training.trainer import (
    OUTPUT,
    TOKENS,
    DivergedError,
    Parameters,
    StepReport,
    restore_arrays,
)
from tui_embed.engine.training.windows import WindowPairs, Windows
from tui_embed.errors import UsageError

MOST_VOCABULARY = 50_000
"""With more tokens one step's scores are over 50 MB, and a step takes longer than anybody waits."""

MOST_TOKENS = 256
"""Tokens of a step at most."""


class SoftmaxTrainer:
    """Goes through the corpus once an epoch, in its order: a step sums the gradients of some tokens'
    predictions, and moves every output row and the token rows that were read, by plain gradient descent.

    Skip-gram predicts each token around a centre from the row of the centre; CBOW predicts the centre from
    the mean of the rows around it. The output rows are a matrix of their own that begins at 0, as word2vec's;
    ``settings.tied`` is the language model's. UsageError for a vocabulary of more than MOST_VOCABULARY.
    """

    def __init__(
        self, train: Corpus, heldout: Corpus | None, settings: TrainingSettings, start: Start
    ) -> None:
        if train.n_vocab > MOST_VOCABULARY:
            raise UsageError(
                f"a softmax over {train.n_vocab:,} tokens is too slow; {MOST_VOCABULARY:,} are the most",
                "draw negatives instead (--negatives 5), or take a higher --min-count",
            )
        keep_freed_memory()
        self.corpus = train
        self.heldout = heldout
        self.settings = settings
        self.start = start
        self.step = 0
        self._windows = Windows(train, settings, MOST_TOKENS)
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
        words, pairs = self._windows.of_step(self.step)
        touched, loss, norm = 0, None, None
        if len(pairs):
            examples = self._examples(pairs)
            with np.errstate(over="ignore", invalid="ignore"):
                found = softmax_gradients(examples, self._parameters[TOKENS], self._parameters[OUTPUT])
                touched = self._move(found, learning_rate)
            if measure:
                loss, norm = found.loss / examples.n_predictions, float(np.linalg.norm(found.on_tokens))
        self.step += 1
        return StepReport(words, touched, loss, norm)

    def heldout_loss(self) -> float | None:
        """The mean cross-entropy of the predictions in some held-out windows."""
        if self.heldout is None:
            return None
        tokens, output = self._parameters[TOKENS], self._parameters[OUTPUT]
        loss, n_predictions = 0.0, 0
        for pairs in self._windows.of_heldout(self.heldout):
            examples = self._examples(pairs)
            n_predictions += examples.n_predictions
            with np.errstate(over="ignore", invalid="ignore"):
                loss += softmax_cross_entropy(examples, tokens, output)
        return loss / n_predictions if n_predictions else None

    def state(self) -> Mapping[str, NDArray[Any]]:
        return self._parameters

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        restore_arrays(self.state(), state)
        self.step = step

    def _examples(self, pairs: WindowPairs) -> Examples:
        centres, contexts = pairs.ids[pairs.centres], pairs.ids[pairs.contexts]
        if self.settings.objective == "cbow":
            return cbow_examples(pairs.centres, centres, contexts)
        return skipgram_examples(centres, contexts)

    def _move(self, found: SoftmaxGradients, rate: float) -> int:
        """Take the step, frozen rows excepted; how many token rows moved. DivergedError, with none moved."""
        on_tokens = found.on_tokens * damped_rates(rate, found.token_curvatures)
        on_output = found.on_output * damped_rates(rate, found.output_curvatures)
        for moves in (on_tokens, on_output):
            if not np.isfinite(np.vdot(moves, moves)):
                raise DivergedError(self.step + 1)
        free = ~self.start.frozen[found.ids]
        subtract_from_rows(self._parameters[TOKENS], found.ids[free], on_tokens[free])
        self._parameters[OUTPUT] -= on_output
        return int(np.count_nonzero(free))
