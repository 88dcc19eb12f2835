"""Whole words, split the way the vocabulary of GloVe 6B was: Penn Treebank tokens in lower case."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from tui_embed.engine.tokens import Token
from tui_embed.tokenizers.wellformed import wellformed

if TYPE_CHECKING:
    import regex

# How many characters a word of a script without spaces may have: bounds the search for the longest match.
_LONGEST_UNSPACED_WORD = 12

_CLITICS = ("n't", "'s", "'re", "'ve", "'ll", "'d", "'m")


class WordTokenizer:
    """Words and punctuation, looked up in a vocabulary of words.

    ``lookup`` gives the id of a token or None. Each piece is tried as written, then in lower case; a piece
    that the vocabulary lacks has id None. White space belongs to no token, so the offsets have gaps where
    it stands; they are into the UTF-8 of the text with lone surrogates replaced by U+FFFD.
    """

    def __init__(self, name: str, lookup: Callable[[str], int | None], n_vocab: int) -> None:
        self.name = name
        self.n_vocab = n_vocab
        self._lookup = lookup

    def encode(self, text: str) -> list[Token]:
        """The words of ``text`` in order."""
        tokens: list[Token] = []
        text = wellformed(text)
        position = end = 0
        for match in (_ascii_chunks() if text.isascii() else _unicode_chunks()).finditer(text):
            end += len(text[position : match.start()].encode())
            position = match.end()
            for piece in self._pieces(match):
                spelled = piece.encode()
                start, end = end, end + len(spelled)
                tokens.append(Token(self._id(piece), spelled, start, end))
        return tokens

    def _id(self, piece: str) -> int | None:
        straight = piece.replace("’", "'")
        for spelling in dict.fromkeys((piece, straight, straight.lower())):
            found = self._lookup(spelling)
            if found is not None:
                return found
        return None

    def _pieces(self, match: "re.Match[str] | regex.Match[str]") -> Iterator[str]:
        chunk = match.group()
        if match.lastgroup == "unspaced":
            yield from self._longest_matches(chunk)
        elif match.lastgroup == "word":
            stem, clitic = _split_clitic(chunk)
            yield from self._word(stem)
            if clitic:
                yield clitic
        else:
            yield chunk

    def _word(self, word: str) -> Iterator[str]:
        """The word itself if the vocabulary has it or it has no inner sign, else its parts and the signs."""
        if self._id(word) is not None:
            yield word
        else:
            yield from _PARTS.findall(word)

    def _longest_matches(self, run: str) -> Iterator[str]:
        if self._id(run) is not None:
            yield run
            return
        start = 0
        while start < len(run):
            for stop in range(min(len(run), start + _LONGEST_UNSPACED_WORD), start, -1):
                if stop == start + 1 or self._id(run[start:stop]) is not None:
                    yield run[start:stop]
                    start = stop
                    break


def _split_clitic(word: str) -> tuple[str, str]:
    """“don't” → “do”, “n't”; “king's” → “king”, “'s”. An apostrophe may be the curly one."""
    plain = word.replace("’", "'").lower()
    for clitic in _CLITICS:
        if plain.endswith(clitic) and len(plain) == len(word) > len(clitic):
            return word[: -len(clitic)], word[-len(clitic) :]
    return word, ""


_CHUNKS = r"""
        (?P<unspaced> [UNSPACED]++ )                             # scripts that put no space between words
      | (?P<abbreviation> \b(?:[LETTER]\.){2,}+ )                # u.s.
      | (?P<number> [+-]?+\d++(?:[.,:/]\d++)*+(?![LETTERMARK_]) )  # 3.14  1,000,000  10:30
      | (?P<clitic> ['’](?i:s|re|ve|ll|d|m)\b )                   # standing alone
      | (?P<word> [LETTERMARKNUMBER_]++(?:[-'’./][LETTERMARKNUMBER_]++)*+ )
      | (?P<dots> \.{3} | -{2} )
      | (?P<sign> (?:\S|[\x1c-\x1f])[MARK]*+ )         # not white space to "regex", but to "re"
"""
_CLASSES = {
    "LETTER": r"\p{L}",
    "MARK": r"\p{M}",
    "NUMBER": r"\p{N}",
    "UNSPACED": r"\p{Han}\p{Hiragana}\p{Katakana}ー々",
}
# U+0080 stands for nothing: it is in no text of ASCII
_ASCII_CLASSES = {"LETTER": "A-Za-z", "MARK": r"\x80", "NUMBER": "0-9", "UNSPACED": r"\x80"}

_PARTS = re.compile(r"[^-'’./_]++|[-'’./_]")


def _with_classes(classes: dict[str, str]) -> str:
    return re.sub(r"LETTER|MARK|NUMBER|UNSPACED", lambda name: classes[name[0]], _CHUNKS)


@cache
def _ascii_chunks() -> "re.Pattern[str]":
    """The pattern for ASCII, as most text is: to import ``regex`` and compile the other takes 40 ms."""
    return re.compile(_with_classes(_ASCII_CLASSES), re.VERBOSE)


@cache
def _unicode_chunks() -> "regex.Pattern[str]":
    import regex

    return regex.compile(_with_classes(_CLASSES), regex.VERBOSE)
