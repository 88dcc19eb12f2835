"""The windows that a step goes through, against loops over sentences."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from trainers import planted_corpus

from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.windows import EpochText, Windows, pairs_within

SETTINGS = TrainingSettings(window=3, dynamic_window=False, subsample=0)

sentences = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=9), min_size=1, max_size=9)


def pairs_by_hand(corpus: Corpus, window: int) -> list[tuple[int, int]]:
    pairs = []
    for number in range(corpus.n_sentences):
        sentence = corpus.sentence(number).tolist()
        for place, centre in enumerate(sentence):
            near = [other for other in range(len(sentence)) if 0 < abs(other - place) <= window]
            pairs += [(centre, sentence[other]) for other in near]
    return sorted(pairs)


@given(sentences, st.integers(1, 4), st.integers(1, 20))
def test_an_epoch_has_every_pair_of_full_windows_once(
    texts: list[list[str]], window: int, most_tokens: int
) -> None:
    corpus = corpus_of(texts)
    windows = Windows(corpus, replace(SETTINGS, window=window), most_tokens)
    steps = [windows.of_step(step) for step in range(windows.steps_an_epoch)]
    pairs = [
        pair
        for _, found in steps
        for pair in zip(found.ids[found.centres].tolist(), found.ids[found.contexts].tolist(), strict=True)
    ]
    assert sorted(pairs) == pairs_by_hand(corpus, window)
    assert sum(words for words, _ in steps) == corpus.n_tokens
    assert max(words for words, _ in steps) <= most_tokens


def test_a_window_reaches_as_far_as_it_is_told_and_not_into_another_sentence() -> None:
    centres, contexts = pairs_within(np.array([0, 0, 0, 0, 0, 1, 1]), 2, np.array([2, 1, 3]))
    expected = [(2, 0), (2, 1), (2, 3), (2, 4), (3, 2), (3, 4), (4, 1), (4, 2), (4, 3)]
    assert list(zip(centres.tolist(), contexts.tolist(), strict=True)) == expected


def test_dynamic_windows_draw_every_width_alike() -> None:
    corpus = corpus_of([[str(i) for i in range(4000)]])
    windows = Windows(corpus, replace(SETTINGS, window=4, dynamic_window=True), 4000)
    n_pairs = sum(len(windows.of_step(step)[1]) for step in range(windows.steps_an_epoch))
    # 2 · (1 + 2 + 3 + 4) / 4 contexts a token; five standard deviations of the sum are 0.18 a token
    assert abs(n_pairs / 4000 - 5) < 0.18


def test_subsampling_keeps_a_word_as_often_as_word2vec_does() -> None:
    rng = np.random.default_rng(6)
    corpus = corpus_of([[str(int(i)) for i in 10 * rng.random(100_000) ** 3]])
    text = EpochText.drawn(corpus, 0.01, np.random.default_rng(7))
    shares = corpus.counts / corpus.counts.sum()
    expected = np.minimum(1, np.sqrt(0.01 / shares) + 0.01 / shares)
    kept = np.bincount(text.ids, minlength=corpus.n_vocab) / corpus.counts
    np.testing.assert_allclose(kept, expected, atol=0.03)
    np.testing.assert_array_equal(corpus.ids[text.places], text.ids)
    assert EpochText.drawn(corpus, 0, rng).ids is corpus.ids


def test_small_corpora_have_many_steps_and_large_ones_steps_of_bounded_size() -> None:
    assert Windows(planted_corpus(), SETTINGS, 256).steps_an_epoch > 256
    large = corpus_of([[str(i % 5000) for i in range(200_000)]])
    assert Windows(large, SETTINGS, 256).tokens_a_step == 256
