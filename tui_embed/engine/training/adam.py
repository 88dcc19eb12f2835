"""Adam (Kingma and Ba 2015): each number moves by its gradient over the size that its gradients have had."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats

KEEP_MEAN, KEEP_SQUARE, EPSILON = 0.9, 0.999, 1e-8
"""β₁, β₂ and ε of the paper."""

CACHED = 1 << 14
"""Numbers that are updated at a time: they stay in the cache from one pass to the next."""


class Adam:
    """The running means of gradients and of their squares for parameters by name, updated in place."""

    def __init__(self, parameters: Mapping[str, Floats]) -> None:
        self._parameters = parameters
        self._means = {name: np.zeros_like(array) for name, array in parameters.items()}
        self._squares = {name: np.zeros_like(array) for name, array in parameters.items()}

    def state(self) -> dict[str, Floats]:
        """All that is remembered, live, by name."""
        means = {f"{name}.mean": array for name, array in self._means.items()}
        return means | {f"{name}.square": array for name, array in self._squares.items()}

    def update(self, name: str, gradient: Floats, rate: float, step: int) -> None:
        """Move a parameter by its ``gradient``, of the same shape, in ``step`` (the first is 1).

        A number whose gradient has always been 0 stays as it is, bit for bit.
        """
        arrays = (self._parameters[name], self._means[name], self._squares[name], gradient)
        flat = [array.reshape(-1) for array in arrays]
        for first in range(0, flat[0].size, CACHED):
            parameter, mean, square, part = (array[first : first + CACHED] for array in flat)
            parameter -= _step(mean, square, part, rate, step)

    def update_rows(
        self, name: str, ids: NDArray[np.integer], gradient: Floats, rate: float, step: int
    ) -> None:
        """Move the rows ``ids`` alone by their ``gradient`` ``(n, …)``; what is remembered of the others
        waits until they are read again.
        """
        mean, square = self._means[name][ids], self._squares[name][ids]
        self._parameters[name][ids] -= _step(mean, square, gradient, rate, step)
        self._means[name][ids] = mean
        self._squares[name][ids] = square


def _step(mean: Floats, square: Floats, gradient: Floats, rate: float, step: int) -> Floats:
    """Bring ``mean`` and ``square`` up to date, and say how far to move against the gradient."""
    mean *= np.float32(KEEP_MEAN)
    part = gradient * np.float32(1 - KEEP_MEAN)
    mean += part
    square *= np.float32(KEEP_SQUARE)
    np.multiply(gradient, gradient, out=part)
    part *= np.float32(1 - KEEP_SQUARE)
    square += part
    # the corrections of the two means, which begin at 0, are in the rate and in epsilon: two passes fewer
    unbias = (1 - KEEP_SQUARE**step) ** 0.5
    np.sqrt(square, out=part)
    part += np.float32(EPSILON * unbias)
    np.divide(mean, part, out=part)
    part *= np.float32(rate * unbias / (1 - KEEP_MEAN**step))
    return part
