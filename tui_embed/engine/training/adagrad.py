"""AdaGrad (Duchi et al. 2011): each number moves by its gradient over the root of all its squares so far."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats

CACHED = 512
"""Rows that are updated at a time: they stay in the cache from one pass to the next."""


class AdaGrad:
    """The sums of squared gradients for parameters by name, updated in place.

    A sum begins as 1, as GloVe's do, so that the first step is no longer than the rate whatever the gradient,
    and shorter where that is small.
    """

    def __init__(self, parameters: Mapping[str, Floats]) -> None:
        self._parameters = parameters
        self._squares = {name: np.ones_like(array) for name, array in parameters.items()}

    def state(self) -> dict[str, Floats]:
        """All that is remembered, live, by name."""
        return {f"{name}.square": array for name, array in self._squares.items()}

    def update_rows(self, name: str, ids: NDArray[np.intp], gradient: Floats, rate: float) -> None:
        """Move the rows ``ids``, all different, by their ``gradient`` ``(n, …)``."""
        parameter, squares = self._parameters[name], self._squares[name]
        for start in range(0, len(ids), CACHED):
            own, part = ids[start : start + CACHED], gradient[start : start + CACHED]
            scale = part * part
            scale += squares.take(own, axis=0)
            squares[own] = scale
            np.sqrt(scale, out=scale)
            np.divide(part, scale, out=scale)
            scale *= np.float32(-rate)
            scale += parameter.take(own, axis=0)
            parameter[own] = scale
