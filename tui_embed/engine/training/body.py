"""What stands between the input embeddings of a language model and its scores."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.layers import Array

Shapes = dict[str, tuple[int, ...]]
"""Weights of a body by name: a ``…_scale`` begins as ones, a ``…_bias`` or ``…_shift`` as zeros, a matrix
``(n_in, n_out)`` as noise.
"""


@dataclass(frozen=True, eq=False, slots=True)
class Passed:
    """Input embeddings ``(n, n_ctx, d_model)`` after they went through a body.

    ``hidden`` ``(n, d_model)`` is what the output rows are scored against; ``attention`` ``(n, n_ctx)`` how
    much of each slot was looked at, 0 … 1, None for a body that does not attend. ``back`` takes the gradient
    on ``hidden`` to that on the inputs and those on the weights.
    """

    hidden: Array
    attention: Array | None
    back: Callable[[Array], tuple[Array, dict[str, Array]]]


def first_weights(shapes: Shapes, generator: np.random.Generator) -> dict[str, Floats]:
    """Weights to begin with: a matrix from N(0, 1 / n_in), which keeps the size of what goes through it."""
    weights: dict[str, Floats] = {}
    for name, shape in shapes.items():
        if len(shape) == 2:
            weights[name] = generator.standard_normal(shape, dtype=np.float32) / np.float32(shape[0] ** 0.5)
        else:
            weights[name] = np.full(shape, name.endswith("_scale"), dtype=np.float32)
    return weights
