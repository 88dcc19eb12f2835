"""One step of gradient descent on one gap: what was expected, which rows it moves, what is expected then."""

import math

import numpy as np

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.contexts import context_of
from tui_embed.engine.training.explanation import ExplainedStep, Gap
from tui_embed.engine.training.gap_prediction import (
    GapPrediction,
    NextTokenPrediction,
    WindowPrediction,
    each_reading,
    mean_reading,
)
from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.model import Model
from tui_embed.engine.training.noise import NOISE_POWER
from tui_embed.engine.training.row_moves import moves_of
from tui_embed.engine.training.row_sums import RowSums
from tui_embed.engine.training.step_story import told_of
from tui_embed.engine.training.trainer import OUTPUT, TOKENS, Parameters
from tui_embed.errors import UsageError


def explain_gap(model: Model, gap: Gap, learning_rate: float, apply: bool, seed: int) -> ExplainedStep:
    """A step of plain gradient descent on the prediction of ``gap``, as the model's objective makes it:

    - ``cbow``: the mean of the input rows in the window around the gap is scored against the output rows
    - ``skipgram``: each row in the window predicts the gap, as each of word2vec's pairs does; distribution
      and loss are means over those predictions
    - ``lm``: the body reads the last ``n_ctx`` tokens before the gap, and nothing after it

    The window is the whole ``settings.window``. With ``settings.negatives`` the loss is that of negative
    sampling; the negatives are drawn by ``seed`` from all tokens but the target. A language model is trained
    by Adam; this one step is not Adam's, so that it shows the gradient itself. Frozen rows stay.

    ``apply`` makes the step, in the arrays of ``model``; without it nothing is changed.

    UsageError for GloVe, for a gap without context where one is needed, for ids without a row, for a step
    that would leave numbers that are not finite, and for ``apply`` on a model that is only read.
    """
    _check(model, gap, learning_rate, apply)
    context, negatives = _context(model, gap), _negatives(model, gap.target, seed)
    prediction = _prediction(model, context, gap.target, negatives)
    parameters = model.parameters
    gradients = _by_array(model, prediction.gradients(parameters))
    after = _stepped(model, gradients, learning_rate)
    moves = moves_of(model, gradients, after, prediction.hidden(parameters), gap, context, negatives)
    step = ExplainedStep(
        gap=gap,
        context=context,
        before=_float32(prediction.probabilities(parameters)),
        after=_float32(prediction.probabilities(after)),
        loss=prediction.loss(parameters),
        loss_after=prediction.loss(after),
        negatives=negatives,
        moves=moves.listed,
        n_moved=moves.n_moved,
        learning_rate=learning_rate,
        applied=apply,
        told=told_of(model, gap, context, negatives, moves, learning_rate),
    )
    if apply:
        for name, gradient in gradients.items():
            parameters[name][gradient.ids] = after[name][gradient.ids]
    return step


def _check(model: Model, gap: Gap, learning_rate: float, apply: bool) -> None:
    if model.settings.objective == "glove":
        raise UsageError("GloVe fits counts of pairs: no sentence is predicted", "train skipgram, cbow or lm")
    if not (math.isfinite(learning_rate) and learning_rate >= 0):
        raise UsageError(f"a learning rate of {learning_rate}", "it is a number, 0 or more")
    model.check_ids([*gap.before, *gap.after, gap.target])
    if apply and not all(array.flags.writeable for array in model.parameters.values()):
        raise UsageError("the rows of a finished training are fixed", "train on to move them")


def _context(model: Model, gap: Gap) -> tuple[int, ...]:
    settings = model.settings
    if settings.objective == "lm":
        return gap.before[-settings.n_ctx :]
    context = gap.before[-settings.window :] + gap.after[: settings.window]
    if not context:
        raise UsageError("nothing stands beside the gap to predict it from", "give a sentence around it")
    return context


def _negatives(model: Model, target: int, seed: int) -> tuple[int, ...] | None:
    """The noise tokens, which may repeat; None where the softmax is over all tokens."""
    settings = model.settings
    if settings.objective == "lm" or settings.negatives == 0:
        return None
    weights = model.counts.astype(np.float64) ** NOISE_POWER
    weights[target] = 0
    total = weights.sum()
    if total == 0:
        return ()
    drawn = np.random.default_rng(seed).choice(len(weights), settings.negatives, p=weights / total)
    return tuple(drawn.tolist())


def _prediction(
    model: Model, context: tuple[int, ...], target: int, negatives: tuple[int, ...] | None
) -> GapPrediction:
    settings = model.settings
    if settings.objective == "lm":
        return NextTokenPrediction(settings.body, context_of(context, settings.n_ctx), target)
    if settings.objective == "cbow":
        return WindowPrediction(mean_reading(context), target, negatives)
    ngrams = None if model.ngrams_of is None else [model.ngrams_of(token_id) for token_id in context]
    return WindowPrediction(each_reading(context, ngrams), target, negatives)


def _by_array(model: Model, gradients: dict[str, RowSums]) -> dict[str, RowSums]:
    """One gradient for each array: tied rows have that of what was read and of what was scored."""
    if model.tied:
        gradients[TOKENS] += gradients.pop(OUTPUT)
    return gradients


def _stepped(model: Model, gradients: dict[str, RowSums], learning_rate: float) -> Parameters:
    """The parameters after the step; arrays that it changes are copies."""
    after: dict[str, Array] = dict(model.parameters)
    with np.errstate(over="ignore", invalid="ignore"):
        for name, gradient in gradients.items():
            free = ~model.frozen[gradient.ids] if name == TOKENS else np.ones(len(gradient.ids), dtype=bool)
            after[name] = after[name].copy()
            after[name][gradient.ids[free]] -= learning_rate * gradient.sums[free]
            if not np.isfinite(after[name][gradient.ids]).all():
                raise UsageError(
                    f"a step with the learning rate {learning_rate:g} leaves numbers that are not finite",
                    "take a lower one",
                )
    if model.tied:
        after[OUTPUT] = after[TOKENS]
    return after


def _float32(probabilities: Array) -> Floats:
    return probabilities.astype(np.float32)
