"""Checkpoints: whole or not there, and gone on from bit for bit."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from trainers import copied, planted_corpus, run, same_bits

from tui_embed.engine.training.curve import CurveRecorder, LossCurve
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.run import Checkpointing, Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.trainer import Trainer
from tui_embed.errors import SourceError, TuiEmbedError, UsageError
from tui_embed.sources.checkpoints import (
    Checkpointer,
    app_checkpoint,
    app_checkpoints,
    read_checkpoint,
    resume,
)

SETTINGS = TrainingSettings(d_model=6, min_count=1, subsample=0.01, epochs=2, heldout=0.1, buckets=50)
KINDS = {
    "skipgram": SETTINGS,
    "cbow": replace(SETTINGS, objective="cbow"),
    "glove": replace(SETTINGS, objective="glove"),
    "ngrams": replace(SETTINGS, ngrams=(2, 3)),
    "lm": replace(SETTINGS, objective="lm", d_hidden=5, n_ctx=3),
    "frozen": replace(SETTINGS, freeze="tokens", frozen_tokens=("a1", "b2")),
}


def begun(settings: TrainingSettings, path: Path) -> tuple[Trainer, Checkpointer]:
    trainer = make_trainer(planted_corpus(80), settings)
    run(trainer, trainer.n_steps // 3)
    return trainer, Checkpointer(path, trainer.corpus, "planted")


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_goes_on_as_if_nothing_had_happened(kind: str, tmp_path: Path) -> None:
    trainer, keeper = begun(KINDS[kind], tmp_path / "x.checkpoint")
    recorder = CurveRecorder()
    recorder.add(3, 1.5)
    keeper.write(trainer, recorder.curve())
    found = read_checkpoint(keeper.path)
    assert (found.step, found.settings, found.source) == (trainer.step, trainer.settings, "planted")
    assert found.curve.raw.tolist() == [1.5]
    again = resume(found, planted_corpus(80))
    assert same_bits(trainer.state(), again.state())
    np.testing.assert_array_equal(trainer.start.frozen, again.start.frozen)
    run(trainer)
    run(again)
    assert same_bits(trainer.state(), again.state())
    assert (trainer.step, trainer.epoch) == (again.step, again.epoch)


def test_another_text_is_refused(tmp_path: Path) -> None:
    trainer, keeper = begun(SETTINGS, tmp_path / "x.checkpoint")
    keeper.write(trainer, LossCurve.empty())
    for corpus in (planted_corpus(81), planted_corpus(80, seed=6)):
        with pytest.raises(UsageError, match="the text of planted is another"):
            resume(read_checkpoint(keeper.path), corpus)


def test_a_file_that_was_cut_or_changed_is_one_line(tmp_path: Path) -> None:
    trainer, keeper = begun(SETTINGS, tmp_path / "x.checkpoint")
    keeper.write(trainer, LossCurve.empty())
    whole = keeper.path.read_bytes()
    rng = random.Random(1)
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        if rng.random() < 0.5:
            damaged = damaged[: rng.randrange(1, len(whole))]
        else:
            damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        keeper.path.write_bytes(damaged)
        try:
            found = read_checkpoint(keeper.path)
        except TuiEmbedError as error:
            refused += "\n" not in str(error)
        else:
            # a bit that nobody reads, as the time in a zip member: everything else is as it was
            assert same_bits(dict(found.state), copied(trainer.state()))
    assert refused > 40
    keeper.path.write_bytes(b"nothing of the kind")
    with pytest.raises(SourceError):
        read_checkpoint(keeper.path)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_failure_leaves_the_one_before(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, keeper = begun(SETTINGS, tmp_path / "x.checkpoint")
    keeper.write(trainer, LossCurve.empty())
    before = keeper.path.read_bytes()
    run(trainer, 3)

    def fail(*given: object, **named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "write":
        monkeypatch.setattr("numpy.savez", fail)
    elif call == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(TuiEmbedError, match="no space left"):
        keeper.write(trainer, LossCurve.empty())
    assert keeper.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.checkpoint"]


def test_a_full_disk_ends_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, keeper = begun(SETTINGS, tmp_path / "x.checkpoint")

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    last = Run(trainer, checkpointing=Checkpointing(keeper.write, seconds=0)).go()
    assert last.state == "finished"
    assert "no space left" in last.not_kept
    assert last.kept_step is None


KILLED = """
import sys
from dataclasses import replace
from pathlib import Path
from trainers import planted_corpus
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.run import Checkpointing, Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.sources.checkpoints import Checkpointer
settings = TrainingSettings(d_model=64, min_count=1, subsample=0, epochs=100000, heldout=0.1)
trainer = make_trainer(planted_corpus(80), settings)
keeper = Checkpointer(Path(sys.argv[1]), trainer.corpus, "planted")
print("begun", flush=True)
Run(trainer, checkpointing=Checkpointing(keeper.write, seconds=0)).go()
"""


def test_kill_at_any_moment_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "x.checkpoint"
    rng = random.Random(3)
    last = 0
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        until = time.monotonic() + 30
        while not path.exists():
            assert time.monotonic() < until
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = read_checkpoint(path)
        assert found.step >= 1
        assert resume(found, planted_corpus(80)).step == found.step
        last = max(last, found.step)
    assert last > 5


def test_the_app_keeps_them_by_name(tmp_path: Path) -> None:
    assert app_checkpoints() == []
    path = app_checkpoint("../a b/\x1b\n")
    assert path.parent == app_checkpoint("other").parent
    assert path.name == "_a_b____.checkpoint" or path.suffix == ".checkpoint"
    trainer, keeper = begun(SETTINGS, path)
    keeper.write(trainer, LossCurve.empty())
    assert app_checkpoints() == [path]
    keeper.discard()
    assert app_checkpoints() == []
