"""Reading ``king - man + woman``."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import QUOTES, SIGNS, expressions, nasty_tokens

from tui_embed.engine.expression import MAX_LENGTH, Term, parse, quoted
from tui_embed.errors import ExpressionError

WORDS = {
    "king",
    "man",
    "woman",
    "state-of-the-art",
    "state",
    "of",
    "the",
    "art",
    "-",
    "+",
    "-lrb-",
    "'s",
    '"',
    "[UNK]",
}
WORDS |= {" king", "paris", "new york", "1990–91", "x−y", "3.5", "[", "UNK", "ab", "-king"}


def read(text: str, words: set[str] = WORDS) -> list[tuple[float, str]]:
    return [(term.weight, term.token) for term in parse(text, words.__contains__)]


ANALOGY = [(1, "king"), (-1, "man"), (1, "woman")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("king - man + woman", ANALOGY),
        ("king-man+woman", ANALOGY),
        ("king –man＋woman", ANALOGY),
        ("king–man+woman", ANALOGY),
        ("king−man＋woman", ANALOGY),
        ("king －man +woman", ANALOGY),
        ("  +king\t-man\n+ woman  ", ANALOGY),
        ("\"king\"-'man'+[woman]", ANALOGY),
        ("“king” − ‘man’ + 「woman」", ANALOGY),
        ("state-of-the-art - art", [(1, "state-of-the-art"), (-1, "art")]),
        ("state-art", [(1, "state"), (-1, "art")]),
        ("state-of-nowhere", [(1, "state-of-nowhere")]),
        ("king-", [(1, "king-")]),
        ("0.5*king + 2 × man − .5·woman", [(0.5, "king"), (2, "man"), (-0.5, "woman")]),
        ("2*king-man", [(2, "king"), (-1, "man")]),
        ("-2*king-man", [(-2, "king"), (-1, "man")]),
        ("3.5 - king", [(1, "3.5"), (-1, "king")]),
        ("− king", [(-1, "king")]),
        ("-man", [(-1, "man")]),
        ("-king", [(1, "-king")]),
        ("-lrb- - king", [(1, "-lrb-"), (-1, "king")]),
        ("-", [(1, "-")]),
        ("+ -", [(1, "-")]),
        ("- king", [(-1, "king")]),
        ("king - -", [(1, "king"), (-1, "-")]),
        ("king + 's", [(1, "king"), (1, "'s")]),
        ('"', [(1, '"')]),
        ('king - "', [(1, "king"), (-1, '"')]),
        ('" king" - "man"', [(1, " king"), (-1, "man")]),
        ('"new york" + paris', [(1, "new york"), (1, "paris")]),
        ('" - "', [(1, '"'), (-1, '"')]),
        ("[UNK] - [king]", [(1, "[UNK]"), (-1, "king")]),
        ("1990–91 + x−y", [(1, "1990–91"), (1, "x−y")]),
        ("nowhere", [(1, "nowhere")]),
        ("'nowhere at all'", [(1, "nowhere at all")]),
    ],
)
def test_what_people_write_is_read(text: str, expected: list[tuple[float, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "expression is needed", 0),
        (" \n\t", "expression is needed", 0),
        ("king man", "+ or - is needed before 'man'", 5),
        ("king -", "token is missing", 6),
        ("king − − man", "token is missing", 7),
        ("2 *", "token is missing", 3),
        ("king + 'man", "closing ' is missing", 7),
        ("''", "nothing stands between", 0),
        ('king - ""', "nothing stands between", 7),
        ("a" * (MAX_LENGTH + 1), "at most 10,000 characters", MAX_LENGTH),
    ],
)
def test_what_cannot_be_read_says_where(text: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionError, match=f"column {column + 1}$") as caught:
        read(text)
    assert message in caught.value.message
    assert (caught.value.text, caught.value.column, caught.value.exit_status) == (text, column, 2)


@given(expressions())
@example((" −2* 'a b' ＋「+」 ", [(-2.0, "a b"), (1.0, "+")], {"a b", "+"}))
def test_what_was_written_is_what_is_read(case: tuple[str, list[tuple[float, str]], set[str]]) -> None:
    text, meant, words = case
    quoted = {f"{opening}{token}{closing}" for token in words for opening, closing in QUOTES.items()}
    ambiguous = words & quoted or any(word[:1] in QUOTES or word[:1] in SIGNS for word in words)
    if not ambiguous:
        assert read(text, words) == meant


texts = st.text(alphabet=f"ab1.2 \t{SIGNS}*×＊·\"'“”‘’[]「」#", max_size=30) | st.text(max_size=30)
knowings: list[Callable[[str], bool]] = [
    lambda _: True,
    lambda _: False,
    {"a", "b", "-", "ab", '"', "1", "a-b", " a"}.__contains__,
]


@given(texts | nasty_tokens, st.sampled_from(knowings))
def test_any_text_is_read_or_refused_at_a_place_in_it(text: str, knows: Callable[[str], bool]) -> None:
    terms, column = attempt(text, knows)
    assert 0 <= column <= len(text)
    assert [term.column for term in terms] == sorted({term.column for term in terms})
    for term in terms:
        assert term.token
        assert text[term.column : term.column + len(term.token)] == term.token


def attempt(text: str, knows: Callable[[str], bool]) -> tuple[list[Term], int]:
    """The terms and the last one's column, or none and the error's."""
    try:
        terms = parse(text, knows)
    except ExpressionError as error:
        return [], error.column
    return terms, terms[-1].column


@given(nasty_tokens.filter(bool))
def test_every_token_can_be_written(token: str) -> None:
    """Between quotes that it does not hold itself, whatever it looks like."""
    for opening, closing in QUOTES.items():
        if closing not in token:
            assert parse(f"{opening}{token}{closing}", {token}.__contains__) == [Term(1.0, token, 1)]


@given(
    st.lists(nasty_tokens.filter(lambda token: token and not set(QUOTES.values()) <= set(token)), min_size=1)
)
def test_a_quoted_token_is_read_back(tokens: list[str]) -> None:
    """Also between others, where no token there is looks like a quoted one."""
    text = " + ".join(quoted(token) for token in tokens)
    assert read(
        text, set(tokens) - {quoted(token) for token in tokens if quoted(token) != token} - {*QUOTES}
    ) == [(1.0, token) for token in tokens]
