"""A whole matrix in figures: lengths of rows, directions in use, how far all of them point one way."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.blas import blas_threads
from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import LARGE, SMALL, EmbeddingMatrix, row_norms, safe
from tui_embed.engine.rows import Floats, rows_per_block
from tui_embed.errors import TuiEmbedError

N_BINS = 40
N_RANKS = 24
ROUNDING = 1e-6
WIDEST = 16_384
"""Dimensions: d² numbers are summed."""

Wide = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankBand:
    """Norms of the rows ``start`` … ``stop`` − 1."""

    start: int
    stop: int
    mean: float
    least: float
    greatest: float


@dataclass(frozen=True, eq=False, slots=True)
class Statistics:
    """Of ``n`` rows that are finite. ``edges`` ``(N_BINS + 1,)`` and ``counts`` are the histogram of norms,
    ``bands`` their mean along the ids, which most vocabularies have by frequency.

    ``effective_rank`` is e to the entropy of the singular values' shares (Roy and Vetterli 2007, "The
    effective rank"), ``participation`` (Σλ)² / Σλ² of the covariance's eigenvalues (Gao et al. 2017), both of
    the rows less their mean. ``anisotropy`` is the mean cosine of all pairs of different rows (Ethayarajh
    2019, "How contextual are contextualized word representations?"); ``mean_share`` is the length of the mean
    row over the mean length.
    """

    n: int
    n_odd: int
    n_zero: int
    norms: Floats
    edges: Wide
    counts: NDArray[np.int64]
    bands: tuple[RankBand, ...]
    mean_row: Floats
    mean_norm: float
    mean_share: float
    anisotropy: float
    spectrum: Wide
    """Shares of the variance, the greatest first."""
    effective_rank: float
    participation: float

    @property
    def d_model(self) -> int:
        return len(self.spectrum)

    @property
    def finite_norms(self) -> Floats:
        """Norms of the ``n`` rows that the figures are of."""
        return self.norms[np.isfinite(self.norms)]


@dataclass(eq=False, slots=True)
class _Sums:
    """What one pass over the rows adds up, in float64. ``rows`` and ``products`` are of rows less ``origin``,
    the mean of the first ones: what all rows share would drown the differences in float32.
    """

    origin: Floats
    rows: Wide
    units: Wide
    products: Wide
    n: int = 0
    n_zero: int = 0


def statistics(
    matrix: EmbeddingMatrix, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> Statistics:
    """All of it in one pass; the mean cosine is exact, over all pairs, since the sum of all of them is the
    length of the sum of the unit rows.

    TuiEmbedError for a matrix without a finite row, and for one of more than WIDEST dimensions.
    """
    n_vocab, d = matrix.rows.shape
    if d > WIDEST:
        raise TuiEmbedError(f"rows of {d:,} numbers are too wide for this", f"at most {WIDEST:,}")
    norms = np.empty(n_vocab, dtype=np.float32)
    sums = _Sums(np.zeros(d, np.float32), np.zeros(d), np.zeros(d), np.zeros((d, d)))
    with blas_threads(1), np.errstate(all="ignore"):
        for start, block in matrix.rows.blocks():
            if cancel is not None:
                cancel.check()
            norms[start : start + len(block)] = row_norms(block)
            _add(sums, block, norms[start : start + len(block)])
            progress(start + len(block), n_vocab)
    matrix.remember_norms(norms)
    finite = np.isfinite(norms)
    if sums.n == 0:
        raise TuiEmbedError("no row of it has finite numbers")
    return _of(norms, finite, sums)


def _add(sums: _Sums, block: Floats, norms: Floats) -> None:
    kept = np.isfinite(norms)
    rows, lengths = (block, norms) if kept.all() else (block[kept], norms[kept])
    if not sums.n and len(rows):
        sums.origin = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    step = max(1, rows_per_block(rows.shape[1]) // 4)
    for start in range(0, len(rows), step):
        part, own = rows[start : start + step], lengths[start : start + step]
        moved = _moved(part, own, sums.origin)
        sums.products += moved.T @ moved
        sums.rows += moved.sum(axis=0, dtype=np.float64)
        sums.units += (part / safe(own)[:, None]).sum(axis=0, dtype=np.float64)
    sums.n += len(rows)
    sums.n_zero += int((lengths == 0).sum())


def _moved(rows: Floats, lengths: Floats, origin: Floats) -> Floats | Wide:
    """``rows`` less ``origin``, wide enough for sums of their products."""
    top = max(float(lengths.max()), float(row_norms(origin[None, :])[0]))
    if SMALL < top < LARGE:
        return rows - origin
    return rows.astype(np.float64) - origin


def _of(norms: Floats, finite: NDArray[np.bool_], sums: _Sums) -> Statistics:
    n = sums.n
    known = norms[finite]
    moved = sums.rows / n
    mean = sums.origin + moved
    eigenvalues = np.linalg.eigvalsh(sums.products / n - np.outer(moved, moved))[::-1].astype(np.float64)
    # sums of float32 products cannot tell less than this from nothing
    eigenvalues[eigenvalues < ROUNDING * eigenvalues[0]] = 0
    total = float(eigenvalues.sum()) or 1.0
    singular = np.sqrt(eigenvalues)
    shares = singular / (float(singular.sum()) or 1.0)
    some = shares[shares > 0]
    counts, edges = _histogram(known)
    directed = n - sums.n_zero
    pairs = directed * (directed - 1)
    mean_norm = float(known.mean(dtype=np.float64))
    return Statistics(
        n=n,
        n_odd=len(norms) - n,
        n_zero=sums.n_zero,
        norms=norms,
        edges=edges,
        counts=counts,
        bands=_bands(norms),
        mean_row=mean.astype(np.float32),
        mean_norm=mean_norm,
        mean_share=float(np.linalg.norm(mean)) / (mean_norm or 1.0),
        anisotropy=(float(sums.units @ sums.units) - directed) / pairs if pairs else 0.0,
        spectrum=eigenvalues / total,
        effective_rank=float(np.exp(-(some * np.log(some)).sum())) if len(some) else 0.0,
        participation=total**2 / (float((eigenvalues**2).sum()) or 1.0) if eigenvalues.any() else 0.0,
    )


def _histogram(norms: Floats) -> tuple[NDArray[np.int64], Wide]:
    """Counts, and edges of equal distance. Rows of one length differ by rounding alone, which bins narrower
    than that would make a picture of.
    """
    low, high = float(norms.min()), float(norms.max())
    least = ROUNDING * N_BINS * high
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    counts, edges = np.histogram(norms.astype(np.float64), bins=N_BINS, range=(low, high))
    return counts.astype(np.int64), edges


def _bands(norms: Floats) -> tuple[RankBand, ...]:
    """Norms along the ids, in as many bands of about equal size as there is room for."""
    edges = np.linspace(0, len(norms), min(N_RANKS, len(norms)) + 1).astype(int).tolist()
    bands = []
    for start, stop in pairwise(edges):
        part = norms[start:stop]
        part = part[np.isfinite(part)]
        if len(part):
            mean = float(part.mean(dtype=np.float64))
            bands.append(RankBand(start, stop, mean, float(part.min()), float(part.max())))
    return tuple(bands)
