"""What a trained language model expects next. A prompt reads rows; it changes none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.contexts import context_of
from tui_embed.engine.training.layers import Array, softmax
from tui_embed.engine.training.model import Model
from tui_embed.engine.training.next_token import pass_through
from tui_embed.engine.training.settings import Objective
from tui_embed.engine.training.trainer import OUTPUT, POSITIONS, TOKENS
from tui_embed.errors import UsageError

WHY_NOT: Mapping[Objective, str] = {
    "skipgram": "skip-gram predicts neighbours, not what comes next",
    "cbow": "CBOW predicts a word from those on both sides, not what comes next",
    "glove": "GloVe fits counts of pairs: it predicts no text",
}


@dataclass(frozen=True, eq=False, slots=True)
class Prediction:
    """``probabilities`` ``(n_vocab,)`` of what comes after ``ids``, the last ``n_ctx`` of the prompt.

    ``rows`` of ``W_E`` and ``positions`` of ``W_P`` are what was read for them, ``inputs`` their sums, all
    ``(len(ids), d_model)``, copies; ``attention`` ``(len(ids),)`` is how much of each the block took, None
    for a body without attention. Without a prompt all of them are empty: the model's boundary row alone is
    read, and what is expected is the first token of a sentence.
    """

    ids: tuple[int, ...]
    rows: Floats
    positions: Floats
    inputs: Floats
    attention: Floats | None
    probabilities: Floats
    temperature: float


def next_tokens(model: Model, ids: Sequence[int], temperature: float = 1.0) -> Prediction:
    """What the language model expects after the prompt ``ids``.

    Scores are divided by ``temperature`` before the softmax; 0 puts all on the best token (the first of
    equals). A prompt of fewer than ``n_ctx`` tokens is read as the start of a sentence, as in training.

    UsageError for a model that is no language model, for ids that have no row, and for a temperature below 0.
    """
    settings, parameters = model.settings, model.parameters
    if settings.objective != "lm":
        raise UsageError(WHY_NOT[settings.objective], "train with --objective lm")
    if not 0 <= temperature < np.inf:
        raise UsageError(f"a temperature of {temperature}", "it is 0 or more; 1 is what was trained")
    model.check_ids(ids)
    read = np.array(ids[-settings.n_ctx :], dtype=np.int64)
    passed = pass_through(parameters, settings.body, context_of(ids, settings.n_ctx))
    rows, positions = parameters[TOKENS][read], parameters[POSITIONS][: len(read)].copy()
    attention = passed.attention
    return Prediction(
        tuple(read.tolist()),
        rows,
        positions,
        rows + positions,
        None if attention is None else attention[0, settings.n_ctx - len(read) :],
        _at_temperature(parameters[OUTPUT] @ passed.hidden[0], temperature),
        temperature,
    )


def _at_temperature(scores: Array, temperature: float) -> NDArray[np.float32]:
    if temperature == 0:
        greedy = np.zeros(len(scores), dtype=np.float32)
        greedy[np.argmax(scores)] = 1
        return greedy
    # from the top down and in float64: a temperature close to 0 makes −inf of the rest, not inf of the best
    below = scores.astype(np.float64) - scores.max()
    with np.errstate(over="ignore"):
        return softmax(below / temperature).astype(np.float32)
