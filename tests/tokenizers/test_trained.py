"""The tokenizer of a trained space splits a prompt as its corpus was split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.vocabulary import Vocabulary, decode_token
from tui_embed.errors import UsageError
from tui_embed.tokenizers.splitting import splitter, word_pieces
from tui_embed.tokenizers.trained import trained_tokenizer

KINDS = ("words", "characters", "r50k_base")


@given(st.text(max_size=40), st.sampled_from(KINDS))
def test_a_text_that_was_trained_on_comes_back_as_its_tokens(text: str, kind: str) -> None:
    line = text.replace("\n", " ")
    tokens = splitter(kind)(line)
    vocabulary = Vocabulary.from_tokens(dict.fromkeys(tokens))
    found = trained_tokenizer(kind, vocabulary, None).encode(line)
    if kind == "words" and len(line.lower()) != len(line):
        return  # a letter whose lower case is two letters keeps its own
    assert [decode_token(token.bytes) for token in found] == tokens
    assert [token.id for token in found] == [vocabulary.get(token) for token in tokens]


@given(st.text(max_size=40), st.sampled_from(("words", "characters")))
def test_offsets_are_those_of_the_text(text: str, kind: str) -> None:
    encoded = text.encode("utf-8", "replace")
    vocabulary = Vocabulary.from_tokens(["a"])
    end = 0
    for token in trained_tokenizer(kind, vocabulary, None).encode(text):
        assert end <= token.start < token.end <= len(encoded)
        assert len(encoded[token.start : token.end].decode().lower()) >= 1
        end = token.end


def test_what_is_missing_is_unk_or_has_no_id() -> None:
    vocabulary = Vocabulary.from_tokens(["a", "<unk>"])
    assert [token.id for token in trained_tokenizer("words", vocabulary, 1).encode("A b")] == [0, 1]
    assert [token.id for token in trained_tokenizer("words", vocabulary, None).encode("A b")] == [0, None]


def test_words_of_a_script_without_spaces_are_found_in_a_run() -> None:
    vocabulary = Vocabulary.from_tokens(["他", "很", "高兴", "高"])
    found = trained_tokenizer("words", vocabulary, None).encode("他很高兴 他猫")
    assert [(token.bytes.decode(), token.id) for token in found] == [
        ("他", 0),
        ("很", 1),
        ("高兴", 2),
        ("他猫", None),
    ]


def test_only_known_ways_of_splitting() -> None:
    with pytest.raises(UsageError, match="words, characters, gpt2"):
        trained_tokenizer("syllables", Vocabulary.from_tokens(["a"]), None)


def test_pieces_stand_where_they_are() -> None:
    assert list(word_pieces("Ab, c-d")) == [("ab", 0, 2), ("c-d", 4, 7)]
