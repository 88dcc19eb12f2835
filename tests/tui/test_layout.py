"""Where things stand: four panes or tabs, at every size, in every theme."""

import pytest

from tui_embed.errors import UsageError
from tui_embed.settings import Settings
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.themes import THEMES
from tui_embed.tui.widgets.key_bar import KeyBar
from tui_embed.tui.widgets.pane_tabs import PaneTabs

KEYS = ("f3", "f4", "f5", "tab", "shift+tab")


def displayed(driver) -> list[str]:
    panes = (driver.tokenize, driver.row, driver.neighbours, driver.arithmetic)
    return [pane.TITLE for pane in panes if pane.region.area and pane.display]


@pytest.mark.parametrize("size", [(110, 30), (109, 30), (80, 24), (40, 12), (20, 5)])
async def test_panes_stand_apart_and_the_focus_is_seen_after_every_key(explore, size):
    async with explore(size=size) as driver:
        assert len(displayed(driver)) == (4 if size[0] >= 110 else 1)
        for key in KEYS:
            await driver.pilot.press(key)
            driver.assert_laid_out()


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (5, 10), (7, 24), (300, 3)])
async def test_no_size_is_too_odd(explore, size):
    async with explore(size=size, text="他很高兴 strawberry") as driver:
        await driver.press(*KEYS, "down", "right", "left")
        assert driver.app.is_running


async def test_resizing_keeps_the_pane_with_the_focus(explore):
    async with explore(size=(120, 40)) as driver:
        await driver.press("f4")
        for size, panes in [((80, 24), 1), ((120, 40), 4), ((40, 12), 1), ((1, 1), 1), ((120, 40), 4)]:
            await driver.resize(*size)
            assert (
                len(
                    [
                        p
                        for p in (driver.tokenize, driver.row, driver.neighbours, driver.arithmetic)
                        if p.display
                    ]
                )
                == panes
            )
            assert driver.app.focused is driver.neighbours.main
            if size != (1, 1):
                driver.assert_laid_out()


async def test_resizing_under_a_dialog(explore):
    async with explore(size=(120, 40)) as driver:
        await driver.press("f3", "ctrl+o")
        await driver.resize(80, 24)
        await driver.press("escape")
        assert displayed(driver) == ["Row"]
        driver.assert_laid_out()
        await driver.press("ctrl+o")
        await driver.resize(120, 40)
        await driver.press("escape")
        assert len(displayed(driver)) == 4


@pytest.mark.parametrize("dialog", ["ctrl+o", "ctrl+e", "ctrl+f", "f1", "f10"])
@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5)])
async def test_dialogs_fit_the_screen(explore, dialog, size):
    async with explore(size=size) as driver:
        await driver.press(dialog)
        box = driver.app.screen.query_one(".dialog")
        assert driver.app.screen.region.contains_region(box.region)
        assert driver.app.screen.focused is not None


async def test_a_click_on_a_tab_shows_its_pane(explore):
    async with explore(size=(80, 24)) as driver:
        line = driver.lines[driver.app.explore.query_one(PaneTabs).region.y]
        for title in ("Arithmetic", "Row", "Neighbours", "Tokenize"):
            await driver.pilot.click(PaneTabs, offset=(line.index(title), 0))
            await driver.settle()
            assert displayed(driver) == [title]
            driver.assert_laid_out()


@pytest.mark.parametrize("width", [30, 60, 80])
async def test_the_foot_holds_whole_items_with_help_and_quit(explore, width):
    async with explore(size=(width, 24)) as driver:
        for key in ("f2", "f3", "f4", "f5"):
            await driver.press(key)
            foot = driver.lines[-1]
            assert "F1 help" in foot
            assert "^q quit" in foot
            places = driver.app.explore.query_one(KeyBar)._places
            assert places[-1][1] <= width
            for start, stop, binding in places:
                assert foot[start:stop].strip().endswith(binding.description.lower())


async def test_the_foot_names_keys_that_work_where_the_focus_is(explore):
    async with explore(size=(140, 40)) as driver:
        assert "^f find" in driver.lines[-1]
        assert "/ find" not in driver.lines[-1]
        await driver.press("f5")
        assert "F6 method" in driver.lines[-1]
        await driver.press("escape", "down")
        assert " x method" in driver.lines[-1]
        assert "/ find" in driver.lines[-1]


async def test_a_click_on_the_foot_does_what_the_key_does(explore):
    async with explore(size=(120, 40)) as driver:
        await driver.press("f4")
        foot = driver.lines[-1]
        await driver.pilot.click(KeyBar, offset=(foot.index("metric"), 0))
        await driver.settle()
        assert driver.neighbours.metric == "dot"


@pytest.mark.parametrize("theme", [*THEMES])
@pytest.mark.parametrize("no_color", [False, True])
async def test_themes_render(explore, monkeypatch, theme, no_color):
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with explore(theme=theme, size=(80, 24)) as driver:
        for key in ("f2", "f3", "f4", "f5"):
            await driver.press(key)
            assert driver.app.export_screenshot()
        for dialog in ("ctrl+f", "f1", "f10", "ctrl+o"):
            await driver.press(dialog)
            assert driver.app.export_screenshot()
            await driver.press("escape")
        await driver.press("f4", "question_mark")
        assert "Everywhere" in driver.seen


@pytest.mark.parametrize(("setting", "value"), [("theme", "nord"), ("metric", "manhattan")])
def test_a_setting_that_does_not_exist_is_refused(words, setting, value):
    with pytest.raises(UsageError, match=value):
        ExplorerApp(words(), Settings(**{setting: value}))
