"""What every vector of a text is most like, after every layer: one pass over the matrix for all of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.blas import blas_threads
from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import row_norms, safe, unit_rows
from tui_embed.engine.models.forward import Forward
from tui_embed.engine.rows import Floats, Rows


@dataclass(frozen=True, eq=False, slots=True)
class Lens:
    """``best[layer, place]`` is a token id ``(n_layers + 1, n)``, and ``scores`` how well it fits: the
    probability that it comes next where ``predicts``, else the cosine of its row.
    """

    best: NDArray[np.int64]
    scores: Floats
    predicts: bool


def lens(run: Forward, cancel: CancelToken | None = None, progress: Progress = no_progress) -> Lens:
    """For a model that says what comes next, the most likely next token if it stopped at each layer
    (nostalgebraist 2020, "interpreting GPT: the logit lens"); for others, and for the input embeddings of a
    text that goes no further, the row of ``W_E`` with the highest cosine.
    """
    model = run.space.model
    n_states = run.n_layers + 1
    predicts = run.trace is not None and run.body is not None and run.body.is_causal
    states = np.stack([run.inputs] if run.trace is None else list(run.trace.states)).reshape(
        -1, run.space.d_model
    )
    if predicts and model is not None and model.output is not None:
        best, scores = _likeliest(model.output, run.finish(states), cancel, progress)
    else:
        predicts = False
        best, scores = _nearest(run.space.matrix.rows, unit_rows(states), cancel, progress)
    shape = (n_states, len(run.ids))
    return Lens(best.reshape(shape), scores.reshape(shape), predicts)


def _nearest(
    rows: Rows, directions: Floats, cancel: CancelToken | None, progress: Progress
) -> tuple[NDArray[np.int64], Floats]:
    n = len(directions)
    best, scores = np.zeros(n, dtype=np.int64), np.full(n, -np.inf, dtype=np.float32)
    with blas_threads(1), np.errstate(all="ignore"):
        for start, block in rows.blocks():
            _check(cancel)
            cosines = directions @ block.T / safe(row_norms(block))
            _keep_best(np.where(np.isfinite(cosines), cosines, -np.inf), start, best, scores)
            progress(start + len(block), rows.shape[0])
    return best, scores


def _likeliest(
    rows: Rows, states: Floats, cancel: CancelToken | None, progress: Progress
) -> tuple[NDArray[np.int64], Floats]:
    """The sum under the softmax grows block by block, at the scale of the highest score so far."""
    n = len(states)
    best, top = np.zeros(n, dtype=np.int64), np.full(n, -np.inf, dtype=np.float32)
    total = np.zeros(n)
    with blas_threads(1), np.errstate(all="ignore"):
        for start, block in rows.blocks():
            _check(cancel)
            scores = states @ block.T
            before = top.copy()
            _keep_best(scores, start, best, top)
            total *= np.exp(np.where(np.isfinite(before), before - top, -np.inf).astype(np.float64))
            total += np.exp(scores - top[:, None]).sum(axis=1, dtype=np.float64)
            progress(start + len(block), rows.shape[0])
    return best, (1 / total).astype(np.float32)


def _keep_best(scores: Floats, start: int, best: NDArray[np.int64], top: Floats) -> None:
    """Take over those of a block that are better than what was found before."""
    places = scores.argmax(axis=1)
    found = scores[np.arange(len(scores)), places]
    better = found > top
    best[better] = places[better] + start
    top[better] = found[better]


def _check(cancel: CancelToken | None) -> None:
    if cancel is not None:
        cancel.check()
