"""One causal attention block, as in GPT-2 (Vaswani et al. 2017, Radford et al. 2019), with one head.

Only the last place of a context predicts, and the block stands directly on the input embeddings: so only the
last place asks, and all those up to it, itself included, are looked at.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.body import Passed, Shapes
from tui_embed.engine.training.layers import Array, gelu, normalize, softmax
from tui_embed.engine.training.settings import TrainingSettings

NORMS = ("input_norm", "middle_norm", "output_norm")

Weights = Mapping[str, Array]
Back = Callable[[Array, dict[str, Array]], Array]
"""Takes the gradient on a result to that on what went in, and puts those on the weights into the dict."""


def shapes(settings: TrainingSettings) -> Shapes:
    """The weights by name."""
    d_model, d_hidden = settings.d_model, settings.d_hidden
    found: Shapes = dict.fromkeys(("query", "key", "value", "mix"), (d_model, d_model))
    found |= {
        "hidden": (d_model, d_hidden),
        "hidden_bias": (d_hidden,),
        "back": (d_hidden, d_model),
        "back_bias": (d_model,),
    }
    for norm in NORMS:
        found |= {f"{norm}_scale": (d_model,), f"{norm}_shift": (d_model,)}
    return found


def forward(weights: Weights, inputs: Array, filled: NDArray[np.bool_]) -> Passed:
    """Attention, then a hidden layer, each added to what it read (normalised), and a norm at the end."""
    normed, back_input = _norm(weights, "input_norm", inputs)
    attended, attention, back_attention = _attend(weights, normed, filled)
    middle = inputs[:, -1] + attended
    normed_middle, back_middle = _norm(weights, "middle_norm", middle)
    added, back_layer = _hidden_layer(weights, normed_middle)
    hidden, back_output = _norm(weights, "output_norm", middle + added)

    def back(gradient: Array) -> tuple[Array, dict[str, Array]]:
        found: dict[str, Array] = {}
        on_sum = back_output(gradient, found)
        on_middle = on_sum + back_middle(back_layer(on_sum, found), found)
        on_inputs = back_input(back_attention(on_middle, found), found)
        on_inputs[:, -1] += on_middle
        return on_inputs, found

    return Passed(hidden, attention, back)


def _norm(weights: Weights, name: str, x: Array) -> tuple[Array, Back]:
    y, back_norm = normalize(x, weights[f"{name}_scale"], weights[f"{name}_shift"])

    def back(gradient: Array, found: dict[str, Array]) -> Array:
        on_x, found[f"{name}_scale"], found[f"{name}_shift"] = back_norm(gradient)
        return on_x

    return y, back


def _attend(weights: Weights, x: Array, filled: NDArray[np.bool_]) -> tuple[Array, Array, Back]:
    """What the last place takes from all places of ``x`` ``(n, n_ctx, d_model)``, and how much from each.

    Since one place asks, nothing needs a key or a value of its own: the product of a query with all keys
    x · key is that of (query · keyᵀ) with all x, and a mean of values x · value is (the mean of x) · value.
    """
    last, root = x[:, -1], x.dtype.type(x.shape[-1] ** 0.5)
    query = last @ weights["query"]
    asked = query @ weights["key"].T / root
    shares = softmax(np.where(filled, _dots(x, asked), -np.inf))
    seen = _sums(shares, x)
    value = seen @ weights["value"]

    def back(gradient: Array, found: dict[str, Array]) -> Array:
        on_value = gradient @ weights["mix"].T
        on_seen = on_value @ weights["value"].T
        on_shares = _dots(x, on_seen)
        on_scores = shares * (on_shares - (shares * on_shares).sum(axis=1, keepdims=True))
        on_asked = _sums(on_scores, x) / root
        on_query = on_asked @ weights["key"]
        found["mix"] = value.T @ gradient
        found["value"] = seen.T @ on_value
        found["key"] = on_asked.T @ query
        found["query"] = last.T @ on_query
        on_x: Array = shares[:, :, None] * on_seen[:, None, :] + on_scores[:, :, None] * asked[:, None, :]
        on_x[:, -1] += on_query @ weights["query"].T
        return on_x

    return value @ weights["mix"], shares, back


def _dots(x: Array, vectors: Array) -> Array:
    """The dot product of each place of ``x`` ``(n, n_ctx, d)`` with its context's vector, ``(n, n_ctx)``."""
    return np.asarray((x @ vectors[:, :, None])[:, :, 0])


def _sums(shares: Array, x: Array) -> Array:
    """The places of ``x`` ``(n, n_ctx, d)``, each by its share ``(n, n_ctx)``, added up: ``(n, d)``."""
    return np.asarray((shares[:, None, :] @ x)[:, 0])


def _hidden_layer(weights: Weights, x: Array) -> tuple[Array, Back]:
    active, back_gelu = gelu(x @ weights["hidden"] + weights["hidden_bias"])

    def back(gradient: Array, found: dict[str, Array]) -> Array:
        on_hidden = back_gelu(gradient @ weights["back"].T)
        found["back"], found["back_bias"] = active.T @ gradient, gradient.sum(axis=0)
        found["hidden"], found["hidden_bias"] = x.T @ on_hidden, on_hidden.sum(axis=0)
        return on_hidden @ weights["hidden"].T

    return active @ weights["back"] + weights["back_bias"], back
