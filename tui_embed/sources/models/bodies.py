"""Which forward pass fits a checkpoint, or why none does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui_embed.engine.models.body import Body
from tui_embed.engine.models.decoder import DecoderBody
from tui_embed.engine.models.encoder import BERT_NAMES, DISTILBERT_NAMES, EncoderBody
from tui_embed.engine.models.forward import MOST_TOKENS
from tui_embed.engine.models.layers import ACTIVATIONS
from tui_embed.engine.models.llama import GGUF_NAMES, HUB_NAMES, LlamaBody, Rotation
from tui_embed.sources.models.architectures import BodyKind
from tui_embed.sources.models.config import Config
from tui_embed.sources.models.gguf import TOKEN_ROWS
from tui_embed.sources.models.input import Input
from tui_embed.sources.models.parameters import StoredParameters
from tui_embed.sources.models.weights import ONE_OF_SEVERAL, Weights

KNOWN = "BERT, RoBERTa, ELECTRA, DistilBERT, GPT-2, Llama, Mistral and Qwen2"
_LAYERS: dict[BodyKind, str] = {
    "bert": BERT_NAMES["layer"] + BERT_NAMES["query"] + ".weight",
    "distilbert": DISTILBERT_NAMES["layer"] + DISTILBERT_NAMES["query"] + ".weight",
    "gpt2": "h.{}.attn.c_attn.weight",
    "llama": HUB_NAMES["layer"] + HUB_NAMES["query"] + ".weight",
    "llama-gguf": GGUF_NAMES["layer"] + GGUF_NAMES["query"] + ".weight",
}
"""A tensor that every layer has."""

_LLAMAS: tuple[BodyKind, ...] = ("llama", "llama-gguf")
_EPSILON: dict[BodyKind, float] = {"bert": 1e-12, "distilbert": 1e-12, "gpt2": 1e-5}
_ACTIVATION: dict[BodyKind, tuple[str, str]] = {
    "bert": ("hidden_act", "gelu"),
    "distilbert": ("activation", "gelu"),
    "gpt2": ("activation_function", "gelu_new"),
    "llama": ("hidden_act", "silu"),
    "llama-gguf": ("hidden_act", "silu"),
}
"""The setting that each kind has for it, and what it is without one; those of other kinds mean nothing."""

_THETA = 10_000.0
_PROJECTION = "embeddings_project.weight"

_ODD = ("scale_attn_by_inverse_layer_idx", "add_cross_attention", "is_decoder")
"""Settings that change the pass; ours is for where they are off."""


@dataclass(frozen=True, eq=False, slots=True)
class BodyFound:
    """How to load the layers, or the reason why there is nothing to load."""

    load: Callable[[], Body] | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides a pass besides the parameters."""

    n_layers: int
    n_heads: int
    n_kv_heads: int
    activation: str
    epsilon: float


def find_body(weights: Weights, config: Config, found: Input) -> BodyFound:
    """The layers behind an input layer, by its architecture and configuration; none of them is read yet."""
    kind, title = found.architecture.body, found.architecture.title
    if not kind:
        return BodyFound(None, _unknown(title, config.model_type, found.tensor.name == TOKEN_ROWS))
    name = weights.find(found.architecture.tokens) or ""
    suffix = next(suffix for suffix in found.architecture.tokens if name.endswith(suffix))
    parameters = StoredParameters(weights, name.removesuffix(suffix))
    n_heads = config.count("num_attention_heads", "n_head", "n_heads") or 0
    key, default = _ACTIVATION[kind]
    epsilon = config.number("layer_norm_epsilon", "layer_norm_eps", "rms_norm_eps")
    shape = _Shape(
        next(n for n in range(len(weights.tensors) + 1) if _LAYERS[kind].format(n) not in parameters),
        n_heads,
        config.count("num_key_value_heads") or n_heads,
        config.text(key) or default,
        abs(_EPSILON.get(kind, 1e-6) if epsilon is None else epsilon),
    )
    reason = _why_not(kind, shape, config, found.shape[1])
    if reason and weights.is_one_of_several:
        reason = f"its layers are not all in this {ONE_OF_SEVERAL}"
    if not reason and "rope_freqs.weight" in weights.tensors:
        reason = "its rotations are scaled, which is not done here"
    if not reason and _PROJECTION in parameters:
        reason = "its rows are projected to the width of its layers, which is not done here"
    if reason:
        return BodyFound(None, reason)
    return BodyFound(lambda: _body(kind, parameters, shape, config))


def _unknown(title: str, model_type: str, is_gguf: bool) -> str:
    """Which kinds there are in place of one that there is not; a title may stand for both."""
    of = f"{title} ({model_type[:40]})" if model_type and model_type[:40] != title else title
    known = "of GGUF files there is one for Llama" if is_gguf else f"there is one for {KNOWN}"
    return f"no forward pass for {of} here: {known}"


def _body(kind: BodyKind, parameters: StoredParameters, shape: _Shape, config: Config) -> Body:
    n_layers, n_heads, epsilon = shape.n_layers, shape.n_heads, shape.epsilon
    if kind in _LLAMAS:
        names: Mapping[str, str] = HUB_NAMES if kind == "llama" else GGUF_NAMES
        turn = Rotation(config.number("rope_theta") or _THETA, adjacent=kind == "llama-gguf")
        return LlamaBody(parameters, names, n_layers, n_heads, shape.n_kv_heads, turn, epsilon)
    activation = ACTIVATIONS[shape.activation]
    if kind == "gpt2":
        return DecoderBody(parameters, n_layers, n_heads, activation, epsilon)
    names = BERT_NAMES if kind == "bert" else DISTILBERT_NAMES
    return EncoderBody(parameters, names, n_layers, n_heads, activation, epsilon)


def _why_not(kind: BodyKind, shape: _Shape, config: Config, d_model: int) -> str:
    """Why a text cannot be sent through such layers; "" where it can."""
    wanted = config.count("num_hidden_layers", "n_layer", "n_layers")
    odd = [name for name in _ODD if config.flag(name)]
    placed = config.text("position_embedding_type")
    odd += [placed] if placed not in (None, "absolute") else []
    rope = config.text("rope_type") if kind in _LLAMAS else None
    odd += [f"RoPE of the kind {rope}"] if rope not in (None, "default", "none") else []
    known = ["silu"] if kind in _LLAMAS else list(ACTIVATIONS)
    odd += ["scale_attn_weights off"] if config.flag("scale_attn_weights") is False else []
    odd += _odd_rotation(config) if kind in _LLAMAS else []
    odd += (
        ["heads of their own width"]
        if config.count("head_dim") not in (None, _d_head(shape, d_model))
        else []
    )
    reasons = [
        (not shape.n_layers, "its layers are not in this checkpoint, or not under the usual names"),
        (wanted not in (None, shape.n_layers), f"{shape.n_layers} of its {wanted} layers are here"),
        (not shape.n_heads, "a config.json beside it must say how many heads it has"),
        (
            bool(shape.n_heads and (d_model % shape.n_heads or shape.n_heads % shape.n_kv_heads)),
            f"{shape.n_heads} heads, {shape.n_kv_heads} of keys, do not divide {d_model:,}",
        ),
        (
            shape.activation not in known,
            f"its activation {shape.activation[:40]} is not one of {', '.join(known)}",
        ),
        (bool(odd), f"its configuration changes the pass: {', '.join(odd)[:80]}"),
    ]
    return next((reason for holds, reason in reasons if holds), "")


def _odd_rotation(config: Config) -> list[str]:
    """What is odd about how far tokens look, and about how they are turned."""
    odd = []
    window = config.values.get("sliding_window")
    is_used = config.model_type != "qwen2" or config.flag("use_sliding_window")
    if is_used and type(window) is int and window < MOST_TOKENS:
        odd.append(f"a sliding window of {window:,} tokens")
    theta = config.values.get("rope_theta")
    if theta is not None and (config.number("rope_theta") or 0) < 1:
        odd.append(f"a RoPE θ of {str(theta)[:20]}")
    return odd


def _d_head(shape: _Shape, d_model: int) -> int:
    return d_model // shape.n_heads if shape.n_heads else 0
