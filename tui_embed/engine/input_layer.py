"""What a model makes of a token row and a position row before its first layer."""

from dataclasses import dataclass

import numpy as np

from tui_embed.engine.rows import Floats


@dataclass(frozen=True, eq=False, slots=True)
class LayerNorm:
    """Ba, Kiros and Hinton 2016, "Layer normalization": each row less its mean, over its standard deviation,
    times ``weight`` plus ``bias``, ``(d,)`` each; a model without a bias has None.
    """

    weight: Floats
    bias: Floats | None
    epsilon: float

    def __call__(self, rows: Floats) -> Floats:
        """``rows`` ``(…, d)``, normalised."""
        centred = rows - rows.mean(axis=-1, keepdims=True)
        variance = np.einsum("...i,...i->...", centred, centred)[..., None] / np.float32(rows.shape[-1])
        normal = centred / np.sqrt(variance + np.float32(self.epsilon)) * self.weight
        return np.asarray(normal if self.bias is None else normal + self.bias, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One thing that is done to the sum, and what it gives ``(d_model,)``; ``short`` is a label for it. After
    a normalisation the numbers are of another size: ``rescaled``.
    """

    short: str
    what: str
    row: Floats
    rescaled: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class InputLayer:
    """Token rows times ``scale``, plus the position row, plus the row of token type 0, normalised: each where
    the model has it.

    Gemma multiplies its rows by √d_model (Gemma team 2024); BERT adds a row for the segment that a token
    stands in, and normalises (Devlin et al. 2019).
    """

    scale: float = 1.0
    token_type: Floats | None = None
    norm: LayerNorm | None = None
    norm_name: str = "LayerNorm"
    """As the model's own words have it."""

    @property
    def is_plain(self) -> bool:
        """Whether the input embedding is the sum of the two rows and nothing else."""
        return self.scale == 1 and self.token_type is None and self.norm is None

    @property
    def said(self) -> str:
        """What is done, in a few words; "" where the sum is all."""
        parts = ["W_E" if self.scale == 1 else f"W_E × {self.scale:g}"]
        parts += ["token type 0"] if self.token_type is not None else []
        parts += [self.norm_name] if self.norm is not None else []
        return "" if self.is_plain else ", ".join(parts)

    def steps(self, token_row: Floats, position_row: Floats | None) -> list[Step]:
        """What is done after the plain sum, one after another; the last is the input embedding. None of it
        where the model is plain.
        """
        steps: list[Step] = []
        row = token_row
        if self.scale != 1:
            row = token_row * np.float32(self.scale)
            steps.append(Step(f"×{self.scale:.4g}", f"the row × {self.scale:.4g}", row))
        if position_row is not None:
            row = row + position_row
            if steps:
                steps.append(Step("sum", "plus the position row", row))
        if self.token_type is not None:
            row = row + self.token_type
            steps.append(Step("+ type 0", "plus the row of token type 0", row))
        if self.norm is not None:
            row = self.norm(row)
            steps.append(Step("→ input", self.norm_name, row, rescaled=True))
        return steps

    def embed(self, token_rows: Floats, position_rows: Floats | None) -> Floats:
        """The input embeddings of token rows ``(n, d)`` or ``(d,)`` and the position rows of as many."""
        rows = token_rows if self.scale == 1 else token_rows * np.float32(self.scale)
        if position_rows is not None:
            rows = rows + position_rows
        if self.token_type is not None:
            rows = rows + self.token_type
        return self.norm(rows) if self.norm is not None else np.asarray(rows)


PLAIN = InputLayer()
"""The sum of the two rows."""
