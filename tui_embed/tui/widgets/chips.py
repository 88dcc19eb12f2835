"""Tokens as chips: what stands on each, how wide it is, and where a row of them ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

from tui_embed.engine.tokens import Token
from tui_embed.printable import fit

MAX_CHIP_CELLS = 40
NO_ROW = "no row"
"""The mark of a piece of text that the vocabulary does not have."""
COMPOSED = "composed"
"""The mark of such a piece whose vector is composed of n-grams."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedText:
    """A text in one encoding. ``groups`` are (first token, one past the last, the characters that they
    spell); ``composed`` are the tokens without an id that have a vector all the same; ``n_before`` is how
    many special tokens the model wants before the text, which have the first positions.
    """

    encoding: str
    tokens: Sequence[Token]
    groups: Sequence[tuple[int, int, str]]
    n_characters: int
    error: str = ""
    composed: frozenset[int] = frozenset()
    n_before: int = 0


@dataclass(frozen=True, slots=True)
class Chip:
    """One token as drawn: ``text`` is what stands on the first line, ``part`` its bytes where it is only a
    part of a character, ``mark`` its id."""

    index: int
    text: str
    part: str
    mark: str
    width: int


@lru_cache(maxsize=16)
def wrapped_chips(encoded: EncodedText, width: int) -> list[list[Chip]]:
    """The chips in rows of at most ``width`` cells; the tokens of one character stay together.

    What was wrapped is kept, so that a job can do it before the widget asks.
    """
    rows: list[list[Chip]] = []
    used = width
    for start, stop, text in encoded.groups:
        chips = _group_chips(encoded, start, stop, text, width)
        length = sum(chip.width + 1 for chip in chips)
        if not rows or (used + length > width and used):
            rows.append([])
            used = 0
        rows[-1].extend(chips)
        used += length
    return rows


def _group_chips(encoded: EncodedText, start: int, stop: int, text: str, width: int) -> list[Chip]:
    tokens = encoded.tokens
    most = max(1, min(MAX_CHIP_CELLS, width - 1))
    if stop - start == 1:
        token = tokens[start]
        shown, width = _shown(text, most)
        without_id = COMPOSED if start in encoded.composed else NO_ROW
        mark = without_id if token.id is None else str(token.id)
        return [Chip(start, shown, "", mark, max(width, len(mark)))]
    chips = []
    for index in range(start, stop):
        token = tokens[index]
        part, mark = token.bytes.hex(" ").upper(), str(token.id)
        shown = fit(text, most) if index == start else "·"
        chips.append(Chip(index, shown, part, mark, max(cell_len(shown), len(part), len(mark))))
    return chips


@lru_cache(maxsize=4096)
def _shown(text: str, cells: int) -> tuple[str, int]:
    """A token as it is shown, and its cells: in a long text the same few hundred return."""
    shown = fit(text, cells)
    return shown, cell_len(shown)
