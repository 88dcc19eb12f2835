"""A training that fails, that is left, and that is gone on with."""

import numpy as np
import pytest
from trainee import ENDLESS, rows_of

from tui_embed.engine.training.skipgram import SkipGramTrainer
from tui_embed.engine.training.trainer import TOKENS, DivergedError
from tui_embed.errors import SourceError
from tui_embed.sources.checkpoints import Checkpointer, app_checkpoints, read_checkpoint


@pytest.fixture
def failing(monkeypatch):
    """Let the step after ``step`` do something else."""

    def at(step: int, fail) -> None:
        advance = SkipGramTrainer.advance

        def advanced(self, learning_rate, measure):
            if self.step == step:
                fail(self)
            return advance(self, learning_rate, measure)

        monkeypatch.setattr(SkipGramTrainer, "advance", advanced)

    return at


async def test_a_training_that_diverges_says_it_and_keeps_the_finite_rows(train, failing):
    def diverge(trainer) -> None:
        raise DivergedError(8)

    failing(7, diverge)
    async with train() as trainee:
        await trainee.press("enter")
        await trainee.end()
        assert (trainee.state, trainee.step) == ("diverged", 7)
        assert "diverged at step 8" in trainee.notices[-1]
        assert "diverged at step 8" in trainee.facts
        assert np.isfinite(rows_of(trainee.view.space)).all()


async def test_a_training_that_fails_on_its_way_keeps_what_was_seen_last(train, failing):
    def fail(trainer) -> None:
        trainer.parameters[TOKENS][:] = np.nan
        raise MemoryError("[/] \x1b[31m no room")

    failing(9, fail)
    async with train() as trainee:
        await trainee.press("enter")
        await trainee.end()
        assert trainee.state == "stopped"
        assert "MemoryError: [/] ␛[31m no room" in trainee.notices[-1]
        assert np.isfinite(rows_of(trainee.view.space)).all()
        await trainee.driver.settle()
        trainee.driver.assert_harmless()


async def test_a_training_that_cannot_begin_is_one_line_and_the_form_stays(train, monkeypatch):
    def broken(*arguments, **named):
        raise ValueError("[/] \x1b[31m broken")

    monkeypatch.setattr("tui_embed.engine.training.making.make_trainer", broken)
    async with train() as trainee:
        await trainee.press("enter")
        await trainee.until(lambda: trainee.notices)
        assert "ValueError: [/] ␛[31m broken" in trainee.notices[-1]
        assert trainee.form.display
        assert not trainee.app.session.running


async def test_a_disk_that_takes_no_checkpoint_ends_no_training(train, monkeypatch):
    def full(self, trainer, curve):
        raise SourceError(self.path, "no space left on the device")

    monkeypatch.setattr(Checkpointer, "write", full)
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.press("s")
        await trainee.until(lambda: trainee.view.snapshot.not_kept)
        step = trainee.step
        await trainee.until(lambda: trainee.step > step)
        assert trainee.state == "running"


@pytest.fixture
def left(train):
    """Leave the app while it trains; gives the step of the checkpoint."""

    async def leave() -> int:
        async with train() as trainee:
            await trainee.start(epochs=ENDLESS)
            await trainee.until(lambda: trainee.step > 20)
            await trainee.driver.pilot.press("ctrl+q")
        return read_checkpoint(app_checkpoints()[0]).step

    return leave


async def test_quitting_keeps_a_checkpoint_that_is_offered_and_gone_on_with(train, left):
    step = await left()
    assert step > 20
    async with train() as trainee:
        await trainee.until(lambda: "F6 resumes at" in trainee.seen)
        await trainee.press("f6")
        await trainee.until(lambda: trainee.state)
        assert trainee.step >= step
        assert trainee.view.settings.epochs == ENDLESS
        assert trainee.view.snapshot.curve.steps[0] < step


async def test_a_training_that_was_stopped_and_kept_can_be_gone_on_with(train):
    async with train() as trainee:
        await trainee.start(epochs=ENDLESS)
        await trainee.press("escape", "enter")
        await trainee.end()
        stopped = trainee.step
        await trainee.press("f2", "n")
        await trainee.until(lambda: "F6 resumes" in trainee.seen)
        await trainee.press("f6")
        await trainee.until(lambda: trainee.state == "running")
        assert trainee.step >= stopped


async def test_nothing_is_offered_where_nothing_was_left(train):
    async with train() as trainee:
        await trainee.driver.settle()
        assert "resumes" not in trainee.seen
        assert "F6" not in trainee.driver.lines[-1]
        await trainee.press("f6")
        assert not trainee.app.session.running


async def test_a_damaged_checkpoint_is_said_and_another_training_starts(train, left):
    await left()
    path = app_checkpoints()[0]
    path.write_bytes(path.read_bytes()[:-100])
    async with train() as trainee:
        await trainee.until(lambda: trainee.notices)
        assert path.name in trainee.notices[-1]
        assert "resumes" not in trainee.seen
        await trainee.start()
