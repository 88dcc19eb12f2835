"""Exact neighbours against sorting every row in wider precision."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import matrices, small_space, whole_number_matrices

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.neighbors import (
    METRICS,
    Metric,
    closeness,
    closer_than,
    nearest,
    neighbors_of_token,
    neighbors_of_vector,
    odd_one_out,
    rank_of,
    similarity,
)
from tui_embed.engine.ranking import top_k
from tui_embed.engine.rows import Distribution, DrawnRows, Floats
from tui_embed.errors import CancelledError, UsageError

metrics = st.sampled_from(METRICS)
ODD_SCORES = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.0]


def sorted_ids(scores: Any, exclude: tuple[int, ...] = ()) -> list[int]:
    ids = [i for i, score in enumerate(scores) if np.isfinite(score) and i not in exclude]
    return sorted(ids, key=lambda i: (-scores[i], i))


def wide_scores(rows: Floats, query: Floats, metric: Metric) -> np.ndarray[Any, np.dtype[np.longdouble]]:
    """More is nearer, in long double."""
    wide, q = rows.astype(np.longdouble), query.astype(np.longdouble)
    if metric == "euclidean":
        return -np.sqrt(((wide - q) ** 2).sum(axis=1))
    dots = (wide * q).sum(axis=1)
    if metric == "dot":
        return dots
    lengths = np.sqrt((wide**2).sum(axis=1)) * np.sqrt((q**2).sum())
    return np.where(lengths > 0, dots / np.where(lengths > 0, lengths, 1), 0)


@given(
    hnp.arrays(
        np.float32, st.integers(0, 3000), elements=st.sampled_from(ODD_SCORES) | st.floats(-2, 2, width=32)
    ),
    st.integers(1, 12),
    st.lists(st.integers(0, 2999), max_size=3),
)
def test_top_k_is_a_stable_sort(scores: Floats, k: int, exclude: list[int]) -> None:
    assert top_k(scores, k, tuple(exclude)).tolist() == sorted_ids(scores.tolist(), tuple(exclude))[:k]


@pytest.mark.parametrize("odd", ODD_SCORES[:3])
def test_top_k_is_not_cut_short_by_scores_that_are_not_finite(odd: float) -> None:
    scores = np.arange(10_000, 0, -1, dtype=np.float32)
    scores[::256] = odd
    assert top_k(scores, 10).tolist() == list(range(1, 11))


@given(whole_number_matrices(), st.integers(1, 50), st.data())
def test_dot_products_and_ties_are_exact(rows: Floats, k: int, data: st.DataObject) -> None:
    token_id = data.draw(st.integers(0, len(rows) - 1))
    answer = neighbors_of_token(small_space(rows), token_id, k, "dot")
    scores = wide_scores(rows, rows[token_id], "dot")
    assert [n.id for n in answer.neighbors] == sorted_ids(scores, (token_id,))[:k]
    assert [n.rank for n in answer.neighbors] == list(range(1, min(k, len(rows) - 1) + 1))
    assert (answer.searched, answer.n_vocab) == (len(rows), len(rows))


@given(whole_number_matrices(), st.data())
def test_distances_and_ties_are_exact(rows: Floats, data: st.DataObject) -> None:
    token_id = data.draw(st.integers(0, len(rows) - 1))
    answer = neighbors_of_token(small_space(rows), token_id, 50, "euclidean")
    scores = wide_scores(rows, rows[token_id], "euclidean")
    assert [n.id for n in answer.neighbors] == sorted_ids(scores.astype(np.float32), (token_id,))
    np.testing.assert_array_equal(
        [n.score for n in answer.neighbors], [-np.float32(scores[n.id]) for n in answer.neighbors]
    )


@given(matrices(), metrics, st.data())
def test_scores_are_those_of_wider_precision(rows: Floats, metric: Metric, data: st.DataObject) -> None:
    # a norm of subnormal numbers has lost its digits: no cosine of such a row is exact
    rows = np.where(np.abs(rows) < np.finfo(np.float32).tiny * 1e6, np.float32(0), rows)
    query = rows[data.draw(st.integers(0, len(rows) - 1))]
    expected = wide_scores(rows, query, metric).astype(np.float64)
    scale = 1.0 if metric == "cosine" else float(np.abs(rows).max()) ** (2 if metric == "dot" else 1) * 6
    # products below the least normal number lose digits that no tolerance in proportion allows for
    least = float(np.finfo(np.float32).tiny)
    np.testing.assert_allclose(
        closeness(small_space(rows), query, metric), expected, rtol=1e-5, atol=1e-6 * scale + least
    )


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e30])
def test_distances_hold_where_squares_leave_the_range_of_float32(scale: float) -> None:
    rows = (np.array([[3, 4], [4, 3], [3, 0], [0, 0]]) * scale).astype(np.float32)
    distances = -closeness(small_space(rows), rows[0], "euclidean") / np.float32(scale)
    np.testing.assert_allclose(distances, [0, np.sqrt(2), 4, 5], rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e30])
def test_cosines_hold_where_squares_leave_the_range_of_float32(scale: float) -> None:
    rows = (np.array([[3, 4], [4, 3], [-3, 4], [0, 0]]) * scale).astype(np.float32)
    scores = closeness(small_space(rows), rows[0], "cosine")
    np.testing.assert_allclose(scores, [1, 0.96, 0.28, 0], rtol=1e-5)


def test_near_duplicates_far_from_the_origin_keep_their_distances() -> None:
    """|a|² − 2 a·q + |q|² in float32 is wrong by hundreds here, for all 5,000 rows."""
    rng = np.random.default_rng(3)
    rows = (4000 + rng.normal(size=(5000, 20))).astype(np.float32)
    answer = neighbors_of_token(small_space(rows), 17, 20, "euclidean")
    scores = wide_scores(rows, rows[17], "euclidean")
    assert [n.id for n in answer.neighbors] == sorted_ids(scores, (17,))[:20]
    np.testing.assert_allclose(
        [n.score for n in answer.neighbors], [-float(scores[n.id]) for n in answer.neighbors], rtol=1e-5
    )


@pytest.mark.parametrize("metric", METRICS)
def test_rows_that_are_not_finite_are_left_out_and_spoil_nothing(metric: Metric) -> None:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(900, 4)).astype(np.float32)
    whole = [i for i in range(900) if i % 7]
    rows[::7] = np.array([np.nan, np.inf, -np.inf, 1], np.float32)
    rows[7] = np.inf
    answer = neighbors_of_token(small_space(rows), 1, 900, metric)
    scores = closeness(small_space(rows[whole]), rows[1], metric)
    assert [n.id for n in answer.neighbors] == [whole[i] for i in sorted_ids(scores, (0,))]


@pytest.mark.parametrize("metric", METRICS)
def test_a_query_that_is_not_finite_is_an_error(metric: Metric) -> None:
    space = small_space(np.array([[np.nan, 1], [1, 1], [2, 1]]))
    with pytest.raises(UsageError, match="NaN"):
        neighbors_of_token(space, 0, 1, metric)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 2)])
def test_a_query_of_another_shape_is_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"\(2,\)"):
        neighbors_of_vector(small_space(np.eye(2)), np.ones(shape, np.float32))


def test_wrong_requests_are_usage_errors() -> None:
    space = small_space(np.eye(3))
    unknown: Any = "manhattan"
    with pytest.raises(UsageError, match="at least one"):
        space.neighbors("t0", k=0)
    with pytest.raises(UsageError, match="at least one"):
        nearest(space, space["t0"], 0, among=np.array([1]))
    with pytest.raises(UsageError, match="cosine, dot, euclidean"):
        space.neighbors("t0", metric=unknown)
    with pytest.raises(UsageError, match="cosine, dot, euclidean"):
        similarity(space, 0, 1, unknown)


def test_a_vector_of_the_space_finds_its_own_row_first() -> None:
    space = small_space(np.eye(3) * [[1], [2], [3]])
    assert [(n.token, n.score) for n in space.neighbors(space["t1"], k=1)] == [("t1", 1.0)]


@given(whole_number_matrices(), metrics, st.integers(1, 9), st.data())
def test_a_search_among_some_is_the_whole_answer_without_the_others(
    rows: Floats, metric: Metric, k: int, data: st.DataObject
) -> None:
    space = small_space(rows)
    ids = st.integers(0, len(rows) - 1)
    among = np.array(sorted(data.draw(st.sets(ids))), dtype=np.int64)
    exclude = tuple(data.draw(st.lists(ids, max_size=2)))
    query = rows[data.draw(ids)]
    answer = nearest(space, query, k, metric, exclude, among)
    whole = nearest(space, query, len(rows), metric, exclude).neighbors
    expected = [(n.id, n.token, n.score) for n in whole if n.id in among][:k]
    assert [(n.id, n.token, n.score) for n in answer.neighbors] == expected
    assert [n.rank for n in answer.neighbors] == list(range(1, len(expected) + 1))
    assert (answer.searched, answer.n_vocab) == (len(among), len(rows))


@given(whole_number_matrices(), metrics, st.data())
def test_ranks_are_places_in_the_whole_answer(rows: Floats, metric: Metric, data: st.DataObject) -> None:
    space = small_space(rows)
    ids = st.integers(0, len(rows) - 1)
    token_id, other = data.draw(ids), data.draw(ids)
    scores = closeness(space, rows[token_id], metric)
    order = [n.id for n in neighbors_of_token(space, token_id, len(rows), metric).neighbors]
    if other != token_id:
        place = order.index(other)
        assert rank_of(space, scores, other, (token_id,)) == place + 1
        assert [n.id for n in closer_than(space, token_id, other, 5, metric).neighbors] == order[:place][:5]


def test_a_row_that_is_not_finite_ranks_last() -> None:
    scores = np.array([np.nan, 1, 3, np.inf, 2], np.float32)
    assert [rank_of(small_space(np.zeros((5, 1))), scores, i) for i in range(5)] == [4, 3, 1, 5, 2]


@given(matrices(max_rows=8), metrics)
def test_similarity_is_that_of_wider_precision(rows: Floats, metric: Metric) -> None:
    space = small_space(rows)
    for a, b in itertools.product(range(len(rows)), repeat=2):
        expected = float(wide_scores(rows, rows[a], metric)[b]) * (-1 if metric == "euclidean" else 1)
        assert similarity(space, a, b, metric) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_odd_one_out_is_farthest_from_the_mean_direction() -> None:
    space = small_space(np.array([[9, 1], [1, 0], [1, 0.2], [0, 1]]))
    odd = odd_one_out(space, [0, 1, 2, 3])
    units = space.vectors / np.linalg.norm(space.vectors, axis=1)[:, None]
    mean = units.mean(axis=0)
    assert odd.id == 3
    np.testing.assert_allclose(
        [score for _, score in odd.scores], units @ mean / np.linalg.norm(mean), rtol=1e-6
    )


@pytest.mark.parametrize("ids", [[], [0, 1], [0, 0, 1, 1]])
def test_odd_one_out_needs_three(ids: list[int]) -> None:
    with pytest.raises(UsageError, match="three"):
        odd_one_out(small_space(np.eye(4)), ids)


def test_odd_one_out_of_rows_that_are_not_finite_is_an_error() -> None:
    with pytest.raises(UsageError, match="NaN"):
        odd_one_out(small_space(np.array([[1, 2], [2, 1], [np.inf, 1]])), [0, 1, 2])


@pytest.mark.parametrize("metric", METRICS)
def test_drawn_rows_are_searched_as_if_they_were_an_array(metric: Metric) -> None:
    drawn = DrawnRows((3000, 700), Distribution("normal", 0.02), seed=5)
    whole = drawn.take(np.arange(3000))
    by_block = small_space(EmbeddingMatrix(drawn))
    done: list[tuple[int, int]] = []
    answer = neighbors_of_token(by_block, 9, 7, metric, progress=lambda *step: done.append(step))
    expected = neighbors_of_token(small_space(whole), 9, 7, metric)
    assert [n.id for n in answer.neighbors] == [n.id for n in expected.neighbors]
    np.testing.assert_allclose(
        [n.score for n in answer.neighbors], [n.score for n in expected.neighbors], rtol=1e-5
    )
    assert [total for _, total in done] == [3000] * len(done)
    assert [step for step, _ in done] == sorted({step for step, _ in done})
    assert len(done) > 1
    assert done[-1][0] == 3000
    np.testing.assert_allclose(by_block.matrix.known_norms, np.linalg.norm(whole, axis=1), rtol=1e-5)


def test_a_raised_cancel_token_stops_a_scan() -> None:
    space = small_space(EmbeddingMatrix(DrawnRows((40_000, 700), Distribution("normal", 0.02), seed=5)))
    cancel = CancelToken()
    seen: list[int] = []

    def stop_after_two(done: int, _total: int) -> None:
        seen.append(done)
        if len(seen) == 2:
            cancel.cancel()

    with pytest.raises(CancelledError):
        neighbors_of_token(space, 0, cancel=cancel, progress=stop_after_two)
    assert len(seen) == 2
    assert space.matrix.known_norms is None
