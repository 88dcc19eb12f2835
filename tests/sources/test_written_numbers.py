"""Numbers in fields: read at once or one by one, they are what ``float`` reads, rounded to float32."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.sources.formats.table_columns import Kind
from tui_embed.sources.formats.written_numbers import (
    NoNumberError,
    as_rows,
    floats,
    is_listed,
    is_number,
    kind_of_texts,
    listed_floats,
    listed_rows,
    plain_rows,
)

numbers = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.floats(width=32, allow_nan=False).map(str),
    st.from_regex(r"[+-]?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["0", "-0", "-0.0", "1e-46", "16777217", "inf", "-Infinity"]),
)
odd = st.text(alphabet="0123456789.-+eE ,[]\n\tx_é", max_size=6)


@given(st.integers(1, 4), st.sampled_from([",", "\t"]), st.data())
def test_rows_at_once_are_rows_one_by_one(d_model, separator, data):
    rows = data.draw(st.lists(st.lists(numbers, min_size=d_model, max_size=d_model), min_size=1, max_size=5))
    blank = data.draw(st.sampled_from(["", " "]))
    found = plain_rows([f"{separator}{blank}".join(row) for row in rows], d_model, separator)
    expected = as_rows([number for row in rows for number in floats(row)], len(rows))
    assert found is not None
    assert found.tobytes() == expected.tobytes()
    listed = listed_rows([f"[{', '.join(row)}]" for row in rows], d_model)
    assert d_model == 1 or (listed is not None and listed.tobytes() == expected.tobytes())


@given(st.lists(odd, min_size=1, max_size=4), st.integers(1, 3), st.sampled_from([",", "\t", " "]))
def test_whatever_is_read_at_once_is_read_one_by_one_as_well(rows, d_model, separator):
    found = plain_rows(rows, d_model, separator)
    if found is not None:
        fields = [row.split(separator) for row in rows]
        assert all(len(row) == d_model for row in fields)
        assert found.tolist() == as_rows([x for row in fields for x in floats(row)], len(rows)).tolist()


@given(odd)
def test_lists_are_the_same_at_once_and_one_by_one(text):
    try:
        expected = listed_floats(text)
    except NoNumberError:
        expected = None
    for d_model in range(1, 4):
        found = listed_rows([text], d_model)
        assert found is None or found.tolist() == as_rows(expected, 1).tolist()


@pytest.mark.parametrize("text", ["", " ", "1_0", "１", "0x1", "1e", ".", "--1", "1 2", "nane", "1,"])
def test_no_numbers(text):
    assert not is_number(text)
    with pytest.raises(NoNumberError):
        floats(["1", text])


def test_the_error_says_which():
    with pytest.raises(NoNumberError, match="“x” is no number") as caught:
        floats(["1", "2", "x", "y"])
    assert caught.value.place == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[1, 2.5]", [1, 2.5]),
        ("1,2.5", [1, 2.5]),
        (" 1  2.5 ", [1, 2.5]),
        ("[1 2.5\n -3]", [1, 2.5, -3]),
        ("[ 1,\t2 ]", [1, 2]),
        ("[5]", [5]),
        ("[]", []),
        ("[1, 2", None),
        ("[1,, 2]", None),
        ("[[1], [2]]", None),
        ("[1 ... 2]", None),
        ("]", None),
        ("[", None),
    ],
)
def test_lists(text, found):
    if found is None:
        with pytest.raises(NoNumberError):
            listed_floats(text)
    else:
        assert listed_floats(text) == found
    assert is_listed(text) is bool(found)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "2.5", ""], Kind.NUMBER),
        (["1", "x"], Kind.MOSTLY_NUMBER),
        (["1", "x", "y"], Kind.TEXT),
        (["[1]", "x"], Kind.WRITTEN_NUMBERS),
        (["1 2", "[3, 4]"], Kind.WRITTEN_NUMBERS),
        (["", ""], Kind.TEXT),
        ([], Kind.TEXT),
    ],
)
def test_what_a_column_holds(texts, kind):
    assert kind_of_texts(texts) is kind


def test_numbers_beyond_float32_are_infinite():
    assert np.isinf(as_rows([1e39, -1e39], 1)).all()
