"""How the text of a corpus is split into tokens before there is a vocabulary."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from tui_embed.engine.vocabulary import decode_token
from tui_embed.errors import UsageError
from tui_embed.tokenizers.catalog import encoding_names, tokenizer
from tui_embed.tokenizers.wellformed import wellformed

if TYPE_CHECKING:
    import regex

WORDS, CHARACTERS = "words", "characters"

Piece = tuple[str, int, int]
"""A token and where it stands in the text, in characters."""


def check_splitting(tokens: str) -> None:
    """UsageError for a way of splitting that is not known."""
    known = (WORDS, CHARACTERS, *encoding_names())
    if tokens not in known:
        raise UsageError(f"a text is not split into {tokens!r}", f"tokens are {', '.join(known)}")


def splitter(tokens: str) -> Callable[[str], list[str]]:
    """A function that splits a line: into ``words`` (runs of letters, marks and digits, in lower case, with
    hyphens and apostrophes inside of them; signs are left out), ``characters`` but for white space, or the
    tokens of an encoding. UsageError for anything else.
    """
    check_splitting(tokens)
    if tokens == WORDS:
        return split_words
    if tokens == CHARACTERS:
        return split_characters
    encoding = tokenizer(tokens)
    return lambda line: [decode_token(token.bytes) for token in encoding.encode(line)]


def split_words(line: str) -> list[str]:
    """The words of a line."""
    low = line.lower()
    found: list[str] = (_ascii_words() if low.isascii() else _words()).findall(low)
    return found


def split_characters(line: str) -> list[str]:
    """The characters of a line that are no white space."""
    return [character for character in wellformed(line) if not character.isspace()]


def word_pieces(text: str) -> Iterator[Piece]:
    """The words of a text as :func:`split_words` has them, with their places. A text whose lower case is
    longer than itself keeps its own case where it is.
    """
    low = text.lower()
    if len(low) != len(text):
        low = "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in text)
    for match in (_ascii_words() if low.isascii() else _words()).finditer(low):
        yield match.group(), match.start(), match.end()


@cache
def _ascii_words() -> "re.Pattern[str]":
    return re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")


@cache
def _words() -> "regex.Pattern[str]":
    import regex

    return regex.compile(r"[\p{L}\p{M}\p{N}]++(?:['’-][\p{L}\p{M}\p{N}]++)*+")
