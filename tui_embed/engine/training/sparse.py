"""Products with matrices that are mostly zeros, given as lists of entries, in plain NumPy."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ragged import positions
from tui_embed.engine.training.layers import Array

GATHERED = 2048
"""Rows that are gathered at a time: they stay in the cache between being gathered and being used."""

UPDATED = 512
"""Rows that are changed at a time: they are read, changed and written while they are in the cache."""


def products_of_pairs(left: Array, i: NDArray[np.intp], right: Array, j: NDArray[np.intp]) -> Array:
    """The dot product ``left[i[k]] · right[j[k]]`` of each pair, ``(n,)``."""
    products = np.empty(len(i), dtype=np.result_type(left, right))
    for start in range(0, len(i), GATHERED):
        part = slice(start, start + GATHERED)
        np.vecdot(left.take(i[part], axis=0), right.take(j[part], axis=0), out=products[part])
    return products


def subtract_from_rows(rows: Array, ids: NDArray[np.intp], moves: Array) -> None:
    """Subtract ``moves`` ``(n, d)`` from the rows ``ids`` ``(n,)``, all different."""
    for start in range(0, len(ids), UPDATED):
        own = ids[start : start + UPDATED]
        moved = rows.take(own, axis=0)
        moved -= moves[start : start + UPDATED]
        rows[own] = moved


@dataclass(frozen=True, eq=False, slots=True)
class Groups:
    """Entries grouped by an id: ``ids`` ``(m,)``, each once, have ``lengths`` ``(m,)`` entries, fewest first;
    ``order`` ``(n,)`` are the entries, group after group.

    Groups of one length lie side by side, so that their sums are one batched matrix product. That is four
    times as fast as ``np.add.reduceat``, whose inner loop runs once a column of each group.
    """

    ids: NDArray[np.intp]
    lengths: NDArray[np.intp]
    order: NDArray[np.intp]

    @classmethod
    def of(cls, ids: NDArray[np.integer]) -> "Groups":
        """Group the entries ``0 … n - 1`` by their ``ids`` ``(n,)``."""
        order = np.argsort(ids)
        ascending = ids[order]
        starts = np.flatnonzero(np.diff(ascending, prepend=-1))
        lengths = np.diff(starts, append=len(ids))
        fewest_first = np.argsort(lengths, kind="stable")
        starts, lengths = starts[fewest_first], lengths[fewest_first]
        return cls(ascending[starts].astype(np.intp), lengths, order[positions(starts, lengths)])

    @classmethod
    def of_runs(cls, counts: NDArray[np.integer]) -> "Groups":
        """Group entries that lie id after id, ``counts[i]`` of id ``i``; ids without entries are left out."""
        ids = np.argsort(counts, kind="stable")
        lengths = counts[ids].astype(np.intp)
        there = lengths > 0
        ids, lengths = ids[there], lengths[there]
        starts = np.cumsum(counts) - counts
        return cls(ids, lengths, positions(starts[ids], lengths))

    def sums(self, values: Array) -> Array:
        """The sum of each group's ``values`` ``(n,)``, ``(m,)``."""
        starts = np.cumsum(self.lengths) - self.lengths
        sums: Array = np.add.reduceat(values[self.order], starts) if len(starts) else values[:0]
        return sums

    def weighted_sums(self, weights: Array, columns: NDArray[np.intp], rows: Array) -> Array:
        """The sum over each group's entries ``k`` of ``weights[k] * rows[columns[k]]``, ``(m, d)``."""
        weights, columns = weights[self.order], columns[self.order]
        sums = np.empty((len(self.ids), rows.shape[1]), dtype=rows.dtype)
        for first, last, entry, length in self._blocks():
            entries = slice(entry, entry + (last - first) * length)
            gathered = rows.take(columns[entries], axis=0)
            if length == 1:
                np.multiply(gathered, weights[entries, None], out=sums[first:last])
            else:
                own_weights = weights[entries].reshape(-1, 1, length)
                np.matmul(
                    own_weights, gathered.reshape(-1, length, rows.shape[1]), out=sums[first:last, None]
                )
        return sums

    def _blocks(self) -> Iterator[tuple[int, int, int, int]]:
        """Groups ``first`` … ``last - 1``, the place of their first entry, and the length that all have."""
        changes = np.flatnonzero(np.diff(self.lengths, prepend=0)).tolist()
        entry = 0
        for begin, end in pairwise([*changes, len(self.lengths)]):
            length = int(self.lengths[begin])
            at_once = max(1, GATHERED // length)
            for first in range(begin, end, at_once):
                last = min(first + at_once, end)
                yield first, last, entry, length
                entry += (last - first) * length
