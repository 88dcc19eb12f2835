"""Keys that arrive in one burst, as over a slow line."""

import time

from textual import events
from textual.widgets import Static

from tui_embed.tui.panes.model_prompt import ModelPromptPane
from tui_embed.tui.screens.find import FindDialog
from tui_embed.tui.typeahead import TypeaheadApp
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.row_view import RowView


async def burst(driver, *typed: str | events.Paste) -> None:
    """Send all of it before the app acts on any of it."""
    for one in typed:
        driver.app.post_message(one if isinstance(one, events.Paste) else key(one))
    await driver.until(lambda: driver.app._typed is None)
    await driver.settle()


class Deaf(Static, can_focus=True):
    """As one that was removed with messages in its queue."""

    def on_typeahead_app_passed(self, message: TypeaheadApp.Passed) -> None:
        message.stop()


def key(name: str) -> events.Key:
    return events.Key({" ": "space", "/": "slash"}.get(name, name), name if len(name) == 1 else None)


async def test_bindings_and_characters_of_a_line_keep_their_order(explore):
    async with explore() as driver:
        await driver.press("f2")
        await burst(driver, "ctrl+u", *"quern", "backspace", "backspace", *"en")
        assert driver.tokenize.text == "queen"
        assert driver.token == "queen"


async def test_keys_behind_one_that_moves_the_focus_go_where_it_moved(explore):
    async with explore() as driver:
        driver.app.action_mode("model")
        await driver.settle()
        pane = driver.app.screen.query_one(ModelPromptPane)
        pane.main.focus()
        await driver.settle()
        await burst(driver, "t", "ctrl+u", *"the king", "down", *"rome")
        assert [line.value for line in pane.query(LineInput)] == ["the king", "rome"]


async def test_keys_behind_one_that_opens_a_dialog_are_for_the_dialog(explore):
    async with explore() as driver:
        await driver.press("f4")
        await burst(driver, "/", *"rom")
        assert isinstance(driver.app.screen, FindDialog)
        assert driver.answers(driver.app.screen) == ["rome"]


async def test_keys_behind_one_that_closes_a_dialog_are_for_what_lies_under_it(explore):
    async with explore() as driver:
        await driver.press("f2")
        await burst(driver, "ctrl+f", *"ro", "escape", "ctrl+u", *"paris")
        assert driver.app.screen is driver.app.explore
        assert driver.tokenize.text == "paris"


async def test_a_paste_stays_between_the_keys_around_it(explore):
    async with explore() as driver:
        await driver.press("f2")
        await burst(driver, "ctrl+u", *"the ", events.Paste("king of"), *" rome")
        assert driver.tokenize.text == "the king of rome"


async def test_a_key_that_nothing_answers_holds_the_next_up_no_longer_than_a_moment(explore):
    async with explore() as driver:
        await driver.press("f2")
        deaf = Deaf()
        await driver.app.screen.mount(deaf)
        driver.app.screen.set_focus(deaf)
        await driver.pilot.pause()
        driver.app.post_message(key("x"))
        await driver.pilot.pause()
        driver.app.screen.set_focus(driver.tokenize.main)
        await burst(driver, "ctrl+u", *"rome")
        assert driver.tokenize.text == "rome"


async def test_keys_behind_the_one_that_leaves_are_nothing(explore):
    async with explore() as driver:
        for one in ("/", *"rom", "escape", "ctrl+q", *"rome"):
            driver.app.post_message(key(one))
        await driver.until(lambda: driver.app._exit)
        assert driver.token == "king"


async def test_who_holds_a_key_down_sees_where_it_leads(explore, monkeypatch):
    async with explore() as driver:
        await driver.press("f3")
        along, display = RowView.action_along, driver.app._display
        frames, seen = 0, []

        def slow(self, step):
            time.sleep(0.02)
            seen.append(frames)
            along(self, step)

        def counted(*arguments):
            nonlocal frames
            frames += 1
            display(*arguments)

        monkeypatch.setattr(RowView, "action_along", slow)
        monkeypatch.setattr(driver.app, "_display", counted)
        await burst(driver, *["right"] * 40)
        assert len(seen) == 40
        # some of them, but not one for each key
        assert 3 <= len(set(seen)) <= 20
