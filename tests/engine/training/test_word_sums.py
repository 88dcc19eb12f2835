"""Rows are summed by the word at their place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.training.word_sums import AT_ONCE, WordPlaces

texts = st.lists(st.integers(0, 5), min_size=1, max_size=5 * AT_ONCE)


@given(texts)
def test_rows_are_summed_by_word(ids: list[int]) -> None:
    rows = np.arange(len(ids) * 2, dtype=np.float64).reshape(-1, 2)
    expected = np.zeros((6, 2))
    np.add.at(expected, ids, rows)
    places = WordPlaces.of(np.array(ids))
    np.testing.assert_array_equal(places.sums(rows), expected[places.ids])


@given(texts)
def test_a_word_comes_once_and_those_at_most_places_first(ids: list[int]) -> None:
    places = WordPlaces.of(np.array(ids))
    np.testing.assert_array_equal(places.ids[places.of_place], ids)
    assert sorted(places.ids.tolist()) == sorted(set(ids))
    assert places.counts.tolist() == sorted((ids.count(word) for word in set(ids)), reverse=True)
