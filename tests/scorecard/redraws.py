"""What a redraw sends to the terminal, and what a burst of keys does over a slow line."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from e2e.terminal import APP, F3, F4, F9, Terminal, ctrl, environment_in

from scorecard.lines import Effort, Line

DOWN, RIGHT = "\x1b[B", "\x1b[C"
MOST_KEY, MOST_SCREEN, MOST_MAP, MOST_RATE = 8_000, 60_000, 200_000, 400_000
"""Bytes of a key that moves a cursor, of a whole new screen, of a map with the frames on the way to it, and a
second of keys held down.
"""


def redraws(effort: Effort) -> Iterator[Line]:
    """At 120 × 40 in 256 colours, as over ssh."""
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_in(Path(folder), SSH_CONNECTION="127.0.0.1 1 127.0.0.1 2")
        with Terminal(120, 40, environment, APP) as terminal:
            terminal.wait_for("Neighbours of king", "prince")
            _quiet(terminal)
            for name, keys, most in (
                ("a neighbour further down", (F4, DOWN), MOST_KEY),
                ("a number further along a row", (F3, RIGHT), MOST_KEY),
                ("another theme", (F4, F9), MOST_SCREEN),
                ("the map, all its frames", (F4, ctrl("t")), MOST_MAP),
                ("a zoom of the map", (DOWN, "+"), MOST_SCREEN // 2),
            ):
                *before, last = keys
                for key in before:
                    terminal.send(key)
                    _quiet(terminal)
                since = len(terminal.output)
                terminal.send(last)
                _quiet(terminal)
                sent = len(terminal.output) - since
                yield Line(f"bytes sent for {name}", f"{sent:,} bytes", f"{most:,} at most", sent <= most)
            since, started = len(terminal.output), time.perf_counter()
            while time.perf_counter() - started < 3:
                terminal.send("+-" * 5)
                terminal.read(0.02)
            _quiet(terminal)
            rate = (len(terminal.output) - since) / (time.perf_counter() - started)
            said = f"{rate / 1e3:,.0f} kB a second"
            yield Line(
                "the map's zoom held down, over ssh",
                said,
                f"{MOST_RATE / 1e3:,.0f} kB a second",
                rate <= MOST_RATE,
            )


def _quiet(terminal: Terminal) -> None:
    while terminal.read(0.4):
        continue
