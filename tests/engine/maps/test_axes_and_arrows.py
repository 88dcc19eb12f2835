"""Axes of a person's own, and analogies as arrows."""

import numpy as np
import pytest

from tui_embed.engine.maps.arrows import arrows_of, is_pair, of_analogy, read_pairs
from tui_embed.engine.maps.semantic_axes import between, read_axis, semantic_axis
from tui_embed.errors import UnknownTokenError, UsageError
from tui_embed.sources.catalog import open_space


@pytest.fixture(scope="module")
def glove():
    return open_space("glove")


def unit(row):
    wide = np.asarray(row, np.float64)
    return wide / np.linalg.norm(wide)


def test_an_axis_leads_from_the_mean_of_one_end_to_that_of_the_other(glove):
    axis = semantic_axis(glove, ["poor", "cheap"], ["rich", "dear"])
    low = (unit(glove["poor"]) + unit(glove["cheap"])) / 2
    high = (unit(glove["rich"]) + unit(glove["dear"])) / 2
    wanted = unit(high - low)
    np.testing.assert_allclose(axis.direction, wanted, atol=1e-6)
    rows = np.stack([glove["banker"], glove["beggar"]])
    np.testing.assert_allclose(axis.place(rows), [unit(row) @ wanted for row in rows], atol=1e-6)
    assert axis.name == "poor cheap → rich dear"


def test_words_lean_to_the_end_that_they_mean(glove):
    gender = read_axis(glove, "man > woman")
    places = dict(
        zip(("nurse", "boxer"), gender.place(np.stack([glove["nurse"], glove["boxer"]])), strict=True)
    )
    assert places["nurse"] > 0 > places["boxer"]
    money = read_axis(glove, "poor → rich")
    tycoon, beggar = money.place(np.stack([glove["tycoon"], glove["beggar"]]))
    assert tycoon > beggar
    assert abs(between(money, gender)) < 0.5
    assert between(money, money) == pytest.approx(1)


@pytest.mark.parametrize("text", ["poor>rich", "poor > rich", "poor:rich", " poor → rich "])
def test_an_axis_is_read_as_a_person_writes_it(glove, text):
    axis = read_axis(glove, text)
    assert (axis.low, axis.high) == (("poor",), ("rich",))


@pytest.mark.parametrize("text", ["", "poor", "poor >", "> rich", ">"])
def test_what_is_no_axis_is_a_usage_error(glove, text):
    with pytest.raises(UsageError, match="is no axis"):
        read_axis(glove, text)


def test_an_axis_with_unknown_words_or_without_length_is_a_usage_error(glove):
    with pytest.raises(UnknownTokenError):
        read_axis(glove, "poor > xyzzyq")
    with pytest.raises(UsageError, match="one point"):
        read_axis(glove, "poor > poor")
    with pytest.raises(UsageError, match="a word at each end"):
        semantic_axis(glove, [], ["rich"])


def test_two_arrows_are_as_parallel_as_their_rows_say(glove):
    ids = [glove.id(word) for word in ("man", "king", "woman", "queen")]
    one, two = arrows_of(glove, [(ids[0], ids[1]), (ids[2], ids[3])])
    rows = [glove.matrix.row(token_id).astype(np.float64) for token_id in ids]
    first, second = rows[1] - rows[0], rows[3] - rows[2]
    wanted = float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))
    assert one.parallel == pytest.approx(wanted)
    assert two.parallel == pytest.approx(wanted)
    assert one.closes


def test_an_arrow_alone_is_parallel_to_nothing(glove):
    (one,) = arrows_of(glove, [(1, 2)])
    assert one.parallel is None
    assert not one.closes


def test_of_many_arrows_each_is_compared_with_the_mean_of_the_others(build):
    space = build("abcdef", [[0, 0], [1, 0], [5, 5], [6, 5], [0, 9], [0, 8]])
    found = arrows_of(space, [(0, 1), (2, 3), (4, 5)])
    assert found[0].parallel == pytest.approx(float(np.array([1, 0]) @ [0.5, -0.5] / np.sqrt(0.5)))
    assert found[2].parallel == pytest.approx(0)
    assert [arrow.closes for arrow in found] == [True, True, False]


def test_an_analogy_is_two_arrows(glove):
    found = of_analogy(glove, "king - man + woman")
    words = [(glove.vocabulary[arrow.start], glove.vocabulary[arrow.end]) for arrow in found]
    assert words == [("man", "king"), ("woman", "queen")]
    assert of_analogy(glove, "king + queen") == []


def test_countries_and_capitals_are_parallel(glove):
    pairs = ["france>paris", "italy>rome", "japan>tokyo", "germany>berlin", "xyzzyq>paris"]
    subject, found = read_pairs(glove, pairs)
    assert [arrow.closes for arrow in found] == [True] * 4
    assert subject.missing == ("xyzzyq>paris",)
    assert len(subject) == 8
    assert subject.main == set(subject.ids.tolist())


@pytest.mark.parametrize(
    ("text", "yes"), [("a>b", True), ("a→b", True), (">", False), ("a>", False), ("a", False)]
)
def test_what_is_written_as_an_arrow(text, yes):
    assert is_pair(text) == yes


def test_pairs_that_are_none_are_a_usage_error(glove):
    with pytest.raises(UsageError, match="is no arrow"):
        read_pairs(glove, ["france paris"])
    with pytest.raises(UsageError, match="no pair of the list"):
        read_pairs(glove, ["xyzzyq>zyxxyq", "king>king"])
