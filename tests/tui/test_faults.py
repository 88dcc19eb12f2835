"""Faults of the program itself: a job's is told and survived, the app's own ends it with one line."""

import pytest

from tui_embed.locations import state_folder
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.panes.neighbours import NeighboursPane
from tui_embed.tui.widgets.ranked_list import RankedList


def reports():
    return list((state_folder() / "reports").glob("*.txt"))


KINDS = [
    ("tui_embed.tui.panes.neighbours._found", "f4", "down"),
    ("tui_embed.tui.panes.row.inspect_row", "f3", "right_square_bracket"),
    ("tui_embed.tui.panes.arithmetic.solve", "f5", "enter"),
    ("tui_embed.tui.panes.tokenize.encoded", "f2", "x"),
    ("tui_embed.tui.screens.find._found", "slash", "x"),
]


@pytest.mark.parametrize(("name", "key", "then"), KINDS)
async def test_a_fault_in_any_job_is_told_and_the_app_lives_on(explore, monkeypatch, name, key, then):
    async with explore() as driver:

        def broken(*arguments, **named):
            raise ZeroDivisionError("\x1b[31mby zero")

        monkeypatch.setattr(name, broken)
        await driver.press("f4", "enter", key, then)
        driver.assert_harmless()
        assert reports()
        text = reports()[0].read_text()
        assert "ZeroDivisionError" in text
        assert "\x1b" not in text
        monkeypatch.undo()
        await driver.press("escape", "escape", "f4", "m")
        assert driver.app.is_running
        assert driver.answers(driver.app.explore.query_one(NeighboursPane))


async def test_a_fault_in_a_map_and_in_a_model_is_told(explore, monkeypatch):
    def broken(*arguments, **named):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("tui_embed.tui.map_work.draw", broken)
    monkeypatch.setattr("tui_embed.tui.model_look.lens", broken)
    monkeypatch.setattr("tui_embed.tui.matrix_work.statistics", broken)
    async with explore() as driver:
        for mode in ("map", "model"):
            driver.app.action_mode(mode)
            await driver.settle()
            assert "ZeroDivisionError" in driver.seen
        assert len(reports()) >= 3
        driver.app.action_mode("explore")
        await driver.settle()
        assert driver.answers(driver.app.explore.query_one(NeighboursPane))


async def test_a_fault_of_the_app_itself_ends_it_with_a_report(explore, monkeypatch):
    def broken(self, *arguments):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(RankedList, "action_move", broken)
    apps: list[ExplorerApp] = []

    async def broken_by_a_key():
        async with explore() as driver:
            apps.append(driver.app)
            await driver.press("f4", "down")

    with pytest.raises(ZeroDivisionError):
        await broken_by_a_key()
    (app,) = apps
    assert app.return_code == 1
    assert app.failure is not None
    assert app.failure.message == "the app failed: ZeroDivisionError: by zero"
    assert str(reports()[0]) in app.failure.hint
