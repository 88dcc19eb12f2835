"""The filter language: what it keeps, held to a row-by-row reading, and what it refuses."""

import operator
import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine import lookup
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.filter import matching
from tui_embed.engine.filter_parser import AllOf, AnyOf, Comparison, Not, parse
from tui_embed.engine.metadata import TextColumn
from tui_embed.errors import CancelledError, ExpressionError, TuiEmbedError, UsageError

COLUMNS = {
    "kind": ["city", "river", "city", "", "City"],
    "year": ["1990", "1991.5", "", "1e3", "2000"],
    "big": ["9007199254740993", "9007199254740992", "9007199254740994", "1", ""],
    "first name": ["Ann Lee", "ann", "O'Neil", 'the "x"', "(a|b)"],
    "born": ["2020-01-31", "2019-12-01", "", "2020-02-01", "2020-01-31"],
}
METADATA = {name: TextColumn.from_texts(texts) for name, texts in COLUMNS.items()}


def kept(text):
    return np.flatnonzero(matching(METADATA, text)).tolist()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("kind = city", [0, 2]),
        ("kind == city", [0, 2]),
        ("kind=city", [0, 2]),
        ("kind != city", [1, 3, 4]),
        ('kind = ""', [3]),
        ("kind : it", [0, 2, 4]),
        ("kind ~ (?i)^CITY$", [0, 2, 4]),
        ("year > 1990", [1, 4]),
        ("year >= 1990", [0, 1, 4]),
        ("year < 1990.5", [0, 3]),
        ("year <= 1000", [3]),
        ("year = 1990.0", [0]),
        ("year = 1000", [3]),
        ("year != 1000", [0, 1, 2, 4]),
        ("not year > 1990", [0, 2, 3]),
        ("big = 9007199254740993", [0]),
        ("big > 9007199254740992", [0, 2]),
        ("big < 9007199254740993", [1, 3]),
        ("big = 1.0", [3]),
        ("[first name] : 'Ann '", [0]),
        ('"first name" = “the "x"”', [3]),
        ("[first name] = (a|b)", [4]),
        (r"([first name] ~ ^(Ann|O'Neil)) and kind = city", [0, 2]),
        (r"[first name] ~ \(", [4]),
        ("born >= 2020-01-31", [0, 3, 4]),
        ("born < 2020-01", [1]),
        ("kind = city and year > 0 or kind = river", [0, 1]),
        ("kind = city AND (year > 0 OR kind = river)", [0]),
        ("not(kind = city)and not not kind = river", [1]),
        ("kind = and or kind = river", [1]),
    ],
)
def test_kept(text, rows):
    assert kept(text) == rows


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 0, "a column is needed here"),
        ("  ", 2, "a column is needed here"),
        ("kind", 4, "an operator"),
        ("kind !~ x", 5, "an operator"),
        ("kind =", 6, "a value is missing"),
        ("kind = )", 7, "a value is missing"),
        ("year => 5", 6, "in quotes"),
        ("kind = city river = x", 12, "“and” or “or” is needed"),
        ("kind = city)", 11, "no parenthesis is open"),
        ("(kind = city", 0, "the closing ) is missing"),
        ("(kind = city kind = x)", 13, "or ) is needed"),
        ("kind = 'city", 7, "the closing ' is missing"),
        ("[kind = city", 0, "the closing ] is missing"),
        ("kind = city and", 15, "a column is needed"),
        ("and", 3, "an operator"),
        ("year > many", 7, "“many” is no number"),
        ("(" * 60 + "a", 50, "inside of each other"),
        ("not " * 60 + "a", 199, "inside of each other"),
        ("x" * 10_001, 10_000, "at most 10,000"),
    ],
)
def test_what_cannot_be_read_says_where(text, column, message):
    with pytest.raises(ExpressionError) as caught:
        matching(METADATA, text)
    assert message in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("knd = city", "no column “knd” (nearest spelling: “kind”; columns are kind, year, big, first name"),
        ("Year > 5", "nearest spelling: “year”"),
        ("zzzzz = 5", "no column “zzzzz” (columns are kind"),
        ("kind = city or yeer > 5", "“yeer”"),
        ("kind > 5", "kind is not of numbers: row 1 holds “city”"),
        ("kind ~ (", "cannot be read"),
    ],
)
def test_what_the_columns_do_not_allow(text, message):
    with pytest.raises(UsageError) as caught:
        matching(METADATA, text)
    assert message in str(caught.value)


def test_a_space_without_metadata():
    with pytest.raises(UsageError, match="has no metadata"):
        matching({}, "kind = city")


def test_a_column_that_is_empty_has_no_order_with_a_number():
    with pytest.raises(UsageError, match="is empty"):
        matching({"a": TextColumn.from_texts(["", ""])}, "a > 5")


def test_a_pattern_that_backtracks_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(lookup, "REGEX_SECONDS", 0.2)
    column = TextColumn.from_texts(["a" * 200 + "!"])
    began = time.monotonic()
    with pytest.raises(TuiEmbedError, match=r"longer than 0\.2 s"):
        matching({"a": column}, "a ~ ^(a|a)*$")
    assert time.monotonic() - began < 2


def test_a_search_that_nobody_wants_any_more_ends():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        matching(METADATA, "kind ~ x", cancel)


ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
tests = st.one_of(
    st.builds(
        Comparison,
        st.just("kind"),
        st.sampled_from(["=", "!=", ":", "~"]),
        st.sampled_from(["city", "City", "i", "river"]),
        st.just(0),
    ),
    st.builds(
        Comparison,
        st.just("year"),
        st.sampled_from(["=", "!=", *ORDERS]),
        st.sampled_from(["1990", "1000.0", "1991.5", "2e3"]),
        st.just(0),
    ),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=6,
)


def written(condition):
    match condition:
        case Comparison(column, sign, value, _):
            return f"{column} {sign} '{value}'"
        case Not(part):
            return f"not ({written(part)})"
        case AllOf(parts):
            return f"({' and '.join(map(written, parts))})"
        case AnyOf(parts):
            return f"({' or '.join(map(written, parts))})"


def holds(condition, row):
    match condition:
        case Not(part):
            return not holds(part, row)
        case AllOf(parts):
            return all(holds(part, row) for part in parts)
        case AnyOf(parts):
            return any(holds(part, row) for part in parts)
        case Comparison("kind", sign, value, _):
            text = COLUMNS["kind"][row]
            found = {":": value in text, "~": bool(re.search(value, text))}
            return found.get(sign, (text == value) == (sign == "="))
        case Comparison("year", sign, value, _):
            text = COLUMNS["year"][row]
            number = float(text) if text else float("nan")
            order = {"=": operator.eq, "!=": operator.ne, **ORDERS}[sign]
            return order(number, float(value))


@given(conditions)
def test_any_condition_is_what_it_is_row_by_row(condition):
    assert kept(written(condition)) == [row for row in range(5) if holds(condition, row)]


@given(st.text(alphabet="ab =!<>~:()[]\"'and or not\\", max_size=25))
def test_any_text_is_a_condition_or_an_error_with_a_place(text):
    place = 0
    try:
        parse(text)
    except ExpressionError as error:
        place = error.column
    assert 0 <= place <= len(text)
