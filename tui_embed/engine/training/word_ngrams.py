"""Vectors of words that are composed of their own row and the rows of their n-grams."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ngrams import buckets
from tui_embed.engine.ragged import positions
from tui_embed.engine.rows import Floats
from tui_embed.engine.subwords import composed_rows
from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.sparse import Groups
from tui_embed.engine.vocabulary import Vocabulary, encode_token


@dataclass(frozen=True, eq=False, slots=True)
class WordNgrams:
    """The buckets of every word's n-grams: word ``i`` has ``counts[i]`` of them, from ``starts[i]`` on in
    ``buckets``. ``starts`` and ``counts`` are ``(n_vocab,)``.
    """

    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    buckets: NDArray[np.int64]

    @classmethod
    def of(cls, vocabulary: Vocabulary, minn: int, maxn: int, n_buckets: int) -> "WordNgrams":
        words = [encode_token(text) for text in vocabulary.texts]
        lengths = np.array([len(word) for word in words])
        ids, counts = buckets(np.frombuffer(b"".join(words), dtype=np.uint8), lengths, minn, maxn, n_buckets)
        return cls(np.cumsum(counts) - counts, counts, ids)

    def without(self, words: NDArray[np.bool_]) -> "WordNgrams":
        """The same, but those of ``words`` ``(n_vocab,)`` have none."""
        kept = self.buckets[np.repeat(~words, self.counts)]
        counts = np.where(words, 0, self.counts)
        return WordNgrams(np.cumsum(counts) - counts, counts, kept)

    def of_words(self, words: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many n-grams each of ``words`` ``(n,)`` has, and their buckets, word after word."""
        counts = self.counts[words]
        return counts, self.buckets[positions(self.starts[words], counts)]

    def all_composed(self, own: Floats, ngram_rows: Floats) -> Floats:
        """The vectors of all words, ``(n_vocab, d_model)``, as they are composed of a file of fastText."""
        return composed_rows(own, ngram_rows, self.buckets, self.counts)


@dataclass(frozen=True, eq=False, slots=True)
class Composition:
    """How the vectors of some different ``words`` ``(n,)`` are composed: each is the mean of the word's own
    row and of those of its n-grams, ``counts`` ``(n,)`` of which lie word after word in ``buckets``.
    """

    words: NDArray[np.intp]
    counts: NDArray[np.int64]
    buckets: NDArray[np.int64]

    @classmethod
    def of(cls, ngrams: WordNgrams, words: NDArray[np.intp]) -> "Composition":
        return cls(words, *ngrams.of_words(words))

    @property
    def shares(self) -> Floats:
        """What each row is of its word's vector, ``(n, 1)``."""
        found: Floats = (1 / (self.counts + 1)).astype(np.float32)[:, None]
        return found

    def vectors(self, own: Array, ngram_rows: Array) -> Array:
        """``(n, d_model)``, from all words' own rows ``(n_vocab, d_model)`` and ``(buckets, d_model)``."""
        sums = own.take(self.words, axis=0)
        groups = Groups.of_runs(self.counts)
        every = np.ones(len(self.buckets), dtype=own.dtype)
        sums[groups.ids] += groups.weighted_sums(every, self.buckets, ngram_rows)
        sums *= self.shares
        return sums

    def on_ngrams(self, on_vectors: Array) -> tuple[NDArray[np.intp], Array]:
        """Different buckets ``(m,)`` and, for each, the sum over the words that have it of what
        ``on_vectors`` ``(n, d_model)`` says of them.

        Times ``shares``, a gradient on the vectors becomes the one on the rows that they are the means of.
        """
        groups = Groups.of(self.buckets)
        every = np.ones(len(self.buckets), dtype=on_vectors.dtype)
        words = np.repeat(np.arange(len(self.counts)), self.counts)
        return groups.ids, groups.weighted_sums(every, words, on_vectors)
