"""Neighbours, pairs and the map of watched words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from strategies import matrices

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix, unit_rows
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.training.watching import MOST_MOMENTS, MOST_ON_MAP, Trace, watch
from tui_embed.errors import CancelledError


def matrix_of(rows, step=1):
    return EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32)), version=step)


def drawn(n=30, d=6, seed=1):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@given(matrices(), st.integers(1, 6), st.data())
def test_neighbours_are_those_of_all_cosines(rows, k, data):
    # numbers so small that float32 has no digits left for them have no direction to compare
    rows[np.abs(rows) < 1e-30] = 0
    word = data.draw(st.integers(0, len(rows) - 1))
    near = watch(matrix_of(rows), [word], [], k).near[word]
    units = unit_rows(rows).astype(np.float64)
    cosines = units @ units[word]
    if not rows[word].any():
        assert near == ()
        return
    others = np.delete(np.arange(len(rows)), word)
    assert len(near) == min(k, len(others))
    assert len({neighbor.token_id for neighbor in near}) == len(near)
    best = np.sort(cosines[others])[::-1][:k]
    assert [neighbor.cosine for neighbor in near] == pytest.approx(best.tolist(), abs=1e-5)
    assert [cosines[neighbor.token_id] for neighbor in near] == pytest.approx(best.tolist(), abs=1e-5)


def test_places_are_compared_with_the_moment_before():
    angles = np.array([0, 0.1, 0.2, 0.3, 0.4])
    first = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    before = watch(matrix_of(first), [0], [], 3)
    assert [(near.token_id, near.rose) for near in before.near[0]] == [(1, 0), (2, 0), (3, 0)]
    order = [0, 2, 4, 3, 1]
    now = watch(matrix_of(first[np.argsort(order)], 2), [0], [], 3, before)
    for place, near in enumerate(now.near[0]):
        places = [other.token_id for other in before.near[0]]
        expected = places.index(near.token_id) - place if near.token_id in places else None
        assert near.rose == expected
    assert {near.rose for near in now.near[0]} > {None}


def test_rows_without_a_direction_are_left_out():
    rows = drawn()
    rows[3], rows[4], rows[5] = np.nan, np.inf, 0
    seen = watch(matrix_of(rows), [0, 3, 4, 5], [(0, 3)], 40)
    assert seen.near[3] == seen.near[4] == seen.near[5] == ()
    assert not {near.token_id for near in seen.near[0]} & {3, 4}
    assert np.isnan(seen.pairs[0, 3])
    assert not np.isin(seen.map_ids, (3, 4, 5)).any()
    assert np.isfinite(seen.points).all()


@pytest.mark.parametrize("shape", [(1, 4), (2, 1), (2, 4), (3, 2)])
def test_few_rows_are_enough(shape):
    seen = watch(matrix_of(drawn(*shape)), range(shape[0]), [(0, 0)], 5)
    assert seen.pairs[0, 0] == pytest.approx(1)
    assert len(seen.map_ids) == len(seen.points)


def test_no_word_at_all_is_no_trouble():
    seen = watch(matrix_of(drawn()), [], [], 5)
    assert seen.near == seen.pairs == {}
    assert not len(seen.map_ids)


def test_the_map_has_a_bounded_number_of_points():
    assert len(watch(matrix_of(drawn(500)), range(200), [], 5).map_ids) == MOST_ON_MAP


@pytest.mark.parametrize("turn", [0.7, 2.5, "mirror"])
def test_a_turned_space_leaves_the_map_where_it_was(turn):
    rows = drawn(20, 2)
    if turn == "mirror":
        around = np.diag([1.0, -1.0])
    else:
        around = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    before = watch(matrix_of(rows), range(20), [], 3)
    now = watch(matrix_of(rows @ around, 2), range(20), [], 3, before)
    assert now.points == pytest.approx(before.points, abs=1e-5)


def test_the_map_is_turned_by_the_words_that_both_moments_have():
    rows = drawn(40, 5)
    before = watch(matrix_of(rows), range(20), [], 1)
    moved = rows + 0.05 * drawn(40, 5, seed=2)
    now = watch(matrix_of(moved, 2), range(10, 30), [], 1, before)
    alone = watch(matrix_of(moved, 2), range(10, 30), [], 1)
    shared, here, there = np.intersect1d(now.map_ids, before.map_ids, return_indices=True)
    assert len(shared) >= 10
    start, target = alone.points[here], before.points[there]
    best, _ = orthogonal_procrustes(start - start.mean(axis=0), target - target.mean(axis=0))
    assert now.points == pytest.approx(alone.points @ best, abs=1e-6)


def test_a_cancelled_look_ends():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        watch(matrix_of(drawn()), [0], [], 3, None, cancel)


@given(st.integers(1, 3 * MOST_MOMENTS), st.integers(1, 80))
def test_a_trace_stays_bounded_and_true(n_moments, cells):
    trace = Trace()
    for step in range(n_moments):
        trace.add(step, step / n_moments)
    trace.add(n_moments - 1, 9.0)
    assert len(trace.steps) <= MOST_MOMENTS
    assert (trace.steps[0], trace.steps[-1]) == (0, n_moments - 1)
    assert trace.steps == sorted(set(trace.steps))
    assert trace.cosines == [step / n_moments for step in trace.steps]
    seen = trace.over(cells)
    assert len(seen) == min(cells, len(trace.steps))
    assert list(seen) == sorted(seen)
    if cells > 1 or len(trace.steps) == 1:
        assert seen[-1] == trace.cosines[-1]
