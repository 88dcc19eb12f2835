"""Decimal numbers in text to float32, many at once: each exactly ``float(text)`` rounded to float32.

Eight characters are one 64-bit word, whose digits become an integer by three multiplications (SIMD within a
register; Lemire 2021, "Number parsing at a gigabyte per second"). The integer is divided by a power of ten
in float64: below 2^53 and 10^22 both are exact there, so that one division gives the correctly rounded
number (Clinger 1990, "How to read floating point numbers accurately"). What is written otherwise goes
through ``float``.
"""

import re

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats

NUMBER = re.compile(
    rb"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:nan|inf|infinity))", re.ASCII
)
"""What counts as a number: no underscores, no digits of other scripts, no blanks."""

WORD = 8
MARGIN = 3 * WORD
"""Bytes that a text must have after its last number: it is looked at in words."""
LONGEST_FRACTION = 2 * WORD
LARGEST_EXACT = 1 << 53

Words = NDArray[np.uint64]
Places = NDArray[np.int64]

_POINT, _MINUS, _NOUGHT = 0x2E, 0x2D, 0x30
_U = np.uint64
_LOW, _HIGH = _U(0x0101010101010101), _U(0x8080808080808080)
_POINTS, _NOUGHTS = _U(0x2E2E2E2E2E2E2E2E), _U(0x3030303030303030)
_OVER_NINE = _U(0x7676767676767676)
_TENS = 10.0 ** np.arange(LONGEST_FRACTION + 1)
_WHOLE_TENS = np.array([10**k for k in range(LONGEST_FRACTION + 1)], dtype=np.uint64)


def parse_numbers(text: NDArray[np.uint8], starts: Places, ends: Places) -> tuple[Floats, int | None]:
    """The numbers ``text[starts[i]:ends[i]]``, ``(n,) float32``, and the first that is no number, or None.

    ``text`` is aligned to eight bytes and has MARGIN of them after the last end.
    """
    words = text[: len(text) // WORD * WORD].view("<u8")
    negative = text[starts] == _MINUS
    begins = starts + negative
    pure = (text[begins] == _NOUGHT) & (text[begins + 1] == _POINT) & (ends - begins > 2)
    # what stands after the point, and how many digits those are; most numbers are "0." and these
    fraction = begins + 2 * pure
    count = ends - fraction
    others = np.flatnonzero(~pure)
    whole, bad = _split_others(words, fraction, count, others)
    odd = [*bad.tolist()]
    longest = int(count.max(initial=0))
    here = _word_at(words, fraction)
    integers, wrong = _digits(here, count if longest <= WORD else np.minimum(count, WORD))
    odd += wrong.tolist()
    if longest > WORD:
        odd += _lengthen(words, fraction, count, integers, np.flatnonzero(count > WORD))
    if len(others):
        odd += _join(integers, count, whole, others)
    wide = integers.astype(np.float64)
    wide /= _TENS.take(count if longest <= LONGEST_FRACTION else np.minimum(count, LONGEST_FRACTION))
    values = wide.astype(np.float32)
    signs = values.view(np.uint32)
    signs ^= negative.astype(np.uint32) << np.uint32(31)
    return values, _by_float(text, starts, ends, values, odd) if odd else None


def _split_others(words: Words, fraction: Places, count: Places, others: Places) -> tuple[Words, Places]:
    """The digits before the point of numbers that do not begin with "0.", and which are written so that
    another way must be found; moves their ``fraction`` and ``count`` to what follows the point.
    """
    begins, lengths = fraction[others], count[others]
    here = _word_at(words, begins)
    zero_where_point = here ^ _POINTS
    found = (zero_where_point - _LOW) & ~zero_where_point & _HIGH
    # of the bits above the first point's byte some may be wrong; those below are none
    before = ((found & (~found + _U(1))) >> _U(7)) - _U(1)
    place = np.minimum(np.bitwise_count(before).astype(np.int64) // 8, lengths)
    strange = (lengths <= 0) | (place > WORD - 1) | (lengths - place == 1) & (place == 0)
    place = np.clip(place, 0, WORD)
    whole, wrong = _digits(here, place)
    after = np.maximum(lengths - place - 1, 0)
    fraction[others] = begins + place + 1
    count[others] = after
    strange[wrong] = True
    return whole, others[strange]


def _word_at(words: Words, places: Places) -> Words:
    """The eight bytes from each place on, out of the two aligned words that hold them.

    A view at every byte would do it in one step, but NumPy gathers unaligned numbers slowly.
    """
    at, bits = places >> 3, (places & 7).view(np.uint64) << _U(3)
    here = words.take(at) >> bits
    at += 1
    # a shift by 64 gives 0
    here |= words.take(at) << (_U(64) - bits)
    return here


def _digits(here: Words, count: Places) -> tuple[Words, Places]:
    """The integer in the first ``count`` (0 … 8) characters of each word, and which are not all digits."""
    # what follows the last digit is shifted out, and zeros come in before the first
    kept = (here ^ _NOUGHTS) << (_U(8 * WORD) - (count.view(np.uint64) << _U(3)))
    over = kept + _OVER_NINE
    over |= kept
    over &= _HIGH
    wrong = np.flatnonzero(over) if over.any() else np.empty(0, dtype=np.int64)
    for factor, shift, mask in (
        (_U(10), _U(8), _U(0x00FF00FF00FF00FF)),
        (_U(100), _U(16), _U(0x0000FFFF0000FFFF)),
        (_U(10_000), _U(32), _U(0x00000000FFFFFFFF)),
    ):
        right = kept >> shift
        kept *= factor
        kept += right
        kept &= mask
    return kept, wrong


def _lengthen(words: Words, fraction: Places, count: Places, integers: Words, long: Places) -> list[int]:
    """Read on where the fraction has more than eight digits; returns those that are still not at an end."""
    rest = count[long] - WORD
    too_long = rest > WORD
    rest = np.minimum(rest, WORD)
    lower, wrong = _digits(_word_at(words, fraction[long] + WORD), rest)
    joined = integers[long] * _WHOLE_TENS[rest] + lower
    integers[long] = joined
    strange = too_long | (joined > _U(LARGEST_EXACT))
    strange[wrong] = True
    return list(long[strange].tolist())


def _join(integers: Words, count: Places, whole: Words, others: Places) -> list[int]:
    """Put the digits before the point in front; returns those with more digits than float64 holds."""
    behind = np.minimum(count[others], LONGEST_FRACTION)
    # before the multiplication, which may overflow
    large = (whole > 0) & (whole.astype(np.float64) * _TENS[behind] >= LARGEST_EXACT / 2)
    integers[others] += whole * _WHOLE_TENS[behind]
    return list(others[large].tolist())


def _by_float(
    text: NDArray[np.uint8], starts: Places, ends: Places, values: Floats, odd: list[int]
) -> int | None:
    """Read the numbers ``odd`` one by one into ``values``; the first that is none, or None."""
    for index in sorted(set(odd)):
        number = text[starts[index] : ends[index]].tobytes()
        if not NUMBER.fullmatch(number):
            return index
        with np.errstate(over="ignore"):
            values[index] = np.float32(float(number))
    return None
