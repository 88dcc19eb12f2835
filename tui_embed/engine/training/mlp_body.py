"""A hidden layer over the input embeddings of a context, one after another (Bengio et al. 2003)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.body import Passed, Shapes
from tui_embed.engine.training.layers import Array, normalize
from tui_embed.engine.training.settings import TrainingSettings


def shapes(settings: TrainingSettings) -> Shapes:
    """The weights by name. ``hidden`` has ``d_model`` rows for each slot: each distance has its own."""
    d_model, d_hidden = settings.d_model, settings.d_hidden
    return {
        "hidden": (settings.n_ctx * d_model, d_hidden),
        "hidden_bias": (d_hidden,),
        "back": (d_hidden, d_model),
        "back_bias": (d_model,),
        "output_norm_scale": (d_model,),
        "output_norm_shift": (d_model,),
    }


def forward(weights: Mapping[str, Array], inputs: Array, _filled: NDArray[np.bool_]) -> Passed:
    """``norm(tanh(x · hidden + bias) · back + bias)`` of the inputs side by side; empty slots are zeros."""
    side_by_side = inputs.reshape(len(inputs), -1)
    active = np.tanh(side_by_side @ weights["hidden"] + weights["hidden_bias"])
    returned = active @ weights["back"] + weights["back_bias"]
    hidden, back_norm = normalize(returned, weights["output_norm_scale"], weights["output_norm_shift"])

    def back(gradient: Array) -> tuple[Array, dict[str, Array]]:
        on_returned, on_scale, on_shift = back_norm(gradient)
        on_hidden = (on_returned @ weights["back"].T) * (1 - active * active)
        return (on_hidden @ weights["hidden"].T).reshape(inputs.shape), {
            "hidden": side_by_side.T @ on_hidden,
            "hidden_bias": on_hidden.sum(axis=0),
            "back": active.T @ on_returned,
            "back_bias": on_returned.sum(axis=0),
            "output_norm_scale": on_scale,
            "output_norm_shift": on_shift,
        }

    return Passed(hidden, None, back)
