"""The layers of GPT-2 (Radford et al. 2019)."""

from dataclasses import dataclass

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.input_layer import LayerNorm
from tui_embed.engine.models.body import Trace
from tui_embed.engine.models.layers import Activation, attention
from tui_embed.engine.models.parameters import Parameters
from tui_embed.engine.rows import Floats


@dataclass(frozen=True, eq=False, slots=True)
class DecoderBody:
    """Each layer: a LayerNorm, every token looks at itself and those before, and what it gathers is added;
    then the same with a feed-forward part. A last LayerNorm comes before the scores.
    """

    parameters: Parameters
    n_layers: int
    n_heads: int
    activation: Activation
    epsilon: float
    is_causal = True

    def run(
        self, inputs: Floats, cancel: CancelToken | None = None, progress: Progress = no_progress
    ) -> Trace:
        states, looks = [inputs], []
        for layer in range(self.n_layers):
            if cancel is not None:
                cancel.check()
            state, looked = self._layer(f"h.{layer}.", states[-1])
            states.append(state)
            looks.append(looked)
            progress(layer + 1, self.n_layers)
        return Trace(tuple(states), tuple(looks))

    def finish(self, states: Floats) -> Floats:
        return self._norm("ln_f")(states)

    def _layer(self, prefix: str, rows: Floats) -> tuple[Floats, Floats]:
        mixed = self._linear(f"{prefix}attn.c_attn", self._norm(f"{prefix}ln_1")(rows))
        query, key, value = np.split(mixed, 3, axis=-1)
        gathered, looked = attention(query, key, value, self.n_heads, causal=True)
        rows = rows + self._linear(f"{prefix}attn.c_proj", gathered)
        wide = self.activation(self._linear(f"{prefix}mlp.c_fc", self._norm(f"{prefix}ln_2")(rows)))
        return rows + self._linear(f"{prefix}mlp.c_proj", wide), looked

    def _linear(self, name: str, rows: Floats) -> Floats:
        # its matrices are stored with a row for each input
        return np.asarray(rows @ self.parameters[f"{name}.weight"] + self.parameters[f"{name}.bias"])

    def _norm(self, name: str) -> LayerNorm:
        return LayerNorm(self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"], self.epsilon)
