"""Pictures of the Train screen, one for each state that a person meets."""

from dataclasses import replace

import numpy as np
import pytest
from training_panes import drawn_rows, snapshot_of, view_of

from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.curve import LossCurve
from tui_embed.engine.training.grammar import ENGLISH
from tui_embed.settings import Settings
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.unfinished import Unfinished

WIDE, NARROW, SMALL = (120, 40), (80, 24), (40, 12)
N_STEPS = 12_660


def curve(n: int) -> LossCurve:
    """A loss that falls to its floor, with a wave in place of noise."""
    steps = np.arange(1, n, max(1, n // 200))
    smoothed = 2.1 + 2.2 * np.exp(-steps / 900)
    raw = smoothed + 0.25 * np.sin(steps * 1.7)
    ends = np.arange(0, n, N_STEPS // 3)
    heldout = 2.15 + 2.15 * np.exp(-ends / 900)
    return LossCurve(
        steps, raw.astype(np.float32), smoothed.astype(np.float32), ends, heldout.astype(np.float32)
    )


@pytest.fixture
def moment():
    """A training as it is at a step, all figures of it made up and the same everywhere."""
    corpus = corpus_of(list(ENGLISH.sentences(300)), "grammar-en")

    def at(step: int, **changes) -> TrainingView:
        view = replace(view_of(corpus, d_model=32, epochs=3), name="grammar-en-skipgram", n_parameters=8_256)
        snapshot = replace(
            snapshot_of(drawn_rows(corpus, width=32), step),
            n_steps=N_STEPS,
            epoch=step * 3 // N_STEPS,
            epochs=3,
            seconds=3.2,
            words_per_second=61_234.0,
            seconds_left=2.4,
            learning_rate=0.0312,
            loss=2.361,
            smoothed=2.203,
            heldout=2.236,
            touched=26,
            gradient_norm=32.33,
            curve=curve(step),
        )
        return replace(view, snapshot=replace(snapshot, **changes))

    return at


@pytest.fixture
def picture(snap_compare, monkeypatch, words):
    """Compare the Train screen's picture after ``keys``, on ``view`` where one is given."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr("tui_embed.sources.corpora.named.N_SENTENCES", 300)
    monkeypatch.setattr("tui_embed.sources.corpora.named.gensim_folder", lambda: None)

    def compared(*keys: str, size=NARROW, view: TrainingView | None = None, **settings) -> bool:
        running = view is not None and not view.is_over
        monkeypatch.setattr("tui_embed.tui.training.TrainingSession.running", running)
        app = ExplorerApp(words(), Settings(**{"encodings": ("r50k_base",), **settings}), "the king")

        async def run(pilot) -> None:
            async def settle() -> None:
                for _ in range(4):
                    await app.workers.wait_for_complete()
                    await pilot.pause()

            await settle()
            app.action_mode("train")
            await settle()
            app.training = view
            await settle()
            for key in keys:
                await pilot.press(key)
                await settle()
            for widget in app.screen.query("TextArea, Input"):
                widget.cursor_blink = False

        return snap_compare(app, terminal_size=size, run_before=run)

    return compared


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
def test_the_form(picture, size):
    assert picture(size=size)


def test_the_form_of_a_language_model(picture):
    assert picture("down", "left")


def test_a_field_that_is_wrong(picture):
    assert picture("down", "down", "0")


def test_a_text_that_is_not_there(picture, monkeypatch):
    monkeypatch.setattr("tui_embed.tui.panes.train_setup.SETTLE_SECONDS", 0.01)
    assert picture(*"gramar")


def test_a_training_to_go_on_with(picture, monkeypatch):
    left = Unfinished("grammar-en-skipgram", 5_800, N_STEPS, None)
    monkeypatch.setattr("tui_embed.tui.panes.train_setup.last_unfinished", lambda cancel, progress: left)
    assert picture()


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
def test_progress(picture, moment, size):
    assert picture("f3", size=size, view=moment(5_800))


@pytest.mark.parametrize("theme", ["tui-embed-light", "tui-embed-contrast"])
def test_progress_in_other_themes(picture, moment, theme):
    assert picture("f3", size=WIDE, view=moment(5_800), theme=theme)


def test_before_the_first_figures(picture, moment):
    early = moment(
        0, words_per_second=None, seconds_left=None, loss=None, smoothed=None, heldout=None,
        gradient_norm=None, curve=LossCurve.empty(),
    )  # fmt: skip
    assert picture("f3", view=early)


def test_what_trains(picture, moment):
    assert picture("f2", view=moment(5_800))


def test_what_trains_with_frozen_rows(picture, moment):
    view = moment(5_800, frozen_changed=0)
    start = replace(view.start, frozen=np.arange(view.corpus.n_vocab) < 41)
    assert picture("f2", view=replace(view, start=start))


def test_a_training_that_diverged(picture, moment):
    ended = moment(
        5_800, state="diverged", seconds_left=None,
        message="training diverged at step 5,801: a gradient is not a finite number",
    )  # fmt: skip
    assert picture("f2", size=WIDE, view=ended)


def test_a_training_that_is_finished(picture, moment, words):
    done = replace(moment(N_STEPS, state="finished", seconds_left=0.0), space=words())
    assert picture("f2", size=WIDE, view=done)


def test_saving(picture, moment, words):
    done = replace(moment(N_STEPS, state="finished", seconds_left=0.0), space=words())
    assert picture("f2", "w", view=done)


def test_stopping(picture, moment):
    assert picture("f3", "escape", view=moment(5_800))
