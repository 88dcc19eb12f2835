"""How soon it leaves, whatever it does at the time, and that nothing stays."""

import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from e2e.terminal import ctrl, environment_in
from e2e.test_signals import BOUND_SECONDS, GOAL_SECONDS, STAGES, begun, left_of

from scorecard.lines import Effort, Line


def endings(effort: Effort) -> Iterator[Line]:
    """Every stage ended in every way; the worst of them counts."""
    ways = {
        "SIGTERM": signal.SIGTERM,
        "SIGHUP": signal.SIGHUP,
        "SIGINT": signal.SIGINT,
        "closed terminal": None,
    }
    ways |= {"Ctrl+Q": ctrl("q")}
    stages = ("rest", "training") if effort.quick else STAGES
    for name, way in ways.items():
        taken, orphans, unrestored = {}, 0, 0
        for stage in stages:
            with tempfile.TemporaryDirectory() as folder:
                environment = environment_in(Path(folder), TUI_EMBED_TEST_MARK=uuid.uuid4().hex)
                with begun(stage, Path(folder), environment) as terminal:
                    started = time.perf_counter()
                    if way is None:
                        terminal.hang_up()
                        terminal.process.wait(BOUND_SECONDS)
                    else:
                        if isinstance(way, str):
                            terminal.send(way)
                        else:
                            terminal.send_signal(way)
                        while terminal.process.poll() is None:
                            terminal.read(0.02)
                            assert time.perf_counter() - started < BOUND_SECONDS, "it does not end"
                    taken[stage] = time.perf_counter() - started
                    time.sleep(0.3)
                    orphans += len(left_of(environment))
                    unrestored += way is not None and terminal.modes != terminal.modes_before
        worst = max(taken, key=taken.__getitem__)
        said = f"{max(taken.values()):.2f} s while {worst}, {orphans} left, {unrestored} unrestored"
        holds = max(taken.values()) < GOAL_SECONDS and not orphans and not unrestored
        yield Line(f"ended by {name}, {len(stages)} stages", said, f"under {GOAL_SECONDS:g} s, 0, 0", holds)
