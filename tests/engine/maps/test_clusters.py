"""Clusters are found among the rows, and named by their most central words."""

import numpy as np
import pytest

from tui_embed.engine.maps.clusters import Clusters, cluster, usual_count


@pytest.mark.parametrize(
    ("n", "k"), [(1, 0), (3, 0), (4, 2), (5, 2), (18, 3), (50, 5), (128, 8), (20_000, 8)]
)
def test_how_many_to_look_for(n, k):
    assert usual_count(n) == k


def test_planted_groups_are_found_largest_first_and_named_by_their_middle(planted):
    found = cluster(planted.vectors, 3, 1)
    groups = [
        {planted.vocabulary[int(place)][0] for place in np.flatnonzero(found.labels == n)} for n in range(3)
    ]
    assert groups == [{"a"}, {"b"}, {"c"}]
    assert found.sizes == [12, 9, 7]
    # the first word of each group was put at its middle
    assert [planted.vocabulary[places[0]] for places in found.central] == ["a0", "b0", "c0"]


def test_the_same_seed_gives_the_same_clusters():
    rows = np.random.default_rng(2).normal(size=(300, 10)).astype(np.float32)
    one, two = (cluster(rows, 6, 4) for _ in range(2))
    np.testing.assert_array_equal(one.labels, two.labels)
    assert one.central == two.central


def test_no_more_clusters_than_there_are_different_rows():
    rows = np.repeat(np.eye(3, dtype=np.float32), [5, 3, 2], axis=0)
    found = cluster(rows, 3, 1)
    assert found.sizes == [5, 3, 2]
    few = cluster(np.ones((6, 4), np.float32), 4, 1)
    assert sum(few.sizes) == 6
    assert 0 not in few.sizes


def test_one_cluster_needs_no_package(monkeypatch):
    monkeypatch.setattr("tui_embed.engine.maps.clusters.fit", None)
    found = cluster(np.eye(5, dtype=np.float32), 1, 1)
    assert found.sizes == [5]


def test_the_clusters_of_some_points_are_those_that_have_any():
    whole = Clusters(np.array([0, 0, 0, 1, 1, 2], np.int32), ((1, 0), (4, 3), (5,)))
    part = whole.of(np.array([2, 4, 5]))
    assert part.labels.tolist() == [0, 1, 2]
    # 4 and 5 were central, and are the second and third now; of the first none was
    assert part.central == ((0,), (1,), (2,))
    assert whole.of(np.array([0, 1])).central == ((1, 0),)
