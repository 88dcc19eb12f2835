"""``kind = city and (year > 1990 or title ~ ^The)`` as a condition on the columns of a space.

    filter  = all { "or" all }
    all     = part { "and" part }
    part    = "not" part | "(" filter ")" | column operator value
    column  = bare | [bracketed] | "quoted" | 'quoted' | “quoted”
    value   = bare | "quoted" | 'quoted' | “quoted”

Operators: ``=`` ``!=`` ``<`` ``<=`` ``>`` ``>=``, ``:`` (holds the text) and ``~`` (a regular expression is
found in it). A bare column runs to white space, an operator or a parenthesis; a bare value runs to white
space, or to a parenthesis that closes one opened before it, so that ``title ~ ^(The|A)$`` is one value.
"""

import re
from dataclasses import dataclass
from typing import Literal, cast

from tui_embed.errors import ExpressionError

MAX_LENGTH = 10_000
MAX_DEPTH = 50

Operator = Literal["=", "!=", "<", "<=", ">", ">=", ":", "~"]

_OPERATOR = re.compile(r"==|!=|<=|>=|[=<>:~]")
_QUOTES = {'"': '"', "'": "'", "“": "”"}
_BARE_COLUMN = re.compile(r"""[^\s=!<>:~()\["'“]+""")
_EXAMPLE = "such as kind = city and year > 1990"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``column operator value``; ``at`` is where the value stands in the text (0-based)."""

    column: str
    operator: Operator
    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    """What ``part`` does not hold for."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """What every one of ``parts`` holds for."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What at least one of ``parts`` holds for."""

    parts: "tuple[Condition, ...]"


Condition = Comparison | Not | AllOf | AnyOf


def parse(text: str) -> Condition:
    """Read a filter. ExpressionError, with the column of the text, for what cannot be read."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"a filter has at most {MAX_LENGTH:,} characters", text, MAX_LENGTH)
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def whole(self) -> Condition:
        condition = self.any_of()
        if self.at < len(self.text):
            what = "no parenthesis is open here" if self.next() == ")" else "“and” or “or” is needed here"
            raise self.error(what)
        return condition

    def any_of(self) -> Condition:
        parts = [self.all_of()]
        while self.word("or"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self) -> Condition:
        parts = [self.part()]
        while self.word("and"):
            parts.append(self.part())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def part(self) -> Condition:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} conditions lie inside of each other")
        condition = self.not_() or self.parenthesis() or self.test()
        self.depth -= 1
        return condition

    def not_(self) -> Condition | None:
        return Not(self.part()) if self.word("not") else None

    def parenthesis(self) -> Condition | None:
        if self.next() != "(":
            return None
        opened = self.at
        self.at += 1
        condition = self.any_of()
        if self.next() != ")":
            if self.at == len(self.text):
                raise ExpressionError("the closing ) is missing", self.text, opened)
            raise self.error("“and”, “or” or ) is needed here")
        self.at += 1
        return condition

    def test(self) -> Comparison:
        column = self.column()
        self.skip_space()
        found = _OPERATOR.match(self.text, self.at)
        if not found:
            raise self.error(f"an operator (= != < <= > >= : ~) is needed after {column!r}")
        self.at = found.end()
        self.skip_space()
        at = self.at
        operator = "=" if found[0] == "==" else found[0]
        return Comparison(column, cast(Operator, operator), self.value(), at)

    def column(self) -> str:
        first = self.next()
        closing = "]" if first == "[" else _QUOTES.get(first)
        if closing:
            return self.quoted(closing)
        found = _BARE_COLUMN.match(self.text, self.at)
        if not found:
            raise self.error(f"a column is needed here, {_EXAMPLE}")
        self.at = found.end()
        return found[0]

    def value(self) -> str:
        first = self.next()
        if first in _QUOTES:
            return self.quoted(_QUOTES[first])
        if first and first in "=<>:~!":
            raise self.error("a value that begins so is written in quotes")
        begin, opened = self.at, 0
        while self.at < len(self.text) and not self.text[self.at].isspace():
            char = self.text[self.at]
            opened += {"(": 1, ")": -1}.get(char, 0)
            if opened < 0:
                break
            self.at += 2 if char == "\\" and self.at + 1 < len(self.text) else 1
        if self.at == begin:
            raise self.error("a value is missing")
        return self.text[begin : self.at]

    def quoted(self, closing: str) -> str:
        opened = self.at
        end = self.text.find(closing, opened + 1)
        if end < 0:
            raise self.error(f"the closing {closing} is missing")
        self.at = end + 1
        return self.text[opened + 1 : end]

    def word(self, word: str) -> bool:
        """Go past ``word`` if it is next, in lower or upper case, and stands alone."""
        self.next()
        end = self.at + len(word)
        after = self.text[end : end + 1]
        alone = not after or after.isspace() or after in "([\"'“"
        if self.text[self.at : end] not in (word, word.upper()) or not alone:
            return False
        self.at = end
        return True

    def next(self) -> str:
        """The next character that is no space, gone up to; empty at the end."""
        self.skip_space()
        return self.text[self.at : self.at + 1]

    def skip_space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def error(self, message: str) -> ExpressionError:
        return ExpressionError(message, self.text, self.at)
