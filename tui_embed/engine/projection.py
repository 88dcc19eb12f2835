"""Directions of greatest variance."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.blas import blas_threads
from tui_embed.engine.rows import rows_per_block
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


SMALL = 1 << 16
"""Up to so many numbers are computed with in float64; more of them in float32, as they are, which moves a
point by a millionth of the map.
"""

WIDE = 1500
"""From a smaller side of this length on, all components take longer than the few that are asked for."""

SPARE, ROUNDS, STEADY = 8, 200, 1e-7


def pca(rows: NDArray[np.floating], k: int = 2) -> PCA:
    """Principal component analysis by eigen-decomposition of the covariance (Jolliffe, "Principal Component
    Analysis"), of the Gram matrix where there are fewer rows than dimensions, or by subspace iteration
    (Halko et al. 2011, "Finding structure with randomness") where both are many.

    ``rows`` ``(n, d)``. UsageError unless 1 ≤ k ≤ min(n, d) and n ≥ 2, and for rows that are not finite.
    """
    n, d = rows.shape
    if n < 2 or not 1 <= k <= min(n, d):
        raise UsageError(f"{k} components of {n} rows of {d} dimensions do not exist")
    with blas_threads(1):
        return _pca(rows, k)


def _pca(rows: NDArray[np.floating], k: int) -> PCA:
    n, d = rows.shape
    centred = _Centred(rows)
    if not np.isfinite(centred.mean).all():
        raise UsageError("rows with NaN or infinite numbers have no principal components")
    if min(n, d) > WIDE:
        total = centred.squares()
        values, components = _by_iteration(centred, k)
    elif n < d:
        whole = centred.whole()
        total = float(np.vdot(whole, whole))
        values, vectors = np.linalg.eigh((whole @ whole.T).astype(np.float64))
        values, components = values[::-1][:k], _orthonormal(whole.T @ vectors[:, ::-1][:, :k]).T
    else:
        scatter = centred.scatter()
        total = float(np.trace(scatter))
        values, vectors = np.linalg.eigh(scatter)
        values, components = values[::-1][:k], vectors[:, ::-1][:, :k].T
    largest = np.abs(components).argmax(axis=1)
    components = components * np.where(components[np.arange(k), largest] < 0, -1.0, 1.0)[:, None]
    explained = np.clip(values / total, 0, 1) if total else np.zeros(k)
    return PCA(centred.along(components), components, explained, centred.mean.astype(np.float64))


class _Centred:
    """Rows about their mean, by blocks that stay in the cache."""

    def __init__(self, rows: NDArray[np.floating]) -> None:
        n, d = rows.shape
        self._rows = rows
        self._dtype = np.float64 if rows.size <= SMALL else np.float32
        self._step = max(1, rows_per_block(d) // 4)
        self._scratch = np.empty((min(n, self._step), d), dtype=self._dtype)
        # summed by blocks: float32 holds the sum of one, float64 that of all
        sums: NDArray[np.float64] = np.zeros(d)
        ones: NDArray[np.floating] = np.ones(len(self._scratch), dtype=self._dtype)
        for block in self._blocks():
            sums += ones[: len(block)] @ block
        self.mean: NDArray[np.floating] = (sums / n).astype(self._dtype)

    def _blocks(self) -> Iterator[NDArray[np.floating]]:
        for start in range(0, len(self._rows), self._step):
            yield self._rows[start : start + self._step].astype(self._dtype, copy=False)

    def _centred(self) -> Iterator[NDArray[np.floating]]:
        """The blocks about the mean; each is good until the next is asked for."""
        for block in self._blocks():
            yield np.subtract(block, self.mean, out=self._scratch[: len(block)])

    def whole(self) -> NDArray[np.floating]:
        return np.asarray(self._rows - self.mean)

    def squares(self) -> float:
        """The sum of all squares."""
        return sum(float(np.vdot(block, block)) for block in self._centred())

    def scatter(self) -> NDArray[np.float64]:
        """The sum of the outer products of the rows, ``(d, d)``."""
        found = np.zeros((self._rows.shape[1],) * 2)
        for block in self._centred():
            found += block.T @ block
        return found

    def scattered(self, directions: NDArray[np.float64]) -> NDArray[np.float64]:
        """The scatter times ``directions`` ``(d, m)``, without the scatter."""
        narrow: NDArray[np.floating] = directions.astype(self._dtype)
        found = np.zeros(directions.shape)
        for block in self._centred():
            found += block.T @ (block @ narrow)
        return found

    def along(self, components: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows along ``components`` ``(k, d)``: ``(n, k)``."""
        narrow: NDArray[np.floating] = components.T.astype(self._dtype)
        points = np.empty((len(self._rows), len(components)))
        for number, block in enumerate(self._centred()):
            start = number * self._step
            points[start : start + len(block)] = block @ narrow
        return points


def _by_iteration(centred: _Centred, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ``k`` largest eigenvalues of the scatter and their directions ``(k, d)``: a few more directions
    than are asked for are multiplied by it until the values stand still.
    """
    d = len(centred.mean)
    start = np.random.default_rng(0).normal(size=(d, k + SPARE))
    directions = np.linalg.qr(start)[0]
    values = np.zeros(k)
    for _ in range(ROUNDS):
        image = centred.scattered(directions)
        found, turn = np.linalg.eigh(directions.T @ image)
        before, values = values, found[::-1][:k]
        chosen = directions @ turn[:, ::-1][:, :k]
        if np.abs(values - before).max() <= STEADY * max(float(values[0]), 1e-300):
            break
        directions = np.linalg.qr(image)[0]
    return values, chosen.T


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
