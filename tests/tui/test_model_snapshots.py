"""Pictures of the Model screen, one for each state that a person meets."""

import pytest
from checkpoints import bert_folder, gpt2_folder

import tui_embed
from tui_embed.settings import Settings
from tui_embed.tui.app import ExplorerApp

WIDE, NARROW, SMALL = (120, 40), (80, 24), (40, 12)


@pytest.fixture
def compared(snap_compare, tmp_path, words):
    """Compare the screen after ``keys`` on a small checkpoint, or on words."""

    def compare(*keys: str, size=WIDE, of="bert", text="The king sat on the bank.", **settings) -> bool:
        makers = {"bert": bert_folder, "gpt2": gpt2_folder}
        space = tui_embed.load(makers[of](tmp_path / of)) if of in makers else words()
        app = ExplorerApp(space, Settings(**{"encodings": ("r50k_base",), **settings}), text)

        async def run(pilot) -> None:
            async def settle() -> None:
                for _ in range(6):
                    await app.workers.wait_for_complete()
                    await pilot.pause()

            await settle()
            app.action_mode("model")
            await settle()
            for key in keys:
                await pilot.press(key)
                await settle()
            for widget in app.screen.query("Input"):
                widget.cursor_blink = False

        return snap_compare(app, terminal_size=size, run_before=run)

    return compare


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
def test_an_encoder(compared, size):
    assert compared(size=size)


@pytest.mark.parametrize("theme", ["tui-embed-light", "tui-embed-contrast"])
def test_other_themes(compared, theme):
    assert compared(theme=theme)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_decoder(compared, size):
    assert compared(of="gpt2", text=" the king sat on the river", size=size)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_two_texts(compared, size):
    assert compared("b", *"bank", "enter", size=size)


def test_what_a_head_looks_at(compared):
    assert compared("up", "v", "h")


@pytest.mark.parametrize("key", ["f3", "f4", "f5"])
def test_the_other_panes_where_it_is_narrow(compared, key):
    assert compared(key, size=NARROW)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_under_trained_tokens(compared, size):
    assert compared("f4", "s", size=size)


def test_naming_a_space_to_compare(compared):
    assert compared("f4", "c")


def test_no_model(compared):
    assert compared(of="words", text="the king")
