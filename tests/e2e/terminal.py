"""A terminal that a test holds in its hands: a program in a pseudo-terminal, its screen kept by pyte."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[2]
APP = (sys.executable, "-m", "tui_embed")
SECONDS = 30.0

ENTER, TAB, SHIFT_TAB, ESCAPE, BACKSPACE = "\r", "\t", "\x1b[Z", "\x1b", "\x7f"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
F1, F2, F3, F4, F5, F9, F10 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[20~", "\x1b[21~"


def ctrl(letter: str) -> str:
    """What a terminal sends for Ctrl and a letter."""
    return chr(ord(letter.upper()) - 64)


def environment_in(folder: Path, **more: str) -> dict[str, str]:
    """A terminal's environment whose home is ``folder``: nobody's settings, no variable of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TUI_EMBED_", "XDG_", "PYTHON"))
    }
    for name in ("NO_COLOR", "COLORTERM", "TERM_PROGRAM", "COLUMNS", "LINES", "LC_ALL"):
        kept.pop(name, None)
    own = {"HOME": str(folder), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return kept | own | more


class Terminal:
    """``command`` in a pseudo-terminal of ``columns`` × ``lines``; as a context, it ends with its block."""

    def __init__(
        self, columns: int, lines: int, environment: dict[str, str], command: Sequence[str] = APP
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._drawn = 0
        self.output = b""
        """All that the program wrote."""
        self.read_at = 0.0
        """When the last piece of it came, on the clock of ``time.perf_counter``."""
        self._master, self._slave = pty.openpty()
        self._open = {self._master, self._slave}
        self._set_size(columns, lines)
        self.modes_before = termios.tcgetattr(self._slave)
        # A session leader that opens a terminal gets it as its own: without one, a resize reaches nobody.
        attach = ("sh", "-c", 'exec "$@" <>"$0" >&0 2>&0', os.ttyname(self._slave))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [*attach, *command], env=environment, cwd=ROOT, start_new_session=True
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    @property
    def text(self) -> str:
        """What the screen shows, a line a line."""
        self._draw()
        return "\n".join(self.screen.display)

    @property
    def modes(self) -> list[object]:
        """The terminal's own settings now: echo, line editing, …"""
        return termios.tcgetattr(self._slave)

    def send(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self._master, keys.encode())

    def send_signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Take the terminal away, as a lost connection does."""
        for descriptor in (self._slave, self._master):
            if descriptor in self._open:
                self._open.remove(descriptor)
                os.close(descriptor)

    def resize(self, columns: int, lines: int) -> None:
        assert self.text
        # what was written for the old size is drawn at it
        self._draw()
        self.screen.resize(lines, columns)
        self._set_size(columns, lines)

    def wait_for(self, *wanted: str | Callable[[str], bool], seconds: float = SECONDS) -> float:
        """Wait until the screen shows every text and meets every condition.

        Returns when the bytes that made it so arrived, on the clock of ``time.perf_counter``. AssertionError
        with the screen after ``seconds``.
        """
        arrived, deadline = time.perf_counter(), time.perf_counter() + seconds
        while not all(want in self.text if isinstance(want, str) else want(self.text) for want in wanted):
            if not self.read(deadline - time.perf_counter()):
                ended = "" if self.process.poll() is None else f" (ended with {self.process.returncode})"
                raise AssertionError(f"{wanted} not on the screen after {seconds} s{ended}:\n{self.text}")
            arrived = self.read_at
        return arrived

    def read(self, seconds: float) -> bool:
        """Take in one piece of output; False where none comes in ``seconds``."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        piece = os.read(self._master, 1 << 16)
        self.read_at = time.perf_counter()
        self.output += piece
        return True

    def wait_for_output(self, wanted: str, since: int, seconds: float = SECONDS) -> float:
        """Wait until the program wrote ``wanted`` in one piece after its first ``since`` bytes.

        Returns when it came, as :meth:`wait_for` does, but without the time that drawing a screen takes.
        """
        deadline = time.perf_counter() + seconds
        while wanted.encode() not in self.output[since:]:
            assert self.read(deadline - time.perf_counter()), f"{wanted!r} not written in {seconds} s"
        return self.read_at

    def wait_end(self, seconds: float = SECONDS) -> int:
        """Take in what is left until the program ends; its exit status, negative for a signal."""
        deadline = time.perf_counter() + seconds
        while self.process.poll() is None:
            if time.perf_counter() > deadline:
                raise AssertionError(f"the program still runs after {seconds} s:\n{self.text}")
            self.read(0.05)
        while self.read(0.2):
            continue
        return self.process.returncode

    def _draw(self) -> None:
        self._stream.feed(self.output[self._drawn :])
        self._drawn = len(self.output)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
