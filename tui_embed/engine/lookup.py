"""From what a person typed to a token id, and what to offer when there is none."""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import TuiEmbedError, UnknownTokenError, UsageError

if TYPE_CHECKING:
    import regex

SUGGESTIONS = 4
REGEX_SECONDS = 2.0
MAX_PATTERN = 500
MAX_REPEATS = 10_000
"""The regex package writes ``a{n}`` out n times while it compiles, which no timeout stops."""


def get_token(vocabulary: Vocabulary, text: str) -> int | None:
    """The id of a token: exactly as typed, or ``#id`` where no token is spelled so. None without either."""
    found = vocabulary.get(text)
    if found is None and text[:1] == "#" and text[1:].isascii() and text[1:].isdigit():
        number = int(text[1:].lstrip("0")[:20] or "0")
        return number if number < len(vocabulary) else None
    return found


def find_token(vocabulary: Vocabulary, text: str, space: str) -> int:
    """As :func:`get_token`, but UnknownTokenError, with the nearest spellings, where there is none."""
    found = get_token(vocabulary, text)
    if found is None:
        raise unknown_token(vocabulary, text, space)
    return found


def unknown_token(
    vocabulary: Vocabulary, text: str, space: str, composable: bool = False
) -> UnknownTokenError:
    """The error for a missing token: its form in lower case or with a space before it, then spellings.

    ``composable``: its vector can be had from its n-grams, though it has no id.
    """
    forms = [form for form in _other_forms(text) if form in vocabulary]
    spellings = [vocabulary[i] for i in fuzzy_search(vocabulary, text, SUGGESTIONS + len(forms))]
    suggestions = tuple(dict.fromkeys([*forms, *spellings]))[:SUGGESTIONS]
    hint = "nothing is spelled like it"
    if forms:
        hint = f"it has {_quoted(forms[:1])}"
    elif suggestions:
        hint = f"nearest spellings: {_quoted(suggestions)}"
    if composable:
        hint = f"it has no id, but a vector composed from its n-grams; {hint}"
    return UnknownTokenError(text, space, suggestions, hint)


def token_at(vocabulary: Vocabulary, token_id: int, space: str) -> int:
    """``token_id`` itself; UsageError where the vocabulary has no such id."""
    if not 0 <= token_id < len(vocabulary):
        raise UsageError(f"{space} has no id {token_id}", f"ids are 0 … {len(vocabulary) - 1:,}")
    return token_id


def prefix_search(vocabulary: Vocabulary, prefix: str, limit: int) -> NDArray[np.uint32]:
    """Ids of tokens that begin with ``prefix``, or with a space and then it, most frequent first."""
    found = np.concatenate(
        [vocabulary.with_prefix(prefix, limit), vocabulary.with_prefix(f" {prefix}", limit)]
    )
    return np.unique(found)[:limit]


def fuzzy_search(vocabulary: Vocabulary, text: str, limit: int) -> NDArray[np.uint32]:
    """Ids of the tokens spelled most like ``text`` as typed or in lower case, nearest first, the more
    frequent first among equals.
    """
    from rapidfuzz import fuzz, process

    if not text or limit <= 0:
        return np.empty(0, dtype=np.uint32)
    found: dict[int, float] = {}
    for form in dict.fromkeys([text, text.lower()]):
        for _, score, token_id in process.extract(
            form, vocabulary.texts, scorer=fuzz.ratio, limit=limit, score_cutoff=60
        ):
            found[token_id] = max(score, found.get(token_id, 0.0))
    nearest = sorted(found, key=lambda token_id: (-found[token_id], token_id))
    return np.array(nearest[:limit], dtype=np.uint32)


def regex_search(vocabulary: Vocabulary, pattern: str, limit: int) -> NDArray[np.uint32]:
    """Ids of tokens in which ``pattern`` is found, most frequent first.

    UsageError for a pattern that cannot be read, TuiEmbedError for one that takes longer than REGEX_SECONDS.
    """
    found = islice(texts_matching(pattern, vocabulary.texts), limit)
    return np.fromiter(found, dtype=np.uint32)


def texts_matching(pattern: str, texts: Iterable[str], seconds: float | None = None) -> Iterator[int]:
    """The places, from 0, of the texts in which the regular expression ``pattern`` is found.

    UsageError, at once, for a pattern that cannot be read; TuiEmbedError, while they are drawn, when all of
    it together takes longer than ``seconds``, REGEX_SECONDS unless given.
    """
    compiled = _compiled(pattern)
    allowed = REGEX_SECONDS if seconds is None else seconds
    deadline = time.monotonic() + allowed

    def found() -> Iterator[int]:
        for place, text in enumerate(texts):
            left = deadline - time.monotonic()
            try:
                if left <= 0:
                    raise TimeoutError
                if compiled.search(text, timeout=left):
                    yield place
            except TimeoutError:
                raise TuiEmbedError(
                    f"the pattern {pattern!r} took longer than {allowed:.3g} s", "make it simpler"
                ) from None

    return found()


SEARCHES: dict[str, Callable[[Vocabulary, str, int], NDArray[np.uint32]]] = {
    "prefix": prefix_search,
    "fuzzy": fuzzy_search,
    "regex": regex_search,
}


def _compiled(pattern: str) -> "regex.Pattern[str]":
    import regex

    if len(pattern) > MAX_PATTERN:
        raise UsageError(f"a pattern has at most {MAX_PATTERN} characters, not {len(pattern):,}")
    counts = [int(count[:9]) for count in re.findall(r"(?<=[{,])\s*(\d+)\s*(?=[,}])", pattern)]
    if math.prod(max(1, count) for count in counts) > MAX_REPEATS:
        raise UsageError(f"the pattern {pattern!r} repeats a part more than {MAX_REPEATS:,} times")
    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise UsageError(f"the pattern {pattern!r} cannot be read", str(error)) from None
    except RecursionError:
        raise UsageError(f"the pattern {pattern!r} is nested too deeply") from None


def _other_forms(text: str) -> list[str]:
    stripped = text.strip()
    return [
        form
        for form in dict.fromkeys(
            [text.lower(), stripped, stripped.lower(), f" {stripped}", f" {stripped.lower()}"]
        )
        if form and form != text
    ]


def _quoted(tokens: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"“{token}”" for token in tokens)
