"""Rows out of a block of whole lines."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.sources.formats.text_layout import TextLayout, split_fields, trailing_numbers
from tui_embed.sources.numbers import NUMBER, parse_numbers

MOST_TRAILING = 8
"""Separators that may stand at the end of a line."""
_RETURN, _NEWLINE, _BLANK = 0x0D, 0x0A, 0x20

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Where the lines of a block have what.

    ``begins`` and ``token_ends`` of their tokens ``(m,)``, ``starts`` and ``ends`` of their numbers
    ``(m, d)``; ``numbers`` says which line of the block each is, from 0, and ``short`` is the first line with
    too few fields, after the others, or None. In a ``regular`` block every line has a token of one field and
    its numbers, nothing else.
    """

    regular: bool
    begins: Places
    token_ends: Places
    starts: Places
    ends: Places
    numbers: Places
    n_lines: int
    short: int | None


@dataclass(frozen=True, slots=True)
class WrongLine:
    """What is wrong with line ``number`` of a block, from 0."""

    number: int
    what: str


def find_lines(block: NDArray[np.uint8], layout: TextLayout) -> Lines:
    """Look over a block that ends with a newline; the last ``d_model`` fields of a line are its numbers."""
    is_separator = block == _NEWLINE
    for separator in layout.separators:
        is_separator |= block == separator
    separators = np.flatnonzero(is_separator)
    width = layout.d_model + 1
    newlines = np.flatnonzero(block[separators] == _NEWLINE)
    ends = separators[newlines]
    begins = np.append(0, ends[:-1] + 1)
    regular = bool((np.diff(newlines, prepend=-1) == width).all())
    if regular and not (block[ends - 1] <= _BLANK).any():
        bounds = separators.reshape(-1, width)
        lines = np.arange(len(newlines))
        return Lines(True, begins, bounds[:, 0], bounds[:, :-1] + 1, bounds[:, 1:], lines, len(lines), None)
    return _irregular(block, layout, separators, newlines, begins)


def _irregular(
    block: NDArray[np.uint8], layout: TextLayout, separators: Places, newlines: Places, begins: Places
) -> Lines:
    """Lines with blanks in tokens, at their ends, or with nothing in them."""
    ends = separators[newlines].copy()
    ends -= (ends > begins) & (block[np.maximum(ends - 1, 0)] == _RETURN)
    closing = newlines.copy()
    for _ in range(MOST_TRAILING):
        before = block[np.maximum(ends - 1, 0)]
        trailing = (ends > begins) & np.isin(before, np.frombuffer(layout.separators, dtype=np.uint8))
        if not trailing.any():
            break
        ends -= trailing
        closing -= trailing
    opening = closing - layout.d_model
    previous = np.append(-1, newlines[:-1])
    kept = np.flatnonzero(ends > begins)
    lacking = np.flatnonzero(opening[kept] <= previous[kept])
    short = int(kept[lacking[0]]) if len(lacking) else None
    if short is not None:
        kept = kept[: lacking[0]]
    columns = opening[kept, None] + np.arange(layout.d_model + 1)
    bounds = separators[columns]
    token_ends = bounds[:, 0].copy()
    bounds[:, -1] = ends[kept]
    return Lines(
        False, begins[kept], token_ends, bounds[:, :-1] + 1, bounds[:, 1:], kept, len(newlines), short
    )


def rows_of(text: NDArray[np.uint8], lines: Lines, layout: TextLayout) -> Floats | WrongLine:
    """The rows ``(m, d_model)`` of ``lines``, or the first line that is none. ``text`` holds the block they
    were found in and what ``parse_numbers`` needs after it.
    """
    values, bad = parse_numbers(text, lines.starts.ravel(), lines.ends.ravel())
    if bad is not None:
        row, field = divmod(bad, layout.d_model)
        return WrongLine(int(lines.numbers[row]), _not_a_number(text, lines, layout, row, field))
    if lines.short is not None:
        return WrongLine(lines.short, _too_few(_line(text, lines.short), layout))
    return values.reshape(-1, layout.d_model)


def tokens_of(text: NDArray[np.uint8], lines: Lines) -> tuple[bytes, Places]:
    """The bytes of all tokens one after another, and how many each takes."""
    lengths = lines.token_ends - lines.begins
    offsets = np.cumsum(lengths) - lengths
    places = np.repeat(lines.begins - offsets, lengths) + np.arange(int(lengths.sum()))
    return text[places].tobytes(), lengths


def numbered_tokens(
    text: NDArray[np.uint8], lines: Lines, layout: TextLayout
) -> tuple[list[int], WrongLine | None]:
    """The lines of the block whose token ends in a number, and the first that is a row that is too long.

    A token may hold blanks, and even numbers ("top 10"), but one that ends in a decimal is taken for a number
    too many.
    """
    numbered: list[int] = []
    if lines.regular:
        return numbered, None
    for row in np.flatnonzero(lines.token_ends - lines.begins > 2).tolist():
        token = text[lines.begins[row] : lines.token_ends[row]].tobytes()
        fields = split_fields(token, layout.separators)
        if len(fields) > 1 and NUMBER.fullmatch(fields[-1]):
            if b"." in fields[-1]:
                what = f"{layout.d_model + 1} numbers where the others have {layout.d_model}"
                return numbered, WrongLine(int(lines.numbers[row]), what)
            numbered.append(int(lines.numbers[row]))
    return numbered, None


def _line(text: NDArray[np.uint8], number: int) -> bytes:
    """The bytes of line ``number`` of the block."""
    block = text.tobytes()
    start = 0
    for _ in range(number):
        start = block.index(b"\n", start) + 1
    return block[start : block.find(b"\n", start)]


def _too_few(line: bytes, layout: TextLayout) -> str:
    count = trailing_numbers(line, layout.separators)
    expected = "the heading says" if layout.n_rows is not None else "the others have"
    said = "1 number" if count == 1 else f"{count} numbers"
    if b"\0" in line:
        return "NUL bytes, as a file has that was cut short by a crash"
    return f"{said} where {expected} {layout.d_model}"


def _not_a_number(text: NDArray[np.uint8], lines: Lines, layout: TextLayout, row: int, field: int) -> str:
    line = text[lines.begins[row] : lines.ends[row, -1]].tobytes()
    wrong = text[lines.starts[row, field] : lines.ends[row, field]].tobytes()
    if b"\0" in wrong:
        return "NUL bytes, as a file has that was cut short by a crash"
    if field == 0 and trailing_numbers(line, layout.separators) == layout.d_model - 1:
        return _too_few(line, layout)
    shown = wrong[:40].decode("utf-8", "replace") + ("…" if len(wrong) > 40 else "")
    return f"“{shown}” where number {field + 1} of {layout.d_model} should stand"
