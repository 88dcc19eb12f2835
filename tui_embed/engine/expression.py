"""``king - man + woman`` as a linear combination of tokens.

    expression = [sign] term { sign term }
    term       = [ number "*" ] token
    token      = bare | "quoted" | 'quoted' | “quoted” | [bracketed]

A bare token runs to the next white space. Signs of other keyboards (− ＋ －) are signs wherever they stand,
except in a word that is a token; ``+``, ``-`` and ``–`` are signs between terms, and inside a word only if
that word is not a token but its parts are (``state-of-the-art`` stays whole, ``king-man+woman`` does not).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tui_embed.errors import ExpressionError

MAX_LENGTH = 10_000

_SIGNS = {"+": 1.0, "＋": 1.0, "-": -1.0, "−": -1.0, "－": -1.0, "–": -1.0}
_TIMES = "*×＊·"
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "[": "]", "「": "」"}
_NUMBER = re.compile(rf"(\d+(?:\.\d*)?|\.\d+)\s*[{re.escape(_TIMES)}]\s*")
_ALWAYS_SIGN = re.compile("[＋−－]")
_SPLIT_SIGN = re.compile(r"[+\-–]")

Knows = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Term:
    """``weight`` times the row of ``token``; ``column`` is where the token stands in the text (0-based)."""

    weight: float
    token: str
    column: int


def parse(text: str, knows: Knows) -> list[Term]:
    """Read an expression; ``knows`` says whether a piece of text is a token of the space.

    ExpressionError, with the column, for what cannot be read. Whether the tokens exist is not decided here.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH:,} characters", text, MAX_LENGTH)
    if not text.strip():
        raise ExpressionError("an expression is needed, such as king - man + woman", text, 0)
    return _Reader(text, knows).expression()


class _Reader:
    def __init__(self, text: str, knows: Knows) -> None:
        self.text = text
        self.knows = knows
        self.at = 0

    def expression(self) -> list[Term]:
        terms: list[Term] = []
        while True:
            self.skip_space()
            if self.at == len(self.text):
                return terms
            sign = self.sign(first=not terms)
            self.skip_space()
            weight = sign * self.number()
            terms.extend(self.token(weight))

    def skip_space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def sign(self, first: bool) -> float:
        found = _SIGNS.get(self.text[self.at])
        if found is not None and not (first and self.is_token_here()):
            self.at += 1
            return found
        if first:
            return 1.0
        raise ExpressionError(f"+ or - is needed before {self.bare_word()!r}", self.text, self.at)

    def is_token_here(self) -> bool:
        """Whether an expression that begins with a sign begins with a token such as ``-`` or ``-lrb-``."""
        word = self.bare_word()
        return self.knows(word) and (len(word) > 1 or word == self.text.strip())

    def number(self) -> float:
        found = _NUMBER.match(self.text, self.at)
        if not found:
            return 1.0
        self.at = found.end()
        return float(found[1])

    def token(self, weight: float) -> list[Term]:
        self.skip_space()
        if self.at == len(self.text):
            raise ExpressionError("a token is missing", self.text, self.at)
        closing = _QUOTES.get(self.text[self.at])
        word = self.bare_word()
        if closing is not None and not self.is_whole(word, closing):
            return [self.quoted(weight, closing)]
        if word in _SIGNS and not self.knows(word):
            raise ExpressionError("a token is missing", self.text, self.at)
        column = self.at
        self.at += len(word)
        return self.split(weight, word, column)

    def is_whole(self, word: str, closing: str) -> bool:
        """Whether a word that begins with a quote is a token (``'s``, ``[unused1]``) and no longer quoted
        piece is: ``" king"`` begins with the token ``"``, but means the token with a space before it.
        """
        if not self.knows(word):
            return False
        end = self.text.find(closing, self.at + 1)
        return end < self.at + len(word) or not self.knows(self.text[self.at + 1 : end])

    def quoted(self, weight: float, closing: str) -> Term:
        column = self.at
        end = self.text.find(closing, column + 1)
        if end < 0:
            raise ExpressionError(f"the closing {closing} is missing", self.text, column)
        if end == column + 1:
            raise ExpressionError("nothing stands between the quotes", self.text, column)
        self.at = end + 1
        return Term(weight, self.text[column + 1 : end], column + 1)

    def bare_word(self) -> str:
        end = self.at
        while end < len(self.text) and not self.text[end].isspace():
            end += 1
        word = self.text[self.at : end]
        sign = _ALWAYS_SIGN.search(word, 1)
        return word[: sign.start()] if sign and not self.knows(word) else word

    def split(self, weight: float, word: str, column: int) -> list[Term]:
        """``king-man+woman`` as three terms where the space has no such token but has the three."""
        whole = [Term(weight, word, column)]
        if self.knows(word) or not _SPLIT_SIGN.search(word):
            return whole
        terms: list[Term] = []
        start, sign = 0, 1.0
        for found in [*_SPLIT_SIGN.finditer(word), None]:
            end = found.start() if found else len(word)
            piece = word[start:end]
            if not piece or not self.knows(piece):
                return whole
            terms.append(Term(weight if not terms else sign, piece, column + start))
            if found:
                sign, start = _SIGNS[found[0]], found.end()
        return terms


def quoted(token: str) -> str:
    """``token`` as it is written in an expression: bare where that reads back as it, else in quotes."""
    special = any(char.isspace() or char in _SIGNS or char in _TIMES for char in token)
    if token and not special and token[0] not in _QUOTES:
        return token
    pairs = [(opening, closing) for opening, closing in _QUOTES.items() if closing not in token]
    opening, closing = pairs[0] if pairs else ("", "")
    return f"{opening}{token}{closing}"
