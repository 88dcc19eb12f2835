"""Pictures of the panes, one for each state that a person meets."""

import pytest

from tui_embed.settings import Settings
from tui_embed.tui.app import ExplorerApp

TEXT = "他很高兴 strawberry for the king"


@pytest.fixture
def picture(snap_compare, monkeypatch, words):
    """Compare the app's picture after ``keys``; nothing in it depends on the machine or the time."""
    for pane in ("arithmetic", "neighbours"):
        monkeypatch.setattr(f"tui_embed.tui.panes.{pane}.duration", lambda seconds: "1.0 ms")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")

    def compared(*keys: str, size=(80, 24), space=None, text=TEXT, **settings) -> bool:
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


def test_forty_columns(picture):
    assert picture("f4", size=(40, 12))
