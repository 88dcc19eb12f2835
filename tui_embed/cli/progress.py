"""How far long work is, on standard error, where a person looks at it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tui_embed.cli.streams import is_terminal
from tui_embed.engine.cancel import Progress, no_progress

FIRST_AFTER, EVERY = 0.3, 0.1
"""Seconds: work that is over sooner shows nothing."""


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A function to call with (done, total); its line is wiped at the end."""
    if not is_terminal(sys.stderr):
        yield no_progress
        return
    due = time.monotonic() + FIRST_AFTER

    def show(done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + EVERY
            sys.stderr.write(f"\r{what}: {done:,} of {total:,}\x1b[K")
            sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
