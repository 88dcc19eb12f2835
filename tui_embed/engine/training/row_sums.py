"""Gradients on some rows of a matrix, summed by row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.layers import Array


@dataclass(frozen=True, eq=False, slots=True)
class RowSums:
    """``sums`` ``(n, …)`` for the rows ``ids`` ``(n,)``, which are ascending and different."""

    ids: NDArray[np.int64]
    sums: Array

    def __add__(self, other: "RowSums") -> "RowSums":
        return row_sums(np.concatenate([self.ids, other.ids]), np.concatenate([self.sums, other.sums]))


def row_sums(ids: NDArray[np.integer], rows: Array) -> RowSums:
    """``rows`` ``(n, d)`` of the same id, of ``ids`` ``(n,)``, added up: one pass over the rows by id, where
    ``np.add.at`` makes one addition a number.
    """
    order = np.argsort(ids, kind="stable")
    ascending = ids[order]
    starts = np.flatnonzero(np.diff(ascending, prepend=-1))
    sums = np.add.reduceat(rows[order], starts, axis=0) if len(starts) else rows[:0]
    return RowSums(ascending[starts].astype(np.int64), sums)


def all_rows(gradient: Array) -> RowSums:
    """A gradient on every row of a matrix."""
    return RowSums(np.arange(len(gradient)), gradient)
