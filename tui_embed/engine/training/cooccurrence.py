"""How often two tokens stand near each other in a corpus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.corpus import Corpus

CHUNK = 1 << 20
"""Pairs that are sorted at a time. What is kept besides is the counts themselves."""

Counts = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Keys ``(n,)``, ascending and different, and what each of them counts ``(n,)``."""


@dataclass(frozen=True, eq=False, slots=True)
class Cooccurrences:
    """The entries that are not zero of a symmetric matrix ``(n_vocab, n_vocab)``, by row, then by column:
    ``rows`` and ``columns`` ``(n,) int32``, ``counts`` ``(n,) float32``.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    counts: Floats

    def __len__(self) -> int:
        return len(self.counts)


def count_cooccurrences(corpus: Corpus, window: int) -> Cooccurrences:
    """Count the pairs of tokens at most ``window`` places apart in a sentence, each as 1/distance, both ways:
    as "GloVe: Global vectors for word representation" (Pennington et al. 2014) does. So a token that stands
    beside itself is counted twice.
    """
    merged: list[Counts] = []
    at_once = max(1, CHUNK // window)
    for start in range(0, corpus.n_tokens, at_once):
        merged.append(_count_part(corpus, window, start, start + at_once))
        # each is at least twice as long as the next: so an entry is merged a logarithmic number of times
        while len(merged) > 1 and len(merged[-2][0]) < 2 * len(merged[-1][0]):
            merged.append(_merge(merged.pop(), merged.pop()))
    while len(merged) > 1:
        merged.append(_merge(merged.pop(), merged.pop()))
    return _mirror(merged[0], corpus.n_vocab)


def _count_part(corpus: Corpus, window: int, start: int, stop: int) -> Counts:
    """The pairs whose first token is one of ``start`` … ``stop - 1``; a key is the lower id times
    ``n_vocab`` plus the higher.
    """
    ids = corpus.ids[start : stop + window].astype(np.int64)
    sentences = np.searchsorted(corpus.offsets, np.arange(start, start + len(ids)), "right")
    n_first = min(stop, corpus.n_tokens) - start
    # the distance goes into the low bits of what is sorted, so that nothing has to be sorted along
    bits = (window - 1).bit_length()
    keys = []
    for distance in range(1, min(window, len(ids) - 1) + 1):
        first, second = ids[:-distance][:n_first], ids[distance:][:n_first]
        near = sentences[:-distance][:n_first] == sentences[distance:][:n_first]
        first, second = first[near], second[near]
        pair = np.minimum(first, second) * corpus.n_vocab + np.maximum(first, second)
        keys.append(pair << bits | (distance - 1))
    found = np.sort(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
    return _summed(found >> bits, 1 / ((found & ((1 << bits) - 1)) + 1))


def _merge(one: Counts, other: Counts) -> Counts:
    keys = np.concatenate([one[0], other[0]])
    # a stable sort finds the two runs and merges them, which takes one pass
    order = np.argsort(keys, kind="stable")
    return _summed(keys[order], np.concatenate([one[1], other[1]])[order])


def _summed(keys: NDArray[np.int64], counts: NDArray[np.float64]) -> Counts:
    """Ascending ``keys``, each once, and the sum of its ``counts``."""
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[starts], np.add.reduceat(counts, starts) if len(starts) else counts


def _mirror(counted: Counts, n_vocab: int) -> Cooccurrences:
    """Both (i, j) and (j, i) of pairs that were counted one way."""
    low, high = np.divmod(counted[0], n_vocab)
    # (i, i) is its own mirror image, and so comes to be counted twice
    both = _merge(counted, _by_key(high * n_vocab + low, counted[1]))
    rows, columns = np.divmod(both[0], n_vocab)
    return Cooccurrences(rows.astype(np.int32), columns.astype(np.int32), both[1].astype(np.float32))


def _by_key(keys: NDArray[np.int64], counts: NDArray[np.float64]) -> Counts:
    order = np.argsort(keys)
    return keys[order], counts[order]
