"""Float32 numbers as the shortest decimals that give them back, thousands at a time.

``m / 10^k`` with whole numbers m and k gives x back where that quotient in float64, which is what ``float``
makes of the decimal, rounds to x. An m of six digits does for what was printed with few, one of nine always
does; zeros at its end are not written.
"""

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats

LEAST, MOST = 1e-4, 1e4
"""Numbers from one to the other, and zero, are written here; all others, which are few, by numpy."""

PLACES = 12
"""Digits behind the point that nine digits of the least number need."""

_FEWEST, _ENOUGH = 6, 9
_POWERS = 10 ** np.arange(PLACES + 1)


def _words(texts: list[str]) -> NDArray[np.uint32]:
    """Texts of up to four letters, each as a number whose bytes are the letters, then zeros."""
    return np.array(texts, dtype="S4").view(np.uint32)


_BLANK, _BLANK_MINUS, _POINT = _words([" ", " -", "."])
_WHOLE = _words([f"{n}" for n in range(10_000)])
_DIGITS = _words([f"{n:04}".rstrip("0") for n in range(10_000)] + [f"{n:04}" for n in range(10_000)])
"""Four digits behind the point, without the zeros at their end; from 10,000 on, with them."""


def decimals(rows: Floats) -> tuple[bytes, NDArray[np.int64]]:
    """The numbers of each row, a space before each, one row after another; and the bytes of each row."""
    # every number has 24 bytes, of which those that are zero are then left out
    letters = _slots(rows.ravel()).view(np.uint8)
    written = letters != 0
    return letters[written].tobytes(), np.count_nonzero(written.reshape(len(rows), -1), axis=1)


def _slots(numbers: Floats) -> NDArray[np.uint32]:
    """Each number as six words ``(n, 6)``: a space and its sign, its whole part, the point, its fraction."""
    m, places, others = _shortest(np.abs(numbers).astype(np.float64))
    whole, fraction = np.divmod(m, _POWERS[places])
    fraction *= _POWERS[PLACES - places]
    first, behind = np.divmod(fraction, 10**8)
    second, third = np.divmod(behind, 10**4)
    slots = np.empty((len(numbers), 6), dtype=np.uint32)
    slots[:, 0] = np.where(np.signbit(numbers), _BLANK_MINUS, _BLANK)
    slots[:, 1] = _WHOLE[whole]
    slots[:, 2] = np.where(fraction > 0, _POINT, 0)
    slots[:, 3] = _DIGITS[first + 10_000 * (behind > 0)]
    slots[:, 4] = _DIGITS[second + 10_000 * (third > 0)]
    slots[:, 5] = _DIGITS[third]
    if len(others):
        texts = np.strings.add(b" ", numbers[others].astype("S20"))
        slots[others] = texts.astype("S24").view(np.uint32).reshape(-1, 6)
    return slots


def _shortest(
    sizes: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
    """For each of ``sizes`` the fewest digits m, and how many of them, k, are behind the point; and which of
    ``sizes`` are outside of LEAST … MOST and have neither.
    """
    m = np.zeros(len(sizes), dtype=np.int64)
    places = np.zeros(len(sizes), dtype=np.int64)
    within = (sizes >= LEAST) & (sizes < MOST)
    others = np.flatnonzero(~within & (sizes != 0))
    left = np.flatnonzero(within)
    sizes = sizes[left]
    magnitudes = np.full(len(left), -4)
    for power in range(-3, 4):
        magnitudes += sizes >= 10.0**power
    for n_digits in range(_FEWEST, _ENOUGH + 1):
        k = n_digits - 1 - magnitudes
        scale = _POWERS[k].astype(np.float64)
        digits = np.rint(sizes * scale)
        same = (digits / scale).astype(np.float32) == sizes
        found = left[same]
        m[found], places[found] = digits[same], k[same]
        left, sizes, magnitudes = left[~same], sizes[~same], magnitudes[~same]
    return m, places, np.append(others, left)
