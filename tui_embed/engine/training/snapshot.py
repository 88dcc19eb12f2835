"""A running training as it was at one moment."""

from dataclasses import dataclass
from typing import Literal

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.training.curve import LossCurve

RunState = Literal["running", "paused", "finished", "stopped", "diverged"]


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """Figures after ``step`` of ``n_steps``, and the rows of that moment: nothing in it changes any more.

    ``words`` of ``n_words`` tokens were gone through (all epochs); ``loss`` and ``smoothed`` are those
    measured last, ``heldout`` that of the last measured end of an epoch; ``touched`` token rows were changed
    by the last step, whose gradient on ``W_E`` has the norm ``gradient_norm``. ``frozen_changed`` counts
    frozen rows that are not bit for bit what they were at the start: 0, or something is wrong; None where
    none is frozen. ``matrix.version`` is the step.
    """

    state: RunState
    step: int
    n_steps: int
    epoch: int
    epochs: int
    words: int
    n_words: int
    seconds: float
    words_per_second: float | None
    seconds_left: float | None
    learning_rate: float
    loss: float | None
    smoothed: float | None
    heldout: float | None
    touched: int
    gradient_norm: float | None
    frozen_changed: int | None
    curve: LossCurve
    matrix: EmbeddingMatrix
    message: str = ""
    """Why it ended, where that needs saying: that it diverged, at which step."""
    kept_step: int | None = None
    """The step of the last checkpoint."""
    not_kept: str = ""
    """Why the last checkpoint could not be written."""
