"""Whole maps: what they show of spaces whose meaning is known."""

import numpy as np
import pytest

from tui_embed.engine.maps.arrows import read_pairs
from tui_embed.engine.maps.point_map import draw, draw_on_axes, seen_of, with_clusters, with_faithfulness
from tui_embed.engine.maps.semantic_axes import read_axis
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import listed, most_frequent
from tui_embed.sources.catalog import open_space

HAPPY, SAD = ["高兴", "开心", "快乐"], ["伤心", "痛苦"]
UNIVERSITIES = ["清华大学", "北京大学", "复旦大学", "浙江大学"]


def groups(drawn) -> list[set[str]]:
    """The words of each cluster."""
    names = [drawn.space.vocabulary[int(one)] for one in drawn.subject.ids]
    labels = drawn.clusters.labels
    return [
        {name for name, label in zip(names, labels, strict=True) if label == n}
        for n in range(labels.max() + 1)
    ]


def apart(drawn, one: list[str], other: list[str]) -> bool:
    """Whether on the map each word of ``one`` is nearer to all of its own than to any of ``other``."""
    places = [[drawn.places[drawn.space.id(word)] for word in words] for words in (one, other)]
    points = drawn.layout.points[:, :2]
    far = np.linalg.norm(points[:, None] - points[None], axis=2)
    return bool(far[np.ix_(places[0], places[0])].max() < far[np.ix_(places[0], places[1])].min())


def test_feelings_and_universities_are_clusters_of_a_space_that_has_them(chinese):
    words = [*HAPPY, *SAD, *UNIVERSITIES]
    drawn = with_clusters(draw(chinese, listed(chinese, words), MapSettings(clusters=3)))
    assert sorted(groups(drawn), key=sorted) == sorted([set(HAPPY), set(SAD), set(UNIVERSITIES)], key=sorted)
    assert apart(drawn, HAPPY, SAD)
    assert apart(drawn, SAD, HAPPY)
    assert apart(drawn, UNIVERSITIES, [*HAPPY, *SAD])


def test_the_happy_and_the_sad_alone_are_two_clusters_without_being_told_how_many(chinese):
    drawn = with_clusters(draw(chinese, listed(chinese, [*HAPPY, *SAD]), MapSettings()))
    assert groups(drawn) == [set(HAPPY), set(SAD)]
    assert {name.decode() for name in drawn.cluster_name(1)} == set(SAD)


def test_countries_and_feelings_are_apart_in_real_vectors():
    glove = open_space("glove")
    countries = ["france", "germany", "italy", "spain", "japan", "china"]
    feelings = ["happy", "sad", "angry", "afraid", "lonely", "proud"]
    drawn = with_clusters(draw(glove, listed(glove, countries + feelings), MapSettings(clusters=2)))
    assert sorted(groups(drawn), key=sorted) == sorted([set(countries), set(feelings)], key=sorted)
    # the first component tells them apart
    across = {name: drawn.layout.points[drawn.places[glove.id(name)], 0] for name in countries + feelings}
    assert max(across[name] for name in countries) < min(across[name] for name in feelings) or max(
        across[name] for name in feelings
    ) < min(across[name] for name in countries)


def test_the_same_map_comes_out_twice(planted):
    subject = most_frequent(planted, 100)
    one, two = (with_clusters(draw(planted, subject, MapSettings(seed=4))) for _ in range(2))
    np.testing.assert_array_equal(one.layout.points, two.layout.points)
    np.testing.assert_array_equal(one.clusters.labels, two.clusters.labels)


def test_clusters_do_not_depend_on_the_picture(planted):
    subject = most_frequent(planted, 100)
    by_pca = with_clusters(draw(planted, subject, MapSettings(clusters=3)))
    axes = (read_axis(planted, "a1 > b1"),)
    on_axes = with_clusters(draw_on_axes(planted, subject, MapSettings(clusters=3), axes))
    np.testing.assert_array_equal(by_pca.clusters.labels, on_axes.clusters.labels)


def test_what_is_known_of_a_map_is_said(planted):
    drawn = with_faithfulness(draw(planted, most_frequent(planted, 100), MapSettings()))
    said = " · ".join(drawn.said())
    assert said.startswith("PCA · ")
    assert "% of variance" in said
    assert "trustworthiness" in said
    assert "of 10 nearest" in said


def test_a_missing_package_leaves_the_map_and_says_why(planted, monkeypatch):
    from tui_embed.errors import TuiEmbedError

    def missing(*given, **more):
        raise TuiEmbedError("this needs the package scipy", "pip install 'tui-embed[maps]'")

    monkeypatch.setattr("tui_embed.engine.maps.point_map.cluster", missing)
    drawn = with_clusters(draw(planted, most_frequent(planted, 100), MapSettings()))
    assert drawn.clusters is None
    assert "tui-embed[maps]" in drawn.unclustered


def test_no_clusters_where_none_are_wanted(planted):
    drawn = with_clusters(draw(planted, most_frequent(planted, 100), MapSettings(clusters=0)))
    assert drawn.clusters is None
    assert drawn.unclustered == ""


def test_words_lie_where_their_rows_point_along_axes(planted):
    axes = (read_axis(planted, "a0 > b0"), read_axis(planted, "a0 > c0"))
    drawn = draw_on_axes(planted, listed(planted, ["a1", "b1", "c1"]), MapSettings(), axes)
    a, b, c = drawn.layout.points
    assert a[0] < c[0] < b[0]
    assert a[1] < b[1] < c[1]
    assert drawn.layout.axes == ("a0 → b0", "a0 → c0")


def test_along_one_axis_they_lie_on_a_line(planted):
    drawn = draw_on_axes(
        planted, listed(planted, ["a1", "b1"]), MapSettings(), (read_axis(planted, "a0 > b0"),)
    )
    assert not drawn.layout.points[:, 1].any()


def test_what_is_seen_of_a_map_is_its_points_along_the_axes_that_are_looked_at(planted):
    subject, arrows = read_pairs(planted, ["a1>b1", "a2>b2", "a3>c3"])
    drawn = with_clusters(draw(planted, subject, MapSettings(clusters=3), arrows))
    kept = np.isin(drawn.subject.ids, [planted.id(word) for word in ("a1", "b1", "c3")])
    seen = seen_of(drawn, (0, 2), kept)
    np.testing.assert_array_equal(seen.layout.points, drawn.layout.points[kept][:, [0, 2]])
    np.testing.assert_array_equal(seen.rows, drawn.rows[kept])
    assert seen.layout.axes == ("component 1", "component 3")
    assert len(seen.arrows) == 1
    assert len(seen) == 3
    assert len(seen_of(drawn)) == len(drawn)


@pytest.mark.parametrize("settings", [MapSettings(metric="euclidean"), MapSettings(metric="dot")])
def test_other_metrics_take_rows_as_they_are(planted, settings):
    subject = most_frequent(planted, 100)
    drawn = with_faithfulness(draw(planted, subject, settings))
    assert drawn.faithful is not None
    assert not np.allclose(drawn.layout.points, draw(planted, subject, MapSettings()).layout.points)
