"""Tokens that spell a character together."""

from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.tokens import Token
from tui_embed.tokenizers.bpe import bpe_tokenizer
from tui_embed.tokenizers.characters import CharacterGroup, character_groups


def tokens_of(*parts: bytes) -> list[Token]:
    return [Token(0, part, 0, 0) for part in parts]


def test_whole_tokens_stand_alone():
    assert character_groups(tokens_of(b"straw", b"berry")) == [
        CharacterGroup(0, 1, "straw"),
        CharacterGroup(1, 2, "berry"),
    ]


def test_a_split_character_is_one_group():
    groups = character_groups(bpe_tokenizer("r50k_base").encode("a猫b"))
    assert groups == [CharacterGroup(0, 1, "a"), CharacterGroup(1, 4, "猫"), CharacterGroup(4, 5, "b")]
    assert [group.is_split for group in groups] == [False, True, False]


def test_a_token_may_end_one_character_and_begin_the_next():
    first, second = "猫".encode(), "犬".encode()
    groups = character_groups(tokens_of(first[:1], first[1:] + second[:2], second[2:] + b"x"))
    assert groups == [CharacterGroup(0, 3, "猫犬x")]


def test_bytes_that_are_no_character():
    assert character_groups(tokens_of(b"\xe7", b"a", b"\x80", b"\xe7\x8c")) == [
        CharacterGroup(0, 2, "\udce7a"),
        CharacterGroup(2, 3, "\udc80"),
        CharacterGroup(3, 4, "\udce7\udc8c"),
    ]


def test_nothing():
    assert character_groups([]) == []


@given(
    st.lists(
        st.one_of(st.binary(max_size=4), st.text(max_size=2).map(lambda t: t.encode("utf-8", "replace")))
    )
)
def test_groups_cover_the_tokens_and_their_bytes(parts):
    groups = character_groups(tokens_of(*parts))
    assert [group.start for group in groups] == [0, *(group.stop for group in groups)][: len(groups)]
    assert (groups[-1].stop if groups else 0) == len(parts)
    assert all(
        group.text.encode("utf-8", "surrogateescape") == b"".join(parts[group.start : group.stop])
        for group in groups
    )


@given(st.text(max_size=40))
def test_groups_of_a_text_are_its_characters(text):
    groups = character_groups(bpe_tokenizer("cl100k_base").encode(text))
    assert "".join(group.text for group in groups) == text
