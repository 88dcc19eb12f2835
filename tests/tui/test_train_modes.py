"""Explore and Train: going between them, what each offers, and how the panes of Train stand."""

import subprocess
import sys

import pytest
from trainee import ENDLESS

from tui_embed.tui.commands import palette_commands
from tui_embed.tui.screens.map import MapScreen
from tui_embed.tui.screens.model import ModelScreen
from tui_embed.tui.screens.train import TrainScreen
from tui_embed.tui.widgets.pane_tabs import PaneTabs
from tui_embed.tui.widgets.title_bar import TitleBar

NOT_AT_A_START = """
import sys, tui_embed.tui.app
names = [name for name in sys.modules if name.startswith("tui_embed")]
print([name for name in names if ".train_" in name or ".map_v" in name or ".model_" in name])
"""


async def test_ctrl_t_goes_round_the_modes_and_explore_is_as_it_was(explore):
    async with explore(text="the king and the queen") as driver:
        await driver.press("f4", "down", "down")
        before, token, focused = driver.seen, driver.token, driver.app.focused
        await driver.press("ctrl+t")
        assert isinstance(driver.app.screen, MapScreen)
        assert "[Map]" in driver.lines[0]
        await driver.press("ctrl+t")
        assert isinstance(driver.app.screen, TrainScreen)
        assert "[Train]" in driver.lines[0]
        assert before != driver.seen
        await driver.press("ctrl+t")
        assert isinstance(driver.app.screen, ModelScreen)
        assert "[Model]" in driver.lines[0]
        await driver.press("ctrl+t")
        assert driver.app.screen is driver.app.explore
        assert (driver.seen, driver.token, driver.app.focused) == (before, token, focused)


async def test_a_mode_is_clicked_in_the_title(explore):
    async with explore(size=(140, 40)) as driver:
        for mode, title in [("train", "Train"), ("model", "Model"), ("map", "Map"), ("explore", "Explore")]:
            await driver.pilot.click(TitleBar, offset=(driver.lines[0].index(title), 0))
            await driver.settle()
            assert mode == driver.app.screen.MODE
            assert f"[{title}]" in driver.lines[0]


async def test_the_modes_stay_where_the_origin_of_the_space_is_long(explore, words):
    async with explore(words(name="x" * 30), size=(120, 40)) as driver:
        assert "[Explore]" in driver.lines[0]
        assert "· trained" in driver.lines[0]


async def test_the_foot_says_where_the_key_goes(explore):
    async with explore(size=(140, 40)) as driver:
        for title in ("map", "train", "model", "explore"):
            assert f"^t {title}" in driver.lines[-1]
            await driver.press("ctrl+t")


async def test_the_palette_offers_what_applies_to_the_screen(explore):
    async with explore() as driver:
        commands = {command.title: command for command in palette_commands(driver.app)}
        assert {"Mode: train", "Find", "Neighbours: metric"} <= commands.keys()
        assert not {"Mode: explore", "Train: pause"} & commands.keys()
        commands["Mode: map"].callback()
        await driver.settle()
        titles = {command.title for command in palette_commands(driver.app)}
        assert {"Find", "Back", "Mode: train", "Map: draw", "Map: metric"} <= titles
        assert not {"Encodings", "Mode: map", "Neighbours: metric"} & titles
        commands["Mode: train"].callback()
        await driver.settle()
        titles = {command.title for command in palette_commands(driver.app)}
        assert {"Mode: explore", "Open glove"} <= titles
        assert not {"Find", "Neighbours: metric", "Train: pause", "Train: save file"} & titles


async def test_the_palette_offers_the_keys_of_a_training_that_runs(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        commands = {command.title: command for command in palette_commands(trainee.app)}
        assert {"Train: pause", "Train: step", "Train: stop", "Train: rate"} <= commands.keys()
        assert "Train: open in explore" not in commands
        commands["Train: pause"].callback()
        await trainee.until(lambda: trainee.state == "paused")


async def test_no_mode_is_changed_behind_a_dialog(explore):
    async with explore() as driver:
        await driver.press("ctrl+o")
        dialog = driver.app.screen
        await driver.press("ctrl+t")
        assert driver.app.screen is dialog


async def test_an_opening_is_said_on_the_screen_that_is_looked_at(train, slow, words):
    async with train() as trainee:
        await trainee.app.run_action("open_file('/vectors/large.txt')")
        slow.steps.release()
        await trainee.until(lambda: "large.txt" in trainee.seen)
        for _ in range(3):
            slow.steps.release()
        await trainee.driver.settle()
        assert trainee.app.space is slow.space


def test_a_start_does_not_import_the_screens_of_other_modes():
    out = subprocess.run([sys.executable, "-c", NOT_AT_A_START], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


async def test_all_panes_stand_together_where_there_is_room(train):
    async with train(size=(120, 40)) as trainee:
        regions = [pane.region for pane in trainee.app.screen.panes]
        assert all(region.area for region in regions)
        for number, region in enumerate(regions):
            assert trainee.app.screen.region.contains_region(region)
            assert not any(region.overlaps(other) for other in regions[number + 1 :])
        setup, progress, watch, step = regions
        assert setup.x < progress.x < watch.x
        assert step.y >= setup.bottom
        assert step.width > progress.width * 2


async def test_narrow_screens_have_tabs(train):
    async with train(size=(80, 24)) as trainee:
        screen, driver = trainee.app.screen, trainee.driver
        for number, key in enumerate(["f2", "f3", "f4", "f5"]):
            await driver.press(key)
            assert [pane.display for pane in screen.panes] == [at == number for at in range(4)]
            assert trainee.app.focused is screen.panes[number].main
        await driver.press("tab")
        assert screen.current_pane is screen.panes[0]
        await driver.press("shift+tab")
        assert screen.current_pane is screen.panes[3]
        line = driver.lines[screen.query_one(PaneTabs).region.y]
        await driver.pilot.click(PaneTabs, offset=(line.index("Progress"), 0))
        await driver.settle()
        assert screen.current_pane is screen.panes[1]


@pytest.mark.parametrize("size", [(1, 1), (5, 10), (20, 5), (40, 12), (300, 3)])
async def test_no_size_is_too_odd(train, size):
    async with train(size=size) as trainee:
        await trainee.press("enter")
        await trainee.until(lambda: trainee.state)
        await trainee.press("f3", "f4", "f5", "f2")
        await trainee.end()
        assert trainee.app.is_running


@pytest.mark.parametrize("theme", ["tui-embed-dark", "tui-embed-light", "tui-embed-contrast"])
async def test_themes_render_without_colour(train, monkeypatch, theme):
    monkeypatch.setenv("NO_COLOR", "1")
    async with train(theme=theme) as trainee:
        assert trainee.app.export_screenshot()
        await trainee.press("enter")
        await trainee.end()
        await trainee.driver.settle()
        assert trainee.app.export_screenshot()
