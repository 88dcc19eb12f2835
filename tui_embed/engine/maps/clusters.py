"""Clusters of a map's tokens: found among their rows, never on the picture of them."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.maps.fits import fit
from tui_embed.engine.rows import Floats

NAMED_BY = 3
"""Central words that name a cluster."""

USUAL_MOST = 8
"""As many as colours that one can tell apart."""


@dataclass(frozen=True, eq=False, slots=True)
class Clusters:
    """``labels`` ``(n,)`` are 0 … k − 1, the largest cluster first; ``central`` are, for each, the points
    nearest to its mean row, nearest first.
    """

    labels: NDArray[np.int32]
    central: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.central)

    def of(self, kept: NDArray[np.int64]) -> "Clusters":
        """The clusters of some points: those that have any of them, with the central ones that are among
        them, or else the first.
        """
        numbers, labels = np.unique(self.labels[kept], return_inverse=True)
        places = {int(place): new for new, place in enumerate(kept.tolist())}
        central = []
        for new, number in enumerate(numbers.tolist()):
            there = tuple(places[place] for place in self.central[number] if place in places)
            central.append(there or (int(np.flatnonzero(labels == new)[0]),))
        return Clusters(labels.astype(np.int32), tuple(central))

    @property
    def sizes(self) -> list[int]:
        """How many points each has."""
        counts: list[int] = np.bincount(self.labels, minlength=len(self)).tolist()
        return counts


def usual_count(n: int) -> int:
    """How many clusters to look for among ``n`` points where nobody says: √(n / 2), as is a rule of thumb
    (Mardia et al. 1979, "Multivariate Analysis"), from two to eight; none among fewer than four points.
    """
    return 0 if n < 4 else min(USUAL_MOST, max(2, round(sqrt(n / 2))))


def cluster(
    rows: Floats,
    k: int,
    seed: int,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Clusters:
    """k-means of ``rows`` ``(n, d)`` as they are laid out: at length 1 that is spherical k-means but for the
    length of the means (Dhillon and Modha 2001). Fewer than ``k`` come out where rows are alike.

    TuiEmbedError where the package is missing; CancelledError.
    """
    n = len(rows)
    k = min(k, n)
    found: NDArray[np.generic] = np.zeros(n, np.int32)
    if k > 1:
        found = fit("k-means", rows, {"k": k, "seed": seed}, cancel, progress).array
    kept, numbers, counts = np.unique(found, return_inverse=True, return_counts=True)
    places = np.empty(len(kept), np.int32)
    places[np.argsort(-counts, kind="stable")] = np.arange(len(kept))
    labels = places[numbers]
    return Clusters(labels, tuple(_central(rows, labels == number) for number in range(len(kept))))


def _central(rows: Floats, inside: NDArray[np.bool_]) -> tuple[int, ...]:
    own = np.flatnonzero(inside)
    mine = rows[own]
    distances = np.linalg.norm(mine - mine.mean(axis=0), axis=1)
    return tuple(own[np.argsort(distances, kind="stable")[:NAMED_BY]].tolist())
