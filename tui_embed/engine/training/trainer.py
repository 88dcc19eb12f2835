"""What every trainer offers to the loop that runs it, to checkpoints and to the panes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import Start
from tui_embed.errors import TuiEmbedError

TOKENS, OUTPUT, POSITIONS, NGRAMS = "tokens", "output", "positions", "ngrams"
"""Names of parameters: ``W_E`` ``(n_vocab, d_model)``, the output rows ``(n_vocab, d_model)``, ``W_P``
``(n_ctx, d_model)``, rows of n-grams ``(buckets, d_model)``. Others are a model's own.
"""

Parameters = Mapping[str, NDArray[Any]]


class DivergedError(TuiEmbedError):
    """A gradient is NaN or infinite. It is raised before any parameter is changed by it."""

    def __init__(self, step: int) -> None:
        super().__init__(
            f"training diverged at step {step:,}: a gradient is not a finite number",
            "the rows are those before that step; try a lower learning rate",
        )
        self.step = step


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step did. ``words`` tokens of the corpus were gone through; ``touched`` token rows (of
    ``W_E``) were changed. ``loss`` (mean a prediction, in nats) and ``gradient_norm`` (Euclidean, of the
    gradient on ``W_E``) are None unless the step was to measure.
    """

    words: int
    touched: int
    loss: float | None = None
    gradient_norm: float | None = None


class TrainedParts(Protocol):
    """What a space is made from when a training is over, by whatever engine."""

    @property
    def corpus(self) -> Corpus: ...

    @property
    def settings(self) -> TrainingSettings: ...

    @property
    def start(self) -> Start: ...

    @property
    def parameters(self) -> Parameters: ...


class Trainer(Protocol):
    """One training in progress. It owns its arrays; one thread at a time may use it.

    A step draws its random numbers from ``(settings.seed, what for, step or epoch)`` alone, so ``step`` and
    the arrays of :meth:`state` are all there is to know to go on exactly as if nothing had happened.
    """

    corpus: Corpus
    """What is trained on."""
    heldout: Corpus | None
    settings: TrainingSettings
    start: Start
    step: int
    """Steps that were made."""

    @property
    def n_steps(self) -> int:
        """Steps of the whole training."""
        ...

    @property
    def epoch(self) -> int:
        """The epoch of the next step, from 0; ``settings.epochs`` at the end."""
        ...

    @property
    def parameters(self) -> Parameters:
        """The arrays that are trained, as they are now, by name: live, not copies. TOKENS is always there;
        OUTPUT is the same array where weights are tied.
        """
        ...

    def rows(self) -> Floats:
        """The vectors of the tokens as a space shows them, ``(n_vocab, d_model)``, a copy: ``W_E``, or what
        is composed from it and n-grams.
        """
        ...

    def advance(self, learning_rate: float, measure: bool) -> StepReport:
        """Make one step; whether it measures changes nothing else. DivergedError."""
        ...

    def heldout_loss(self) -> float | None:
        """The mean loss over (at most some thousand tokens of) ``heldout``, the same predictions each time;
        None where nothing is held out, or the objective has no loss of a text.
        """
        ...

    def state(self) -> Mapping[str, NDArray[Any]]:
        """All arrays that a step changes, live, by name: parameters, and what an optimiser remembers."""
        ...

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a state of the same settings and corpus. ValueError where an array does not fit."""
        ...


def restore_arrays(own: Mapping[str, NDArray[Any]], state: Mapping[str, NDArray[Any]]) -> None:
    """Copy ``state`` into ``own`` in place. ValueError, with nothing changed, where names, shapes or kinds of
    number differ.
    """
    if own.keys() != state.keys():
        raise ValueError(f"arrays {', '.join(sorted(state))} where {', '.join(sorted(own))} are kept")
    for name, array in own.items():
        if array.shape != state[name].shape or array.dtype != state[name].dtype:
            raise ValueError(
                f"{name} is {state[name].shape} {state[name].dtype}, not {array.shape} {array.dtype}"
            )
    for name, array in own.items():
        array[...] = state[name]
