"""How faithful a map is: against scikit-learn, and against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.manifold import trustworthiness

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.maps import faithfulness as module
from tui_embed.engine.maps.faithfulness import (
    distances_to,
    faithfulness,
    ranks_on_map,
    torn_away,
    true_neighbours,
)
from tui_embed.engine.scan import METRICS
from tui_embed.errors import CancelledError


def pair(n: int, d: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, d)).astype(np.float32)
    return rows, (rows[:, :2] + rng.normal(size=(n, 2)) * 0.3).astype(np.float32)


@given(st.integers(8, 60), st.integers(3, 8), st.integers(0, 10**6))
@settings(max_examples=25)
def test_trustworthiness_is_that_of_scikit_learn(n, d, seed):
    rows, points = pair(n, d, seed)
    k = min(10, (n - 1) // 2)
    found = faithfulness(rows, points, "euclidean")
    assert found is not None
    assert found.k == k
    assert found.looked_at == n
    assert found.trustworthiness == pytest.approx(trustworthiness(rows, points, n_neighbors=k), abs=1e-6)
    by_cosine = faithfulness(rows, points, "cosine")
    assert by_cosine is not None
    wanted = trustworthiness(rows, points, n_neighbors=k, metric="cosine")
    assert by_cosine.trustworthiness == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_kept_neighbours_are_counted(metric):
    rows, points = pair(70, 6)
    kept = 0
    for place in range(70):
        near = set(true_neighbours(rows, place, metric, 10))
        ranks = ranks_on_map(points, place)
        kept += sum(1 <= ranks[other] <= 10 for other in near)
    found = faithfulness(rows, points, metric)
    assert found is not None
    assert found.kept == pytest.approx(kept / 700)


def test_a_map_that_is_the_space_is_wholly_faithful():
    rows, _ = pair(50, 2)
    found = faithfulness(rows, rows, "euclidean")
    assert found is not None
    assert (found.trustworthiness, found.kept) == (1, 1)


def test_a_sample_is_looked_at_where_all_are_too_many(monkeypatch):
    rows, points = pair(600, 6)
    whole = faithfulness(rows, points, "euclidean")
    monkeypatch.setattr(module, "MOST_WORK", 150_000)
    part = faithfulness(rows, points, "euclidean", seed=3)
    assert whole is not None
    assert part is not None
    assert part.looked_at == 250
    assert part.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.02)
    assert faithfulness(rows, points, "euclidean", seed=3) == part


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_points_say_nothing(n):
    assert faithfulness(*pair(n, 4)) is None


def test_it_stops_when_it_is_not_wanted():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        faithfulness(*pair(50, 4), cancel=cancel)


@pytest.mark.parametrize("metric", METRICS)
def test_distances_are_in_the_order_of_the_metric(metric):
    rows, _ = pair(40, 5)
    wide = rows.astype(np.float64)
    found = distances_to(rows, np.array([3, 7]), metric)
    for place, own in enumerate((3, 7)):
        wanted = {
            "euclidean": np.square(wide - wide[own]).sum(axis=1),
            "dot": -(wide @ wide[own]),
            "cosine": -(wide @ wide[own]) / np.linalg.norm(wide, axis=1) / np.linalg.norm(wide[own]),
        }[metric]
        np.testing.assert_allclose(found[place], wanted, atol=1e-4)


def test_near_points_far_from_the_origin_keep_their_order():
    rows = (np.array([[0, 0], [1, 0], [2, 0], [4, 0]]) * 0.01 + 1000).astype(np.float32)
    assert true_neighbours(rows, 0, "euclidean", 3) == [1, 2, 3]


def test_a_zero_row_is_near_nothing_by_cosine():
    rows = np.array([[1, 0, 0], [0, 0, 0], [1, 0.1, 0], [-1, 0, 0]], np.float32)
    assert true_neighbours(rows, 0, "cosine", 3) == [2, 1, 3]
    assert np.isfinite(distances_to(rows, np.array([1]), "cosine")).all()


def test_a_neighbour_is_torn_away_when_many_others_lie_between():
    assert not torn_away(30, 10)
    assert torn_away(31, 10)


def test_ranks_on_the_map_begin_with_the_point_itself():
    points = np.array([[0, 0], [3, 0], [1, 0], [1, 1]], np.float32)
    assert ranks_on_map(points, 0).tolist() == [0, 3, 1, 2]
