"""Directions of greatest variance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.errors import UsageError


@dataclass(frozen=True, slots=True, eq=False)
class PCA:
    """Principal components of a set of rows.

    ``points`` ``(n, k) float64``: the rows along the components; ``components`` ``(k, d)``: unit
    directions, each with its entry of largest magnitude positive, so that pictures do not flip;
    ``explained`` ``(k,)``: the share of the variance along each, 0 … 1; ``mean`` ``(d,)``.
    """

    points: NDArray[np.float64]
    components: NDArray[np.float64]
    explained: NDArray[np.float64]
    mean: NDArray[np.float64]


def pca(rows: Floats, k: int = 2) -> PCA:
    """Principal component analysis by eigen-decomposition of the covariance (Jolliffe, "Principal Component
    Analysis"), or of the Gram matrix where there are fewer rows than dimensions.

    ``rows`` ``(n, d)``. UsageError unless 1 ≤ k ≤ min(n, d) and n ≥ 2, and for rows that are not finite.
    """
    n, d = rows.shape
    if n < 2 or not 1 <= k <= min(n, d):
        raise UsageError(f"{k} components of {n} rows of {d} dimensions do not exist")
    if not np.isfinite(rows).all():
        raise UsageError("rows with NaN or infinite numbers have no principal components")
    mean = rows.mean(axis=0, dtype=np.float64)
    centred = rows - mean
    total = float(np.square(centred).sum())
    if n >= d:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        components = vectors[:, ::-1][:, :k].T
    else:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        components = _orthonormal(centred.T @ vectors[:, ::-1][:, :k]).T
    largest = np.abs(components).argmax(axis=1)
    components = components * np.where(components[np.arange(k), largest] < 0, -1.0, 1.0)[:, None]
    explained = np.maximum(values[::-1][:k], 0) / total if total else np.zeros(k)
    return PCA(centred @ components.T, components, explained, mean)


def _orthonormal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns made orthonormal in order, each in the direction it had; those of no length get one."""
    q, r = np.linalg.qr(columns)
    return np.asarray(q * np.where(np.diag(r) < 0, -1.0, 1.0))


def turn_to(points: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation or reflection ``(k, k)`` that brings ``points`` ``(n, k)`` about their mean nearest to
    ``reference`` ``(n, k)`` about its own: a map that is drawn again and again then moves, and does not jump.

    The orthogonal Procrustes problem (Schönemann 1966, "A generalized solution of the orthogonal Procrustes
    problem").
    """
    centred, target = points - points.mean(axis=0), reference - reference.mean(axis=0)
    left, _, right = np.linalg.svd(centred.T @ target)
    return np.asarray(left @ right)
