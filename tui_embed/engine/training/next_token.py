"""The language model as pure functions: rows + positions → body → softmax over the vocabulary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training import attention_body, mlp_body
from tui_embed.engine.training.body import Passed, Shapes, first_weights
from tui_embed.engine.training.contexts import Contexts
from tui_embed.engine.training.layers import Array, softmax_loss
from tui_embed.engine.training.row_sums import RowSums, row_sums
from tui_embed.engine.training.settings import Body, TrainingSettings
from tui_embed.engine.training.trainer import OUTPUT, POSITIONS, TOKENS, Parameters

BOUNDARY = "boundary"
"""``(1, d_model)``: the row that is read where a sentence begins, and no token stands before."""

POSITIONS_STD = 0.01
"""Position rows begin as N(0, 0.01²), as those of GPT-2."""

_SHAPES: Mapping[Body, Callable[[TrainingSettings], Shapes]] = {
    "mlp": mlp_body.shapes,
    "attention": attention_body.shapes,
}
_FORWARD: Mapping[Body, Callable[[Mapping[str, Array], Array, NDArray[np.bool_]], Passed]] = {
    "mlp": mlp_body.forward,
    "attention": attention_body.forward,
}


@dataclass(frozen=True, eq=False, slots=True)
class Gradients:
    """Of the mean loss of some predictions: on the rows of ``W_E`` that were ``read``, on all ``output`` rows
    ``(n_vocab, d_model)`` (which with tied weights are those of ``W_E`` too), and on the other ``weights``.
    """

    losses: Array
    read: RowSums
    output: Array
    weights: dict[str, Array]


def parameter_shapes(settings: TrainingSettings, n_vocab: int) -> Shapes:
    """The shape of every parameter by name; no OUTPUT where it is tied to TOKENS."""
    rows = (n_vocab, settings.d_model)
    outputs = {} if settings.tied else {OUTPUT: rows}
    positions = (settings.n_ctx, settings.d_model)
    body = _SHAPES[settings.body](settings)
    return {TOKENS: rows, **outputs, POSITIONS: positions, BOUNDARY: (1, settings.d_model), **body}


def first_parameters(
    settings: TrainingSettings, rows: Floats, generator: np.random.Generator
) -> dict[str, Floats]:
    """All parameters around the token ``rows``; ``[OUTPUT] is [TOKENS]`` where weights are tied."""

    def noise(n_rows: int, std: float) -> Floats:
        return generator.standard_normal((n_rows, settings.d_model), dtype=np.float32) * np.float32(std)

    return {
        TOKENS: rows,
        OUTPUT: rows if settings.tied else noise(len(rows), settings.drawn_std),
        POSITIONS: noise(settings.n_ctx, POSITIONS_STD),
        BOUNDARY: noise(1, settings.drawn_std),
        **first_weights(_SHAPES[settings.body](settings), generator),
    }


def read_inputs(parameters: Parameters, contexts: Contexts) -> Array:
    """``W_E[id] + W_P[position]`` in every slot, ``(n, n_ctx, d_model)``; zeros in empty ones."""
    inputs: Array = parameters[TOKENS][contexts.ids]
    inputs += parameters[POSITIONS][contexts.positions]
    inputs *= contexts.present[:, :, None]
    inputs[contexts.empty, -1] = parameters[BOUNDARY]
    return inputs


def pass_through(parameters: Parameters, body: Body, contexts: Contexts) -> Passed:
    """What the body makes of the contexts."""
    return _FORWARD[body](parameters, read_inputs(parameters, contexts), contexts.filled)


def losses_of(parameters: Parameters, body: Body, contexts: Contexts, targets: NDArray[np.integer]) -> Array:
    """−log p of each target after its context, ``(n,)``, in nats."""
    return softmax_loss(pass_through(parameters, body, contexts).hidden, parameters[OUTPUT], targets)[0]


def gradients_of(
    parameters: Parameters, body: Body, contexts: Contexts, targets: NDArray[np.integer]
) -> Gradients:
    """The losses of ``targets`` ``(n,)`` after ``contexts``, and the gradients of their mean."""
    passed = pass_through(parameters, body, contexts)
    losses, back = softmax_loss(passed.hidden, parameters[OUTPUT], targets)
    on_hidden, on_output = back()
    on_inputs, weights = passed.back(on_hidden)
    weights[POSITIONS] = _by_position(on_inputs, contexts)
    weights[BOUNDARY] = on_inputs[contexts.empty, -1].sum(axis=0, keepdims=True)
    present = contexts.present
    return Gradients(losses, row_sums(contexts.ids[present], on_inputs[present]), on_output, weights)


def _by_position(on_inputs: Array, contexts: Contexts) -> Array:
    """The gradient on ``W_P``: a sum for each length, since contexts as long as each other have the same
    position in the same slot, and almost all are full.
    """
    sums: Array = np.zeros_like(on_inputs[0])
    for length in np.unique(contexts.lengths[~contexts.empty]):
        alike = on_inputs[contexts.lengths == length, contexts.n_ctx - length :]
        sums[:length] += alike.sum(axis=0)
    return sums
