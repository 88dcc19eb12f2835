"""What is drawn and how: chosen before anything is computed, and refused in one line where it cannot be."""

import numpy as np
import pytest

from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import (
    LARGEST_BYTES,
    find_word,
    listed,
    most_frequent,
    neighbourhood,
    only,
    rows_of,
    where,
    words_of,
)
from tui_embed.errors import TuiEmbedError, UnknownTokenError, UsageError


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "lda"},
        {"metric": "manhattan"},
        {"perplexity": 0.5},
        {"perplexity": float("nan")},
        {"iterations": 5},
        {"iterations": 10**9},
        {"n_neighbors": 1},
        {"min_dist": -0.1},
        {"min_dist": float("inf")},
        {"clusters": -1},
        {"clusters": 51},
        {"seed": -1},
        {"seed": 2**32},
    ],
)
def test_what_is_out_of_range_is_a_usage_error(wrong):
    with pytest.raises(UsageError, match=str(next(iter(wrong)) if "method" not in wrong else "lda")[:8]):
        MapSettings(**wrong)


@pytest.mark.parametrize(
    ("n", "perplexity", "neighbors"), [(2, 1, 2), (10, 3, 9), (91, 30, 15), (5000, 30, 15)]
)
def test_settings_are_fitted_to_few_points(n, perplexity, neighbors):
    fitted = MapSettings().fitted_to(n)
    assert (fitted.perplexity, fitted.n_neighbors) == (perplexity, neighbors)


def test_what_a_method_depends_on_is_said():
    assert (
        MapSettings("tsne", seed=7, perplexity=12).said == "t-SNE · perplexity 12 · 500 iterations · seed 7"
    )
    assert MapSettings("umap").said == "UMAP · 15 neighbours · min_dist 0.1 · seed 1"
    assert MapSettings().said == "PCA"


def test_a_neighbourhood_is_the_token_and_its_nearest(planted):
    found = neighbourhood(planted, planted.id("a0"), 11)
    assert planted.vocabulary[int(found.ids[0])] == "a0"
    assert {planted.vocabulary[int(one)][0] for one in found.ids} == {"a"}
    assert found.main == {planted.id("a0")}
    assert found.of == len(planted)


def test_an_expression_is_its_terms_and_its_answers(planted):
    found = words_of(planted, "a1 - b1 + c1", 5)
    assert [planted.vocabulary[int(one)] for one in found.ids[:3]] == ["a1", "b1", "c1"]
    assert len(found) == 8
    assert {planted.id("a1"), planted.id("b1"), planted.id("c1")} < found.main
    with pytest.raises(UnknownTokenError):
        words_of(planted, "a1 - zebra", 5)


def test_a_list_says_what_is_missing_and_has_each_token_once(planted):
    found = listed(planted, ["a1", "A1", "zebra", "a1", "#3", "b2", "yak"], "mine")
    assert [planted.vocabulary[int(one)] for one in found.ids] == ["a1", "a3", "b2"]
    assert found.missing == ("zebra", "yak")
    assert found.wanted == 5
    assert found.title == "mine"


@pytest.mark.parametrize("words", [[], ["zebra", "yak"]])
def test_a_list_with_nothing_in_it_is_a_usage_error(planted, words):
    with pytest.raises(UsageError, match="is in small"):
        listed(planted, words)


def test_a_word_is_found_as_it_is_meant(build):
    space = build([" king", "Queen", "x"], np.eye(3))
    assert [find_word(space, word) for word in ("king", "Queen", "King", "#2", "queen")] == [0, 1, 0, 2, None]


def test_the_most_frequent_are_the_first(planted):
    assert most_frequent(planted, 4).ids.tolist() == [0, 1, 2, 3]
    assert len(most_frequent(planted, 10**9)) == len(planted)
    assert "all" in most_frequent(planted, 10**9).title
    with pytest.raises(UsageError):
        most_frequent(planted, 0)


def test_a_filter_says_how_many_it_keeps(build):
    space = build("abcd", np.eye(4), columns={"kind": ["x", "y", "x", "x"]})
    found = where(space, "kind = x", 2)
    assert found.ids.tolist() == [0, 2]
    assert found.of == 3
    with pytest.raises(UsageError, match="no row is"):
        where(space, "kind = z", 2)


def test_a_part_of_a_map_keeps_its_order(planted):
    whole = listed(planted, ["c1", "a1", "b1"])
    part = only(whole, [planted.id("b1"), planted.id("c1")])
    assert [planted.vocabulary[int(one)] for one in part.ids] == ["c1", "b1"]


def test_rows_are_those_of_the_space(planted):
    chosen = listed(planted, ["c1", "a1"])
    np.testing.assert_array_equal(rows_of(planted, chosen), planted.vectors[chosen.ids])
    assert rows_of(planted, most_frequent(planted, 10**6)) is planted.vectors


def test_rows_that_are_not_finite_are_named(build):
    space = build(["a", "b", "c"], [[1, 2, 3, 4], [1, np.nan, 3, 4], [np.inf, 1, 1, 1]])
    with pytest.raises(TuiEmbedError, match="2 rows have NaN or infinite numbers, the first that of “b”"):
        rows_of(space, most_frequent(space, 3))


def test_more_rows_than_memory_takes_are_refused_before_they_are_read(build):
    class Endless:
        shape = (10**6, 4096)

    space = build(["a"], [[1.0]])
    space.matrix.rows = Endless()
    subject = most_frequent(space, 1)
    huge = type(subject)("all", np.arange(10**6), 10**6)
    with pytest.raises(TuiEmbedError, match=f"at most {LARGEST_BYTES // 16384:,}"):
        rows_of(space, huge)
