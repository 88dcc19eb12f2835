"""Position rows of each kind, and what they add up to."""

import math

import numpy as np
import pytest

from tui_embed.engine.positions import (
    LAST_POSITION,
    LearnedPositions,
    NoPositions,
    Positions,
    SinusoidalPositions,
    input_embedding,
)
from tui_embed.engine.rows import ArrayRows
from tui_embed.errors import UsageError

TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.mark.parametrize("d_model", [1, 2, 5, 64])
@pytest.mark.parametrize("position", [0, 1, 7, 511, 100_000])
def test_sinusoidal_rows_are_the_formula(d_model: int, position: int) -> None:
    row = SinusoidalPositions(d_model).row(position)
    expected = [
        (math.cos if dimension % 2 else math.sin)(position / 10_000 ** (dimension // 2 * 2 / d_model))
        for dimension in range(d_model)
    ]
    np.testing.assert_allclose(row, expected, atol=1e-7 + 1e-11 * position)
    assert row.dtype == np.float32


def test_learned_rows_are_those_of_the_table() -> None:
    positions = LearnedPositions(ArrayRows(TABLE), "a note")
    assert (positions.n_ctx, positions.kind, positions.note) == (4, "learned", "a note")
    assert positions.row(3).tolist() == [9, 10, 11]


def test_no_positions_are_no_row() -> None:
    positions = NoPositions("because of RoPE")
    assert (positions.n_ctx, positions.kind, positions.note) == (None, "none", "because of RoPE")
    assert positions.row(5) is None


@pytest.mark.parametrize(
    ("positions", "wrong"),
    [
        (LearnedPositions(ArrayRows(TABLE), ""), 4),
        (SinusoidalPositions(4, 16), 16),
        (SinusoidalPositions(4), LAST_POSITION + 1),
        (SinusoidalPositions(4), 10**400),
        (NoPositions(""), -1),
    ],
)
def test_a_position_outside_is_a_usage_error(positions: Positions, wrong: int) -> None:
    for position in (-1, wrong):
        with pytest.raises(UsageError, match="does not exist"):
            positions.row(position)


def test_an_input_embedding_is_token_row_plus_position_row() -> None:
    assert input_embedding(TABLE[0], TABLE[1]).tolist() == [3, 5, 7]
    assert input_embedding(TABLE[2], None).tolist() == TABLE[2].tolist()
