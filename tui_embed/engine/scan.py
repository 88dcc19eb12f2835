"""One pass over all rows: a score for each."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import row_norms
from tui_embed.engine.parallel import each_block
from tui_embed.engine.rows import Floats, rows_per_block
from tui_embed.engine.space import EmbeddingSpace

Metric = Literal["cosine", "dot", "euclidean"]
METRICS: tuple[Metric, ...] = get_args(Metric)

BLAS_WIDTH = 64
"""From this many dimensions on a call of BLAS for each row is faster than one einsum over all of them."""


def scan(
    space: EmbeddingSpace,
    score: Callable[[Floats, Floats, Floats], None],
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Floats:
    """The score of every row, ``(n_vocab,) float32``, in one pass by blocks, on all cores where the rows
    exist as an array; ``score(rows, norms, out)`` writes those of a block. CancelledError where ``cancel`` is
    raised between blocks.
    """
    matrix = space.matrix
    known = matrix.known_norms
    norms = np.empty(matrix.n_vocab, dtype=np.float32) if known is None else known
    scores = np.empty(matrix.n_vocab, dtype=np.float32)

    def work(start: int, block: Floats) -> int:
        part = slice(start, start + len(block))
        if known is None:
            norms[part] = row_norms(block)
        score(block, norms[part], scores[part])
        return len(block)

    each_block(matrix.rows, work, cancel, progress)
    if known is None:
        matrix.remember_norms(norms)
    return scores


def score_rows(rows: Floats, norms: Floats, query: Floats, metric: Metric, out: Floats) -> None:
    """Write to ``out`` ``(n,)`` how near each row is to ``query``, which for the cosine has length 1; more is
    nearer. The score of a row is the same, to the bit, among whichever rows it stands.
    """
    if metric == "euclidean":
        _distances(rows, query, out)
        np.negative(out, out=out)
        return
    products(rows, query, out)
    if metric == "cosine":
        with np.errstate(invalid="ignore"):  # an infinite row has no cosine: it becomes NaN
            out /= norms
        out[norms == 0] = 0


def products(rows: Floats, query: Floats, out: Floats | None = None) -> Floats:
    """The dot product of each row with ``query``, ``(n,) float32``, in ``out`` if it is given.

    Not by ``@``: a BLAS matrix-vector product waits on its threads for longer than the product takes, and
    its last digits depend on which rows are multiplied together.
    """
    if rows.shape[1] < BLAS_WIDTH:
        return np.asarray(np.einsum("ij,j->i", rows, query, out=out))
    with np.errstate(all="ignore"):  # of rows that are not finite or leave the range
        return np.asarray(np.vecdot(rows, query, out=out))


def _distances(rows: Floats, query: Floats, out: Floats) -> None:
    """Write to ``out`` ``(n,)`` the Euclidean distance of each row to ``query``.

    By subtraction, since |a|² − 2 a·q + |q|² loses the distance of near neighbours far from the origin; in
    parts that stay in the cache.
    """
    step = max(1, rows_per_block(rows.shape[1]) // 8)
    scratch = np.empty((min(step, len(rows)), rows.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        with np.errstate(over="ignore"):
            arrows = np.subtract(part, query, out=scratch[: len(part)])
        out[start : start + step] = row_norms(arrows)
