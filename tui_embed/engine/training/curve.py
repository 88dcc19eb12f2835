"""How the loss fell: raw, smoothed, and on what is held out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.97
"""How much of the smoothed loss is what it was before."""

MOST_POINTS = 4096
"""A curve that has more keeps every other one: memory stays flat however long a training runs."""


@dataclass(frozen=True, eq=False, slots=True)
class LossCurve:
    """``steps`` ``(n,) int64`` at which the loss was measured, ``raw`` and ``smoothed`` ``(n,) float32``
    there; ``heldout_steps`` ``(m,) int64`` and ``heldout`` ``(m,) float32``.
    """

    steps: NDArray[np.int64]
    raw: NDArray[np.float32]
    smoothed: NDArray[np.float32]
    heldout_steps: NDArray[np.int64]
    heldout: NDArray[np.float32]

    @classmethod
    def empty(cls) -> "LossCurve":
        """A curve without a point."""
        whole, real = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        return cls(whole, real, real, whole, real)


class CurveRecorder:
    """Collects a curve point by point."""

    def __init__(self, begun: LossCurve | None = None) -> None:
        begun = begun or LossCurve.empty()
        self._steps = begun.steps.tolist()
        self._raw = begun.raw.tolist()
        self._smoothed = begun.smoothed.tolist()
        self._heldout_steps = begun.heldout_steps.tolist()
        self._heldout = begun.heldout.tolist()

    def add(self, step: int, loss: float) -> None:
        """The loss of a step; the smoothed one begins as a plain mean, so that one step does not lead it."""
        if self._smoothed:
            keep = min(SMOOTHING, len(self._smoothed) / (len(self._smoothed) + 1))
            loss_smoothed = keep * self._smoothed[-1] + (1 - keep) * loss
        else:
            loss_smoothed = loss
        self._steps.append(step)
        self._raw.append(loss)
        self._smoothed.append(loss_smoothed)
        if len(self._steps) > MOST_POINTS:
            # the last one stays, whose smoothed loss the next goes on from
            for values in (self._steps, self._raw, self._smoothed):
                values[:] = values[1::2] if len(values) % 2 == 0 else values[::2]

    def add_heldout(self, step: int, loss: float) -> None:
        """The held-out loss after a step."""
        self._heldout_steps.append(step)
        self._heldout.append(loss)

    @property
    def last(self) -> tuple[float, float] | None:
        """The raw and the smoothed loss measured last."""
        return (self._raw[-1], self._smoothed[-1]) if self._raw else None

    @property
    def last_heldout(self) -> float | None:
        return self._heldout[-1] if self._heldout else None

    def curve(self) -> LossCurve:
        """What was collected, as it is now."""
        return LossCurve(
            np.array(self._steps, dtype=np.int64),
            np.array(self._raw, dtype=np.float32),
            np.array(self._smoothed, dtype=np.float32),
            np.array(self._heldout_steps, dtype=np.int64),
            np.array(self._heldout, dtype=np.float32),
        )
