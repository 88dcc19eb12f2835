"""Axes of a person's own, from one meaning to another: poor → rich."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.matrix import unit_rows
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError

ENDS = (">", "→", ":")
"""What stands between the ends of an axis."""


@dataclass(frozen=True, eq=False, slots=True)
class SemanticAxis:
    """From the mean of the words ``low`` to that of the words ``high`` (text from outside); ``direction``
    ``(d_model,) float64`` has length 1.
    """

    low: tuple[str, ...]
    high: tuple[str, ...]
    direction: NDArray[np.float64]

    @property
    def name(self) -> str:
        return f"{' '.join(self.low)} → {' '.join(self.high)}"

    @property
    def words(self) -> tuple[str, ...]:
        return self.low + self.high

    def place(self, rows: Floats) -> Floats:
        """The cosine of each row ``(n, d)`` to the axis, ``(n,) float32``: above 0 it leans to the high end
        (An et al. 2018, "SemAxis"; Kozlowski et al. 2019, "The geometry of culture").
        """
        return np.asarray(unit_rows(rows).astype(np.float64) @ self.direction, dtype=np.float32)


def semantic_axis(space: EmbeddingSpace, low: Sequence[str], high: Sequence[str]) -> SemanticAxis:
    """The axis from the mean unit row of ``low`` to that of ``high``. UnknownTokenError for a word that the
    space does not have; UsageError for an end without words, and for ends that are one point.
    """
    if not low or not high:
        raise UsageError("an axis needs a word at each end", "as in poor > rich, or poor cheap > rich dear")
    ends = []
    for words in (low, high):
        rows = np.stack([space[word] for word in words])
        if not np.isfinite(rows).all():
            raise UsageError(f"the rows of {' '.join(words)} are not finite")
        ends.append(unit_rows(rows).astype(np.float64).mean(axis=0))
    arrow = ends[1] - ends[0]
    length = float(np.linalg.norm(arrow))
    if length < 1e-6:
        raise UsageError(f"{' '.join(low)} and {' '.join(high)} are one point: no axis leads from it")
    return SemanticAxis(tuple(low), tuple(high), arrow / length)


def read_axis(space: EmbeddingSpace, text: str) -> SemanticAxis:
    """An axis as a person writes it: ``poor > rich``, ``poor cheap > rich dear``. Also ``poor:rich``, where
    no token is spelled with a colon between. UsageError for anything else.
    """
    for sign in ENDS:
        low, found, high = text.partition(sign)
        if found and low.strip() and high.strip():
            return semantic_axis(space, low.split(), high.split())
    raise UsageError(f"“{text}” is no axis", "write one end, >, and the other: poor > rich")


def between(first: SemanticAxis, second: SemanticAxis) -> float:
    """The cosine of two axes: 0 where they say different things."""
    return float(first.direction @ second.direction)
