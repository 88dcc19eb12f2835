"""Outside text, made safe to show."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from tui_embed.printable import fit, pad, printable

HOSTILE = [
    *map(chr, range(0x21)),
    *map(chr, range(0x7F, 0xA1)),
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "\x1b]8;;http://evil.example/\x1b\\",
    "[bold]x[/]",
    "abc\u202edef",
    "\u2066x\u2069",
    "مرحبا",
    "שלום",
    "pass\u200bword",
    "\u200c\u200d",
    "\ufeff",
    "\u00ad",
    "\U000e0041\U000e0042",
    "\u3164",
    "\u115f",
    "\u2800",
    "\u2028",
    "\u3000",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇩🇪",
    "⌚️",
    "☎︎",
    "﷽",
    "𒐫",
    "a" + "\u0301" * 5000,
    "\u0301start",
    "ก็็็็็",
    "நி",
    "क्ष",
    "e\u20dd",
    "\u20e3",
    "a\ufe0f",
    "\ufffd",
    "\ufffe",
    "\U0010ffff",
    "\ue000",
    "\ud800",
    "x" * 100_000,
    "長" * 5000,
    "a b " * 1000,
]
outside_text = st.one_of(
    st.text(st.characters(exclude_categories=[])),
    st.text(st.sampled_from("".join(dict.fromkeys("".join(HOSTILE))) + "⟨⟩␣◌…+é猫क")),
    st.sampled_from(HOSTILE),
)
outside = st.one_of(outside_text, st.binary(), outside_text.map(lambda text: text.encode("utf-8", "replace")))

FORBIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mc", "Me")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("hello, world", "hello, world"),
        (" hello", "␣hello"),
        ("a  b c ", "a␣␣b c␣"),
        (" ", "␣"),
        ("\n\t\r\x00\x1b\x7f", "↵⇥␍␀␛␡"),
        ("\x85\x9b", "⟨U+0085⟩⟨U+009B⟩"),
        ("pass\u200bword", "pass⟨U+200B⟩word"),
        ("\u202eabc", "⟨U+202E⟩abc"),
        ("\u00a0\u3000", "⟨U+00A0⟩⟨U+3000⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("e\u0301", "e\u0301"),
        ("\u0301x", "◌\u0301x"),
        (" \u0301x", "␣◌\u0301x"),
        ("\u200b\u0301", "⟨U+200B⟩◌\u0301"),
        ("Z" + "\u0301" * 50, "Z" + "\u0301" * 3 + "⟨+47⟩"),
        ("क्षि", "क⟨U+094D⟩ष⟨U+093F⟩"),
        ("👍🏽", "👍⟨U+1F3FD⟩"),
        ("🇩", "⟨U+1F1E9⟩"),
        ("猫 שלום", "猫 שלום"),
        ("⟨␣◌↵␛⟩", "⟨U+27E8⟩⟨U+2423⟩⟨U+25CC⟩⟨U+21B5⟩⟨U+241B⟩⟩"),
        ("\ufffd", "⟨U+FFFD⟩"),
        ("\ud800", "⟨U+D800⟩"),
        (b"\xe5", "⟨E5⟩"),
        (b"a\xe7\x8c", "a⟨E7⟩⟨8C⟩"),
        ("猫".encode(), "猫"),
        ("file\udce9", "file⟨E9⟩"),
    ],
)
def test_shown(text, shown):
    assert printable(text) == shown


@given(outside)
def test_nothing_dangerous_is_left(text):
    shown = printable(text)
    assert not [char for char in shown if unicodedata.category(char) in FORBIDDEN]
    assert bool(shown) == bool(text)
    assert shown.strip() == shown
    assert "  " not in shown


@given(outside)
def test_width_is_the_sum_over_characters(text):
    shown = printable(text)
    assert cell_len(shown) == sum(map(get_character_cell_size, shown))
    assert cell_len(shown) > 0 or not text


def _with_marks_cut(text: str) -> str:
    """What two texts may differ in and yet look the same: the marks beyond the third of a run."""
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.category(char) == "Mn" else 0
        kept.append(char if run <= 3 else "\u0301")
    return "".join(kept)


@given(outside_text, outside_text)
def test_different_texts_look_different(one, other):
    if _with_marks_cut(one) != _with_marks_cut(other):
        assert printable(one) != printable(other)


def test_every_character_looks_different_and_safe():
    shown = [printable(chr(code)) for code in range(0x110000) if not 0xDC80 <= code <= 0xDCFF]
    assert len(set(shown)) == len(shown)
    assert not [char for char in set("".join(shown)) if unicodedata.category(char) in FORBIDDEN]
    assert all(text.strip() == text != "" for text in shown)
    assert all(cell_len(text) in (1, 2) for text in shown if len(text) == 1)


@given(outside, st.integers(-1, 30))
def test_fit_keeps_to_its_cells_and_is_a_beginning(text, cells):
    shown = fit(text, cells)
    whole = printable(text)
    assert cell_len(shown) <= max(cells, 0)
    if cells <= 0:
        assert shown == ""
    elif cell_len(whole) <= cells and len(text) <= 8 * cells:
        assert shown == whole
    else:
        assert shown in (whole, shown[:-1] + "…")
        assert shown == whole or whole.startswith(shown[:-1])


@given(outside, st.integers(0, 30))
def test_pad_fills_its_cells(text, cells):
    shown = fit(text, cells)
    assert cell_len(pad(text, cells)) == cells == cell_len(pad(text, cells, align="right"))
    assert pad(text, cells).rstrip(" ") == shown == pad(text, cells, align="right").lstrip(" ")


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("hello", 5, "hello"),
        ("hello!", 5, "hell…"),
        ("hello", 1, "…"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("a\u200bb", 5, "a…"),
        ("Z" + "\u0301" * 100_000, 5, "Z\u0301\u0301\u0301…"),
        ("猫".encode() * 10_000, 5, "猫猫…"),
        ("ab cd", 4, "ab …"),
    ],
)
def test_fit(text, cells, shown):
    assert fit(text, cells) == shown


def test_fit_reads_no_more_than_it_shows():
    class Watched(str):
        __slots__ = ()
        longest = 0

        def __getitem__(self, key):
            part = super().__getitem__(key)
            Watched.longest = max(Watched.longest, len(part))
            return part

        def __iter__(self):
            raise AssertionError("walked through the whole text")

    assert fit(Watched("\x1b" * 100_000), 10) == "␛" * 9 + "…"
    assert 0 < Watched.longest <= 100


def test_import_is_light():
    script = (
        "import sys, tui_embed.printable; print(sorted({'textual', 'numpy', 'regex'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
