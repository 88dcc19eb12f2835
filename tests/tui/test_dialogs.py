"""What opens over the screen: find, spaces, encodings, help, keys, the command palette; and what is saved."""

import importlib
import pkgutil
from xml.etree import ElementTree

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.widgets import Input, Markdown, OptionList

import tui_embed.tui
from tui_embed.tokenizers.catalog import encoding_names
from tui_embed.tui.commands import key_sections, palette_commands
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.screens.encodings import EncodingsDialog
from tui_embed.tui.screens.find import FindDialog
from tui_embed.tui.screens.help import HelpDialog, KeysDialog
from tui_embed.tui.screens.open import OpenDialog
from tui_embed.tui.themes import THEMES


def found(driver) -> list[str]:
    return driver.answers(driver.app.screen)


async def test_find_by_prefix_fuzzy_and_regex(explore):
    async with explore() as driver:
        await driver.press("ctrl+f")
        assert len(found(driver)) == 13
        await driver.write("pri")
        assert found(driver) == ["prince", "princess"]
        assert driver.said("#found").startswith("prefix · 2 tokens of 13")
        await driver.press("tab")
        await driver.press("ctrl+u")
        await driver.write("Qeen")
        assert found(driver)[0] == "queen"
        assert driver.said("#found").startswith("fuzzy")
        await driver.press("tab", "ctrl+u")
        await driver.write("^k.*g$")
        assert found(driver) == ["king"]
        await driver.write("(")
        assert found(driver) == []
        assert "cannot be read" in driver.said("#found")
        assert "\n" not in driver.said("#found")
        assert driver.notices == []
        await driver.press("escape")
        assert driver.app.screen is driver.app.explore
        assert driver.token == "king"


async def test_find_takes_an_id(explore):
    async with explore() as driver:
        await driver.press("ctrl+f")
        await driver.write("#9")
        await driver.press("enter")
        assert driver.token == "france"


async def test_find_walks_the_list(explore):
    async with explore() as driver:
        await driver.press("ctrl+f")
        await driver.write("pri")
        await driver.press("down", "up", "down", "down", "enter")
        assert driver.token == "princess"


async def test_find_never_picks_what_an_older_text_found(explore):
    async with explore() as driver:
        await driver.press("ctrl+f")
        driver.app.screen.query_one(Input).value = "rom"
        await driver.pilot.press("enter")
        await driver.settle()
        assert driver.token == "rome"


async def test_find_without_a_match_picks_nothing(explore):
    async with explore() as driver:
        await driver.press("ctrl+f")
        await driver.write("zzz")
        await driver.press("enter")
        assert isinstance(driver.app.screen, FindDialog)
        assert found(driver) == []


async def test_find_shows_the_token_of_an_id(explore):
    async with explore() as driver:
        wanted = driver.app.space.vocabulary[7]
        for mode in ("prefix", "fuzzy", "regex"):
            await driver.press("ctrl+f")
            await driver.press(*["tab"] * ("prefix", "fuzzy", "regex").index(mode))
            await driver.write("#7")
            assert found(driver) == [wanted]
            assert " · 1 token of 13" in driver.said("#found")
            await driver.press("enter")
            await driver.settle()
            assert driver.token == wanted


async def test_encodings_stand_side_by_side_as_ticked(explore):
    async with explore() as driver:
        await driver.press("ctrl+e")
        wanted = encoding_names()
        await driver.press(*["down"] * wanted.index("cl100k_base"), "space")
        await driver.press("home", *["down"] * wanted.index("r50k_base"), "enter")
        await driver.press("escape")
        assert driver.tokenize.encodings == ("cl100k_base",)
        assert "cl100k_base" in driver.seen
        assert "r50k_base" not in driver.seen


@pytest.mark.parametrize(
    ("key", "title"), [("f2", "Tokenize"), ("f3", "Row"), ("f4", "Neighbours"), ("f5", "Arithmetic")]
)
async def test_help_is_that_of_the_pane_with_the_focus(explore, key, title):
    async with explore(size=(80, 24)) as driver:
        await driver.press(key, "f1")
        assert isinstance(driver.app.screen, HelpDialog)
        assert str(driver.app.screen.query_one(".dialog").border_title) == title
        before = driver.seen
        assert driver.app.screen.query_one(Markdown).source.strip()
        await driver.press("pagedown", "end", "escape")
        assert driver.app.screen is driver.app.explore
        assert before != driver.seen


async def test_every_binding_with_a_tooltip_is_in_the_list_of_keys(explore):
    kinds: set[type[DOMNode]] = set()
    for module in pkgutil.walk_packages(tui_embed.tui.__path__, "tui_embed.tui."):
        members = vars(importlib.import_module(module.name)).values()
        kinds |= {
            kind
            for kind in members
            if isinstance(kind, type) and issubclass(kind, DOMNode) and kind.__module__ == module.name
        }
    wanted = {
        binding.tooltip
        for kind in kinds
        if not issubclass(kind, Dialog)  # a dialog says its keys at its foot
        for binding in kind.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.tooltip
    }
    async with explore() as driver:
        await driver.press("f4", "question_mark")
        assert isinstance(driver.app.screen, KeysDialog)
        assert "Everywhere" in driver.seen
        listed = [what for _, keys in key_sections(driver.app) for _, what in keys]
    assert len(wanted) > 20
    assert wanted <= set(listed)


async def test_palette_commands_are_the_actions_of_keys(explore):
    async with explore() as driver:
        commands = {command.title: command for command in palette_commands(driver.app)}
        commands["Neighbours: metric"].callback()
        await driver.settle()
        assert driver.neighbours.metric == "dot"
        commands["Find"].callback()
        await driver.settle()
        assert isinstance(driver.app.screen, FindDialog)
        await driver.press("escape")
        commands["Theme: tui-embed-light"].callback()
        assert driver.app.theme == "tui-embed-light"
        assert "Stop" not in commands


async def test_an_example_runs_from_the_palette_wherever_it_is_opened(explore):
    async with explore(size=(80, 24)) as driver:
        await driver.press("ctrl+f", "ctrl+p")
        assert isinstance(driver.app.screen, CommandPalette)
        await driver.write("Example: paris")
        await driver.pilot.pause()
        await driver.until(lambda: bool(driver.app.screen.query_one(OptionList).option_count))
        await driver.press("enter")
        await driver.press("enter")
        await driver.until(lambda: not (isinstance(driver.app.screen, CommandPalette)))
        await driver.settle()
        assert driver.answers(driver.arithmetic)[0] == "rome"


@pytest.mark.parametrize("key", ["ctrl+o", "ctrl+e", "ctrl+f"])
async def test_dialogs_do_not_pile_up(explore, key):
    async with explore() as driver:
        await driver.press(key, "ctrl+o", "ctrl+e", "ctrl+f", key)
        assert len(driver.app.screen_stack) == 3
        assert isinstance(driver.app.screen, OpenDialog | EncodingsDialog | FindDialog)
        await driver.press("escape")
        assert driver.app.screen is driver.app.explore


async def test_themes_switch_live(explore):
    async with explore() as driver:
        seen = []
        for _ in THEMES:
            seen.append((driver.app.theme, driver.app.export_screenshot()))
            await driver.press("f9")
        assert {theme for theme, _ in seen} == set(THEMES)
        assert len({picture for _, picture in seen}) == len(THEMES)
        assert driver.app.theme == seen[0][0]


@pytest.mark.parametrize(
    ("key", "begins"), [("f2", "words\t0 1"), ("f3", "1 1 0 0 0"), ("f4", "1\tprince\t5\t0.8703")]
)
async def test_what_a_pane_shows_is_copied(explore, key, begins):
    async with explore() as driver:
        await driver.press(key, "ctrl+y")
        assert driver.app.clipboard.startswith(begins)
        assert driver.notices[-1].startswith("Copied: ")


async def test_a_picture_is_an_svg_in_the_pictures_folder(explore, monkeypatch, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    monkeypatch.setattr("tui_embed.tui.tools_app.pictures_folder", lambda: folder)
    async with explore() as driver:
        await driver.press("f8")
        (picture,) = folder.iterdir()
        assert ElementTree.parse(picture).getroot().tag.endswith("svg")
        assert "Saved" in driver.notices[-1]


async def test_a_picture_that_cannot_be_saved_is_a_notice(explore, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr("tui_embed.tui.tools_app.pictures_folder", lambda: tmp_path / "file")
    async with explore() as driver:
        await driver.press("f8")
        assert driver.notices[-1].startswith("The picture was not saved")
