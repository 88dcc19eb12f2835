"""Matrices that are looked at: cosines, one-hot beside them, rows, and positions."""

import numpy as np
import pytest

from tui_embed.engine.maps.heat import (
    MOST_TOKENS,
    one_hot,
    position_pictures,
    similarities,
    token_rows,
)
from tui_embed.engine.maps.subject import listed, most_frequent
from tui_embed.engine.positions import LearnedPositions, SinusoidalPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.sources.catalog import open_space


def learned(rows: np.ndarray) -> LearnedPositions:
    return LearnedPositions(ArrayRows(np.asarray(rows, np.float32)), "learned")


def test_cosines_of_a_list_are_those_of_the_reference():
    glove = open_space("glove")
    heat = similarities(glove, listed(glove, ["cat", "dog", "man", "woman", "happy", "sad"]))
    assert heat.rows == heat.columns == ("cat", "dog", "man", "woman", "happy", "sad")
    for one, other, wanted in ((0, 1, 0.9218), (2, 3, 0.8860), (4, 5, 0.6891)):
        assert heat.values[one, other] == pytest.approx(wanted, abs=5e-5)
    np.testing.assert_allclose(np.diag(heat.values), 1, atol=1e-6)
    np.testing.assert_array_equal(heat.values, heat.values.T)


def test_one_hot_vectors_are_like_nothing_but_themselves(planted):
    heat = one_hot(planted, listed(planted, ["a1", "b1", "c1"]))
    np.testing.assert_array_equal(heat.values, np.eye(3))


def test_rows_are_shown_as_they_are(planted):
    subject = listed(planted, ["b1", "a1"])
    heat = token_rows(planted, subject)
    np.testing.assert_array_equal(heat.values, planted.vectors[subject.ids])
    assert heat.limit == pytest.approx(np.abs(heat.values).max())
    assert heat.columns[-1] == "d19"


def test_too_many_tokens_are_a_usage_error(build):
    space = build([f"t{number}" for number in range(MOST_TOKENS + 1)], np.ones((MOST_TOKENS + 1, 2)))
    with pytest.raises(UsageError, match="at most 500"):
        similarities(space, most_frequent(space, MOST_TOKENS + 1))


def test_learned_positions_stand_beside_those_of_the_formula(build):
    rows = np.random.default_rng(1).normal(size=(30, 16))
    pictures = position_pictures(build(["a"], np.ones((1, 16)), learned(rows)))
    assert [one.kind for one in pictures] == ["learned", "sinusoidal"]
    wide = rows.astype(np.float32).astype(np.float64)
    unit = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    np.testing.assert_allclose(pictures[0].cosines.values, unit @ unit.T, atol=1e-5)
    assert pictures[0].curve.shape == (30, 3)
    assert pictures[0].cosines.rows[-1] == "29"


def test_the_cosine_of_sinusoidal_positions_depends_on_their_distance_alone(build):
    space = build(["a"], np.ones((1, 16)), SinusoidalPositions(16))
    (found,) = position_pictures(space, most=40)
    values = found.cosines.values
    for distance in (0, 1, 7, 20):
        along = np.diagonal(values, distance)
        np.testing.assert_allclose(along, along[0], atol=1e-5)
    assert values[0, 1] > values[0, 5]


def test_a_space_without_positions_has_those_of_the_formula_alone(build):
    assert [one.kind for one in position_pictures(build(["a"], np.ones((1, 8))), most=10)] == ["sinusoidal"]


@pytest.mark.parametrize("n", [1, 2])
def test_few_positions_have_a_picture(build, n):
    pictures = position_pictures(build(["a"], np.ones((1, 6)), learned(np.ones((n, 6)))))
    assert pictures[0].cosines.values.shape == (n, n)
    assert np.isfinite(pictures[0].curve).all()


def test_positions_that_are_not_finite_are_refused(build):
    rows = np.full((4, 6), np.nan)
    with pytest.raises(TuiEmbedError, match="NaN"):
        position_pictures(build(["a"], np.ones((1, 6)), learned(rows)))
