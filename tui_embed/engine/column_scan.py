"""Comparing all texts of a column with one text, without a Python object for each."""

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.metadata import TextColumn

PIECE = 4 << 20
"""Bytes of a column that are searched at a time."""


def order_to(column: TextColumn, value: bytes) -> NDArray[np.int8]:
    """How each text stands to ``value`` by its bytes, ``(n,)``: −1 before it, 0 equal, 1 after it.

    In UTF-8 the order of bytes is that of code points.
    """
    starts, lengths = column.offsets[:-1].astype(np.int64), column.lengths
    # a text that agrees as far as the shorter of the two goes: the longer comes after
    order = np.sign(lengths - len(value)).astype(np.int8)
    tied = np.flatnonzero(lengths > 0)
    for place, byte in enumerate(value):
        letters = column.blob[starts[tied] + place]
        differs = letters != byte
        order[tied[differs]] = np.where(letters[differs] < byte, -1, 1)
        tied = tied[~differs]
        tied = tied[lengths[tied] > place + 1]
        if not len(tied):
            break
    return order


def equal_to(column: TextColumn, value: bytes) -> NDArray[np.bool_]:
    """Which texts are ``value``, ``(n,)``."""
    rows = np.flatnonzero(column.lengths == len(value))
    starts = column.offsets[rows].astype(np.int64)
    # the last bytes first: words of one column more often begin alike than end alike
    for place in reversed(range(len(value))):
        same = column.blob[starts + place] == value[place]
        rows, starts = rows[same], starts[same]
    equal = np.zeros(len(column), dtype=bool)
    equal[rows] = True
    return equal


def holding(column: TextColumn, part: bytes) -> NDArray[np.bool_]:
    """In which texts ``part`` occurs, ``(n,)``; the empty one occurs in all."""
    found: NDArray[np.bool_] = np.full(len(column), not part)
    start = 0
    while part and start < len(column):
        begin = int(column.offsets[start])
        stop = int(np.searchsorted(column.offsets, begin + PIECE, side="right")) - 1
        stop = min(max(stop, start + 1), len(column))
        offsets = (column.offsets[start : stop + 1] - column.offsets[start]).astype(np.int64)
        letters = column.blob[begin : int(column.offsets[stop])]
        found[start + _rows_with(letters, offsets, part)] = True
        start = stop
    return found


def _rows_with(letters: NDArray[np.uint8], offsets: NDArray[np.int64], part: bytes) -> NDArray[np.int64]:
    """The rows, each maybe more than once, of the texts in ``letters`` that hold ``part``."""
    at = np.flatnonzero(letters[: max(0, len(letters) - len(part) + 1)] == part[0])
    for place in range(1, len(part)):
        at = at[letters[at + place] == part[place]]
    rows = np.searchsorted(offsets, at, side="right") - 1
    inside = at + len(part) <= offsets[rows + 1]
    return np.asarray(rows[inside], dtype=np.int64)
