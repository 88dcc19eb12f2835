"""The layers of BERT (Devlin et al. 2019) and of the models that have its body under other names."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.input_layer import LayerNorm
from tui_embed.engine.models.body import Trace
from tui_embed.engine.models.layers import Activation, attention
from tui_embed.engine.models.parameters import Parameters
from tui_embed.engine.rows import Floats

BERT_NAMES: Mapping[str, str] = {
    "layer": "encoder.layer.{}.",
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "gathered": "attention.output.dense",
    "first_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "second_norm": "output.LayerNorm",
}
DISTILBERT_NAMES: Mapping[str, str] = {
    "layer": "transformer.layer.{}.",
    "query": "attention.q_lin",
    "key": "attention.k_lin",
    "value": "attention.v_lin",
    "gathered": "attention.out_lin",
    "first_norm": "sa_layer_norm",
    "widen": "ffn.lin1",
    "narrow": "ffn.lin2",
    "second_norm": "output_layer_norm",
}


@dataclass(frozen=True, eq=False, slots=True)
class EncoderBody:
    """Each layer: every token looks at every token, then a feed-forward part, a LayerNorm after each."""

    parameters: Parameters
    names: Mapping[str, str]
    n_layers: int
    n_heads: int
    activation: Activation
    epsilon: float
    is_causal = False

    def run(
        self, inputs: Floats, cancel: CancelToken | None = None, progress: Progress = no_progress
    ) -> Trace:
        states, looks = [inputs], []
        for layer in range(self.n_layers):
            if cancel is not None:
                cancel.check()
            state, looked = self._layer(layer, states[-1])
            states.append(state)
            looks.append(looked)
            progress(layer + 1, self.n_layers)
        return Trace(tuple(states), tuple(looks))

    def finish(self, states: Floats) -> Floats:
        return states

    def _layer(self, layer: int, rows: Floats) -> tuple[Floats, Floats]:
        query, key, value = (self._linear(layer, part, rows) for part in ("query", "key", "value"))
        gathered, looked = attention(query, key, value, self.n_heads, causal=False)
        rows = self._norm(layer, "first_norm")(rows + self._linear(layer, "gathered", gathered))
        wide = self.activation(self._linear(layer, "widen", rows))
        return self._norm(layer, "second_norm")(rows + self._linear(layer, "narrow", wide)), looked

    def _linear(self, layer: int, part: str, rows: Floats) -> Floats:
        name = self.names["layer"].format(layer) + self.names[part]
        return np.asarray(rows @ self.parameters[f"{name}.weight"].T + self.parameters[f"{name}.bias"])

    def _norm(self, layer: int, part: str) -> LayerNorm:
        name = self.names["layer"].format(layer) + self.names[part]
        old = f"{name}.gamma" in self.parameters
        weight, bias = ("gamma", "beta") if old else ("weight", "bias")
        return LayerNorm(self.parameters[f"{name}.{weight}"], self.parameters[f"{name}.{bias}"], self.epsilon)
