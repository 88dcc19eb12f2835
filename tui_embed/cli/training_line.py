"""How a training goes, on one line of standard error, where a person looks at it."""

import sys
import time

from tui_embed.cli.parser import terminal_width
from tui_embed.cli.streams import is_terminal
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.figures import duration, percent, score

EVERY = 0.1


class TrainingLine:
    """Shows snapshots; its line is wiped at the end."""

    def __init__(self) -> None:
        self._shown = is_terminal(sys.stderr)
        self._due = 0.0

    def __enter__(self) -> "TrainingLine":
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, snapshot: Snapshot) -> None:
        """Put a snapshot in words."""
        if self._shown and time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            sys.stderr.write(f"\r{said(snapshot)[: terminal_width() - 1]}\x1b[K")
            sys.stderr.flush()


def said(snapshot: Snapshot) -> str:
    """``training 42 % · loss 2.31 · held out 2.40 · 512,000 words/s · 12 s left``."""
    parts = [f"training {percent(snapshot.step / max(1, snapshot.n_steps))}"]
    if snapshot.smoothed is not None:
        parts.append(f"loss {score(snapshot.smoothed)}")
    if snapshot.heldout is not None:
        parts.append(f"held out {score(snapshot.heldout)}")
    if snapshot.words_per_second is not None:
        parts.append(f"{snapshot.words_per_second:,.0f} words/s")
    if snapshot.seconds_left is not None and snapshot.seconds_left >= 1:
        parts.append(f"{duration(snapshot.seconds_left)} left")
    if snapshot.not_kept:
        parts.append("no checkpoint can be written")
    return " · ".join(parts)
