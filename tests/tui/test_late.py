"""Answers that come when something else is asked by then, and keys that come before an answer."""

import threading
from functools import partial

import pytest

from tui_embed.errors import UsageError
from tui_embed.tui.matrix_work import COMPARED
from tui_embed.tui.panes.model_matrix import ModelMatrixPane
from tui_embed.tui.panes.model_prompt import ModelPromptPane
from tui_embed.tui.screens.find import FindDialog
from tui_embed.tui.screens.model import ModelScreen
from tui_embed.tui.widgets.lanes import Lanes
from tui_embed.tui.widgets.line_input import LineInput


class Gate:
    """Holds calls of a function back until it is opened."""

    def __init__(self, monkeypatch, target: str, name: str) -> None:
        module = __import__(target, fromlist=[name])
        self._open = threading.Event()
        self.came = threading.Event()
        monkeypatch.setattr(module, name, partial(self._call, getattr(module, name)))

    def open(self) -> None:
        self._open.set()

    def _call(self, real, *arguments):
        self.came.set()
        assert self._open.wait(30)
        return real(*arguments)


@pytest.fixture
def gate(monkeypatch):
    return partial(Gate, monkeypatch)


async def pressed(driver, *keys: str) -> None:
    """Press keys without waiting for what runs."""
    await driver.pilot.press(*keys)
    await driver.pilot.pause()


@pytest.mark.parametrize("keys", [("enter", "enter"), ("down", "enter", "enter")])
async def test_find_closes_once_however_often_enter_was_pressed(explore, gate, keys):
    async with explore() as driver:
        await driver.press("f4", "slash")
        search = gate("tui_embed.tui.screens.find", "_found")
        await pressed(driver, *"rom", *keys)
        search.open()
        await driver.settle()
        assert driver.app.screen is driver.app.explore
        assert driver.token == "rome"


async def test_find_closes_when_what_lies_over_it_is_gone(explore, gate):
    async with explore() as driver:
        await driver.press("f4", "slash")
        search = gate("tui_embed.tui.screens.find", "_found")
        await pressed(driver, *"rom", "enter", "ctrl+p")
        over = driver.app.screen
        search.open()
        await driver.settle()
        assert driver.app.screen is over
        await driver.press("escape")
        assert driver.app.screen is driver.app.explore
        assert driver.token == "rome"


async def test_what_waited_for_a_search_that_failed_is_forgotten(explore, gate):
    async with explore() as driver:
        await driver.press("f4", "slash", "tab", "tab")
        search = gate("tui_embed.tui.screens.find", "_found")
        await pressed(driver, "left_parenthesis", "down", "enter")
        search.open()
        await driver.settle()
        assert "cannot be read" in driver.said("#found")
        await driver.press("backspace", *"king", "enter")
        assert not isinstance(driver.app.screen, FindDialog)
        assert driver.token == "king"


async def test_a_text_that_was_read_for_another_space_is_not_shown(modelled, words, gate):
    async with modelled() as driver:
        reading = gate("tui_embed.tui.panes.model_prompt", "read_texts")
        await pressed(driver, "t", "x")
        await driver.until(reading.came.is_set)
        driver.app.action_mode("explore")
        await driver.pilot.pause()
        driver.app._enter(words(name="other"))
        reading.open()
        await driver.settle()
        pane = driver.app.get_screen("model").query_one(ModelPromptPane)
        assert pane._read is None
        assert pane.query_one(Lanes).lane == 0
        driver.app.action_mode("model")
        await driver.settle()
        assert pane._read is None or pane._read.space is driver.app.space


async def test_there_is_no_way_back_to_a_model_of_another_space(modelled, words):
    async with modelled() as driver:
        await driver.press("up", "up", "up", "up", "up", "enter")
        assert driver.token == "king"
        await driver.enter(words(name="other"))
        assert driver.token == "king"
        await driver.press("f3", "backspace")
        assert driver.app.screen is driver.app.explore


async def test_a_comparison_that_ends_leaves_the_line_to_one_who_types(modelled, gate):
    async with modelled() as driver:
        await driver.press("f4", "c")
        working = gate("tui_embed.tui.matrix_work", "compare_spaces")
        await pressed(driver, *"glove", "enter")
        await driver.until(working.came.is_set)
        await pressed(driver, "x")
        working.open()
        await driver.settle()
        assert isinstance(driver.app.focused, LineInput)
        assert driver.app.focused.value == "glovex"
        assert COMPARED in driver.app.screen.query_one(ModelMatrixPane)._counted


async def test_k_held_down_stays_in_the_list(modelled):
    async with modelled() as driver:
        await driver.press("f4", "c", *"glove", "enter", "j", "k", "k", "k")
        pane = driver.app.screen.query_one(ModelMatrixPane)
        assert driver.app.focused is pane.main
        assert pane.query_one("#other", LineInput).value == "glove"
        await driver.press("up")
        assert driver.app.focused is pane.query_one("#other", LineInput)


async def test_a_list_that_failed_is_neither_named_nor_copied(modelled, monkeypatch):
    def refused(*arguments):
        raise UsageError("no way")

    async with modelled() as driver:
        screen = driver.app.screen
        assert isinstance(screen, ModelScreen)
        monkeypatch.setattr("tui_embed.tui.panes.model_chosen.answered", refused)
        await driver.press("up")
        assert "no way" in driver.seen
        assert str(screen.chosen.border_title) == "Chosen"
        before = len(driver.notices)
        screen.chosen.action_copy()
        await driver.settle()
        assert len(driver.notices) == before


async def test_a_text_without_a_known_word_leaves_the_other_ones_lanes(modelled, words):
    async with modelled(words(), text="the king") as driver:
        await driver.press("b")
        await driver.write("zzz")
        assert [lane.token for lane in driver.app.screen.query_one(Lanes)._lanes] == [b"the", b"king"]
        assert "text 2: no token" in driver.said("#model-said")
