"""The best of many scores."""

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats


def top_k(scores: Floats, k: int, exclude: tuple[int, ...] = ()) -> NDArray[np.intp]:
    """Ids of the ``k`` highest scores, highest first, ties by id; never an excluded id, −inf or NaN.

    The best of each block of scores bounds the answer from below, so that only few scores are sorted.
    """
    wanted = min(k + len(exclude), len(scores))
    block = 256
    whole = len(scores) // block
    if whole > wanted:
        peaks = np.fmax.reduce(scores[: whole * block].reshape(whole, block), axis=1)
        # a block with an infinite score bounds nothing: its best finite one is unknown
        peaks[~np.isfinite(peaks)] = -np.inf
        bound = np.partition(peaks, -wanted)[-wanted]
        candidates = np.flatnonzero(scores >= bound)
    else:
        candidates = np.arange(len(scores))
    candidates = candidates[np.isfinite(scores[candidates])]
    if exclude:
        candidates = candidates[~np.isin(candidates, exclude)]
    order = np.lexsort((candidates, -scores[candidates]))
    return candidates[order[:k]]
