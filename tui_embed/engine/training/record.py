"""What a trained space remembers of its training: enough to see it, repeat it and use it as a model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.curve import LossCurve
from tui_embed.engine.training.settings import TrainingSettings


@dataclass(frozen=True, eq=False, slots=True)
class TrainingRecord:
    """The training behind a space.

    ``counts`` ``(n_vocab,) int64`` of its tokens in ``corpus``, whose ``n_read`` tokens were read; ``steps``
    of ``n_steps`` were made in ``seconds``. ``weights`` are the parameters that the space does not hold
    itself, float32 by name: ``output`` ``(n_vocab, d_model)``, which is missing where it is tied to ``W_E``,
    and those of the language model's body. ``start`` says what the rows began as.
    """

    settings: TrainingSettings
    corpus: str
    n_read: int
    counts: NDArray[np.int64]
    steps: int
    n_steps: int
    seconds: float
    words_per_second: float | None
    curve: LossCurve
    weights: Mapping[str, Floats]
    start: str
    unk: int | None = None
    diverged: bool = False

    @property
    def heldout_loss(self) -> float | None:
        """The held-out loss measured last."""
        return float(self.curve.heldout[-1]) if len(self.curve.heldout) else None

    @property
    def loss(self) -> float | None:
        """The smoothed loss at the end."""
        return float(self.curve.smoothed[-1]) if len(self.curve.smoothed) else None
