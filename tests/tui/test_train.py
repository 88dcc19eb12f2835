"""A training of the app: begun, followed, asked of, and ended."""

import time

import numpy as np
import pytest
from textual.widget import Widget
from textual.widgets import Input
from trainee import ENDLESS, rows_of

from tui_embed.sources.catalog import open_space, space_entries
from tui_embed.sources.checkpoints import app_checkpoint, app_checkpoints, read_checkpoint
from tui_embed.tui.panes.train_setup import SetupPane
from tui_embed.tui.screens.save_space import SaveSpaceDialog
from tui_embed.tui.screens.stop_training import StopTrainingDialog
from tui_embed.tui.screens.train import TrainScreen
from tui_embed.tui.training_work import TrainingMoved
from tui_embed.tui.widgets.facts import Facts
from tui_embed.tui.widgets.key_bar import KeyBar
from tui_embed.tui.widgets.loss_chart import LossChart


async def test_enter_alone_trains_and_the_space_is_among_the_spaces(train):
    async with train() as trainee:
        await trainee.press("enter")
        await trainee.end()
        assert trainee.state == "finished"
        assert trainee.step == trainee.view.snapshot.n_steps > 0
        heldout = trainee.view.snapshot.curve.heldout
        assert heldout[-1] < heldout[0]
        await trainee.driver.settle()
        assert "Progress ─ finished" in trainee.seen
        assert "grammar-en-skipgram is trained" in trainee.notices[-1]
        assert "grammar-en-skipgram" in [entry.name for entry in space_entries()]
        assert open_space("grammar-en-skipgram") is trainee.view.space
        assert app_checkpoints() == []
        await trainee.driver.press("o")
        assert trainee.app.screen is trainee.app.explore
        assert trainee.app.space is trainee.view.space
        assert "trained here" in trainee.driver.lines[0]


async def test_the_figures_move_while_it_trains(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.until(lambda: "Progress ─ running" in trainee.seen)
        first, seen = trainee.view, trainee.seen
        await trainee.until(lambda: trainee.step > first.snapshot.step and trainee.seen != seen)


async def test_moments_are_no_more_than_a_few_a_second(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        steps = {trainee.step}

        def count() -> int:
            steps.add(trainee.step)
            return len(steps)

        began, before = time.monotonic(), len(trainee.driver.sent(TrainingMoved))
        await trainee.until(lambda: count() >= 6)
        # a moment may come late, never early: five gaps of a fifth of a second
        assert time.monotonic() - began >= 4 * 0.2
        assert len(trainee.driver.sent(TrainingMoved)) - before <= 8


async def test_only_what_moved_is_drawn_again(train, monkeypatch):
    async with train(size=(120, 40)) as trainee:
        await trainee.start(epochs=ENDLESS)
        first = trainee.step
        await trainee.until(lambda: trainee.step > first)
        drawn: set[Widget] = set()
        refresh = Widget.refresh

        def noted(widget, *regions, **more):
            drawn.add(widget)
            return refresh(widget, *regions, **more)

        monkeypatch.setattr(Widget, "refresh", noted)
        second = trainee.step
        await trainee.until(lambda: trainee.step > second)
        await trainee.acted()
        screen = trainee.app.screen
        setup, progress, _, step = screen.panes
        assert screen.query_one(LossChart) in drawn
        assert not drawn & {screen, setup, progress, step, screen.query_one(KeyBar), screen.query_one(Facts)}


async def test_what_trains_is_said(train):
    async with train(size=(120, 40)) as trainee:
        await trainee.start(epochs=ENDLESS, negatives=7, d_model=20)
        await trainee.pause()
        # two matrices with a row a word
        n_parameters = 2 * trainee.view.corpus.n_vocab * 20
        assert "skip-gram, 7 negatives" in trainee.facts
        assert f"{n_parameters:,}" in trainee.facts
        assert trainee.view.n_parameters == n_parameters


async def test_pause_one_step_and_on(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.pause()
        step = trainee.step
        await trainee.press("full_stop")
        await trainee.until(lambda: trainee.step != step)
        assert (trainee.step, trainee.state) == (step + 1, "paused")
        await trainee.press("full_stop", "full_stop")
        await trainee.until(lambda: trainee.step == step + 3)
        await trainee.press("space")
        await trainee.until(lambda: trainee.state == "running" and trainee.step > step + 3)


async def test_the_learning_rate_is_changed(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS, learning_rate="0.04")
        await trainee.pause()
        for key, rate in [("minus", 0.04 / 1.5), ("plus", 0.04), ("plus", 0.06)]:
            before = trainee.step
            await trainee.press(key, "full_stop")
            await trainee.until(lambda before=before: trainee.step > before)
            assert trainee.view.snapshot.learning_rate == pytest.approx(rate, rel=0.01)


async def test_a_key_is_typed_where_a_line_has_the_focus(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.press("f5")
        line = trainee.app.screen.query_one("#sentence", Input)
        line.focus()
        line.value = ""
        await trainee.press("s", "full_stop", "space", "minus", "o", "w")
        assert line.value == "s. -ow"
        assert not trainee.app.session.control.paused
        step = trainee.step
        await trainee.until(lambda: trainee.step > step + 1)
        assert trainee.state == "running"


async def test_a_checkpoint_is_saved_when_asked(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.pause()
        assert app_checkpoints() == []
        await trainee.press("s")
        await trainee.until(app_checkpoints)
        assert read_checkpoint(app_checkpoint("grammar-en-skipgram")).step == trainee.step


async def test_a_second_training_is_refused_while_one_runs(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        corpus = trainee.view.corpus
        trainee.ask("grammar-en")
        await trainee.until(lambda: trainee.notices)
        assert "under way" in trainee.notices[-1]
        step = trainee.step
        await trainee.until(lambda: trainee.step > step)
        assert trainee.view.corpus is corpus


@pytest.mark.parametrize("objective", ["cbow", "glove", "lm"])
async def test_other_objectives(train, objective):
    async with train() as trainee:
        await trainee.choose("objective", objective)
        await trainee.press("enter")
        await trainee.end()
        assert trainee.state == "finished"
        assert trainee.view.space.training.settings.objective == objective
        assert np.isfinite(rows_of(trainee.view.space)).all()


async def test_gensim_is_another_engine(train):
    async with train() as trainee:
        await trainee.choose("engine", "gensim")
        await trainee.press("enter")
        await trainee.end()
        assert trainee.state == "finished"
        assert trainee.view.space.training.settings.engine == "gensim"


async def test_esc_asks_and_goes_on(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.press("escape")
        assert isinstance(trainee.app.screen, StopTrainingDialog)
        await trainee.press("escape")
        assert isinstance(trainee.app.screen, TrainScreen)
        step = trainee.step
        await trainee.until(lambda: trainee.step > step)
        assert trainee.state == "running"


async def test_esc_stops_and_keeps(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.press("escape", "enter")
        await trainee.end()
        assert trainee.state == "stopped"
        assert trainee.view.space.training.steps == trainee.step > 0
        assert "was stopped at step" in trainee.notices[-1]


async def test_esc_stops_and_drops_and_another_can_be_started(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.press("s")
        await trainee.until(app_checkpoints)
        await trainee.press("escape", "d")
        await trainee.until(lambda: trainee.view is None)
        await trainee.driver.settle()
        assert app_checkpoints() == []
        assert trainee.app.screen.query_one(SetupPane).main is trainee.form
        assert "running" not in trainee.seen
        await trainee.press("f2")
        await trainee.start()


async def test_esc_does_nothing_where_nothing_trains(train):
    async with train() as trainee:
        await trainee.driver.press("escape")
        assert isinstance(trainee.app.screen, TrainScreen)
        assert "Esc stop" not in trainee.driver.lines[-1]


async def test_the_space_is_saved_to_a_file(train, tmp_path):
    async with train() as trainee:
        await trainee.start(epochs=1)
        await trainee.end()
        await trainee.driver.press("w")
        assert isinstance(trainee.app.screen, SaveSpaceDialog)
        await trainee.driver.press("enter")
        assert isinstance(trainee.app.screen, TrainScreen)
        saved = open_space(str(tmp_path / "here" / "grammar-en-skipgram.npz"), cache=False)
        assert saved.training.steps == trainee.step
        assert np.array_equal(rows_of(saved), rows_of(trainee.view.space))
        await trainee.driver.press("w", "enter")
        assert "is there already" in trainee.driver.said("#said")
        await trainee.driver.press("enter")
        assert isinstance(trainee.app.screen, TrainScreen)


async def test_a_step_is_explained_and_made_while_it_pauses(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.pause()
        before = rows_of(trainee.view.snapshot)
        gap = trainee.ask_step(apply=False)
        await trainee.until(lambda: trainee.view.explained is not None)
        assert (trainee.view.explained.gap, trainee.view.explained.applied) == (gap, False)
        assert np.array_equal(rows_of(trainee.view.snapshot), before)
        trainee.ask_step(apply=True)
        await trainee.until(lambda: trainee.view.explained.applied)
        await trainee.until(lambda: not np.array_equal(rows_of(trainee.view.snapshot), before))


async def test_rows_are_fixed_when_it_is_over(train):
    async with train() as trainee:
        await trainee.start(epochs=1)
        await trainee.end()
        trainee.ask_step(apply=True)
        await trainee.until(lambda: "rows are fixed" in trainee.notices[-1])
        trainee.ask_step(apply=False)
        await trainee.until(lambda: trainee.view.explained is not None)
        assert not trainee.view.explained.applied


async def test_a_step_of_glove_is_said_not_to_be_there(train):
    async with train() as trainee:
        await trainee.choose("objective", "glove")
        await trainee.start(epochs=ENDLESS)
        trainee.ask_step(apply=False)
        await trainee.until(lambda: trainee.notices)
        assert "glove" in trainee.notices[-1].lower()
        step = trainee.step
        await trainee.until(lambda: trainee.step > step)
