"""Pieces of different lengths in one array, handled without a Python object for each."""

import numpy as np
from numpy.typing import NDArray


def gather(
    content: NDArray[np.uint8], starts: NDArray[np.integer], lengths: NDArray[np.integer]
) -> NDArray[np.uint8]:
    """The pieces ``content[starts[i] : starts[i] + lengths[i]]``, one after another."""
    return content[positions(starts, lengths)]


def positions(starts: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """``starts[0], starts[0] + 1, …`` for ``lengths[0]`` numbers, then the same for the next piece."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)


def not_utf8(blob: NDArray[np.uint8], lengths: NDArray[np.integer]) -> list[int]:
    """Which of the pieces that lie one after another in ``blob`` are not UTF-8."""
    ends = np.cumsum(lengths, dtype=np.int64)
    starts = ends - lengths
    # what is UTF-8 as a whole is so piece by piece where none begins inside of a character
    if _is_utf8(blob) and not ((blob[starts[lengths > 0]] & 0xC0) == 0x80).any():
        return []
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    return [piece for piece, (start, end) in enumerate(spans) if not _is_utf8(blob[start:end])]


def _is_utf8(content: NDArray[np.uint8]) -> bool:
    try:
        content.tobytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
