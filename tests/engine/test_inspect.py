"""A row or a composed vector, in figures."""

import numpy as np
import pytest

from tui_embed.engine.inspect import inspect_row
from tui_embed.engine.matrix import EmbeddingMatrix, row_norms
from tui_embed.engine.positions import NoPositions, SinusoidalPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.summary import norm_figures
from tui_embed.engine.vocabulary import Vocabulary

ROWS = np.array([[3, 4], [0, 1], [30, 40], [0, 0]], np.float32)


def space(norms: np.ndarray | None) -> EmbeddingSpace:
    grams = np.random.default_rng(2).normal(size=(20, 2)).astype(np.float32)
    return EmbeddingSpace(
        "small",
        Vocabulary.from_tokens(["a", "b", "c", "d"]),
        EmbeddingMatrix(ArrayRows(ROWS), norms=norms),
        NoPositions("none here"),
        Provenance(True, "made here"),
        subwords=Subwords(3, 4, ArrayRows(grams)),
    )


def test_a_composed_word_has_a_vector_a_position_and_no_id():
    small = space(row_norms(ROWS))
    composed = small.compose("word")
    positions = SinusoidalPositions(2)
    found = inspect_row(small, composed, 3, positions)
    assert found.chosen is composed
    assert found.one_hot_error is None
    assert np.array_equal(found.token_row, composed.vector)
    assert np.array_equal(found.sum, composed.vector + positions.row(3))
    norm = np.linalg.norm(composed.vector.astype(np.float64))
    assert found.summary.norm == pytest.approx(norm)
    assert found.share_below == pytest.approx((row_norms(ROWS) < norm).sum() / 4)


def test_without_norms_there_is_no_place_among_them():
    small = space(None)
    assert inspect_row(small, small.compose("word"), 0, small.positions).share_below is None


def test_norm_figures_are_those_of_the_finite_norms():
    norms = np.array([5, 1, np.nan, 50, np.inf, 2], np.float32)
    assert norm_figures(norms) == {"least": 1, "median": 3.5, "mean": 14.5, "greatest": 50}
    assert norm_figures(np.array([np.nan], np.float32)) == {}
    assert norm_figures(np.array([], np.float32)) == {}
