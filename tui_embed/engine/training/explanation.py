"""One prediction and one step on it, told in numbers: what was expected, what moved, what is expected now."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RowOf = Literal["tokens", "output", "tied", "positions", "ngrams"]
Role = Literal["context", "target", "negative", "other"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in a sentence: token ids ``before`` and ``after`` it, and the ``target`` that belongs there."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    target: int


@dataclass(frozen=True, slots=True)
class RowMove:
    """What a step does to one row: the norm of the ``gradient`` on it, how far it moves (``distance``), and
    by how much its dot product with what it was scored against grows (``pull`` > 0: drawn to it, < 0: pushed
    away); a row of the context is held against the output row of the target. ``frozen`` rows have a gradient,
    but stay.
    """

    matrix: RowOf
    row: int
    role: Role
    gradient: float
    distance: float
    pull: float
    frozen: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class ExplainedStep:
    """One step of gradient descent on one gap.

    ``before`` and ``after`` ``(n_vocab,) float32`` are the distributions over the vocabulary in the gap:
    softmax of the scores, whatever is trained by. ``loss`` and ``loss_after`` are in nats: of the softmax,
    or of the target and ``negatives`` (ids) where those were drawn. ``moves`` are the rows that move,
    furthest first, at most a hundred; ``n_moved`` counts all of them. ``context`` are the ids that were
    looked at. ``told`` says what moved and why, in a few sentences without any token's spelling.
    """

    gap: Gap
    context: tuple[int, ...]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    loss: float
    loss_after: float
    negatives: tuple[int, ...] | None
    moves: tuple[RowMove, ...]
    n_moved: int
    learning_rate: float
    applied: bool
    told: str
