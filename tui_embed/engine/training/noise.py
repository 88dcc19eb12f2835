"""Noise words for negative sampling."""

import numpy as np
from numpy.typing import NDArray

NOISE_POWER = 0.75
"""Noise words are drawn by their counts to this power."""


class Noise:
    """Draws noise words by their counts to the power NOISE_POWER."""

    def __init__(self, counts: NDArray[np.int64]) -> None:
        self._ends = np.cumsum(counts.astype(np.float64) ** NOISE_POWER)

    def draw(self, generator: np.random.Generator, n: int | tuple[int, ...]) -> NDArray[np.intp]:
        """Token ids, ``n`` or of the shape ``n``."""
        drawn: NDArray[np.intp] = np.searchsorted(self._ends, generator.random(n) * self._ends[-1], "right")
        return drawn
