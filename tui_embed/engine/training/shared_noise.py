"""Noise words that many predictions share, so that scoring against them is one matrix product.

word2vec draws a few words for each prediction; each costs a row to gather, to score and to move. Here a group
of predictions shares more of them than that, and each counts for less: on average the gradient is the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.word_sums import WordPlaces


@dataclass(frozen=True, eq=False, slots=True)
class NoiseGradients:
    """Gradients on the output rows ``ids`` ``(words,)``, each once: ``(words, d)``, and the sums of what was
    said of each draw, ``(words,)``.
    """

    ids: NDArray[np.integer]
    gradients: Array
    sums: Array


@dataclass(frozen=True, eq=False, slots=True)
class SharedNoise:
    """Noise words ``ids`` ``(n_groups, k)`` as they were drawn, a word perhaps several times. Each counts
    ``weight`` for a prediction: the negatives of a prediction in all.

    Rows that predict, ``(n, d)``, are dealt to the groups in turn.
    """

    ids: NDArray[np.intp]
    weight: np.float32

    @classmethod
    def of(cls, drawn: NDArray[np.intp], negatives: int) -> "SharedNoise":
        """``negatives`` a prediction, of ``drawn`` ``(n_groups, k)`` words."""
        return cls(drawn, np.float32(negatives / drawn.shape[1]))

    def scores(self, rows: Array, noise_rows: Array) -> Array:
        """``rows`` ``(n, d)`` by ``noise_rows`` ``(n_groups, k, d)``, those of its group, ``(n, k)``."""
        scores = np.empty((len(rows), self.ids.shape[1]), dtype=rows.dtype)
        for group, part in self._parts():
            np.matmul(rows[part], noise_rows[group].T, out=scores[part])
        return scores

    def gradients(self, on_scores: Array, rows: Array, noise_rows: Array) -> tuple[Array, Array]:
        """On ``rows`` and on ``noise_rows``, from those on the scores ``(n, k)``."""
        on_rows, on_noise = np.empty_like(rows), np.empty_like(noise_rows)
        for group, part in self._parts():
            np.matmul(on_scores[part], noise_rows[group], out=on_rows[part])
            np.matmul(on_scores[part].T, rows[part], out=on_noise[group])
        return on_rows, on_noise

    def sums_of_rows(self, values: Array) -> Array:
        """For each draw the sum of ``values`` ``(n,)`` of the rows of its group, by its weight, ``(n_groups,
        k)``.
        """
        sums = np.bincount(self._groups(len(values)), values, len(self.ids)).astype(values.dtype)
        return np.broadcast_to(self.weight * sums[:, None], self.ids.shape)

    def sums_of_noise(self, values: Array, n: int) -> Array:
        """For each of ``n`` rows the sum of ``values`` ``(n_groups, k)`` of its group, by their weight."""
        sums: Array = self.weight * values.sum(axis=1)
        return sums.take(self._groups(n))

    def by_word(self, on_noise: Array, values: Array) -> NoiseGradients:
        """Gradients ``(n_groups, k, d)`` and ``values`` ``(n_groups, k)`` of the draws, summed by word."""
        words = WordPlaces.of(self.ids.reshape(-1))
        gradients = words.sums(on_noise.reshape(self.ids.size, -1))
        sums = np.bincount(words.of_place, values.reshape(-1), len(words.ids)).astype(values.dtype)
        return NoiseGradients(words.ids, gradients, sums)

    def _groups(self, n: int) -> NDArray[np.intp]:
        """The group of each of ``n`` rows."""
        return np.arange(n) % len(self.ids)

    def _parts(self) -> Iterator[tuple[int, slice]]:
        n_groups = len(self.ids)
        return ((group, slice(group, None, n_groups)) for group in range(n_groups))
