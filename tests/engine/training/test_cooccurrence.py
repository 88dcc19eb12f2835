"""Counting tokens that stand together, against a dict that counts them one by one."""

from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.training import cooccurrence
from tui_embed.engine.training.cooccurrence import count_cooccurrences
from tui_embed.engine.training.corpus import MOST_IN_SENTENCE, Corpus, corpus_of

sentences = st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=12), min_size=1, max_size=12)


def counted_one_by_one(corpus: Corpus, window: int) -> dict[tuple[int, int], Fraction]:
    counts: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for number in range(corpus.n_sentences):
        sentence = corpus.sentence(number).tolist()
        for place, token in enumerate(sentence):
            for other, near in enumerate(sentence):
                if 0 < abs(place - other) <= window:
                    counts[token, near] += Fraction(1, abs(place - other))
    return counts


@given(sentences, st.integers(1, 15), st.sampled_from([1, 3, 7, 1 << 20]))
def test_counts_are_those_of_a_plain_count(texts: list[list[str]], window: int, chunk: int) -> None:
    corpus = corpus_of(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "CHUNK", chunk)
        found = count_cooccurrences(corpus, window)
    expected = counted_one_by_one(corpus, window)
    assert list(zip(found.rows.tolist(), found.columns.tolist(), strict=True)) == sorted(expected)
    figures = [float(expected[key]) for key in sorted(expected)]
    np.testing.assert_allclose(found.counts, figures, rtol=1e-6)


def test_nothing_stands_together_across_sentences() -> None:
    found = count_cooccurrences(corpus_of([["a"], ["b"], ["a"], ["c"]]), 5)
    assert len(found) == 0


def test_a_large_vocabulary_does_not_overflow() -> None:
    n_vocab, per_sentence = 100_000, MOST_IN_SENTENCE
    found = count_cooccurrences(corpus_of([[str(i) for i in range(n_vocab)]]), 2)
    # the text is split into sentences: all but the last of one have a next, all but two one after that
    assert len(found) == 2 * (n_vocab // per_sentence) * (per_sentence - 1 + per_sentence - 2)
    assert found.rows.max() == found.columns.max() == n_vocab - 1
    assert (np.abs(found.rows - found.columns) <= 2).all()
