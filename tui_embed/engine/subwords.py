"""Vectors of character n-grams, which give a word that is not in the vocabulary a vector (fastText)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ngrams import bucket, ngrams
from tui_embed.engine.rows import Floats, Rows
from tui_embed.engine.vocabulary import decode_token, encode_token

GATHERED = 512
"""Rows that are summed at a time: they stay in the cache between being gathered and being added."""


@dataclass(frozen=True, eq=False, slots=True)
class Composed:
    """A word that the vocabulary does not have, and its ``vector`` ``(d_model,)`` from those n-grams."""

    word: str
    vector: Floats
    ngrams: tuple[str, ...]


Chosen = int | Composed
"""The id of a token, which has a row; or a word without one."""


@dataclass(frozen=True, eq=False)
class Subwords:
    """``rows`` ``(n_buckets, d_model)`` of n-grams of ``minn`` … ``maxn`` characters, found by their hash."""

    minn: int
    maxn: int
    rows: Rows

    def ngrams(self, word: str) -> list[str]:
        """The n-grams of ``word``, which stands between ``<`` and ``>``, by where they begin."""
        return [decode_token(ngram) for ngram in ngrams(encode_token(word), self.minn, self.maxn)]

    def compose(self, word: str) -> Composed | None:
        """The mean of the rows of the word's n-grams, as fastText gives a word that it was not trained on;
        None for a word without n-grams.
        """
        found = ngrams(encode_token(word), self.minn, self.maxn)
        if not found:
            return None
        ids = np.array([bucket(ngram, self.rows.shape[0]) for ngram in found])
        with np.errstate(over="ignore", invalid="ignore"):
            vector: Floats = self.rows.take(ids).mean(axis=0, dtype=np.float64).astype(np.float32)
        return Composed(word, vector, tuple(map(decode_token, found)))


def composed_rows(own: Floats, rows: Floats, ids: NDArray[np.int64], counts: NDArray[np.int64]) -> Floats:
    """The mean of each word's own row and the rows of its n-grams, ``(n, d_model) float32``.

    ``own`` ``(n, d_model)``; ``counts`` ``(n,)`` says how many of ``ids`` are those of a word's n-grams
    among ``rows`` ``(n_buckets, d_model)``.
    """
    sums = own.copy()
    words = np.flatnonzero(counts)
    ends = np.cumsum(counts[words])
    starts = ends - counts[words]
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(ids), GATHERED):
            gathered = rows[ids[start : start + GATHERED]]
            # a word whose n-grams go on from the block before, or into the next, has a part of its sum here
            first = np.searchsorted(ends, start, "right")
            last = np.searchsorted(starts, start + len(gathered), "left")
            begins = np.maximum(starts[first:last] - start, 0)
            sums[words[first:last]] += np.add.reduceat(gathered, begins, axis=0)
        sums *= (1 / (counts + 1)).astype(np.float32)[:, None]
    return sums
