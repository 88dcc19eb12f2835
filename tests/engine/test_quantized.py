"""Searches by codes give what a scan of all rows gives, to the bit, and the bounds behind that hold."""

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import small_space

from tui_embed.engine import quantized as quantized_module
from tui_embed.engine.arithmetic import Combination, solve
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix, row_norms, unit
from tui_embed.engine.neighbors import neighbors_of_token, neighbors_of_vector
from tui_embed.engine.quantized import (
    LEAST_BYTES,
    MOST_WIDTH,
    QuantizedRows,
    by_numkong,
    by_numpy,
    worth_quantizing,
)
from tui_embed.engine.rows import ArrayRows, Distribution, DrawnRows, Floats
from tui_embed.engine.scan import score_rows
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import CancelledError, TuiEmbedError

ODD = [0.0, -0.0, 1.0, -1.0, 1e-45, 1e-38, 1e-20, 3e38, -1e30, float("nan"), float("inf")]


@st.composite
def rows_with_everything(draw: st.DrawFn) -> Floats:
    """``(n, d) float32``, d up to 300: drawn by a seed, then rows of all lengths, zero rows, copies, rows of
    a few values (ties), nearly equal rows, and numbers that are not finite.
    """
    width = draw(st.integers(1, 8) | st.integers(1, 300))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 300))
    rows = rng.normal(size=(n, width)) * np.arange(1, width + 1) ** -draw(st.floats(0, 2))
    if draw(st.booleans()):
        rows = np.sign(np.rint(rows))
    if draw(st.booleans()):
        rows = rows[rng.integers(0, n, n)]
    if draw(st.booleans()):
        rows = rows[:1] + rows * draw(st.sampled_from([1e-1, 1e-3, 1e-6]))
    if draw(st.booleans()):
        rows *= 10.0 ** rng.integers(-44, 37, (n, 1))
    rows[rng.random(n) < draw(st.sampled_from([0, 0.1]))] = 0
    with np.errstate(over="ignore", under="ignore"):
        found = rows.astype(np.float32)
    for value in draw(st.lists(st.sampled_from(ODD), max_size=4)):
        found[rng.integers(0, n), rng.integers(0, width)] = value
    return found


def cosines(rows: Floats, norms: Floats, query: Floats) -> Floats:
    scores = np.empty(len(rows), np.float32)
    score_rows(rows, norms, query, "cosine", scores)
    return scores


def finite(rows: Floats) -> list[int]:
    return np.flatnonzero(np.isfinite(rows).all(axis=1)).tolist()


def with_codes(rows: Floats) -> EmbeddingSpace:
    space = small_space(rows)
    space.matrix.quantize()
    return space


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each search by codes, whether it came to an answer."""
    seen: list[bool] = []
    search = QuantizedRows.candidates

    def watch(self: QuantizedRows, *args: Any, **options: Any) -> Any:
        found = search(self, *args, **options)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(QuantizedRows, "candidates", watch)
    return seen


@given(rows_with_everything(), st.integers(1, 20), st.data())
def test_an_answer_by_codes_is_that_of_the_scan(rows: Floats, k: int, data: st.DataObject) -> None:
    if not (ids := finite(rows)):
        return
    token_id = data.draw(st.sampled_from(ids))
    answer = neighbors_of_token(with_codes(rows), token_id, k)
    assert answer == neighbors_of_token(small_space(rows), token_id, k)
    assert answer.searched == len(rows)


@given(
    rows_with_everything(),
    st.integers(1, 5),
    st.lists(st.integers(0, 299), max_size=3),
    st.sampled_from([by_numkong, by_numpy]),
    st.data(),
)
def test_candidates_hold_the_best_of_all_rows(
    rows: Floats, k: int, exclude: list[int], multiply: quantized_module.Multiply, data: st.DataObject
) -> None:
    """Also for queries that are no row, and against scores that this test makes itself."""
    width = rows.shape[1]
    query = unit(data.draw(hnp.arrays(np.float32, width, elements=st.floats(-9, 9, width=32))))
    norms = row_norms(rows)
    scores = cosines(rows, norms, query)
    coded = QuantizedRows.build(ArrayRows(rows), norms)
    found = coded.candidates(
        query, k, lambda ids: scores[ids], tuple(exclude), most=len(rows), multiply=multiply
    )
    if found is None:
        return
    usable = [i for i in range(len(rows)) if np.isfinite(scores[i]) and i not in exclude]
    best = sorted(usable, key=lambda i: (-scores[i], i))[:k]
    assert set(best) <= set(found.tolist())
    assert found.tolist() == sorted(set(found.tolist()) - set(exclude))


@given(rows_with_everything(), st.data())
def test_no_row_is_farther_from_its_code_than_its_error_says(rows: Floats, data: st.DataObject) -> None:
    norms = row_norms(rows)
    coded = QuantizedRows.build(ArrayRows(rows), norms)
    bounded = ~np.isnan(coded.errors)
    wide = rows[bounded].astype(np.longdouble)
    lengths = np.where(norms[bounded] > 0, norms[bounded], 1).astype(np.longdouble)[:, None]
    rounded = coded.scales[bounded, None].astype(np.longdouble) * coded.codes[bounded]
    distances = np.sqrt(((wide / lengths - rounded) ** 2).sum(axis=1))
    assert (distances <= coded.errors[bounded]).all()
    assert np.abs(coded.codes.astype(np.int64)).max() <= 127
    unbounded = rows[~bounded]
    extreme = ~np.isfinite(unbounded).all(axis=1) | (norms[~bounded] < 1e-20) | (norms[~bounded] > 1e20)
    assert extreme.all()


@given(
    st.integers(1, 400).flatmap(
        lambda d: st.tuples(
            hnp.arrays(np.int8, st.tuples(st.integers(0, 9), st.just(d)), elements=st.integers(-127, 127)),
            hnp.arrays(np.int8, d, elements=st.integers(-127, 127)),
        )
    )
)
def test_products_are_exact(both: tuple[quantized_module.Codes, quantized_module.Codes]) -> None:
    codes, code = both
    expected = [sum(int(x) * int(y) for x, y in zip(row, code, strict=True)) for row in codes]
    assert by_numkong(codes, code).tolist() == expected
    assert by_numpy(codes, code).tolist() == expected


@pytest.mark.parametrize("value", [127, -127])
def test_products_of_the_widest_rows_do_not_wrap(value: int) -> None:
    codes = np.full((2, MOST_WIDTH), value, np.int8)
    expected = [127 * value * MOST_WIDTH] * 2
    assert by_numkong(codes, np.full(MOST_WIDTH, 127, np.int8)).tolist() == expected


def word_like_rows(n: int, width: int) -> Floats:
    rng = np.random.default_rng(8)
    spectrum = np.arange(1, width + 1) ** -0.5
    return np.asarray(rng.normal(size=(n, width)) * spectrum * rng.lognormal(size=(n, 1)), dtype=np.float32)


def test_few_rows_remain_of_many(used: list[bool]) -> None:
    rows = word_like_rows(60_000, 50)
    space, plain = with_codes(rows), small_space(rows)
    for token_id in range(0, 60_000, 6007):
        assert neighbors_of_token(space, token_id) == neighbors_of_token(plain, token_id)
        query = unit(rows[token_id] - rows[5] + rows[9])
        codes = space.matrix.quantized
        assert codes is not None
        scores = cosines(rows, space.matrix.norms(), query)
        found = codes.candidates(query, 10, lambda ids, scores=scores: scores[ids])
        assert found is not None
        assert len(found) < 200
        combination = Combination.of([(1, token_id), (-1, 5), (1, 9)])
        assert solve(space, combination, 5) == solve(plain, combination, 5)
    assert used
    assert all(used)


def test_rows_that_are_alike_are_scanned_instead(used: list[bool]) -> None:
    rows = np.ones((5000, 3), np.float32)
    answer = neighbors_of_token(with_codes(rows), 7)
    assert [n.id for n in answer.neighbors] == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]
    assert used == [False]


def test_the_zero_vector_is_as_near_to_all(used: list[bool]) -> None:
    rows = word_like_rows(100, 4)
    answer = neighbors_of_vector(with_codes(rows), np.zeros(4, np.float32), 3)
    assert [(n.id, n.score) for n in answer.neighbors] == [(0, 0), (1, 0), (2, 0)]
    assert used == [False]


@pytest.mark.parametrize("metric", ["dot", "euclidean"])
def test_other_metrics_are_scanned(metric: Any, used: list[bool]) -> None:
    rows = word_like_rows(300, 4)
    assert neighbors_of_token(with_codes(rows), 1, 5, metric) == neighbors_of_token(
        small_space(rows), 1, 5, metric
    )
    assert used == []


def test_codes_are_built_from_rows_that_are_only_drawn() -> None:
    drawn = DrawnRows((3000, 700), Distribution("normal", 0.02), seed=5)
    matrix = EmbeddingMatrix(drawn)
    done: list[int] = []
    coded = matrix.quantize(progress=lambda step, total: done.append(step))
    whole = QuantizedRows.build(ArrayRows(drawn.take(np.arange(3000))), matrix.norms())
    np.testing.assert_array_equal(coded.codes, whole.codes)
    np.testing.assert_array_equal(coded.errors, whole.errors)
    assert matrix.quantized is coded
    assert done[-1] == 3000


def test_codes_are_written_where_they_are_wanted() -> None:
    rows = word_like_rows(50, 6)
    room = np.zeros((50, 6), np.int8)
    coded = QuantizedRows.build(ArrayRows(rows), row_norms(rows), codes=room)
    assert coded.codes is room
    again = QuantizedRows(room, coded.scales, coded.errors)
    space = small_space(rows)
    space.matrix.remember_quantized(again)
    assert neighbors_of_token(space, 3) == neighbors_of_token(small_space(rows), 3)


def test_building_and_searching_stop_when_told() -> None:
    rows = word_like_rows(1000, 6)
    cancel = CancelToken()
    cancel.cancel()
    matrix = small_space(rows).matrix
    matrix.norms()
    with pytest.raises(CancelledError):
        matrix.quantize(cancel)
    assert matrix.quantized is None
    with pytest.raises(CancelledError):
        neighbors_of_token(with_codes(rows), 3, cancel=cancel)


def test_codes_of_other_rows_are_refused() -> None:
    coded = QuantizedRows.build(ArrayRows(np.eye(3, dtype=np.float32)), np.ones(3, np.float32))
    with pytest.raises(ValueError, match=r"\(3, 3\) codes of \(2, 3\)"):
        small_space(np.eye(3)[:2]).matrix.remember_quantized(coded)


@pytest.mark.parametrize(
    ("codes", "scales"),
    [
        (np.zeros((2, 3), np.uint8), np.zeros(2, np.float32)),
        (np.zeros(3, np.int8), np.zeros(3, np.float32)),
        (np.zeros((2, MOST_WIDTH + 1), np.int8), np.zeros(2, np.float32)),
        (np.zeros((2, 3), np.int8), np.zeros(3, np.float32)),
        (np.zeros((2, 3), np.int8), np.zeros(2)),
    ],
)
def test_arrays_that_are_no_codes_are_refused(codes: Any, scales: Any) -> None:
    with pytest.raises(ValueError, match="codes"):
        QuantizedRows(codes, scales, scales)


def test_only_large_rows_are_worth_it_and_only_with_numkong(monkeypatch: pytest.MonkeyPatch) -> None:
    large = (LEAST_BYTES // 256, 64)
    assert worth_quantizing(large)
    assert not worth_quantizing((LEAST_BYTES // 256 - 1, 64))
    assert not worth_quantizing((10**6, MOST_WIDTH + 1))
    monkeypatch.setitem(sys.modules, "numkong", None)
    assert not worth_quantizing(large)
    with pytest.raises(TuiEmbedError, match="numkong"):
        by_numkong(np.zeros((1, 3), np.int8), np.zeros(3, np.int8))
