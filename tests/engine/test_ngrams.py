"""Character n-grams and their buckets, against fastText's own words and one by one."""

import numpy as np
import pytest
from data import package_file
from hypothesis import given
from hypothesis import strategies as st
from strategies import token_bytes

from tui_embed.engine.ngrams import bucket, buckets, ngrams

words = st.lists(
    st.one_of(
        st.text(max_size=8).map(str.encode),
        token_bytes,
        st.sampled_from(
            [b"", b"</s>", b"</s", b"<", b">", "é猫🚑".encode(), b"\x80" * 9, b"\xc3" + b"\xa9" * 7]
        ),
    ),
    max_size=12,
)


def printed_by_fasttext() -> list[tuple[str, list[str]]]:
    """Words and their n-grams as ``fasttext print-ngrams`` has them, the word's own line left out."""
    found = []
    for part in package_file("fb-ngrams.txt").read_text(encoding="utf-8").split("<start>\n")[1:]:
        word, _, *lines, _ = part.partition("<end>")[0].split("\n")
        found.append((word, [line.rstrip(" ").rsplit(" ", 5)[0] for line in lines]))
    return found


def test_the_ngrams_of_a_word_are_those_of_fasttext() -> None:
    printed = printed_by_fasttext()
    assert [word for word, _ in printed] == ["test", "at the", "atnthe", "тест", "テスト", "試し"]
    for word, expected in printed:
        assert [ngram.decode() for ngram in ngrams(word.encode(), 3, 6)] == expected


@pytest.mark.parametrize(
    ("ngram", "expected"),
    [(b"", 0x811C9DC5), (b"a", 0xE40C292C), (b"foobar", 0xBF9CF968)],
)
def test_the_hash_is_fnv1a(ngram: bytes, expected: int) -> None:
    """The values are those of the draft that defines it (Fowler, Noll, Vo, Eastlake)."""
    assert bucket(ngram, 1 << 32) == expected


def test_bytes_count_as_signed() -> None:
    assert bucket(b"\xe9", 1 << 32) == ((0x811C9DC5 ^ 0xFFFFFFE9) * 16777619) % (1 << 32)


@given(words, st.integers(-1, 4), st.integers(0, 8), st.integers(1, 1 << 20))
def test_all_at_once_are_one_by_one(words: list[bytes], minn: int, maxn: int, n_buckets: int) -> None:
    blob = np.frombuffer(b"".join(words), dtype=np.uint8)
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    found, counts = buckets(blob, lengths, minn, maxn, n_buckets)
    expected = [[bucket(ngram, n_buckets) for ngram in ngrams(word, minn, maxn)] for word in words]
    assert counts.tolist() == [len(one) for one in expected]
    assert found.tolist() == [one for one_word in expected for one in one_word]


def test_one_character_is_an_ngram_but_not_a_mark_alone() -> None:
    assert ngrams(b"ab", 1, 2) == [b"<a", b"a", b"ab", b"b", b"b>"]
    assert ngrams(b"", 1, 3) == [b"<>"]
    assert ngrams(b"", 3, 6) == ngrams(b"</s>", 1, 6) == ngrams(b"word", 3, 2) == []
