"""The Open dialog: a line that is typed on, a list that follows, folders that are walked."""

import os

import pytest

from tui_embed.recent import RecentFile, remember
from tui_embed.tui.offers import Offer
from tui_embed.tui.opening import Wanted
from tui_embed.tui.screens.open import OpenDialog
from tui_embed.tui.widgets.choice_list import ChoiceList
from tui_embed.tui.widgets.open_line import OpenLine

ESC = "\x1b"


@pytest.fixture
def opened(monkeypatch, words):
    """What was asked to be opened, and how its rows are drawn."""
    asked = []

    def open_space(name, drawing, cache=True, cancel=None, progress=None):
        asked.append((name, drawing.kind, cache))
        return words(name=name.rpartition("/")[2])

    monkeypatch.setattr("tui_embed.tui.opening.open_space", open_space)
    return asked


@pytest.fixture
def here(tmp_path):
    """The folder that the app is in, with some vectors."""
    folder = tmp_path / "here"
    for name in ("deep/deeper", "deposit", "empty", ".config"):
        (folder / name).mkdir(parents=True)
    for name in ("glove.txt", "gloss.vec", "deep/bottom.npz", ".hidden.txt", "deep/deeper/last.bin"):
        (folder / name).write_bytes(b"x" * 1200)
    return folder


def chosen(driver) -> Offer | None:
    return driver.app.screen.chosen


def offered(driver) -> list[str]:
    return [offer.name for offer in driver.app.screen._listing.offers if offer.kind in ("file", "folder")]


def typed(driver) -> str:
    return driver.app.screen.query_one(OpenLine).value


async def test_a_space_is_opened_with_rows_as_they_were_chosen(explore, opened):
    async with explore() as driver:
        await driver.press("ctrl+o")
        assert isinstance(driver.app.screen, OpenDialog)
        await driver.write("gpt2-i")
        assert (chosen(driver).kind, chosen(driver).target) == ("space", "gpt2-init")
        assert "N(0, " in driver.said("#chosen")
        await driver.press("f6")
        assert "U(±" in driver.said("#chosen")
        await driver.press("enter")
        assert opened == [("gpt2-init", "uniform", True)]
        assert driver.app.space.name == "gpt2-init"
        await driver.press("ctrl+o", "escape")
        assert driver.app.screen is driver.app.explore


async def test_folders_are_walked_down_and_up(explore, opened, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("deep")
        assert chosen(driver).target == str(here / "deep")
        await driver.press("enter")
        assert typed(driver) == ""
        assert offered(driver)[:3] == ["..", "deeper", "bottom.npz"]
        await driver.press("right")
        assert offered(driver) == ["..", "last.bin"]
        await driver.press("backspace")
        assert chosen(driver).name == "deeper"
        await driver.press("left")
        assert chosen(driver).name == "deep"
        await driver.press("right", "down", "enter")
        assert opened == [(str(here / "deep/bottom.npz"), "normal", True)]


async def test_a_path_is_typed_and_completed_as_in_a_shell(explore, opened, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("~/d")
        await driver.press("tab")
        assert typed(driver) == "~/de"
        assert offered(driver) == ["deep", "deposit"]
        await driver.press("tab")
        assert typed(driver) == "~/de"
        await driver.press("down", "up", "tab")
        assert typed(driver) == "~/deep/"
        await driver.write("b")
        await driver.press("tab")
        assert typed(driver) == "~/deep/bottom.npz"
        assert "1.2 kB" in driver.seen
        await driver.press("enter")
        assert opened[0][0] == str(here / "deep/bottom.npz")
        assert driver.app.space.name == "bottom.npz"


async def test_keys_that_come_at_once_act_on_what_they_ask_for(explore, opened, here):
    async with explore() as driver:
        await driver.pilot.press("ctrl+o", *"glo", "tab", *"s", "tab", "enter")
        await driver.settle()
        assert opened[0][0] == str(here / "gloss.vec")


async def test_a_typed_folder_is_entered_and_not_what_lies_first_in_it(explore, opened, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("deep/")
        await driver.press("enter")
        assert offered(driver)[:2] == ["..", "deeper"]
        await driver.write(str(here) + "/glove.txt")
        await driver.press("enter")
        assert opened[0][0] == str(here / "glove.txt")


async def test_a_part_of_a_file_is_named_behind_a_hash(explore, opened, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("deep/bottom.npz#vectors")
        assert chosen(driver).name == "bottom.npz#vectors"
        await driver.press("tab", "enter")
        assert opened[0][0] == str(here / "deep/bottom.npz#vectors")


async def test_hidden_names_are_listed_when_the_dot_is_typed(explore, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        assert ".hidden.txt" not in offered(driver)
        await driver.write("./.")
        assert offered(driver) == [".config", ".hidden.txt"]


async def test_recent_files_are_first_without_the_missing(explore, opened, here):
    remember(RecentFile(str(here / "gone.txt"), 10, 3))
    remember(RecentFile(str(here / "glove.txt"), 400_000, 300))
    async with explore() as driver:
        await driver.press("ctrl+o")
        assert (chosen(driver).kind, chosen(driver).name) == ("recent", "glove.txt")
        assert "400,000 × 300" in driver.seen
        assert "gone.txt" not in driver.seen
        assert driver.said("#chosen") == "~/glove.txt"
        await driver.press("enter")
        assert driver.app.space.name == "glove.txt"


async def test_what_was_opened_is_recent_the_next_time(explore, opened, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("gloss")
        await driver.press("enter", "ctrl+o")
        assert (chosen(driver).kind, chosen(driver).target) == ("recent", str(here / "gloss.vec"))
        assert chosen(driver).shape == (13, 8)


async def test_tab_on_an_empty_line_goes_through_the_parts_of_the_list(explore, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        kinds = []
        for _ in range(4):
            kinds.append(chosen(driver).kind)
            await driver.press("tab")
        assert kinds == ["space", "folder", "fetch", "space"]
        await driver.press("shift+tab")
        assert chosen(driver).name == "gpt2-init"


async def test_nothing_of_that_name(explore, opened):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("zzz")
        assert chosen(driver) is None
        await driver.press("enter", "tab", "down", "right")
        assert driver.said("#chosen") == "nothing here has such a name"
        await driver.press("ctrl+u")
        await driver.write("/absent/x")
        assert "no such file" in driver.seen
        await driver.press("enter")
        assert isinstance(driver.app.screen, OpenDialog)
        assert opened == []


async def test_a_space_that_is_not_here_is_fetched_when_it_was_agreed_to(explore, opened, monkeypatch):
    fetched = []

    def fetch(name, *, cancel, progress):
        progress(1, 2)
        fetched.append(name)

    monkeypatch.setattr("tui_embed.sources.fetch.fetch.fetch", fetch)
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("glove-50d")
        assert chosen(driver).kind == "fetch"
        assert "Enter fetches 76 MB" in driver.said("#chosen")
        await driver.press("enter")
        assert fetched == []
        assert "Enter again fetches" in driver.said("#chosen")
        await driver.press("enter")
        assert fetched == ["glove-50d"]
        assert opened[0][0] == "glove-50d"


async def test_the_mouse_marks_and_opens(explore, opened, here):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write("glo")
        choices = driver.app.screen.query_one(ChoiceList)
        at = next(at for at, line in enumerate(driver.lines) if "glove.txt" in line) - choices.region.y
        await driver.pilot.click(ChoiceList, offset=(4, at))
        await driver.settle()
        assert chosen(driver).name == "glove.txt"
        assert driver.app.focused is driver.app.screen.query_one(OpenLine)
        await driver.pilot.click(ChoiceList, offset=(4, at), times=2)
        await driver.settle()
        assert opened[0][0] == str(here / "glove.txt")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_no_name_reaches_the_terminal_as_it_is(explore, opened, tmp_path, size):
    here = tmp_path / "here"
    bad = [
        f"{ESC}]0;X\x07", f"{ESC}[2J", "[b", "[red]X", "\u202eX", "\u009b2J", "a\nb", "長" * 60, "x" * 200,
        "\u200b", " ", "\t", os.fsdecode(b"\xff\xfe"), "👩‍👩‍👧", "e" + "\u0301" * 30,
    ]  # fmt: skip
    for name in bad:
        (here / name).write_bytes(b"x")
        remember(RecentFile(str(here / name), 1, 1))
    async with explore(size=size) as driver:
        await driver.press("ctrl+o", "tab", "tab")
        assert len(offered(driver)) == len(bad) + 1
        for _ in range(len(bad) + 12):
            await driver.press("down")
            driver.assert_harmless()
        await driver.press("ctrl+home")
        await driver.write("./")
        await driver.press("down", *["down"] * offered(driver).index(bad[1]), "up", "tab")
        assert typed(driver) == "./"
        assert driver.said("#chosen").startswith("its name holds signs")
        driver.assert_harmless()
        await driver.press("ctrl+u")
        await driver.write("[2J")
        await driver.press("enter")
        driver.assert_harmless()
        assert opened[0][0] == str(here / f"{ESC}[2J")


async def test_the_dialog_has_help_of_its_own(explore):
    async with explore(size=(80, 24)) as driver:
        await driver.press("ctrl+o", "f1")
        assert "as in a shell" in driver.seen.replace("\n", " ")
        await driver.press("escape", "escape")
        assert driver.app.screen is driver.app.explore


async def test_a_large_folder_is_listed_in_part(explore, tmp_path):
    for number in range(2_000):
        (tmp_path / "here" / f"vectors-{number:04}.txt").touch()
    async with explore() as driver:
        await driver.press("ctrl+o", "tab")
        await driver.press(*["pagedown"] * 4)
        assert "… 1,900 more: type to narrow" in driver.seen
        await driver.write("1999")
        assert offered(driver) == ["vectors-1999.txt"]


def test_wanted_names():
    assert Wanted("file", "/a/b/c.txt#x").name == "c.txt#x"
    assert Wanted("space", "glove").name == "glove"
    assert len(Wanted("file", "/" + "x" * 200).name) == 40
