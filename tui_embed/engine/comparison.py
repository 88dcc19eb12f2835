"""Two spaces side by side: which tokens they share, and how far those moved from one to the other."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.blas import blas_threads
from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import row_norms, safe
from tui_embed.engine.rows import Floats, Ids, rows_per_block
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError, UsageError

LEAST_SHARED = 2
FITTED = 50_000
"""So many shared tokens, the first ones, decide the rotation; all of them are compared by it."""

Alignment = Literal["none", "rotation"]
ALIGNMENTS: tuple[Alignment, ...] = ("none", "rotation")


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Tokens that both have, by their ids in the first space (``shared``) and in the second (``others``),
    ``(n,)`` each, in the order of the first, and their cosines ``(n,)`` after the ``alignment``; ids that one
    of them alone has. ``n_equal`` rows are the same to the bit.
    """

    first: EmbeddingSpace
    second: EmbeddingSpace
    alignment: Alignment
    shared: Ids
    others: Ids
    cosines: Floats
    n_equal: int
    only_first: Ids
    only_second: Ids
    n_fitted: int

    @property
    def mean(self) -> float:
        """The mean cosine of the shared tokens that have one."""
        finite = self.cosines[np.isfinite(self.cosines)]
        return float(finite.mean(dtype=np.float64)) if len(finite) else 0.0

    def most_moved(self, k: int) -> list[tuple[int, int, float]]:
        """The ``k`` shared tokens with the lowest cosines: both ids and the cosine."""
        return self._picked(np.argsort(self.cosines, kind="stable")[:k])

    def least_moved(self, k: int) -> list[tuple[int, int, float]]:
        """The ``k`` shared tokens with the highest cosines."""
        return self._picked(np.argsort(-self.cosines, kind="stable")[:k])

    def _picked(self, places: NDArray[np.intp]) -> list[tuple[int, int, float]]:
        return [
            (int(self.shared[at]), int(self.others[at]), float(self.cosines[at]))
            for at in places.tolist()
            if np.isfinite(self.cosines[at])
        ]


def compare_spaces(
    first: EmbeddingSpace,
    second: EmbeddingSpace,
    alignment: Alignment | None = None,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Match the tokens of two spaces by their bytes and compare the rows.

    ``"none"`` compares the numbers as they are, which is right for a checkpoint and what it was fine-tuned
    from; ``"rotation"`` turns the second space onto the first one by the orthogonal map that brings the unit
    rows of shared tokens nearest (Schönemann 1966, "A generalized solution of the orthogonal Procrustes
    problem"), which keeps all cosines within it: right for spaces that were trained apart, of any widths.
    Without either: "none" where the rows of shared tokens are mostly alike as they are, else "rotation".

    UsageError for spaces that share fewer than LEAST_SHARED tokens, and for "none" between other widths;
    TuiEmbedError where no shared token has finite rows in both.
    """
    shared, others = _matched(first, second, cancel)
    if len(shared) < LEAST_SHARED:
        raise UsageError(
            f"{first.name} and {second.name} share {len(shared)} tokens", "nothing is to compare"
        )
    same_width = first.d_model == second.d_model
    if alignment == "none" and not same_width:
        raise UsageError(
            f"rows of {first.d_model:,} and of {second.d_model:,} numbers have no cosine as they are",
            "align them by rotation",
        )
    turn: Floats | None = None
    n_fitted = 0
    if alignment is None:
        alignment = "none" if same_width and _alike(first, second, shared, others) else "rotation"
    if alignment == "rotation":
        n_fitted = min(FITTED, len(shared))
        turn = _rotation(first, second, shared[:n_fitted], others[:n_fitted], cancel)
    cosines, n_equal = _cosines(first, second, shared, others, turn, cancel, progress)
    if not np.isfinite(cosines).any():
        raise TuiEmbedError(f"no token that {first.name} and {second.name} share has finite rows in both")
    return Comparison(
        first,
        second,
        alignment,
        shared,
        others,
        cosines,
        n_equal,
        np.setdiff1d(np.arange(len(first)), shared),
        np.setdiff1d(np.arange(len(second)), others),
        n_fitted,
    )


def _matched(
    first: EmbeddingSpace, second: EmbeddingSpace, cancel: CancelToken | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ids of tokens of the same bytes; placeholders of rows without a token are none."""
    ids = {second.vocabulary.token_bytes(i): i for i in range(len(second) - 1, -1, -1)}
    skipped = [set(space.model.unused_ids) if space.model is not None else set() for space in (first, second)]
    pairs: list[tuple[int, int]] = []
    seen: set[int] = set()
    for token_id in range(len(first)):
        if cancel is not None and token_id % 10_000 == 0:
            cancel.check()
        other = ids.get(first.vocabulary.token_bytes(token_id))
        if other is not None and other not in seen and token_id not in skipped[0] and other not in skipped[1]:
            seen.add(other)
            pairs.append((token_id, other))
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def _alike(first: EmbeddingSpace, second: EmbeddingSpace, shared: Ids, others: Ids) -> bool:
    """Whether rows of a sample of shared tokens are alike without any turning."""
    places = np.linspace(0, len(shared) - 1, min(512, len(shared))).astype(int)
    a, b = first.matrix.unit(shared[places]), second.matrix.unit(others[places])
    cosines = np.einsum("ij,ij->i", a, b)
    cosines = cosines[np.isfinite(cosines)]
    return bool(len(cosines) and float(np.median(cosines)) > 0.5)


def _rotation(
    first: EmbeddingSpace, second: EmbeddingSpace, shared: Ids, others: Ids, cancel: CancelToken | None
) -> Floats:
    """The map ``(d_second, d_first)`` with orthonormal rows or columns that turns the second space."""
    together = np.zeros((second.d_model, first.d_model))
    step = rows_per_block(max(first.d_model, second.d_model))
    with blas_threads(1):
        for start in range(0, len(shared), step):
            if cancel is not None:
                cancel.check()
            a = first.matrix.unit(shared[start : start + step])
            b = second.matrix.unit(others[start : start + step])
            kept = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
            together += b[kept].T @ a[kept]
        left, _, right = np.linalg.svd(together, full_matrices=False)
    return np.asarray(left @ right, dtype=np.float32)


def _cosines(
    first: EmbeddingSpace,
    second: EmbeddingSpace,
    shared: Ids,
    others: Ids,
    turn: Floats | None,
    cancel: CancelToken | None,
    progress: Progress,
) -> tuple[Floats, int]:
    cosines = np.empty(len(shared), dtype=np.float32)
    n_equal = 0
    step = rows_per_block(max(first.d_model, second.d_model))
    with blas_threads(1), np.errstate(all="ignore"):
        for start in range(0, len(shared), step):
            if cancel is not None:
                cancel.check()
            part = slice(start, start + step)
            a, b = first.matrix.rows.take(shared[part]), second.matrix.rows.take(others[part])
            if a.shape == b.shape:
                n_equal += int((a == b).all(axis=1).sum())
            if turn is not None:
                b = b @ turn
            cosines[part] = np.einsum("ij,ij->i", a, b) / (safe(row_norms(a)) * safe(row_norms(b)))
            progress(min(start + step, len(shared)), len(shared))
    return cosines, n_equal
