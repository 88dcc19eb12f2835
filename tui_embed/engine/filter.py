"""Which rows of a space a filter such as ``kind = city and year > 1990`` keeps, by their metadata."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine import lookup
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.column_scan import equal_to, holding, order_to
from tui_embed.engine.filter_parser import AllOf, AnyOf, Comparison, Condition, Not, parse
from tui_embed.engine.metadata import Metadata, TextColumn
from tui_embed.engine.vocabulary import encode_token
from tui_embed.errors import ExpressionError, UsageError

Mask = NDArray[np.bool_]

EXACT_DIGITS = 15
"""Decimal numbers of so many digits are different float64 wherever they are different numbers."""

NAMED = 12
"""How many columns an error names."""

REGEX_SECONDS_A_ROW = 1e-5
"""What a pattern may take for each row, beside what it may take at all; a good one takes half of it."""

NO_VALUE = np.int8(2)
"""In place of an order, for a row without a value."""

_ALLOWED = {"<": [-1], "<=": [-1, 0], ">": [1], ">=": [0, 1]}


def matching(metadata: Metadata, text: str, cancel: CancelToken | None = None) -> Mask:
    """The rows that the filter ``text`` keeps, ``(n,)``; see :mod:`tui_embed.engine.filter_parser`.

    ``=`` holds for equal texts and for equal numbers (1990 = 1990.0); ``<`` and its kin compare numbers,
    and texts in the order of their code points where the value is no number, as dates such as 2020-01-31
    are. A row without a value is in no such comparison, but it is ``!=`` any value.

    ExpressionError, with the place, for a filter that cannot be read; UsageError for a column that there is
    not, or is not of numbers; TuiEmbedError for a regular expression that takes too long;
    CancelledError where ``cancel`` is raised while one is searched.
    """
    condition = parse(text)
    if not metadata:
        raise UsageError("the space has no metadata to filter by")
    for test in _tests(condition):
        if test.column not in metadata:
            raise unknown_column(metadata, test.column)
    return _Filter(metadata, text, cancel).rows(condition)


def unknown_column(metadata: Metadata, name: str) -> UsageError:
    """The error for a column that there is not, with the nearest spelling."""
    from rapidfuzz import process

    near = process.extractOne(name, list(metadata), score_cutoff=60, processor=str.lower)
    names = ", ".join(list(metadata)[:NAMED]) + (", …" if len(metadata) > NAMED else "")
    nearest = f"nearest spelling: “{near[0]}”; " if near else ""
    return UsageError(f"the metadata have no column “{name}”", f"{nearest}columns are {names}")


def _tests(condition: Condition) -> Iterator[Comparison]:
    match condition:
        case Comparison():
            yield condition
        case Not(part):
            yield from _tests(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _tests(part)


class _Filter:
    """The columns and the text that all conditions of one filter speak of."""

    def __init__(self, metadata: Metadata, text: str, cancel: CancelToken | None) -> None:
        self.metadata = metadata
        self.text = text
        self.cancel = cancel

    def rows(self, condition: Condition) -> Mask:
        match condition:
            case Comparison():
                return self.rows_of(self.metadata[condition.column], condition)
            case Not(part):
                return ~self.rows(part)
            case AllOf(parts):
                return np.asarray(np.logical_and.reduce([self.rows(part) for part in parts]))
            case AnyOf(parts):
                return np.asarray(np.logical_or.reduce([self.rows(part) for part in parts]))

    def rows_of(self, column: TextColumn, test: Comparison) -> Mask:
        match test.operator:
            case ":":
                return holding(column, encode_token(test.value))
            case "~":
                return _matching(column, test.value, self.cancel)
            case "=":
                return _equal(column, test.value)
            case "!=":
                return ~_equal(column, test.value)
            case "<" | "<=" | ">" | ">=":
                return np.isin(_order(column, self.text, test), _ALLOWED[test.operator])


def _equal(column: TextColumn, value: str) -> Mask:
    same = equal_to(column, encode_token(value))
    if _is_number(value) and column.numbers is not None:
        same |= _number_order(column, column.numbers, value) == 0
    return same


def _order(column: TextColumn, text: str, test: Comparison) -> NDArray[np.int8]:
    """How each row stands to the value: −1, 0, 1, or NO_VALUE."""
    numbers = column.numbers
    if not _is_number(test.value):
        if numbers is not None:
            message = f"“{test.value}” is no number, and {test.column} is of numbers"
            raise ExpressionError(message, text, test.at)
        return np.where(column.lengths > 0, order_to(column, encode_token(test.value)), NO_VALUE)
    if numbers is None:
        raise _not_numbers(column, test)
    return _number_order(column, numbers, test.value)


def _number_order(column: TextColumn, numbers: NDArray[np.float64], value: str) -> NDArray[np.int8]:
    """How each number stands to ``value``: as float64, and exactly where two numbers of many digits may be
    the same float64.
    """
    nearest = float(value)
    order = np.full(len(column), NO_VALUE)
    for sign, found in ((-1, numbers < nearest), (0, numbers == nearest), (1, numbers > nearest)):
        order[found] = sign
    if nearest == 0 or np.isinf(nearest):
        return order
    close = order == 0
    if len(value) <= EXACT_DIGITS:
        close &= column.lengths > EXACT_DIGITS
    for row in np.flatnonzero(close).tolist():
        order[row] = int(Decimal(column[row]).compare(Decimal(value)))
    return order


def _is_number(text: str) -> bool:
    """Whether ``text`` is a number, as those of a column are written."""
    return TextColumn.from_texts([text]).numbers is not None


def _not_numbers(column: TextColumn, test: Comparison) -> UsageError:
    row = column.first_word()
    if row is None:
        return UsageError(f"the column {test.column} is empty")
    return UsageError(
        f"the column {test.column} is not of numbers: row {row + 1} holds “{column[row][:40]}”",
        "a text that is no number, such as 2020-01, compares as text",
    )


def _matching(column: TextColumn, pattern: str, cancel: CancelToken | None) -> Mask:
    def texts() -> Iterator[str]:
        for _, block in column.blocks():
            if cancel is not None:
                cancel.check()
            yield from (text.decode("utf-8", "replace") for text in block)

    seconds = lookup.REGEX_SECONDS + REGEX_SECONDS_A_ROW * len(column)
    found = np.zeros(len(column), dtype=bool)
    found[np.fromiter(lookup.texts_matching(pattern, texts(), seconds), dtype=np.int64)] = True
    return found
