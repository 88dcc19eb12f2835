"""Memory over a long training: ``python -m tests.benchmarks.training_memory [MINUTES] [OBJECTIVE…]``.

Each objective trains in this process, with snapshots published ten times a second and checkpoints written
every few seconds, for an equal share of the minutes. Memory after the first tenth of the time is compared
with memory at the end: it is flat if the difference is a few megabytes.
"""

import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.figures import line
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.training.control import Control
from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.grammar import ENGLISH
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.run import Checkpointing, Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.sources.checkpoints import Checkpointer

COMMON = TrainingSettings(d_model=64, epochs=100_000, min_count=1, subsample=0)
TRAININGS = {
    "skipgram": COMMON,
    "cbow": replace(COMMON, objective="cbow"),
    "glove": replace(COMMON, objective="glove"),
    "softmax": replace(COMMON, negatives=0),
    "subwords": replace(COMMON, ngrams=(3, 5), buckets=20_000),
    "lm": replace(COMMON, objective="lm", learning_rate=1e-4),
}
GOAL_MB = 8.0


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 6.0
    names = sys.argv[2:] or list(TRAININGS)
    for name in names:
        measure(name, TRAININGS[name], 60 * minutes / len(names))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line("peak memory of all of it", peak, "MB")


def measure(name: str, settings: TrainingSettings, seconds: float) -> None:
    """Train for ``seconds`` and print what was resident early and late."""
    trainer = make_trainer(corpus_of(ENGLISH.sentences(5000, seed=1), ENGLISH.name), settings)
    cancel, began = CancelToken(), time.monotonic()
    seen: list[tuple[float, float]] = []

    def look(snapshot: Snapshot) -> None:
        share = (time.monotonic() - began) / seconds
        if not seen or share - seen[-1][0] > 0.01:
            seen.append((share, resident()))
        if share >= 1:
            cancel.cancel()

    with tempfile.TemporaryDirectory() as folder:
        keeper = Checkpointer(Path(folder) / "x.checkpoint", trainer.corpus, ENGLISH.name)
        keeping = Checkpointing(keeper.write, seconds=5)
        last = Run(trainer, Control(), look, keeping).go(cancel)
    early = next(megabytes for share, megabytes in seen if share >= 0.1)
    print(f"{name}: {last.step:,} steps in {seconds:.0f} s, {early:.1f} MB early, {seen[-1][1]:.1f} MB late")
    line(f"{name}: growth after the first tenth", seen[-1][1] - early, "MB", GOAL_MB)


def resident() -> float:
    """Resident memory in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
