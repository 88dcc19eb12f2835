"""Training of a small next-token language model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.adam import Adam
from tui_embed.engine.training.contexts import CorpusContexts
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.freed_memory import keep_freed_memory
from tui_embed.engine.training.next_token import Gradients, first_parameters, gradients_of, losses_of
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
from tui_embed.errors import UsageError

WEIGHTS_STREAM, ORDER_STREAM = 1, 2
"""What, besides the token rows, is drawn from the seed."""

HELDOUT_TOKENS = 4096
"""So many held-out tokens, evenly spread, are predicted to measure."""

MOST_BYTES = 256 << 20
"""No array of one step is larger."""


class LanguageModelTrainer:
    """Predicts every token of the corpus once an epoch, in an order that each epoch draws, ``settings.batch``
    of them a step.

    Adam moves all weights. Where they are tied, every row of ``W_E`` is scored in every step and moves;
    where they are separate, only the rows that were read.
    """

    def __init__(
        self, train: Corpus, heldout: Corpus | None, settings: TrainingSettings, start: Start
    ) -> None:
        _check_sizes(train.n_vocab, settings)
        keep_freed_memory()
        self.corpus = train
        self.heldout = heldout
        self.settings = settings
        self.start = start
        self.step = 0
        generator = np.random.default_rng([settings.seed, WEIGHTS_STREAM])
        self._parameters = first_parameters(settings, start.rows, generator)
        own = {name: array for name, array in self._parameters.items() if name != OUTPUT or not settings.tied}
        self._own = own
        self._adam = Adam(own)
        self._contexts = CorpusContexts(train, settings.n_ctx)
        self._order: tuple[int, NDArray[np.int32]] | None = None

    @property
    def _steps_an_epoch(self) -> int:
        return -(-self.corpus.n_tokens // self.settings.batch)

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
        return self._parameters[TOKENS].copy()

    def advance(self, learning_rate: float, measure: bool) -> StepReport:
        places = self._places()
        contexts, targets = self._contexts.at(places), self.corpus.ids[places]
        with np.errstate(over="ignore", invalid="ignore"):
            found = gradients_of(self._parameters, self.settings.body, contexts, targets)
            self._check_finite(found, learning_rate)
        norm = self._gradient_norm(found) if measure else None
        self.step += 1
        for name, gradient in found.weights.items():
            self._adam.update(name, gradient, learning_rate, self.step)
        touched = self._move_tokens(found, learning_rate)
        return StepReport(len(places), touched, float(found.losses.mean()) if measure else None, norm)

    def heldout_loss(self) -> float | None:
        if self.heldout is None:
            return None
        n_tokens = self.heldout.n_tokens
        places = np.linspace(0, n_tokens - 1, min(HELDOUT_TOKENS, n_tokens)).astype(np.int64)
        contexts = CorpusContexts(self.heldout, self.settings.n_ctx)
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for first in range(0, len(places), self.settings.batch):
                part = places[first : first + self.settings.batch]
                targets = self.heldout.ids[part]
                losses = losses_of(self._parameters, self.settings.body, contexts.at(part), targets)
                total += float(losses.sum(dtype=np.float64))
        return total / len(places)

    def state(self) -> Mapping[str, NDArray[Any]]:
        return {**self._own, **self._adam.state()}

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        restore_arrays(self.state(), state)
        self.step = step

    def _places(self) -> NDArray[np.int32]:
        """The tokens that the next step predicts."""
        epoch, step = divmod(self.step, self._steps_an_epoch)
        if self._order is None or self._order[0] != epoch:
            order = np.arange(self.corpus.n_tokens, dtype=np.int32)
            np.random.default_rng([self.settings.seed, ORDER_STREAM, epoch]).shuffle(order)
            self._order = (epoch, order)
        batch = self.settings.batch
        return self._order[1][step * batch : (step + 1) * batch]

    def _check_finite(self, found: Gradients, learning_rate: float) -> None:
        """DivergedError where a gradient, or the square of one that Adam keeps, is not finite."""
        rate = np.float32(learning_rate)
        for gradient in (found.read.sums, found.output, *found.weights.values()):
            flat = gradient.reshape(-1)
            if not np.isfinite(rate * np.dot(flat, flat)):
                raise DivergedError(self.step + 1)

    def _gradient_norm(self, found: Gradients) -> float:
        """Of the gradient on ``W_E``, frozen rows included: they have one, though they stay."""
        if not self.settings.tied:
            return float(np.linalg.norm(found.read.sums))
        whole = found.output.copy()
        whole[found.read.ids] += found.read.sums
        return float(np.linalg.norm(whole))

    def _move_tokens(self, found: Gradients, learning_rate: float) -> int:
        """Move the output rows and those of ``W_E`` that are not frozen; how many of ``W_E`` that are."""
        frozen, ids, sums = self.start.frozen, found.read.ids, found.read.sums
        if not self.settings.tied:
            self._adam.update(OUTPUT, found.output, learning_rate, self.step)
            free = ~frozen[ids]
            self._adam.update_rows(TOKENS, ids[free], sums[free], learning_rate, self.step)
            return int(np.count_nonzero(free))
        found.output[ids] += sums
        found.output[frozen] = 0
        self._adam.update(TOKENS, found.output, learning_rate, self.step)
        return len(frozen) - self.start.n_frozen


def _check_sizes(n_vocab: int, settings: TrainingSettings) -> None:
    """UsageError where a step would need an array of more than MOST_BYTES."""
    batch, n_ctx, d_model = settings.batch, settings.n_ctx, settings.d_model
    sizes = (
        (
            f"{batch:,} examples × {n_vocab:,} tokens to score",
            batch * n_vocab,
            f"take a --batch of {max(1, MOST_BYTES // 4 // n_vocab):,} or less, or a higher --min-count",
        ),
        (
            f"{batch:,} examples × {n_ctx:,} tokens before × {d_model:,} numbers",
            batch * n_ctx * d_model,
            "take a smaller --batch, context or --d-model",
        ),
        (
            f"{n_ctx:,} tokens before × {d_model:,} numbers × {settings.d_hidden:,} hidden units",
            n_ctx * d_model * settings.d_hidden if settings.body == "mlp" else 0,
            "take a shorter context, a smaller --d-model or hidden layer, or the body attention",
        ),
    )
    for what, n_numbers, hint in sizes:
        if n_numbers * 4 > MOST_BYTES:
            raise UsageError(f"{what} are {n_numbers * 4 / 2**20:,.0f} MB", hint)
