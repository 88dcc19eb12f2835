"""The layers of Llama (Touvron et al. 2023) and of models with its body, such as Mistral and Qwen2."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.models.body import Trace
from tui_embed.engine.models.layers import attention, rms_norm, silu
from tui_embed.engine.models.parameters import Parameters
from tui_embed.engine.rows import Floats

HUB_NAMES: Mapping[str, str] = {
    "layer": "layers.{}.",
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "gathered": "self_attn.o_proj",
    "first_norm": "input_layernorm.weight",
    "gate": "mlp.gate_proj",
    "widen": "mlp.up_proj",
    "narrow": "mlp.down_proj",
    "second_norm": "post_attention_layernorm.weight",
    "last_norm": "norm.weight",
}
GGUF_NAMES: Mapping[str, str] = {
    "layer": "blk.{}.",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "gathered": "attn_output",
    "first_norm": "attn_norm.weight",
    "gate": "ffn_gate",
    "widen": "ffn_up",
    "narrow": "ffn_down",
    "second_norm": "ffn_norm.weight",
    "last_norm": "output_norm.weight",
}


@dataclass(frozen=True, slots=True)
class Rotation:
    """RoPE (Su et al. 2021, "RoFormer"): pairs of numbers of queries and keys are turned by angles that grow
    with the position. The numbers of a pair stand side by side where ``adjacent`` (the paper's way, and
    GGUF's for Llama), else half a head apart (the way of model hubs).
    """

    theta: float
    adjacent: bool

    def __call__(self, rows: Floats) -> Floats:
        """``rows`` ``(n, n_heads, d_head)``, each turned by its place."""
        n, _, d_head = rows.shape
        speeds = self.theta ** (-np.arange(0, d_head, 2) / d_head)
        angles = np.outer(np.arange(n), speeds)[:, None, :]
        cos, sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        turned = np.empty_like(rows)
        half = d_head // 2
        one, two = (
            (slice(0, None, 2), slice(1, None, 2)) if self.adjacent else (slice(half), slice(half, None))
        )
        turned[..., one] = rows[..., one] * cos - rows[..., two] * sin
        turned[..., two] = rows[..., two] * cos + rows[..., one] * sin
        return turned


@dataclass(frozen=True, eq=False, slots=True)
class LlamaBody:
    """Each layer: RMSNorm, every token looks at itself and those before by turned queries and keys, of which
    ``n_kv_heads`` serve all heads; then RMSNorm and a gated feed-forward part. A last RMSNorm comes before
    the scores.
    """

    parameters: Parameters
    names: Mapping[str, str]
    n_layers: int
    n_heads: int
    n_kv_heads: int
    rotation: Rotation
    epsilon: float
    is_causal = True

    def run(
        self, inputs: Floats, cancel: CancelToken | None = None, progress: Progress = no_progress
    ) -> Trace:
        states, looks = [inputs], []
        for layer in range(self.n_layers):
            if cancel is not None:
                cancel.check()
            state, looked = self._layer(self.names["layer"].format(layer), states[-1])
            states.append(state)
            looks.append(looked)
            progress(layer + 1, self.n_layers)
        return Trace(tuple(states), tuple(looks))

    def finish(self, states: Floats) -> Floats:
        return rms_norm(states, self.parameters[self.names["last_norm"]], self.epsilon)

    def _layer(self, prefix: str, rows: Floats) -> tuple[Floats, Floats]:
        normal = self._norm(prefix, "first_norm", rows)
        query = self._turned(self._linear(prefix, "query", normal), self.n_heads)
        key = self._turned(self._linear(prefix, "key", normal), self.n_kv_heads)
        value = self._linear(prefix, "value", normal)
        gathered, looked = attention(query, key, value, self.n_heads, causal=True, n_kv_heads=self.n_kv_heads)
        rows = rows + self._linear(prefix, "gathered", gathered)
        normal = self._norm(prefix, "second_norm", rows)
        wide = silu(self._linear(prefix, "gate", normal)) * self._linear(prefix, "widen", normal)
        return rows + self._linear(prefix, "narrow", wide), looked

    def _turned(self, rows: Floats, n_heads: int) -> Floats:
        n, width = rows.shape
        return self.rotation(rows.reshape(n, n_heads, width // n_heads)).reshape(n, width)

    def _linear(self, prefix: str, part: str, rows: Floats) -> Floats:
        name = prefix + self.names[part]
        out = np.asarray(rows @ self.parameters[f"{name}.weight"].T)
        bias = f"{name}.bias"
        return out + self.parameters[bias] if bias in self.parameters else out

    def _norm(self, prefix: str, part: str, rows: Floats) -> Floats:
        return rms_norm(rows, self.parameters[prefix + self.names[part]], self.epsilon)
