"""A corpus is its sentences, with ids by frequency, whatever was too rare."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.training.corpus import MOST_IN_SENTENCE, UNK, Corpus, CorpusBuilder, corpus_of
from tui_embed.errors import CancelledError, UsageError

sentences_of_words = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", UNK, "他", ""]), max_size=8), max_size=12
)


def spelled(corpus: Corpus) -> list[list[str]]:
    return [
        [corpus.vocabulary[int(token_id)] for token_id in corpus.sentence(number)]
        for number in range(corpus.n_sentences)
    ]


@given(sentences_of_words, st.integers(1, 4), st.booleans())
def test_it_holds_what_was_read(sentences: list[list[str]], min_count: int, unk: bool) -> None:
    counts = Counter(token for sentence in sentences for token in sentence)
    frequent = {token for token, count in counts.items() if count >= min_count}
    if unk and UNK in counts:
        frequent.add(UNK)
    if not frequent:
        with pytest.raises(UsageError, match="no token is seen"):
            corpus_of(sentences, "x", min_count, unk)
        return
    corpus = corpus_of(sentences, "x", min_count, unk)
    if unk:
        expected = [[token if token in frequent else UNK for token in sentence] for sentence in sentences]
    else:
        expected = [[token for token in sentence if token in frequent] for sentence in sentences]
    assert spelled(corpus) == [sentence for sentence in expected if sentence]
    assert corpus.n_read == sum(counts.values())
    assert corpus.n_dropped == len(counts) - len(frequent)
    seen = Counter(token for sentence in expected for token in sentence)
    assert dict(zip(corpus.vocabulary, corpus.counts.tolist(), strict=True)) == seen
    assert (np.diff(corpus.counts) <= 0).all()
    assert (corpus.unk is None) == (not unk or UNK not in seen)
    assert corpus.unk is None or corpus.vocabulary[corpus.unk] == UNK


def test_equal_counts_stand_in_the_order_of_the_text() -> None:
    assert list(corpus_of([["b", "a", "c", "a"]]).vocabulary) == ["a", "b", "c"]


def test_a_sentence_without_end_is_split() -> None:
    corpus = corpus_of([["a"] * (MOST_IN_SENTENCE * 2 + 1)])
    assert np.diff(corpus.offsets).tolist() == [MOST_IN_SENTENCE, MOST_IN_SENTENCE, 1]


def test_nothing_is_no_corpus() -> None:
    with pytest.raises(UsageError, match="no token is seen 1 times in 0"):
        CorpusBuilder().finish("empty")


@given(st.integers(2, 40), st.floats(0, 0.9), st.integers(0, 5))
def test_what_is_held_out_is_not_trained_on(n_sentences: int, share: float, seed: int) -> None:
    corpus = corpus_of([[f"w{number}", "a"] for number in range(n_sentences)])
    train, held = corpus.split(share, seed)
    parts = spelled(train) + ([] if held is None else spelled(held))
    assert sorted(parts) == sorted(spelled(corpus))
    assert (0 if held is None else held.n_sentences) in (round(share * n_sentences), 0)
    assert train.vocabulary is corpus.vocabulary
    again, _ = corpus.split(share, seed)
    assert spelled(again) == spelled(train)


def test_reading_stops_when_it_is_no_longer_wanted() -> None:
    cancel = CancelToken()

    def progress(done: int, total: int) -> None:
        cancel.cancel()

    with pytest.raises(CancelledError):
        corpus_of((["a"] for _ in range(10_000)), cancel=cancel, progress=progress)
