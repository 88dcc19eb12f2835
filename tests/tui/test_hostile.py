"""Tokens and texts that mean harm to a terminal, or are only very odd."""

import time

import numpy as np
import pytest
from textual import events

from tui_embed.tui.messages import TokenPicked
from tui_embed.tui.widgets.line_input import MAX_CHARACTERS as MAX_LINE
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.text_box import MAX_CHARACTERS, TextBox

ESC = "\x1b"
TOKENS = [
    f"{ESC}[2JX", f"{ESC}]0;X\x07", f"{ESC}]52;c;UFdOMg==\x07", f"{ESC}P$q\"pX{ESC}\\", f"X{ESC}",
    "\u009b2JX", "\u009d0;X\u009c", "\u0090X", *(f"{chr(code)}X" for code in (*range(32), 127)),
    "[/]", "[red]X[/red]", "[", "[@click=app.quit]X[/]", "[$primary]X", "\\[X", "[b", ":smile:",
    "\u202eX\u202c", "\u2066X", "abc\u202e", "\u200fX", "\u061cX", "مرحبا", "שלום",
    "東京都", "ｆｕｌｌ", "👩‍👩‍👧‍👦", "🇩🇪", "﷽", "𒐫", "꧅",
    "a" + "\u0301" * 50, "Z" + "".join(chr(0x300 + i % 0x6F) for i in range(500)),
    "\u0301start", "க்ஷ", "\u20e3",
    "", " ", "  ", "\u200b", "pass\u200bword", "\ufeff", "\u00ad", "\u3164",
    "\u2028", "\u2029", "\u0085", "\u00a0",
    "x" * 100_000, "長" * 5_000, "e\u0301" * 20_000, "a b " * 1_000,
    "\ufffd", "\uffff", "\U0010ffff", "\ue000",
    b"\xff", b"\xe5\xbc", b"\xed\xa0\x80", b"\x80\x1b[31m",
]  # fmt: skip
TEXT = f"a{ESC}[31mb\x07\x00 \u009b2J \u202euser\u2066 \u200b[/][red] 東京 e\u0301 👩‍👧 x"


@pytest.fixture
def hostile(build):
    rows = np.random.default_rng(1).normal(size=(len(TOKENS), 6))
    return build(TOKENS, rows, name=f"evil{ESC}]0;x\x07[/]", tokenize=False)


async def test_no_token_reaches_the_terminal_as_it_is(explore, hostile):
    async with explore(hostile) as driver:
        await driver.press("f3")
        for token_id in range(len(TOKENS)):
            driver.app.post_message(TokenPicked(token_id, "find"))
            await driver.settle()
            driver.assert_harmless()
        await driver.press("f4", *["plus"] * 4)
        for _ in range(3):
            await driver.press("pagedown")
            driver.assert_harmless()


async def test_dialogs_and_notices_show_no_token_as_it_is(explore, hostile):
    async with explore(hostile) as driver:
        await driver.press("ctrl+f")
        driver.assert_harmless()
        await driver.press("down")
        for _ in range(3):
            await driver.press("pagedown")
            driver.assert_harmless()
        await driver.press("enter", "f4", "ctrl+y")
        driver.assert_harmless()
        assert ESC not in driver.app.clipboard
        await driver.press("f5", "ctrl+u")
        for typed in ("[", "X", "a", "#3 ", "p"):
            await driver.write(typed)
            driver.assert_harmless()


async def test_a_hostile_text_stays_true_and_is_drawn_harmless(explore, words):
    async with explore(words(), text=TEXT, encodings=("r50k_base", "cl100k_base")) as driver:
        driver.assert_harmless()
        assert driver.tokenize.text == TEXT
        await driver.press("down", "end")
        for _ in range(12):
            await driver.press("left")
            driver.assert_harmless()


@pytest.mark.parametrize(
    "text", ["a\x85b", "a\u2028b", "a\x0bb\x0cc", "a\x1cb", "a\r\nb", "a\nb\n", "\n", "a\rb"]
)
async def test_the_text_keeps_characters_that_end_lines_elsewhere(explore, text):
    async with explore(text=text) as driver:
        assert driver.tokenize.text == text
        spelled = b"".join(t.bytes for t in driver.tokenize._others[0].tokens)
        assert spelled == text.encode()


@pytest.mark.parametrize(
    "text", ["", "<|endoftext|> <|fim_prefix|>", "他很高兴 👩‍👩‍👧‍👦", "\udcff\ud800", " ", "\n\n"]
)
async def test_odd_texts(explore, text):
    async with explore(text=text, encodings=("cl100k_base", "r50k_base")) as driver:
        await driver.press("down", "right", "end", "down", "down", "left", "up")
        assert driver.app.is_running
        driver.assert_harmless()


async def test_a_large_paste_is_cut_and_says_so(explore):
    async with explore(text="") as driver:
        box = driver.tokenize.query_one(TextBox)
        box.post_message(events.Paste("king " * 200_000))
        await driver.settle()
        assert len(box.text) == MAX_CHARACTERS
        assert driver.notices[-1].startswith("Pasted the first 10,000 of 1,000,000 characters")
        line = driver.arithmetic.query_one(LineInput)
        line.post_message(events.Paste(f"king\n{ESC}" + "x" * 1_000_000))
        await driver.settle()
        assert len(line.value) == MAX_LINE
        assert ESC not in line.value
        assert "1,000,006 characters" in driver.notices[-1]
        driver.assert_harmless()


async def test_typing_never_passes_the_limit(explore):
    async with explore(text="x" * MAX_CHARACTERS) as driver:
        await driver.write("yz")
        assert len(driver.tokenize.text) == MAX_CHARACTERS


async def test_a_long_text_is_typed_on(explore):
    """The time of a key is printed, for a person to judge."""
    text = ("strawberry 他很高兴 fields " * 500)[: MAX_CHARACTERS - 20]
    async with explore(text=text, encodings=("cl100k_base", "r50k_base")) as driver:
        spent = []
        for key in "abcde":
            started = time.process_time()
            await driver.press(key)
            spent.append(time.process_time() - started)
        print(f"a key in a text of {len(text):,} characters: {max(spent) * 1e3:.0f} ms of processor at most")
        assert driver.tokenize.text == text + "abcde"


async def test_a_paste_goes_in_once(explore):
    async with explore(text="") as driver:
        box = driver.app.screen.query_one(TextBox)
        box.post_message(events.Paste("hello\nworld"))
        await driver.settle()
        assert box.text == "hello\nworld"
