"""Outside text → text that is safe to show: visible, without escapes, and as wide as it claims to be.

What stays as it is: characters that one cell or two hold in every terminal, with up to three non-spacing
marks. What is drawn as a picture: C0 controls (␛), DEL (␡), newline (↵), tab (⇥), spaces that one cannot
see (␣: leading, trailing, doubled; a single one between other characters stays a space). Whatever else is
invisible, joins with its neighbours, or has a width that terminals disagree about is written as its code
point, ``⟨U+200B⟩``; a byte that is no UTF-8 is its hex pair, ``⟨E5⟩``; a run of more than three marks says
how many were left out, ``⟨+47⟩``.

- Spacing marks and viramas of Indic scripts become code points: terminals count them as 0 cells or 1, and
  join the letters around a virama or do not, so that a row with them drifts.
- The parts of joined emoji (joiners, variation selectors, skin tones, regional indicators, tags) become
  code points, so that each emoji takes the two cells it has alone.
- Hebrew and Arabic letters stay, in logical order; bidi controls never do. Isolating them would take bidi
  controls, which this module never lets out. A terminal that reorders such letters keeps the number of
  cells, but moves a number or sign that follows directly: put Latin letters or the row's figures before
  such a token, not after it.
- The signs that are used here as pictures (⟨ ␣ ↵ ⇥ ◌ and U+2400–2426) become code points where they stand
  in the text itself, so that two different texts never look the same, save for marks beyond the third.
  Therefore ``printable(printable(x))`` differs from ``printable(x)``: apply it once, at the edge.
"""

import codecs
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from rich.cells import get_character_cell_size

MAX_MARKS = 3

_SPACE = "␣"
_MARK_CARRIER = "◌"
_CUT = "…"
_LEFT_OUT = "⟨+"
_PICTURES = {"\n": "↵", "\t": "⇥", "\x7f": "␡"} | {
    chr(code): chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"
}
_OWN_SIGNS = frozenset("⟨␣↵⇥◌").union(map(chr, range(0x2400, 0x2427)))

# Control, format, surrogate, private use, unassigned; separators; spacing and enclosing marks.
_UNSAFE_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mc", "Me"))
_VIRAMA_CLASS = 9
# Beyond their category: characters that show nothing, or that join with the one before.
_UNSAFE = frozenset(
    [
        *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uff9e\uff9f\uffa0\ufffc\ufffd\U0001d159\U00016fe4",
        *map(chr, range(0x180B, 0x1810)),
        *map(chr, range(0xFE00, 0xFE10)),
        *map(chr, range(0x1F1E6, 0x1F200)),
        *map(chr, range(0x1F3FB, 0x1F400)),
        *map(chr, range(0xE0000, 0xE1000)),
    ]
)


def printable(text: str | bytes) -> str:
    """``text`` for showing: never a control character, never empty unless ``text`` is; see the module's
    description.

    Bytes are read as UTF-8; in a str, the lone surrogates U+DC80–DCFF stand for bytes that are no UTF-8
    (PEP 383).
    """
    decoded = _decode(text)
    if _is_plain(decoded):
        return decoded
    return "".join(shown for shown, _ in _units(decoded))


def fit(text: str | bytes, cells: int) -> str:
    """``printable(text)`` in at most ``cells`` cells, with “…” at the end where it was cut.

    Takes outside text, not printable text. Reads only as much of it as can be shown.
    """
    return _fit(text, cells)[0]


def pad(text: str | bytes, cells: int, align: Literal["left", "right"] = "left") -> str:
    """``fit(text, cells)`` with spaces after it (or before it, for ``align="right"``): exactly
    ``cells`` cells.
    """
    shown, width = _fit(text, cells)
    space = " " * (cells - width)
    return space + shown if align == "right" else shown + space


def _fit(text: str | bytes, cells: int) -> tuple[str, int]:
    """The text of :func:`fit` and its width in cells."""
    if cells <= 0:
        return "", 0
    enough = (8 * cells + 16) * (4 if isinstance(text, bytes) else 1)
    cut = len(text) > enough
    head = _beginning(text[:enough]) if cut else _decode(text)
    if len(text) <= cells and _is_plain(head):
        return head, len(head)
    units = list(_units(head))
    if cut and units[-1][0].startswith((" ", _SPACE, _LEFT_OUT)):
        del units[-1]  # how a space or a run of marks looks depends on what follows, which was not read
    width = sum(unit_width for _, unit_width in units)
    if not cut and width <= cells:
        return "".join(shown for shown, _ in units), width
    while width > cells - 1:
        width -= units.pop()[1]
    return "".join(shown for shown, _ in units) + _CUT, width + 1


def _decode(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")


def _beginning(text: str | bytes) -> str:
    """The beginning of a longer text, decoded without the character that its end may have cut."""
    return text if isinstance(text, str) else codecs.utf_8_decode(text, "surrogateescape", False)[0]


def _is_plain(text: str) -> bool:
    """Whether this is ASCII that is shown as it is: what most tokens are."""
    return (
        text.isascii()
        and text.isprintable()
        and not text.startswith(" ")
        and not text.endswith(" ")
        and "  " not in text
    )


def _units(text: str) -> Iterator[tuple[str, int]]:
    """What is shown for each character or run of marks, with its width in cells."""
    index, carries = 0, False
    while index < len(text):
        char = text[index]
        if _is_mark(char):
            end = _end_of_marks(text, index)
            shown = text[index : min(end, index + MAX_MARKS)]
            yield (shown, 0) if carries else (_MARK_CARRIER + shown, 1)
            left_out = f"{_LEFT_OUT}{end - index - MAX_MARKS}⟩"
            if end - index > MAX_MARKS:
                yield left_out, len(left_out)
            index, carries = end, False
        elif char == " ":
            yield (" ", 1) if _is_lone_space(text, index) else (_SPACE, 1)
            index, carries = index + 1, False
        else:
            shown = _shown(char)
            carries = shown == char
            yield shown, get_character_cell_size(char) if carries else len(shown)
            index += 1


def _is_lone_space(text: str, index: int) -> bool:
    return 0 < index < len(text) - 1 and text[index - 1] != " " and text[index + 1] != " "


def _end_of_marks(text: str, index: int) -> int:
    while index < len(text) and _is_mark(text[index]):
        index += 1
    return index


@lru_cache(maxsize=8192)
def _is_mark(char: str) -> bool:
    """Whether this is a mark that takes no cell of its own in any terminal."""
    return (
        unicodedata.category(char) == "Mn"
        and char not in _UNSAFE
        and unicodedata.combining(char) != _VIRAMA_CLASS
        and get_character_cell_size(char) == 0
    )


@lru_cache(maxsize=8192)
def _shown(char: str) -> str:
    """What stands for a character that is neither a space nor a mark; itself if that is safe."""
    if char in _PICTURES:
        return _PICTURES[char]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"⟨{code - 0xDC00:02X}⟩"
    return char if _is_safe(char) else f"⟨U+{code:04X}⟩"


def _is_safe(char: str) -> bool:
    category = unicodedata.category(char)
    if category in _UNSAFE_CATEGORIES or category == "Mn" or char in _UNSAFE or char in _OWN_SIGNS:
        return False
    # Unicode versions differ in the width of some signs, and so do terminals: two tables have to agree
    wide = unicodedata.east_asian_width(char) in ("W", "F")
    return get_character_cell_size(char) == (2 if wide else 1)
