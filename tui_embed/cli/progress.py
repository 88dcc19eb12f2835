"""How far long work is, on standard error, where a person looks at it."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui_embed.cli.streams import is_terminal
from tui_embed.engine.cancel import Progress, no_progress
from tui_embed.figures import duration, size
from tui_embed.pace import Pace

FIRST_AFTER, EVERY = 0.3, 0.1
"""Seconds: work that is over sooner shows nothing."""

Line = Callable[[int, int], str]


def counted(done: int, total: int) -> str:
    """``1,200 of 19,544``, for work in rows or questions."""
    return f"{done:,} of {total:,}"


class Bytes:
    """``12 MB of 134 MB · 5.1 MB/s · 24 s left``, for work in bytes; a part that was done before the first
    call makes no rate.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pace = Pace(clock)
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> str:
        if self._first is None or done < self._first:
            self._first, self._pace = done, Pace(self._clock)
        self._pace.note(done - self._first, max(0, total - self._first))
        rate, left = self._pace.rate, self._pace.seconds_left
        parts = [f"{size(done)} of {size(total)}"]
        parts += [f"{size(round(rate))}/s"] if rate is not None else []
        parts += [f"{duration(left)} left"] if left is not None and left >= 1 else []
        return " · ".join(parts)


@contextmanager
def progress(what: str, line: Line = counted) -> Iterator[Progress]:
    """A function to call with (done, total), which ``line`` puts in words; its line is wiped at the end."""
    if not is_terminal(sys.stderr):
        yield no_progress
        return
    due = time.monotonic() + FIRST_AFTER

    def show(done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + EVERY
            sys.stderr.write(f"\r{what}: {line(done, total)}\x1b[K")
            sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
