"""Words composed of n-grams: which they are, what their vector is, and where its gradient goes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from trainers import differences

from tui_embed.engine.ngrams import bucket, ngrams
from tui_embed.engine.training.word_ngrams import Composition, WordNgrams
from tui_embed.engine.vocabulary import Vocabulary, encode_token

N_BUCKETS = 7
"""So few that n-grams of a word share a row."""

words_of = st.lists(st.text("abé他", max_size=6), min_size=1, max_size=8, unique=True)


def buckets_by_hand(word: str, minn: int, maxn: int) -> list[int]:
    return [bucket(ngram, N_BUCKETS) for ngram in ngrams(encode_token(word), minn, maxn)]


@given(words_of, st.integers(1, 3), st.integers(0, 3), st.data())
def test_ngrams_of_words_are_those_of_fasttext(
    texts: list[str], minn: int, more: int, data: st.DataObject
) -> None:
    found = WordNgrams.of(Vocabulary.from_tokens(texts), minn, minn + more, N_BUCKETS)
    wanted = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=5))
    counts, ids = found.of_words(np.array(wanted, dtype=np.intp))
    expected = [buckets_by_hand(texts[word], minn, minn + more) for word in wanted]
    assert counts.tolist() == [len(each) for each in expected]
    assert ids.tolist() == [each for word in expected for each in word]


@given(words_of, st.integers(0, 2**32))
def test_a_vector_is_the_mean_of_its_rows(texts: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, rows = rng.standard_normal((len(texts), 3)), rng.standard_normal((N_BUCKETS, 3))
    word_ngrams = WordNgrams.of(Vocabulary.from_tokens(texts), 2, 3, N_BUCKETS)
    words = rng.permutation(len(texts))[: rng.integers(1, len(texts) + 1)]
    vectors = Composition.of(word_ngrams, words).vectors(own, rows)
    expected = [
        np.vstack([own[word], *rows[buckets_by_hand(texts[word], 2, 3)]]).mean(axis=0) for word in words
    ]
    np.testing.assert_allclose(vectors, expected, rtol=1e-6, atol=1e-6)
    single = np.float32
    every = word_ngrams.all_composed(own.astype(single), rows.astype(single))
    np.testing.assert_allclose(every[words], expected, rtol=1e-4, atol=1e-5)


def test_its_gradient_is_finite_differences() -> None:
    rng = np.random.default_rng(4)
    texts = ["", "a", "ab", "abab", "bab", "other"]
    own, rows = rng.standard_normal((6, 3)), rng.standard_normal((N_BUCKETS, 3))
    word_ngrams = WordNgrams.of(Vocabulary.from_tokens(texts), 1, 3, N_BUCKETS)
    composition = Composition.of(word_ngrams, np.array([4, 0, 1, 3]))
    slopes = rng.standard_normal((4, 3))

    def loss() -> float:
        return float((slopes * composition.vectors(own, rows)).sum())

    on_rows, on_own = np.zeros_like(rows), np.zeros_like(own)
    ids, gradient = composition.on_ngrams(slopes * composition.shares)
    on_rows[ids] = gradient
    on_own[composition.words] = slopes * composition.shares
    np.testing.assert_allclose(on_rows, differences(loss, rows), atol=1e-6)
    np.testing.assert_allclose(on_own, differences(loss, own), atol=1e-6)
