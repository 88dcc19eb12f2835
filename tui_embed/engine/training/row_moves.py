"""Which rows a step moves, how far, and towards what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.explanation import Gap, Role, RowMove, RowOf
from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.model import Model
from tui_embed.engine.training.row_sums import RowSums
from tui_embed.engine.training.trainer import NGRAMS, OUTPUT, POSITIONS, TOKENS, Parameters

MOST_MOVES = 100

ROLES: tuple[Role, ...] = get_args(Role)
CONTEXT, TARGET, NEGATIVE, OTHER = range(len(ROLES))


@dataclass(frozen=True, eq=False, slots=True)
class _Moved:
    """The rows ``ids`` of one matrix that have a gradient, all arrays ``(n,)``."""

    matrix: RowOf
    ids: NDArray[np.int64]
    roles: NDArray[np.int8]
    gradient: Array
    distance: Array
    pull: Array
    frozen: NDArray[np.bool_]

    def at(self, index: int) -> RowMove:
        return RowMove(
            self.matrix,
            int(self.ids[index]),
            ROLES[self.roles[index]],
            float(self.gradient[index]),
            float(self.distance[index]),
            float(self.pull[index]),
            bool(self.frozen[index]),
        )


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves that are ``listed``, furthest first; of all rows ``n_moved`` move, and ``n_frozen`` have a
    gradient but stay.
    """

    listed: tuple[RowMove, ...]
    n_moved: int
    n_frozen: int


def moves_of(
    model: Model,
    gradients: Mapping[str, RowSums],
    after: Parameters,
    hidden: Array,
    gap: Gap,
    context: tuple[int, ...],
    negatives: tuple[int, ...] | None,
) -> Moves:
    """The moves from the parameters of ``model`` to ``after``.

    At most MOST_MOVES are listed, those that play a part first; a frozen row with a gradient is one of them,
    though it does not move. Rows that were scored were so against ``hidden`` ``(d_model,)``; those that were
    read are held against the output row of the target.
    """
    target_row = model.parameters[OUTPUT][gap.target]
    found = []
    for name in (TOKENS, OUTPUT, POSITIONS, NGRAMS):
        if name in gradients:
            roles = _roles(model, name, gradients[name].ids, gap.target, context, negatives)
            against = np.where((roles == CONTEXT)[:, None], target_row, hidden)
            found.append(_moved(model, name, gradients[name], after[name], roles, against))
    listed = [move for moved in found for move in _first(moved)]
    listed.sort(key=lambda move: (move.role == "other", -move.distance, -move.gradient))
    shown = sorted(listed[:MOST_MOVES], key=lambda move: (-move.distance, -move.gradient))
    n_moved = sum(int(np.count_nonzero(moved.distance)) for moved in found)
    n_frozen = sum(int(np.count_nonzero(moved.frozen)) for moved in found)
    return Moves(tuple(shown), n_moved, n_frozen)


def _roles(
    model: Model,
    name: str,
    ids: NDArray[np.int64],
    target: int,
    context: tuple[int, ...],
    negatives: tuple[int, ...] | None,
) -> NDArray[np.int8]:
    """The part that each row plays: that of the target before that of the context before that of noise."""
    if name != OUTPUT and not (name == TOKENS and model.tied):
        return np.full(len(ids), CONTEXT, dtype=np.int8)
    roles = np.full(len(ids), OTHER, dtype=np.int8)
    roles[np.isin(ids, np.array(negatives or (), dtype=np.int64))] = NEGATIVE
    if name == TOKENS:
        roles[np.isin(ids, np.array(context, dtype=np.int64))] = CONTEXT
    roles[ids == target] = TARGET
    return roles


def _moved(
    model: Model, name: str, gradient: RowSums, after: Array, roles: NDArray[np.int8], against: Array
) -> _Moved:
    sizes = np.linalg.norm(gradient.sums, axis=1)
    some = sizes > 0
    ids = gradient.ids[some]
    change = after[ids] - model.parameters[name][ids]
    return _Moved(
        _matrix(model, name),
        ids,
        roles[some],
        sizes[some],
        np.linalg.norm(change, axis=1),
        np.vecdot(change, against[some]),
        model.frozen[ids] if name == TOKENS else np.zeros(len(ids), dtype=bool),
    )


def _matrix(model: Model, name: str) -> RowOf:
    if name == TOKENS:
        return "tied" if model.tied else "tokens"
    if name == OUTPUT:
        return "output"
    return "positions" if name == POSITIONS else "ngrams"


def _first(moved: _Moved) -> list[RowMove]:
    """Those of one matrix that can be among the first of all."""
    order = np.lexsort((-moved.gradient, -moved.distance, moved.roles == OTHER))
    return [moved.at(index) for index in order[:MOST_MOVES].tolist()]
