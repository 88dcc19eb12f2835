"""What the layers of a transformer are made of, forward only, in float32."""

from collections.abc import Callable, Mapping
from math import pi, sqrt

import numpy as np

from tui_embed.engine.rows import Floats

Activation = Callable[[Floats], Floats]

_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
_ERF_P = 0.3275911


def erf(x: Floats) -> Floats:
    """The error function, to 1.5e-7: formula 7.1.26 of Abramowitz and Stegun 1964."""
    size = np.abs(x)
    t = 1 / (1 + np.float32(_ERF_P) * size)
    series = np.zeros_like(t)
    for factor in reversed(_ERF):
        series = (series + np.float32(factor)) * t
    return np.asarray(np.copysign(1 - series * np.exp(-size * size), x))


def gelu(x: Floats) -> Floats:
    """x Φ(x), Hendrycks and Gimpel 2016, "Gaussian error linear units"."""
    return np.asarray(np.float32(0.5) * x * (1 + erf(x * np.float32(1 / sqrt(2)))))


def gelu_tanh(x: Floats) -> Floats:
    """The same paper's approximation by tanh, which GPT-2 is trained with."""
    inner = np.float32(sqrt(2 / pi)) * (x + np.float32(0.044715) * x * x * x)
    return np.asarray(np.float32(0.5) * x * (1 + np.tanh(inner)))


def relu(x: Floats) -> Floats:
    return np.asarray(np.maximum(x, 0))


def silu(x: Floats) -> Floats:
    """x σ(x), Elfwing et al. 2017, "Sigmoid-weighted linear units"."""
    with np.errstate(over="ignore"):
        return np.asarray(x / (1 + np.exp(-x)))


def rms_norm(rows: Floats, weight: Floats, epsilon: float) -> Floats:
    """Zhang and Sennrich 2019, "Root mean square layer normalization": each row over the root of its mean
    square, times ``weight`` ``(d,)``.
    """
    squares = np.einsum("...i,...i->...", rows, rows)[..., None] / np.float32(rows.shape[-1])
    return np.asarray(rows / np.sqrt(squares + np.float32(epsilon)) * weight, dtype=np.float32)


ACTIVATIONS: Mapping[str, Activation] = {
    "gelu": gelu,
    "gelu_new": gelu_tanh,
    "gelu_pytorch_tanh": gelu_tanh,
    "gelu_fast": gelu_tanh,
    "relu": relu,
}
"""By the names that configurations have for them."""


def softmax(scores: Floats) -> Floats:
    """Over the last dimension; −∞ gets nothing."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def attention(
    queries: Floats, keys: Floats, values: Floats, n_heads: int, causal: bool, n_kv_heads: int | None = None
) -> tuple[Floats, Floats]:
    """Scaled dot-product attention of ``n_heads`` heads (Vaswani et al. 2017): what each token gathers
    ``(n, d)``, and how much it looks at each ``(n_heads, n, n)``, rows summing to 1. ``causal``: no token
    looks at those behind it. With fewer ``n_kv_heads`` several heads share keys and values (Ainslie et al.
    2023, "GQA").
    """
    n, d = queries.shape
    shared = n_heads // (n_kv_heads or n_heads)
    q = queries.reshape(n, n_heads, d // n_heads).transpose(1, 0, 2)
    k, v = (
        part.reshape(n, n_heads // shared, d // n_heads).transpose(1, 0, 2).repeat(shared, axis=0)
        for part in (keys, values)
    )
    scores = q @ k.transpose(0, 2, 1) * np.float32(1 / sqrt(d // n_heads))
    if causal:
        scores[:, np.triu(np.ones((n, n), dtype=bool), 1)] = -np.inf
    weights = softmax(scores)
    return np.ascontiguousarray((weights @ v).transpose(1, 0, 2)).reshape(n, d), weights
