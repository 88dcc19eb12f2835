"""Opening a file beside what is shown: progress, Esc, failure, notes, and what became of the old space."""

import numpy as np
import pytest

from tui_embed.errors import SourceError
from tui_embed.recent import recent_files
from tui_embed.tui.commands import RecentFiles, palette_commands
from tui_embed.tui.jobs import JobCancelled, JobFinished, JobProgress
from tui_embed.tui.opening import Wanted
from tui_embed.tui.screens.about import AboutDialog
from tui_embed.tui.screens.find import FindDialog
from tui_embed.tui.screens.problem import ProblemDialog
from tui_embed.tui.widgets.progress_line import ProgressLine

SECONDS = 30
WANTED = Wanted("file", "/data/\x1b[2Jbig [b].txt")


def line(driver) -> str:
    """The line that says how far the opening is, "" while it is not there."""
    widget = driver.app.explore.query_one(ProgressLine)
    return driver.lines[widget.region.y] if widget.display else ""


def told(driver, count: int):
    return lambda: len(driver.sent(JobProgress)) >= count


async def test_how_far_it_is_is_in_sight_and_the_old_space_is_used_meanwhile(explore, slow):
    async with explore() as driver:
        driver.app.opener.open(WANTED)
        await driver.until(lambda: "Opening ␛[2Jbig [b].txt" in line(driver))
        driver.assert_harmless()
        await driver.pilot.pause(0.15)
        slow.steps.release()
        await driver.until(lambda: " 25 %" in line(driver))
        assert "100 MB of 400 MB" in line(driver)
        assert line(driver).rstrip().endswith("Esc stops")
        await driver.pilot.press("f4", "slash", *"queen", "enter")
        await driver.until(lambda: driver.token == "queen")
        await driver.pilot.pause(0.4)
        slow.steps.release()
        await driver.until(lambda: " 50 %" in line(driver))
        assert "MB/s" in line(driver)
        assert " s left" in line(driver)
        assert driver.app.space.name == "small"
        driver.assert_laid_out()
        slow.steps.release(2)
        await driver.settle()
        assert line(driver) == ""
        assert driver.app.space.name == "new"
        assert driver.token == "queen"
        assert driver.sent(JobFinished)[-1].job.kind != "open" or driver.notices == []


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (20, 5)])
async def test_the_line_fits_every_width(explore, slow, size):
    async with explore(size=size) as driver:
        driver.app.opener.open(WANTED)
        await driver.until(lambda: line(driver))
        await driver.pilot.pause(0.2)
        slow.steps.release()
        await driver.until(lambda: "25 %" in line(driver))
        assert len(line(driver)) == size[0]
        driver.assert_harmless()
        await driver.pilot.press("escape")
        await driver.settle()


async def test_escape_stops_at_once_and_the_old_space_stays(explore, slow):
    async with explore() as driver:
        driver.app.opener.open(WANTED)
        slow.steps.release()
        await driver.until(lambda: line(driver))
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        assert line(driver) == ""
        assert driver.sent(JobCancelled)
        assert slow.ended.wait(SECONDS)
        await driver.settle()
        assert slow.done == slow.total // 4
        assert driver.app.space.name == "small"
        assert driver.notices == ["Stopped"]
        assert recent_files() == []
        slow.done = slow.total
        driver.app.opener.open(WANTED)
        await driver.settle()
        assert driver.app.space.name == "new"


async def test_a_click_stops_it_too(explore, slow):
    async with explore() as driver:
        driver.app.opener.open(WANTED)
        await driver.until(lambda: line(driver))
        await driver.pilot.click(ProgressLine, offset=(115, 0))
        await driver.settle()
        assert slow.ended.is_set()
        assert line(driver) == ""


async def test_another_opening_takes_the_place_of_the_first(explore, slow):
    async with explore() as driver:
        driver.app.opener.open(WANTED)
        await driver.until(lambda: slow.names)
        driver.app.opener.open(Wanted("file", "/data/second.txt"))
        await driver.until(lambda: "second.txt" in line(driver))
        slow.done = slow.total - 1
        slow.steps.release(8)
        await driver.settle()
        assert slow.names == [WANTED.target, "/data/second.txt"]
        assert driver.app.space.name == "new"
        assert line(driver) == ""


async def test_what_is_there_at_once_shows_no_line(explore, slow):
    slow.done = slow.total
    async with explore() as driver:
        shown = []
        driver.app.explore.query_one(ProgressLine).show = lambda *how: shown.append(how)
        driver.app.opener.open(WANTED)
        await driver.settle()
        await driver.pilot.pause(0.4)
        assert driver.app.space.name == "new"
        assert shown == []


async def test_a_broken_file_is_said_to_be_so_in_full_and_the_old_space_stays(explore, written):
    path = written("king 1 2 3\nqueen 4 5\n", name="br\x1b[2J[b]oken.txt")
    async with explore(size=(80, 24)) as driver:
        driver.app.opener.open(Wanted("file", str(path)))
        await driver.settle()
        assert isinstance(driver.app.screen, ProblemDialog)
        shown = " ".join(text.strip(" │") for text in driver.lines)
        assert "line 2" in shown
        assert "small is still open." in shown
        driver.assert_harmless()
        await driver.press("x", "ctrl+o", "ctrl+y")
        assert "line 2: " in driver.app.clipboard
        assert "\x1b" not in driver.app.clipboard
        await driver.press("enter")
        assert driver.app.screen is driver.app.explore
        assert driver.app.space.name == "small"
        assert recent_files() == []


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_a_long_error_can_be_read_to_its_end(explore, monkeypatch, size):
    def fail(*how, **more):
        raise SourceError("/a/" + "deep/" * 20 + "file.txt", "wrong " * 20, "line 7", "mend it, then THE END")

    monkeypatch.setattr("tui_embed.tui.opening.open_space", fail)
    async with explore(size=size) as driver:
        driver.app.opener.open(WANTED)
        await driver.settle()
        await driver.press("end")
        box = driver.app.screen.query_one(".dialog")
        assert driver.app.screen.region.contains_region(box.region)
        if "THE END" not in driver.seen:
            await driver.press(*["down"] * 30)
        assert "THE END" in driver.seen or "still open" in driver.seen


async def test_a_reader_that_breaks_is_an_error_and_the_app_lives_on(explore, monkeypatch):
    def fail(*how, **more):
        raise ValueError("[/] \x1b[31m broken")

    monkeypatch.setattr("tui_embed.tui.opening.open_space", fail)
    async with explore() as driver:
        driver.app.opener.open(WANTED)
        await driver.settle()
        assert isinstance(driver.app.screen, ProblemDialog)
        assert "ValueError: [/] ␛[31m broken" in driver.seen
        driver.assert_harmless()


async def test_what_was_odd_in_a_file_is_said_and_can_be_read(explore, written):
    path = written("king 1 2 3\nqueen 4 5 nan\nking 1 2 3\n")
    async with explore() as driver:
        driver.app.opener.open(Wanted("file", str(path)))
        await driver.settle()
        (notice,) = driver.notices
        assert notice.startswith("words.txt: ")
        assert "… and 1 more" in notice
        assert notice.endswith("F10 tells all about this space")
        await driver.press("f10")
        assert isinstance(driver.app.screen, AboutDialog)
        for fact in ("words.txt", "3 × 3", "least", "NaN or infinite", "“king”"):
            assert fact in driver.seen
        await driver.press("ctrl+y")
        assert str(path) in driver.app.clipboard
        assert [file.spec for file in recent_files()] == [str(path)]


async def test_about_a_hostile_space(explore, build):
    space = build(
        ["a", "b"],
        np.eye(2),
        name="\x1b]0;x\x07[/]",
        notes=["\x1b[2J[red]odd", "長" * 200],
        columns={"\x1b[31mkind[/]": ["\x07", "[b]"]},
    )
    for size in ((80, 24), (40, 12)):
        async with explore(space, size=size) as driver:
            await driver.press("ctrl+g")
            driver.assert_harmless()
            for _ in range(4):
                await driver.press("pagedown")
                driver.assert_harmless()
            await driver.press("ctrl+y")
            assert "\x1b" not in driver.app.clipboard
            assert "⟨" in driver.app.clipboard or "␛" in driver.app.clipboard


async def test_a_recent_list_that_cannot_be_kept_is_said(explore, written, monkeypatch):
    def full(opened):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui_embed.tui.opening.remember", full)
    async with explore() as driver:
        driver.app.opener.open(Wanted("file", str(written("king 1 2\nqueen 3 4\n"))))
        await driver.settle()
        assert "could not be kept: No space left on device" in driver.notices[0]
        assert len(driver.app.space) == 2


async def test_an_id_that_was_found_in_the_space_before_is_not_taken(explore, slow):
    async with explore() as driver:
        await driver.press("ctrl+f")
        assert isinstance(driver.app.screen, FindDialog)
        slow.done = slow.total
        driver.app.opener.open(WANTED)
        await driver.until(lambda: driver.app.space.name == "new")
        await driver.write("rome")
        await driver.press("enter")
        assert driver.app.screen is driver.app.explore
        assert driver.token == "king"


async def test_the_palette_offers_recent_files_whatever_their_names(explore, written):
    paths = [written("king 1 2\nqueen 3 4\n", name) for name in ("[b\x1b[2J.txt", "plain.txt")]
    async with explore() as driver:
        for path in paths:
            driver.app.opener.open(Wanted("file", str(path)))
            await driver.settle()
        provider = RecentFiles(driver.app.screen)
        hits = [hit async for hit in provider.search("open recent plain")]
        assert [str(hit.prompt) for hit in hits] == ["Open recent: plain.txt"]
        await driver.press("ctrl+p")
        await driver.write("Open recent")
        await driver.until(lambda: "␛[2J.txt" in driver.seen)
        driver.assert_harmless()
        await driver.press("escape")
        hits[0].command()
        await driver.settle()
        assert driver.app.space.name == "plain.txt"
        titles = {command.title for command in palette_commands(driver.app)}
        assert {"Open", "About this space", "Open glove", "Fetch glove-50d"} <= titles


async def test_the_cache_may_be_left_alone(explore, written, monkeypatch):
    asked = []

    def open_space(name, drawing, *, cache, cancel, progress):
        asked.append(cache)
        raise SourceError(name, "x")

    monkeypatch.setattr("tui_embed.tui.opening.open_space", open_space)
    async with explore(cache=False) as driver:
        driver.app.opener.open(WANTED)
        await driver.settle()
    assert asked == [False]
