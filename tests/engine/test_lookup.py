"""From what a person typed to a token id."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from strategies import nasty_tokens

from tui_embed.engine import lookup
from tui_embed.engine.lookup import SEARCHES, find_token, fuzzy_search, get_token, regex_search, token_at
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import TuiEmbedError, UnknownTokenError, UsageError

WORDS = Vocabulary.from_tokens(["the", "king", " Paris", "kings", "ring", "#2", "viking", b"\xff"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("king", 1),
        ("#1", 1),
        ("#0", 0),
        ("#007", 7),
        ("#" + "0" * 5000 + "3", 3),
        ("#2", 5),
        ("#8", None),
        ("#" + "9" * 5000, None),
        ("#18446744073709551617", None),
        ("#", None),
        ("#-1", None),
        ("#²", None),
        ("#١", None),
        ("# 1", None),
        ("", None),
        ("\udcff", 7),
    ],
)
def test_a_token_is_found_as_typed_or_by_id(text: str, found: int | None) -> None:
    assert get_token(WORDS, text) == found


@pytest.mark.parametrize(
    ("text", "hint", "first"),
    [
        ("King", "it has “king”", "king"),
        ("KING ", "it has “king”", "king"),
        ("Paris", "it has “ Paris”", " Paris"),
        ("kinng", "nearest spellings: “king”, “kings”, “viking”, “ring”", "king"),
        ("zzzz", "nothing is spelled like it", None),
        ("\ud800", "nothing is spelled like it", None),
    ],
)
def test_a_missing_token_comes_with_what_there_is(text: str, hint: str, first: str | None) -> None:
    with pytest.raises(UnknownTokenError) as caught:
        find_token(WORDS, text, "small")
    assert (caught.value.hint, caught.value.token, caught.value.exit_status) == (hint, text, 2)
    assert next(iter(caught.value.suggestions), None) == first


@given(st.lists(nasty_tokens, max_size=12), nasty_tokens, st.integers(-1, 5))
def test_fuzzy_search_is_brute_force(tokens: list[str], text: str, limit: int) -> None:
    scores = [max(fuzz.ratio(form, token) for form in (text, text.lower())) for token in tokens]
    order = sorted((i for i, score in enumerate(scores) if score >= 60), key=lambda i: (-scores[i], i))
    expected = order[: max(0, limit)] if text else []
    assert fuzzy_search(Vocabulary.from_tokens(tokens), text, limit).tolist() == expected


@pytest.mark.parametrize("pattern", ["^k", "ing$", "(?i)PARIS", "^$", "[aeiou]ng", "k.ngs?", "x|y"])
def test_regex_search_is_that_of_the_standard_library(pattern: str) -> None:
    expected = [i for i, token in enumerate(WORDS) if re.search(pattern, token)]
    assert regex_search(WORDS, pattern, 50).tolist() == expected
    assert regex_search(WORDS, pattern, 1).tolist() == expected[:1]


def test_prefix_search_is_in_order_of_ids() -> None:
    assert SEARCHES["prefix"](WORDS, "k", 5).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "cannot be read"),
        ("[", "cannot be read"),
        ("*", "cannot be read"),
        (r"(?P<x>a)(?P=y)", "cannot be read"),
        ("(" * 499, "'"),
        ("a" * 501, "at most 500 characters"),
        ("a{4000000}", "repeats a part more than 10,000 times"),
        ("((a{99}){99}){,99}", "repeats a part more than 10,000 times"),
        ("a{" + "9" * 400 + "}", "repeats a part more than 10,000 times"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_a_usage_error_at_once(pattern: str, message: str) -> None:
    began = time.monotonic()
    with pytest.raises(UsageError, match=message):
        regex_search(WORDS, pattern, 5)
    assert time.monotonic() - began < 1


def test_a_pattern_that_backtracks_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "REGEX_SECONDS", 0.2)
    vocabulary = Vocabulary.from_tokens(["the", "a" * 200 + "!"])
    began = time.monotonic()
    with pytest.raises(TuiEmbedError, match=r"longer than 0\.2 s"):
        regex_search(vocabulary, "^(a|a)*$", 5)
    assert time.monotonic() - began < 2


def test_many_tokens_that_each_take_little_are_stopped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit for each token alone would let 100,000 of them take minutes."""
    monkeypatch.setattr(lookup, "REGEX_SECONDS", 0.05)
    vocabulary = Vocabulary.from_tokens(["a" * 10 + "!"] * 20_000)
    began = time.monotonic()
    with pytest.raises(TuiEmbedError, match=r"longer than 0\.05 s"):
        regex_search(vocabulary, "^(a|a)*$", 5)
    assert time.monotonic() - began < 1


def test_an_id_is_checked() -> None:
    assert token_at(WORDS, 7, "small") == 7
    for wrong in (-1, 8):
        with pytest.raises(UsageError, match="small has no id"):
            token_at(WORDS, wrong, "small")


def test_the_prefix_of_a_word_is_found_behind_a_space_too() -> None:
    vocabulary = Vocabulary.from_tokens([" king", "king", " ring", "  king", " kin"])
    assert SEARCHES["prefix"](vocabulary, "kin", 9).tolist() == [0, 1, 4]
    assert SEARCHES["prefix"](vocabulary, "kin", 2).tolist() == [0, 1]
    assert SEARCHES["prefix"](vocabulary, "", 9).tolist() == [0, 1, 2, 3, 4]
