"""3CosAdd and 3CosMul against their formulas in wider precision."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import matrices, small_space

from tui_embed.engine.arithmetic import (
    EPSILON,
    METHODS,
    Combination,
    Method,
    checked_method,
    parallelogram,
    read_expression,
    scores_of,
    solve,
    term_similarities,
)
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import Distribution, DrawnRows, Floats
from tui_embed.errors import ExpressionError, UnknownTokenError, UsageError

Wide = np.ndarray[Any, np.dtype[np.longdouble]]
weights = st.sampled_from([1.0, -1.0, 0.5, -0.5, 2.0, -3.0, 0.0])


def wide_units(rows: Floats) -> Wide:
    wide = rows.astype(np.longdouble)
    lengths = np.sqrt((wide**2).sum(axis=1, keepdims=True))
    return np.where(lengths > 0, wide / np.where(lengths > 0, lengths, 1), 0)


def three_cos_add(rows: Floats, combination: Combination) -> Wide:
    units = wide_units(rows)
    query = sum(weight * units[i] for weight, i in combination.terms)
    return units @ query / np.sqrt((query**2).sum())


def three_cos_mul(rows: Floats, combination: Combination) -> Wide:
    units = wide_units(rows)
    above = below = np.ones(len(rows), np.longdouble)
    for weight, i in combination.terms:
        shifted = np.clip((units @ units[i] + 1) / 2, 0, 1) ** abs(weight)
        above, below = (above * shifted, below) if weight > 0 else (above, below * shifted)
    return above / (below + EPSILON)


@st.composite
def combinations(draw: st.DrawFn) -> tuple[Floats, Combination]:
    rows = draw(matrices())
    terms = st.tuples(weights, st.integers(0, len(rows) - 1))
    return rows, Combination.of(draw(st.lists(terms, min_size=1, max_size=5)))


@given(combinations())
def test_3cosadd_is_its_formula(case: tuple[Floats, Combination]) -> None:
    rows, combination = case
    units = wide_units(rows)
    assume(np.sqrt((sum(w * units[i] for w, i in combination.terms) ** 2).sum()) > 1e-2)
    assume(not (np.abs(rows) < 1e-30)[rows != 0].any())
    scores = scores_of(small_space(rows), combination, "3cosadd")
    np.testing.assert_allclose(scores, three_cos_add(rows, combination).astype(float), atol=3e-5)


@given(combinations())
def test_3cosmul_is_its_formula(case: tuple[Floats, Combination]) -> None:
    rows, combination = case
    assume(not (np.abs(rows) < 1e-30)[rows != 0].any())
    scores = scores_of(small_space(rows), combination, "3cosmul")
    expected = three_cos_mul(rows, combination).astype(float)
    # a divisor near zero magnifies what float32 lost of the cosines
    assume(expected.max() < 50)
    np.testing.assert_allclose(scores, expected, rtol=1e-2, atol=1e-2)


def test_3cosmul_is_its_formula_to_four_digits_on_ordinary_rows() -> None:
    rows = np.random.default_rng(8).normal(size=(400, 30)).astype(np.float32)
    combination = Combination((1.0, -1.0, 0.5, -2.0), (3, 5, 7, 9))
    scores = scores_of(small_space(rows), combination, "3cosmul")
    np.testing.assert_allclose(scores, three_cos_mul(rows, combination).astype(float), rtol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_inputs_are_left_out_once_each_or_kept(method: Method) -> None:
    space = small_space(np.random.default_rng(1).normal(size=(30, 6)))
    combination = read_expression(space, "t1 - t2 + t1")
    out = solve(space, combination, 30, method)
    assert out.excluded == (1, 2)
    assert {n.id for n in out.neighbors} == set(range(30)) - {1, 2}
    kept = solve(space, combination, 30, method, exclude_inputs=False)
    assert kept.excluded == ()
    assert {n.id for n in kept.neighbors} == set(range(30))
    assert (kept.searched, kept.n_vocab, kept.method, kept.combination) == (30, 30, method, combination)


@pytest.mark.parametrize("method", METHODS)
def test_drawn_rows_are_combined_as_if_they_were_an_array(method: Method) -> None:
    drawn = DrawnRows((2500, 900), Distribution("normal", 0.02), seed=2)
    combination = Combination((1.0, -1.0, 1.0), (3, 4, 5))
    found = scores_of(small_space(EmbeddingMatrix(drawn)), combination, method)
    expected = scores_of(small_space(drawn.take(np.arange(2500))), combination, method)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("text", ["t0 - t0", "0.1*t0 + 0.2*t0 - 0.3*t0", "0*t0", "t2", "t2 - 3*t2"])
def test_terms_that_cancel_out_point_nowhere(text: str) -> None:
    space = small_space(np.array([[3, 4], [1, 0], [0, 0]]))
    with pytest.raises(UsageError, match="zero vector"):
        solve(space, read_expression(space, text))


@pytest.mark.parametrize("number", ["1" + "0" * 30, "1" + "0" * 300, "0." + "0" * 60 + "1"])
def test_only_the_ratio_of_weights_counts(number: str) -> None:
    space = small_space(np.random.default_rng(2).normal(size=(20, 4)))
    plain = solve(space, read_expression(space, "t1 - t2"))
    scaled = solve(space, read_expression(space, f"{number}*t1 - {number}*t2"))
    assert [n.id for n in scaled.neighbors] == [n.id for n in plain.neighbors]


def test_powers_beyond_float32_are_zeros_and_ones() -> None:
    space = small_space(np.array([[1, 0], [0, 1], [1, 1]]))
    combination = read_expression(space, f"1{'0' * 300}*t0")
    assert scores_of(space, combination, "3cosmul").tolist() == pytest.approx([1, 0, 0], abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_inputs_that_are_not_finite_are_an_error_and_other_rows_are_not(method: Method, odd: float) -> None:
    space = small_space(np.array([[1, 2], [2, 1], [odd, 1], [1, 1]]))
    with pytest.raises(UsageError, match="NaN"):
        solve(space, read_expression(space, "t0 - t2"), 5, method)
    assert [n.id for n in solve(space, read_expression(space, "t0 + t1"), 5, method).neighbors] == [3]


def test_expressions_are_read_against_the_vocabulary() -> None:
    space = small_space(np.eye(3), ["King", "well-known", "#1"])
    assert read_expression(space, "well-known - #2 + #1").terms == [(1.0, 1), (-1.0, 2), (1.0, 2)]
    with pytest.raises(UnknownTokenError, match="nearest spellings: “King”") as caught:
        read_expression(space, "Kinf")
    assert caught.value.suggestions == ("King",)
    with pytest.raises(ExpressionError, match="too large at column 404"):
        read_expression(space, "9" * 400 + " * King")


def test_unknown_methods_and_empty_combinations_are_usage_errors() -> None:
    assert [checked_method(method) for method in METHODS] == list(METHODS)
    with pytest.raises(UsageError, match="3cosadd, 3cosmul"):
        checked_method("3cosdiv")
    with pytest.raises(UsageError, match="at least one token"):
        small_space(np.eye(2)).analogy([])


def test_terms_have_their_own_similarity_to_the_answer() -> None:
    space = small_space(np.array([[1, 0], [3, 4], [0, 0]]))
    assert term_similarities(space, Combination((1.0, -1.0, 1.0), (0, 1, 2)), 1) == pytest.approx([0.6, 1, 0])


def test_a_parallelogram_closes_where_its_arrows_are_parallel() -> None:
    space = small_space(np.array([[1, 1], [3, 1], [1, 5], [3, 5], [1, 6]]))
    closed = parallelogram(space, read_expression(space, "t1 - t0 + t2"), 3)
    assert closed is not None
    assert (closed.a, closed.b, closed.c, closed.d) == (0, 1, 2, 3)
    assert closed.cosine == pytest.approx(1)
    crossed = parallelogram(space, read_expression(space, "t1 - t0 + t2"), 4)
    assert crossed is not None
    assert crossed.cosine == pytest.approx(0)


@pytest.mark.parametrize("text", ["t0", "t1 + t2", "t1 - t0 - t2", "2*t1 - t0 + t2", "t1 - t0 + t2 + t3"])
def test_other_forms_are_no_parallelogram(text: str) -> None:
    space = small_space(np.eye(4))
    assert parallelogram(space, read_expression(space, text), 3) is None
