"""Pictures of the panes, one for each state that a person meets."""

import numpy as np
import pytest

from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.subwords import Subwords
from tui_embed.errors import SourceError
from tui_embed.pace import Pace
from tui_embed.recent import RecentFile, remember
from tui_embed.settings import Settings
from tui_embed.sources.catalog import SpaceEntry
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.opening import Opening, Wanted
from tui_embed.tui.widgets.progress_line import ProgressLine

TEXT = "他很高兴 strawberry for the king"


@pytest.fixture
def picture(snap_compare, monkeypatch, words):
    """Compare the app's picture after ``keys``; nothing in it depends on the machine or the time."""
    for pane in ("arithmetic", "neighbours"):
        monkeypatch.setattr(f"tui_embed.tui.panes.{pane}.duration", lambda seconds: "1.0 ms")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")

    def compared(*keys: str, size=(80, 24), space=None, text=TEXT, then=None, **settings) -> bool:
        """``then(app, pilot)`` does what no key does."""
        chosen = Settings(**{"encodings": ("r50k_base",), **settings})
        app = ExplorerApp(words() if space is None else space, chosen, text)

        async def run(pilot) -> None:
            async def settle() -> None:
                for _ in range(4):
                    await app.workers.wait_for_complete()
                    await pilot.pause()

            await settle()
            for widget in app.explore.query("TextArea, Input"):
                widget.cursor_blink = False
            for key in keys:
                await pilot.press(key)
                await settle()
            if then is not None:
                await then(app, pilot)
            for widget in app.screen.query("TextArea, Input"):
                widget.cursor_blink = False

        return snap_compare(app, terminal_size=size, run_before=run)

    return compared


@pytest.mark.parametrize("key", ["f2", "f3", "f4", "f5"])
def test_a_tab(picture, key):
    assert picture(key)


def test_all_panes(picture):
    assert picture(size=(120, 40))


def test_all_panes_in_the_light_theme(picture):
    assert picture("f4", size=(120, 40), theme="tui-embed-light")


def test_learned_positions_of_an_untrained_space(picture, words):
    assert picture("f3", space=words(name="small-init", trained=False, n_ctx=16))


def test_no_text(picture):
    assert picture(text="")


def test_an_expression_that_cannot_be_read(picture):
    assert picture("f5", "plus", "plus")


def test_completions(picture):
    assert picture("f5", "plus", "p", "r")


def test_find(picture):
    assert picture("ctrl+f", "k")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder whose path and listing are the same on every machine."""
    here = tmp_path / "here"
    for name in ("deep", "東京"):
        (here / name).mkdir()
    for name, size in (("glove.6B.50d.txt", 171_350), ("[red]\x1b[2J.txt", 12), ("products.parquet", 4_200)):
        (here / name).write_bytes(b"x" * size)
    remember(RecentFile(str(here / "glove.6B.50d.txt"), 400_000, 50))
    spaces = [
        SpaceEntry("glove", 100_000, 50, True, "GloVe 6B, frequent words", "PDDL 1.0"),
        SpaceEntry("glove-840b", 2_196_017, 300, True, "GloVe 840B", "PDDL 1.0", False, 2_176_768_927),
        SpaceEntry("gpt3-init", 50_257, 12_288, False, "GPT-3 175B, untrained"),
    ]
    monkeypatch.setattr("tui_embed.tui.offers.space_entries", lambda: spaces)
    return here


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_open(picture, folder, size):
    assert picture("ctrl+o", size=size)


def test_open_a_path_in_the_light_theme(picture, folder):
    assert picture("ctrl+o", "tilde", "slash", "g", size=(80, 24), theme="tui-embed-light")


def test_open_in_high_contrast(picture, folder):
    assert picture("ctrl+o", "tab", "tab", "down", theme="tui-embed-contrast")


class Stuck:
    """A reader that is at 41 % of 400 MB, at 121 MB a second, until it is stopped."""

    def __call__(self, name, drawing, *, cache, cancel, progress):
        while True:
            cancel.wait(0.01)


@pytest.fixture
def running(monkeypatch):
    """What the app shows while a large file is opened, standing still."""
    monkeypatch.setattr("tui_embed.tui.opening.open_space", Stuck())
    figures = ("41 %", "2 s left", "121 MB/s", "164 MB of 400 MB")

    async def open_it(app, pilot) -> None:
        app.opener.open(Wanted("file", "/vectors/glove.840B.300d.txt"))
        monkeypatch.setattr(Opening, "figures", figures)
        monkeypatch.setattr(Pace, "share", 0.41)
        while not app.explore.query_one(ProgressLine).display:
            await pilot.pause()

    return open_it


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_opening(picture, running, size):
    assert picture(size=size, then=running)


def test_a_file_that_was_not_opened(picture, monkeypatch):
    def fail(name, drawing, *, cache, cancel, progress):
        raise SourceError(name, "2 numbers where the others have 300", "line 3,000,025", "mend the line")

    monkeypatch.setattr("tui_embed.tui.opening.open_space", fail)

    async def open_it(app, pilot) -> None:
        app.opener.open(Wanted("file", "/vectors/glove.840B.300d.txt"))
        await app.workers.wait_for_complete()
        await pilot.pause()

    assert picture(then=open_it)


@pytest.fixture
def places(build):
    """A space with metadata and n-grams."""
    tokens = ["the", "king", *(f"place{number:02}" for number in range(58))]
    columns = {
        "kind": [("city", "river", "person")[number % 3] for number in range(60)],
        "year": [str(1950 + number) for number in range(60)],
        "gloss": [f"what is known of number {number}, in a line" for number in range(60)],
    }
    rng = np.random.default_rng(7)
    subwords = Subwords(3, 6, ArrayRows(rng.normal(size=(100, 8)).astype(np.float32)))
    return build(
        tokens,
        rng.normal(size=(60, 8)),
        name="places.parquet",
        columns=columns,
        subwords=subwords,
        notes=["2 rows hold NaN or infinite numbers: row 3, row 9"],
    )


WHERE = ("f4", "w", *"kind", "space", "equals_sign", "space", *"city")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_a_search_that_is_restricted(picture, places, size):
    assert picture(*WHERE, "enter", space=places, size=size)


def test_a_filter_that_cannot_be_read(picture, places):
    assert picture(*WHERE, "space", *"and", "enter", space=places)


def test_the_row_of_a_token_with_metadata(picture, places):
    assert picture("f3", space=places)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_a_composed_word(picture, places, size):
    assert picture(space=places, text="the kingly", size=size)


def test_about(picture, places):
    assert picture("f10", space=places)


def test_find_by_metadata(picture, places):
    assert picture("ctrl+f", "tab", "tab", "tab", *WHERE[2:], space=places)


def test_forty_columns(picture):
    assert picture("f4", size=(40, 12))
