"""One row in figures."""

from dataclasses import dataclass

import numpy as np

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import Floats

MULTIPLIED_BYTES = 64 << 20
"""To show one row of a larger matrix, all of it would be read."""


@dataclass(frozen=True, slots=True)
class RowSummary:
    """Norm, mean and standard deviation of a row, and its largest dimensions, (dimension, value)."""

    norm: float
    mean: float
    std: float
    largest: tuple[tuple[int, float], ...]


def summarize(row: Floats, n_largest: int = 5) -> RowSummary:
    """The figures of one row ``(d_model,)``, in float64."""
    wide = row.astype(np.float64)
    order = np.argsort(-np.abs(wide), kind="stable")[:n_largest]
    return RowSummary(
        norm=float(np.linalg.norm(wide)),
        mean=float(wide.mean()),
        std=float(wide.std()),
        largest=tuple((int(d), float(wide[d])) for d in order),
    )


def share_below(norms: Floats, token_id: int) -> float:
    """The part of all rows whose norm is below that of ``token_id``, 0 … 1."""
    return float(np.count_nonzero(norms < norms[token_id])) / max(1, len(norms))


def one_hot_product(matrix: EmbeddingMatrix, token_id: int) -> Floats | None:
    """``one_hot(token_id) @ W_E``, ``(d_model,)``, multiplied out; None where no whole matrix exists or it
    has more than ``MULTIPLIED_BYTES``.
    """
    if 4 * matrix.n_vocab * matrix.d_model > MULTIPLIED_BYTES:
        return None
    whole = matrix.array
    if whole is None:
        return None
    one_hot = np.zeros(matrix.n_vocab, dtype=np.float32)
    one_hot[token_id] = 1
    return np.asarray(one_hot @ whole)


def norm_figures(norms: Floats) -> dict[str, float]:
    """The least, median, mean and greatest of the norms that are finite; empty where none is."""
    finite = norms[np.isfinite(norms)]
    if not len(finite):
        return {}
    figures = {
        "least": finite.min(),
        "median": np.median(finite),
        "mean": finite.mean(dtype=np.float64),
        "greatest": finite.max(),
    }
    return {name: float(value) for name, value in figures.items()}
