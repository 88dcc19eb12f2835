"""Vocabulary against plain lists of bytes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import nasty_tokens, token_bytes, vocabularies

from tui_embed.engine.vocabulary import Vocabulary, decode_token, encode_token


@given(vocabularies, token_bytes)
def test_get_is_the_first_equal_token(tokens: list[bytes], other: bytes) -> None:
    vocabulary = Vocabulary.from_tokens(tokens)
    for token in [*tokens, other]:
        expected = tokens.index(token) if token in tokens else None
        assert vocabulary.get(token) == expected
        assert vocabulary.get(decode_token(token)) == expected
        assert (decode_token(token) in vocabulary) == (expected is not None)


@given(vocabularies, token_bytes, st.none() | st.integers(0, 35))
def test_prefix_search_is_brute_force(tokens: list[bytes], prefix: bytes, limit: int | None) -> None:
    expected = [i for i, token in enumerate(tokens) if token.startswith(prefix)]
    found = Vocabulary.from_tokens(tokens).with_prefix(decode_token(prefix), limit)
    assert found.tolist() == expected[:limit]


@given(vocabularies)
def test_it_is_the_sequence_of_its_tokens(tokens: list[bytes]) -> None:
    vocabulary = Vocabulary.from_tokens(tokens)
    texts = [decode_token(token) for token in tokens]
    assert list(vocabulary) == vocabulary.texts == vocabulary[:] == texts
    assert [vocabulary.token_bytes(i) for i in range(len(vocabulary))] == tokens
    assert [vocabulary[-1 - i] for i in range(len(tokens))] == texts[::-1]
    assert vocabulary[::-2] == texts[::-2]


@given(st.binary())
def test_bytes_survive_as_str(token: bytes) -> None:
    assert encode_token(decode_token(token)) == token


@given(nasty_tokens)
def test_text_is_its_utf8(text: str) -> None:
    assert encode_token(text) == text.encode()


@pytest.mark.parametrize("index", [3, -4, 1 << 40])
def test_an_id_outside_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError, match="a vocabulary of 3"):
        Vocabulary.from_tokens(["a", "b", "c"])[index]


@pytest.mark.parametrize("text", ["\ud800", "a\ud800", "\udc80\ud800"])
def test_a_surrogate_that_is_no_byte_is_no_other_token(text: str) -> None:
    """An encoder that replaced it would find the token "?"."""
    vocabulary = Vocabulary.from_tokens(["?", "a?", "??", b"\x80?"])
    assert vocabulary.get(text) is None
    assert Vocabulary.from_tokens(["?", text]).get(text) == 1


def test_numpy_ids_index_it() -> None:
    vocabulary = Vocabulary.from_tokens(["a", "b"])
    assert [vocabulary[i] for i in np.array([1, 0], dtype=np.uint32)] == ["b", "a"]


def test_contains_takes_only_str() -> None:
    assert b"a" not in Vocabulary.from_tokens(["a"])


def test_arrays_of_a_mapped_file_serve_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"baab")
    np.save(tmp_path / "offsets.npy", np.array([0, 1, 3, 3, 4], np.uint32))
    np.save(tmp_path / "order.npy", np.array([2, 1, 0, 3], np.uint32))
    vocabulary = Vocabulary(
        np.memmap(tmp_path / "blob", np.uint8, "r"),
        np.load(tmp_path / "offsets.npy", mmap_mode="r"),
        np.load(tmp_path / "order.npy", mmap_mode="r"),
    )
    assert list(vocabulary) == ["b", "aa", "", "b"]
    assert [vocabulary.get(token) for token in ("b", "aa", "", "a")] == [0, 1, 2, None]
    assert vocabulary.with_prefix("b").tolist() == [0, 3]
