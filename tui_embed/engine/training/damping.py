"""Rates of rows that would overshoot otherwise."""

import numpy as np

from tui_embed.engine.training.layers import Array


def damped_rates(rate: float, curvatures: Array) -> Array:
    """The learning rate of each row, ``(n, 1)``: ``rate``, or less where 1 / curvature is less.

    A row that comes many times in one step moves by the sum of gradients that, one after another, would have
    become smaller; a text that repeats itself would diverge. A step of 1 / curvature goes to where a parabola
    of that curvature is lowest, and no further.
    """
    found: Array = (rate / np.maximum(1, rate * curvatures))[:, None]
    return found
