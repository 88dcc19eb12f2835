"""What the app starts with: a space that is there at once, or a file that is opened in sight."""

from pathlib import Path

import pytest

from tui_embed.errors import SourceError, UsageError
from tui_embed.settings import Settings
from tui_embed.sources.catalog import Drawing
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.opening import Wanted, first_of
from tui_embed.tui.widgets.progress_line import ProgressLine

WANTED = Wanted("file", "/data/big.txt")


async def test_started_for_a_file_it_is_opened_in_sight(slow):
    app = ExplorerApp(WANTED, Settings(encodings=("r50k_base",)), "the king")
    async with app.run_test(size=(120, 40)) as pilot:
        while not app.explore.query_one(ProgressLine).display:
            await pilot.pause()
        assert app.space is None
        await pilot.press("f4", "f3", "f5", *"man", "enter", "f2", "f10", "ctrl+f", "f1", "escape")
        slow.steps.release(4)
        await app.workers.wait_for_complete()
        while app.space is None:
            await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.space.name == "new"
        assert app.selection.token_id == 1


async def test_started_for_a_file_and_stopped_another_can_be_opened(slow, written):
    app = ExplorerApp(WANTED, Settings(encodings=("r50k_base",)), "the king")
    async with app.run_test(size=(80, 24)) as pilot:
        while not slow.names:
            await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert "no space is open" in "".join(segment.text for segment in strips[0])
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert app.screen is not app.explore
        await pilot.press("escape")


async def test_started_for_a_broken_file_it_ends_with_the_error(written):
    path = written("king 1 2 3\nqueen 4 5\n")
    app = ExplorerApp(Wanted("file", str(path)), Settings(encodings=("r50k_base",)), "")
    async with app.run_test() as pilot:
        while app.failure is None:
            await pilot.pause()
    assert "line 2" in str(app.failure)
    assert app.return_code == 1


async def test_a_folder_that_is_gone_is_no_reason_to_stop(explore, tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    async with explore() as driver:
        await driver.press("ctrl+o")
        assert driver.app.screen._listing.typed.folder == Path("/")
        await driver.press("escape")


def test_what_the_app_is_started_for(written, monkeypatch):
    path = written("king 1 2\nqueen 3 4\n")
    assert first_of("words.txt", Drawing()) == Wanted("file", str(path))
    assert first_of(str(path), Drawing()) == Wanted("file", str(path))
    assert first_of("~/words.txt", Drawing()) == Wanted("file", str(path))
    assert first_of("glove", Drawing()).name == "glove-6B-50d"
    assert first_of("gpt2-init", Drawing()).d_model == 768
    assert first_of("glove-50d", Drawing()) == Wanted("space", "glove-50d")
    with pytest.raises(UsageError, match="glvoe"):
        first_of("glvoe", Drawing())
    with pytest.raises(SourceError, match="no such file"):
        first_of("./absent.txt", Drawing())
    with pytest.raises(SourceError, match="no checkpoint"):
        first_of(str(path.parent), Drawing())
