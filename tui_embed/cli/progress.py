"""How far long work is, on standard error, where a person looks at it."""

import sys
import threading
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


def read_then(what: str) -> Line:
    """The same, and ``what`` is being done once all is read."""

    def line(done: int, total: int) -> str:
        return counted(done, total) if done < total else f"{total:,}, {what}"

    return line


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
    """A function to call with (done, total), which ``line`` puts in words; until it is called ``what``
    alone is shown. Its line is wiped at the end.
    """
    if not is_terminal(sys.stderr):
        yield no_progress
        return
    shown = _Shown()
    first = threading.Timer(FIRST_AFTER, shown.write, (what, True))
    first.daemon = True
    first.start()

    def show(done: int, total: int) -> None:
        if time.monotonic() >= shown.due or (shown.is_there and done == total):
            shown.write(f"{what}: {line(done, total)}")

    try:
        yield show
    finally:
        first.cancel()
        shown.wipe()


class _Shown:
    """The line on the terminal: several threads write it, one that is left behind even after its end."""

    def __init__(self) -> None:
        self.due = time.monotonic() + FIRST_AFTER
        self.is_there = False
        self._ended = False
        self._lock = threading.Lock()

    def write(self, text: str, only_first: bool = False) -> None:
        with self._lock:
            if not self._ended and not (only_first and self.is_there):
                self.is_there = True
                self.due = self.due if only_first else time.monotonic() + EVERY
                sys.stderr.write(f"\r{text}\x1b[K")
                sys.stderr.flush()

    def wipe(self) -> None:
        with self._lock:
            self._ended = True
            if self.is_there:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
