"""Sorting byte strings that lie one after another in a blob, without a Python object for each."""

import numpy as np
from numpy.typing import NDArray

KEY = 8


def byte_order(blob: NDArray[np.uint8], offsets: NDArray[np.integer]) -> NDArray[np.uint32]:
    """The ids ``(n,) uint32`` of the strings ``blob[offsets[i]:offsets[i + 1]]``, sorted by their bytes;
    equal strings by id.

    Eight bytes at a time as one big-endian number: most strings are told apart by the first of them, and
    only those that are still equal go on to the next. A string that has ended counts as zeros, so where all
    of a group have ended the shorter comes first.
    """
    starts = np.asarray(offsets[:-1], dtype=np.int64)
    lengths = np.asarray(offsets[1:], dtype=np.int64) - starts
    windows = np.lib.stride_tricks.sliding_window_view(np.append(blob, np.zeros(KEY, np.uint8)), KEY)
    order = np.arange(len(lengths), dtype=np.int64)
    # places in ``order`` that are not final yet, in groups of strings that are equal so far
    places, groups = order.copy(), np.zeros(len(order), dtype=np.int64)
    depth = 0
    while len(places):
        ids = order[places]
        keys = _keys(windows, starts[ids] + depth, lengths[ids] - depth)
        ranks = np.lexsort((keys, groups)) if depth else np.argsort(keys)
        ids, keys = ids[ranks], keys[ranks]
        first = np.append(True, (keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1]))
        heads = np.flatnonzero(first)
        sizes = np.diff(np.append(heads, len(places)))
        groups = np.repeat(heads, sizes)
        depth += KEY
        tied = sizes > 1
        unfinished = tied & np.logical_or.reduceat(lengths[ids] > depth, heads)
        ended = np.repeat(tied & ~unfinished, sizes)
        if ended.any():
            among = ids[ended]
            ids[ended] = among[np.lexsort((among, lengths[among], groups[ended]))]
        order[places] = ids
        left = np.repeat(unfinished, sizes)
        places, groups = places[left], groups[left]
    return order.astype(np.uint32)


def _keys(
    windows: NDArray[np.uint8], starts: NDArray[np.int64], left: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """The next bytes of each string as a big-endian number, zeros where it has ended."""
    at = np.minimum(starts, len(windows) - 1)
    keys = windows[at].view(">u8").ravel().astype(np.uint64)
    kept = np.clip(left, 0, KEY)
    shift = ((KEY - np.maximum(kept, 1)) * 8).astype(np.uint64)
    return np.where(kept > 0, (keys >> shift) << shift, np.uint64(0))
