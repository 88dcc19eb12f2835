"""Words and punctuation as GloVe's vocabulary has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.tokenizers.words import WordTokenizer, _ascii_chunks, _unicode_chunks

WORDS = (
    "the king do n't 's ca wo . , well known - u.s. 3.14 1,000 你好 世界 世 界人 new_york re-elected ... -- "
    "'re you ( ) x naïve café 10:30 Paris paris 高兴 -5"
)
VOCABULARY = WORDS.split()
TOKENIZER = WordTokenizer("words", {word: id_ for id_, word in enumerate(VOCABULARY)}.get, len(VOCABULARY))


def words(text):
    return [token.bytes.decode() for token in TOKENIZER.encode(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n ", []),
        ("don't", ["do", "n't"]),
        ("can't won't", ["ca", "n't", "wo", "n't"]),
        ("king's", ["king", "'s"]),
        ("king’s", ["king", "’s"]),
        ("you're", ["you", "'re"]),
        ("'king'", ["'", "king", "'"]),
        ("the king.", ["the", "king", "."]),
        ("U.S. king", ["U.S.", "king"]),
        ("3.14, 1,000 10:30 -5", ["3.14", ",", "1,000", "10:30", "-5"]),
        ("well-known re-elected", ["well", "-", "known", "re-elected"]),
        ("new_york", ["new_york"]),
        ("(x)... --", ["(", "x", ")", "...", "--"]),
        ("你好世界", ["你好", "世界"]),
        ("世界人", ["世界", "人"]),
        ("我高兴king", ["我", "高兴", "king"]),
        ("👍🏽", ["👍", "🏽"]),
        ("e\u0301", ["e\u0301"]),
    ],
)
def test_split(text, expected):
    assert words(text) == expected


def test_exact_spelling_comes_before_lower_case():
    assert [VOCABULARY[token.id] for token in TOKENIZER.encode("Paris PARIS The Naïve")] == [
        "Paris",
        "paris",
        "the",
        "naïve",
    ]


def test_curly_apostrophe_finds_the_straight_one():
    assert [VOCABULARY[token.id] for token in TOKENIZER.encode("don’t")] == ["do", "n't"]


def test_unknown_words_have_no_id():
    assert [token.id for token in TOKENIZER.encode("king zzz 猫")] == [1, None, None]


@given(st.text(st.one_of(st.characters(), st.sampled_from("'’-. \n你好世界aAé1,"))))
def test_offsets_point_at_the_text_and_leave_out_white_space_only(text):
    source = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    end = 0
    for token in TOKENIZER.encode(text):
        assert token.bytes == source[token.start : token.end] != b""
        assert source[end : token.start].decode().strip() == ""
        end = token.end
    assert source[end:].decode().strip() == ""


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_text_of_ascii_is_split_as_any_text_is(text):
    def spans(pattern):
        return [(match.span(), match.lastgroup) for match in pattern.finditer(text)]

    assert spans(_ascii_chunks()) == spans(_unicode_chunks())
