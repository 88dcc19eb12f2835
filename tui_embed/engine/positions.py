"""Position embeddings: learned rows, the sinusoidal formula, or none at all."""

from typing import Literal, Protocol

import numpy as np

from tui_embed.engine.rows import Floats, Rows
from tui_embed.errors import UsageError

PositionKind = Literal["learned", "sinusoidal", "none"]

LAST_POSITION = 2**53
"""Where positions have no end of their own: beyond this float64 cannot tell one from the next."""


class Positions(Protocol):
    """What a space adds to a token row at a position."""

    @property
    def kind(self) -> PositionKind: ...

    @property
    def n_ctx(self) -> int | None:
        """How many positions there are, or None where there is no end."""
        ...

    @property
    def note(self) -> str:
        """One line for a person: where these positions come from, or why there are none."""
        ...

    def row(self, position: int) -> Floats | None:
        """``W_P[position]``, ``(d_model,)``, or None where the space has no position rows.

        UsageError outside of 0 … n_ctx − 1.
        """
        ...


class LearnedPositions:
    """Rows of a position embedding matrix ``W_P`` ``(n_ctx, d_model)``."""

    kind: PositionKind = "learned"

    def __init__(self, rows: Rows, note: str) -> None:
        self.rows = rows
        self.note = note

    @property
    def n_ctx(self) -> int:
        return self.rows.shape[0]

    def row(self, position: int) -> Floats:
        _check(position, self.n_ctx)
        row: Floats = self.rows.take(np.array([position]))[0]
        return row


class SinusoidalPositions:
    """The fixed formula of Vaswani et al. 2017, "Attention is all you need", section 3.5.

    Even dimensions hold sin(p / 10000^(2i/d)), odd ones the cosine of the same angle.
    """

    kind: PositionKind = "sinusoidal"
    note = "sinusoidal: by formula (Vaswani et al. 2017), not learned"

    def __init__(self, d_model: int, n_ctx: int | None = None) -> None:
        self.n_ctx = n_ctx
        even = np.arange(0, d_model, 2, dtype=np.float64)
        self._frequency = 10_000.0 ** (-even / max(1, d_model))
        self._d_model = d_model

    def row(self, position: int) -> Floats:
        _check(position, self.n_ctx)
        angle = position * self._frequency
        row = np.empty(self._d_model, dtype=np.float32)
        row[0::2] = np.sin(angle)
        row[1::2] = np.cos(angle)[: self._d_model // 2]
        return row


class NoPositions:
    """No position rows: the input embedding is the token row alone."""

    kind: PositionKind = "none"
    n_ctx = None

    def __init__(self, note: str) -> None:
        self.note = note

    def row(self, position: int) -> None:
        _check(position, None)


def input_embedding(token_row: Floats, position_row: Floats | None) -> Floats:
    """``W_E[id] + W_P[position]``, ``(d_model,)``; the token row itself where there is no position row."""
    return token_row if position_row is None else np.asarray(token_row + position_row)


def _check(position: int, n_ctx: int | None) -> None:
    last = LAST_POSITION if n_ctx is None else n_ctx - 1
    if not 0 <= position <= last:
        raise UsageError(f"position {position} does not exist", f"positions are 0 … {last:,}")
