"""Processes killed at random moments while they write: what was before or what is new is whole, each time."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stored import assert_same, in_memory, opened, read_nothing, sample, write_source
from trainers import planted_corpus

from scorecard.lines import Effort, Line
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.run import Checkpointing, Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.sources.checkpoints import Checkpointer, read_checkpoint, resume
from tui_embed.sources.store.folder import store_folder

LONGEST = 0.12
"""Seconds that a process lives at most."""
STORE_ROWS = 4_000


def kills(effort: Effort) -> Iterator[Line]:
    """Of a store that is built, and of a checkpoint that is saved."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        damaged, left, old, new = _stores(Path(folder) / "words.x", effort.kills)
        said = f"{damaged} damaged, {left} left behind; {old} old, {new} new"
        yield Line(
            f"kill -9 at {effort.kills} moments of a store build", said, "0, 0", not damaged and not left
        )
        damaged, last = _checkpoints(Path(folder) / "x.checkpoint", effort.kills)
        said = f"{damaged} damaged; the last at step {last:,}"
        yield Line(f"kill -9 at {effort.kills} moments of checkpoints", said, "0", not damaged)


def _killed(work: Callable[[], None], delay: float) -> None:
    """Run ``work`` in a process that is killed after ``delay`` seconds."""
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(1)
    time.sleep(delay)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _stores(source: Path, n: int) -> tuple[int, int, int, int]:
    """Stores that were not whole, files left behind, how often the old and the new one was there."""
    chance = random.Random(4)
    damaged = left = old = new = 0
    write_source(source, *sample(0, n=STORE_ROWS))
    opened(source)
    for number in range(1, n + 1):
        write_source(source, *sample(number % 7, n=STORE_ROWS))

        def build() -> None:
            while True:
                os.utime(source)
                opened(source)

        _killed(build, chance.uniform(0.001, LONGEST))
        wanted = in_memory(source)
        try:
            try:
                assert_same(opened(source, read_nothing), wanted)
                new += 1
            except AssertionError:
                # the one before is of another content: the source is read, and the store made
                assert_same(opened(source), wanted)
                old += 1
            assert_same(opened(source, read_nothing), wanted)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a damage)
            print(f"      kill {number}: {type(error).__name__}: {str(error)[:200]}")
            damaged += 1
        left += sum(path.suffix != ".store" for path in store_folder().iterdir())
    return damaged, left, old, new


def _checkpoints(path: Path, n: int) -> tuple[int, int]:
    """How many checkpoints were not whole, and the step of the last."""
    chance = random.Random(5)
    corpus = planted_corpus(60)
    settings = TrainingSettings(d_model=32, min_count=1, subsample=0, epochs=100_000, heldout=0.1)
    damaged = last = 0

    def train() -> None:
        trainer = make_trainer(corpus, settings)
        if path.exists():
            trainer = resume(read_checkpoint(path), corpus)
        keeper = Checkpointer(path, trainer.corpus, "planted")
        Run(trainer, checkpointing=Checkpointing(keeper.write, seconds=0)).go()

    while not path.exists():
        _killed(train, 0.5)
    for number in range(n):
        _killed(train, chance.uniform(0.01, LONGEST * 2))
        try:
            found = read_checkpoint(path)
            last = max(last, found.step)
            if number % 10 == 0:
                assert resume(found, corpus).step == found.step
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a damage)
            print(f"      kill {number}: {type(error).__name__}: {str(error)[:200]}")
            damaged += 1
    return damaged, last
