"""Rows at the places of a text, summed by the word that stands there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.layers import Array

AT_ONCE = 16
"""So many places of a word are summed together with those of other words."""


@dataclass(frozen=True, eq=False, slots=True)
class WordPlaces:
    """Where the different words of a text stand: ``ids`` ``(words,)``, those at most places first;
    ``of_place`` ``(places,)`` says which of them stands where.

    ``order`` ``(places,)`` are the places word after word; those of a word begin there at ``starts``
    ``(words,)`` and are as many as ``counts`` ``(words,)``.
    """

    ids: NDArray[np.integer]
    of_place: NDArray[np.intp]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]

    @classmethod
    def of(cls, ids: NDArray[np.integer]) -> "WordPlaces":
        """Of the id at each place, ``(places,)``, which are not none."""
        order = np.argsort(ids, kind="stable")
        ascending = ids[order]
        ends = np.append(np.flatnonzero(ascending[1:] != ascending[:-1]) + 1, len(ids))
        starts = np.append(0, ends[:-1])
        counts = ends - starts
        most_first = np.argsort(-counts, kind="stable")
        rank = np.empty_like(most_first)
        rank[most_first] = np.arange(len(most_first))
        of_place = np.empty_like(order)
        of_place[order] = np.repeat(rank, counts)
        starts = starts[most_first]
        return cls(ascending[starts], of_place, order, starts, counts[most_first])

    def sums(self, rows: Array) -> Array:
        """The sum of each word's ``rows`` ``(places, m)``, ``(words, m)``.

        Most words stand at one place or two. The first place of all words is gathered at once, then the
        second of those that have one, which come first, and so on; what stands more often than AT_ONCE is
        summed by itself. ``np.add.at`` and ``np.add.reduceat`` make one call of a loop a number.
        """
        summed: Array = rows.take(self.order[self.starts], axis=0)
        # how many words stand at more than 1, 2, … places
        more = np.searchsorted(-self.counts, -np.arange(1, AT_ONCE + 1)).tolist()
        for place, n in enumerate(more[:-1], 1):
            if n == 0:
                break
            summed[:n] += rows.take(self.order[self.starts[:n] + place], axis=0)
        for word in range(more[-1]):
            start = self.starts[word]
            rest = self.order[start + AT_ONCE : start + self.counts[word]]
            summed[word] += rows.take(rest, axis=0).sum(axis=0)
        return summed
