"""The widgets that draw their own lines."""

import contextlib

import numpy as np
import pytest
from textual.app import App
from textual.widget import Widget

from tui_embed.engine.inspect import inspect_row
from tui_embed.engine.positions import SinusoidalPositions
from tui_embed.tokenizers.catalog import tokenizer
from tui_embed.tokenizers.characters import character_groups
from tui_embed.tui.themes import DARK
from tui_embed.tui.widgets.chips import EncodedText
from tui_embed.tui.widgets.glyphs import bar, columns
from tui_embed.tui.widgets.ranked_list import Heads, RankedList, RankedToken, WalkedList
from tui_embed.tui.widgets.row_view import RowView
from tui_embed.tui.widgets.token_lines import TokenLines


@contextlib.asynccontextmanager
async def alone(widget: Widget, size):
    """``widget`` in an app of its own: (pilot, a function that reads its lines)."""

    class Alone(App[None]):
        def compose(self):
            yield widget

        def __init__(self):
            super().__init__()
            self.register_theme(DARK)
            self.theme = DARK.name

        def on_mount(self):
            widget.focus()

    app = Alone()
    async with app.run_test(size=size) as pilot:

        async def lines():
            await pilot.pause()
            strips = app.screen._compositor.render_strips()
            return ["".join(s.text for s in strip).rstrip() for strip in strips]

        yield pilot, lines


def encoded(name: str, text: str) -> EncodedText:
    tokens = tokenizer(name).encode(text)
    return EncodedText(name, tokens, [(g.start, g.stop, g.text) for g in character_groups(tokens)], len(text))


async def test_ranked_list_is_walked():
    widget = RankedList()
    items = [RankedToken(i, f"t{i}", 1 - i / 50, 1 - i / 50) for i in range(40)]
    async with alone(widget, (40, 10)) as (pilot, lines):
        widget.show(items)
        shown = await lines()
        assert shown[0].split()[:2] == ["1", "t0"]
        assert shown[0].endswith("1.000")
        assert shown[1].endswith(".9800")
        await pilot.press("pagedown")
        assert widget.cursor == 9
        await pilot.press("end")
        assert (await lines())[-1].split()[1] == "t39"
        await pilot.press("down")
        assert widget.cursor == 39
        await pilot.press("home", "up")
        assert widget.cursor == 0
        widget.show([], "nothing")
        await pilot.press("down", "end", "enter", "pagedown")
        assert (await lines())[0].strip() == "nothing"


@pytest.mark.parametrize("width", [3, 12, 30, 76])
async def test_the_columns_of_a_list_are_named_wherever_it_is_walked(width):
    widget = WalkedList(note_from=20, notes_first=True)
    items = [
        RankedToken(i, f"t{i}", i / 50, i / 50, figures=(str(i * 100), "1.5"), note="a reason")
        for i in range(40)
    ]
    heads = Heads(note="why", score="cosine", figures=("id", "norm"))
    async with alone(widget, (width, 6)) as (pilot, lines):
        widget.show(items, heads=heads)
        top = (await lines())[0]
        if width == 76:
            assert top.split() == ["token", "id", "norm", "why", "cosine"]
            assert (await lines())[2].split()[:5] == ["2", "t1", "100", "1.5", "a"]
        for keys in (["j"] * 7, ["k"] * 2, ["pagedown"], ["pageup"], ["end"], ["home"], ["end"]):
            await pilot.press(*keys)
            shown = await lines()
            assert shown[0][: width - 1].rstrip() == top.rstrip()
            if width == 76:
                assert any(line.split()[:1] == [str(widget.cursor + 1)] for line in shown[1:])
        await pilot.click(WalkedList, offset=(0, 0))
        assert widget.cursor == 39
        await pilot.click(WalkedList, offset=(0, 1))
        assert widget.cursor == 35


async def test_token_lines_group_the_bytes_of_a_character_under_it():
    widget = TokenLines()
    async with alone(widget, (60, 20)) as (_, lines):
        widget.show([encoded("r50k_base", "他很高兴"), encoded("cl100k_base", "他很高兴")])
        shown = "\n".join(await lines())
    tokens = tokenizer("r50k_base").encode("他很高兴")
    split = [t for t in tokens if len(t.bytes) < 3]
    assert split
    assert all(t.bytes.hex(" ").upper() in shown for t in split)
    assert all(str(t.id) in shown for t in tokens)
    assert all(shown.count(character) == 2 for character in "他很高兴")
    assert f"{len(tokens)} tokens" in shown


@pytest.mark.parametrize("width", [3, 5, 12, 30])
@pytest.mark.parametrize("text", ["strawberry fields for ever", "他很高兴", "a👩‍👧b"])
async def test_token_lines_wrap_and_are_climbed(width, text):
    widget = TokenLines()
    async with alone(widget, (width, 8)) as (pilot, lines):
        widget.show([encoded("r50k_base", text), encoded("cl100k_base", text)])
        await lines()
        n_rows = len(widget._rows)
        visited = [widget.cursor]
        for _ in range(n_rows + 2):
            await pilot.press("down")
            visited.append(widget.cursor)
        assert widget._row_of_cursor() == n_rows - 1
        assert visited == sorted(visited)
        for _ in range(n_rows - 1):
            await pilot.press("up")
        assert widget._row_of_cursor() == 0
        indexes = [(number, chip.index) for number, _, row in widget._rows for chip in row]
        assert indexes == sorted(indexes)
        assert len(indexes) == sum(len(each.tokens) for each in widget.encoded)


async def test_a_row_of_768_dimensions_turns_pages(build):
    rows = np.random.default_rng(3).normal(size=(2, 768))
    space = build(["a", "b"], rows)
    widget = RowView()
    async with alone(widget, (80, 24)) as (pilot, lines):
        widget.show(inspect_row(space, 1, 4, SinusoidalPositions(768)), 2, True, "")
        assert "dimensions 0–66 of 768" in "\n".join(await lines())
        await pilot.press("ctrl+right", "ctrl+right")
        shown = "\n".join(await lines())
        assert "dimensions 67–133 of 768" in shown
        assert "d100 " in shown
        await pilot.press("end")
        shown = "\n".join(await lines())
        assert "–767 of 768" in shown
        assert f"{abs(space.matrix.row(1)[767]):.4g}"[:5].lstrip("0") in shown
        await pilot.press("right", "left", "home", "left")
        assert widget.dimension == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, 1e-42, 0])
async def test_a_row_of_odd_numbers_is_shown(value):
    from tui_embed.engine.inspect import InspectedRow
    from tui_embed.engine.summary import RowSummary

    row = np.array([1, value, -2, value], np.float32)
    summary = RowSummary(float("nan"), float("nan"), float("inf"), ((1, float(value)),))
    widget = RowView()
    async with alone(widget, (60, 20)) as (pilot, lines):
        widget.show(
            InspectedRow(0, 0, "learned", row, row, row, (), summary, None, float("nan")), 1, True, ""
        )
        await pilot.press("right")
        shown = "\n".join(await lines())
    assert shown.count("×") >= (3 if not np.isfinite(value) else 0)
    assert "d1" in shown


def test_glyphs():
    assert bar(0.5, 4) == "━━  "
    assert bar(0.375, 4) == "━╸  "
    assert bar(2, 3) == "━━━"
    assert bar(float("nan"), 2) == "  "
    assert bar(1, -1) == ""
    assert columns(np.array([-1, 0, 1, np.nan, np.inf], np.float32))[::2] == "▁█×"
