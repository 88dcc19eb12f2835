"""Scripted keys over all panes, in tmux, for as long as one likes: memory, open files and the time of a key
stay as they were.
"""

import os
import random
import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from checkpoints import gpt2_folder
from e2e.terminal import APP, F1, F3, F4, F5, F9, Terminal, ctrl, environment_in

from scorecard.lines import Effort, Line

F2 = "\x1bOQ"
DOWN, UP, RIGHT, LEFT, HOME = "\x1b[B", "\x1b[A", "\x1b[C", "\x1b[D", "\x1b[H"
ESCAPE, ENTER = "\x1b", "\r"
EXPLORE = (
    *(
        F2,
        "king and queen ",
        *("\x7f" * 15),
        DOWN,
        RIGHT,
        RIGHT,
        UP,
        F3,
        RIGHT,
        RIGHT,
        "p",
        "p",
        "p",
        "]",
        "[",
    ),
    *(F4, DOWN, DOWN, ENTER, "m", "m", "m", "+", "-", "\x7f", F5, ctrl("u"), "paris - france + italy", ENTER),
    *(ESCAPE, F4, "/", "que", ESCAPE, F1, ESCAPE, "?", ESCAPE, F9, F9, F9, ctrl("o"), ESCAPE),
)
MAP = (*(RIGHT, LEFT, UP, DOWN, "+", "+", "-", "0"), F3, DOWN, DOWN, F2, "e", ESCAPE)
TRAIN = (F2, ENTER, F4, F5, F3, " ", " ", ESCAPE, ENTER)
MODEL = (UP, LEFT, LEFT, RIGHT, "v", "h", "v", F4, "s", "s", "s", F5, DOWN, F2)
MEMORY_GOAL, LATENCY_GOAL, SAMPLES, LEAST_CYCLES = 0.06, 0.05, 8, 4
PATIENCE = 1.0


def soak(effort: Effort) -> Iterator[Line]:
    """Cycle through all screens; the first cycles load what is only loaded once."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = environment_in(home)
        command = (*APP, "--space", str(gpt2_folder(home / "small-gpt2")))
        with _in_tmux(environment, command) as (terminal, pid):
            yield from _cycles(terminal, pid, effort.soak_minutes * 60)


@contextmanager
def _in_tmux(environment: dict[str, str], command: Sequence[str]) -> Iterator[tuple[Terminal, int]]:
    """``command`` in a tmux of its own, which is in a terminal of ours; and the number of its process."""
    tmux = ("tmux", "-L", f"tui-embed-{uuid.uuid4().hex}", "-f", "/dev/null")
    # a lone escape is told from a sequence within 20 ms, and all lines are the app's
    start = ("start-server", ";", "set", "-s", "escape-time", "20", ";", "set", "-g", "status", "off", ";")
    try:
        with Terminal(120, 40, environment, (*tmux, "-u", *start, "new-session", *command)) as terminal:
            terminal.wait_for("Neighbours of")
            asked = (*tmux, "list-panes", "-F", "#{pane_pid}")
            yield terminal, int(subprocess.check_output(asked, env=environment, timeout=20))
    finally:
        subprocess.run((*tmux, "kill-server"), env=environment, check=False, capture_output=True, timeout=20)


def _cycles(terminal: Terminal, pid: int, seconds: float) -> Iterator[Line]:
    chance = random.Random(1)
    begun = time.perf_counter()
    memory, files, latency, cycles, again = [], [], [], 0, 0
    while cycles < LEAST_CYCLES or time.perf_counter() - begun < seconds:
        _walk(terminal, EXPLORE, chance)
        latency.append(_keys(terminal))
        for name, keys in (("Map", MAP), ("Train", TRAIN), ("Model", MODEL)):
            again += _turn_to(terminal, name)
            _walk(terminal, keys, chance)
        again += _turn_to(terminal, "Explore")
        if cycles % 7 == 3:
            for size in ((60, 20), (1, 1), (120, 40)):
                terminal.resize(*size)
                _drain(terminal, 0.1)
        terminal.output, terminal._drawn = b"", 0
        assert terminal.process.poll() is None, "the app is gone"
        memory.append(_resident(pid))
        files.append(len(os.listdir(f"/proc/{pid}/fd")))  # noqa: PTH208
        cycles += 1
    minutes = (time.perf_counter() - begun) / 60
    warm = max(2, cycles // 4)
    first, last = _ends(memory[warm:])
    growth = last / first - 1
    said = f"{first:.0f} → {last:.0f} MB, {growth:+.1%}, {cycles} cycles"
    yield Line(
        f"memory over {minutes:.1f} min of keys", said, f"+{MEMORY_GOAL:.0%} at most", growth <= MEMORY_GOAL
    )
    few, many = min(files[warm:]), max(files[warm:])
    yield Line("open files meanwhile", f"{few} … {many}", "no more at the end", files[-1] <= files[warm] + 2)
    early, late = (_p99(part) for part in _halves(latency[warm:]))
    said = f"p99 {early * 1e3:.0f} ms, then {late * 1e3:.0f} ms"
    holds = max(early, late) <= LATENCY_GOAL
    yield Line("time of a key meanwhile", said, f"p99 {LATENCY_GOAL * 1e3:.0f} ms", holds)
    said = f"{again} of {4 * cycles} asked for twice"
    yield Line("screens turned to meanwhile", said, "0", again == 0)


def _turn_to(terminal: Terminal, name: str) -> int:
    """Go on to the next screen, which is called so; how often the key was not enough."""
    for again in range(3):
        _press(terminal, ctrl("t"))
        with suppress(AssertionError):
            terminal.wait_for(f"[{name}]", seconds=3)
            return again
    raise AssertionError(f"no way to {name}:\n{terminal.text}")


def _walk(terminal: Terminal, keys: tuple[str, ...], chance: random.Random) -> None:
    for key in keys:
        _press(terminal, key)
        if chance.random() < 0.1:
            _drain(terminal, 0.15)


def _press(terminal: Terminal, key: str) -> None:
    terminal.send(key)
    # a lone escape is told from the beginning of another key by what does not follow
    _drain(terminal, 0.4 if key == ESCAPE else 0.03)


def _drain(terminal: Terminal, seconds: float) -> None:
    """Until nothing comes for ``seconds``; what draws all the time is not waited for."""
    until = time.perf_counter() + 1
    while terminal.read(seconds) and time.perf_counter() < until:
        continue


def _keys(terminal: Terminal) -> list[float]:
    """Seconds from a key to the first byte of what it changes: along a row and back, each of which does."""
    _press(terminal, F3)
    _press(terminal, HOME)
    _drain(terminal, 0.3)
    taken = []
    for number in range(SAMPLES):
        started = time.perf_counter()
        terminal.send(RIGHT if number < SAMPLES // 2 else LEFT)
        # one that is not answered at all counts as what it was waited for
        taken.append(terminal.read_at - started if terminal.read(PATIENCE) else PATIENCE)
        _drain(terminal, 0.05)
    return taken


def _resident(pid: int) -> float:
    pages = int((Path("/proc") / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _ends(values: list[float]) -> tuple[float, float]:
    part = max(1, len(values) // 4)
    return statistics.median(values[:part]), statistics.median(values[-part:])


def _halves(rounds: list[list[float]]) -> tuple[list[float], list[float]]:
    half = max(1, len(rounds) // 2)
    return [*chain(*rounds[:half])], [*chain(*(rounds[half:] or rounds[-1:]))]


def _p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]
