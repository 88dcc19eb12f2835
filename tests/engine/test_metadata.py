"""Columns of text: layout, numbers, counts, and the scans that a filter is made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine import column_scan, metadata
from tui_embed.engine.column_scan import equal_to, holding, order_to
from tui_embed.engine.metadata import TextColumn, describe

texts = st.lists(st.one_of(st.text(max_size=5), st.text("ab", max_size=4)), max_size=20)
needles = st.one_of(st.text(max_size=3), st.text("ab", max_size=3))


@pytest.fixture(autouse=True, params=[2, 1 << 16])
def block(request, monkeypatch):
    """Everything holds for blocks of a few texts as for whole columns."""
    monkeypatch.setattr(metadata, "BLOCK", request.param)
    monkeypatch.setattr(column_scan, "PIECE", 2 * request.param)


@given(texts)
def test_a_column_gives_back_its_texts(given_texts):
    column = TextColumn.from_texts(given_texts)
    assert [column[row] for row in range(len(column))] == given_texts
    assert [text.decode() for _, block in column.blocks() for text in block] == given_texts


@pytest.mark.parametrize("row", [-1, 2])
def test_a_row_outside(row):
    with pytest.raises(IndexError):
        TextColumn.from_texts(["a", "b"])[row]


def test_bytes_that_are_no_utf8_are_shown_as_replaced():
    assert TextColumn.from_blob(b"a\xffb", np.array([3]))[0] == "a\ufffdb"


@given(texts, needles)
def test_scans_agree_with_python(given_texts, value):
    column, encoded = TextColumn.from_texts(given_texts), value.encode()
    order = [(text.encode() > encoded) - (text.encode() < encoded) for text in given_texts]
    assert order_to(column, encoded).tolist() == order
    assert equal_to(column, encoded).tolist() == [text == value for text in given_texts]
    assert holding(column, encoded).tolist() == [value in text for text in given_texts]


def test_a_text_is_not_found_across_two_rows():
    assert holding(TextColumn.from_texts(["ab", "cd", "abcd"]), b"bc").tolist() == [False, False, True]


@given(st.lists(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers()), min_size=1))
def test_numbers_are_what_float_reads(values):
    spelled = [str(value) for value in values]
    numbers = TextColumn.from_texts([*spelled, ""]).numbers
    assert numbers is not None
    assert numbers[:-1].tolist() == [float(text) for text in spelled]
    assert np.isnan(numbers[-1])


@pytest.mark.parametrize(
    "word", ["nan", "inf", "1_000", " 1", "1 ", "０", "1,5", "--1", "e", "1e", "0x1", "."]
)
def test_what_float_reads_but_no_person_writes_is_a_word(word):
    column = TextColumn.from_texts(["1", "", "2", word, "x"])
    assert column.numbers is None
    assert column.first_word() == 3


def test_a_column_without_values_has_no_numbers():
    assert TextColumn.from_texts(["", ""]).numbers is None
    assert TextColumn.from_texts(["", ""]).first_word() is None


def test_counts_are_most_frequent_first_and_bounded():
    column = TextColumn.from_texts(["b", "a", "", "b", "c"])
    assert column.counts() == [("b", 2), ("", 1), ("a", 1), ("c", 1)]
    assert column.counts(4) is not None
    assert column.counts(3) is None


def test_describe_leaves_out_what_is_empty():
    columns = {"kind": TextColumn.from_texts(["city", ""]), "year": TextColumn.from_texts(["1", "2"])}
    assert describe(columns, 0) == [("kind", "city"), ("year", "1")]
    assert describe(columns, 1) == [("year", "2")]
