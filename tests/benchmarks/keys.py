"""From a key to the changed screen while a long job runs: ``python -m tests.benchmarks.keys``.

The job is a search over 50,257 × 12,288 rows that are drawn as it goes.
"""

import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import spread
from tests.e2e.terminal import APP, F2, F3, F4, RIGHT, Terminal, ctrl, environment_in

COMMAND = (*APP, "--space", "gpt3-init")
SIZE = (120, 40)
KEYS = 200
BETWEEN_KEYS = 0.1
RUNS_STILL = "Esc stops"
GOAL_MS = 50


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Terminal(*SIZE, environment_in(Path(folder)), COMMAND) as app,
    ):
        app.wait_for("W_E[5822]", "cl100k_base", RUNS_STILL)
        spread("→ in the row of gpt3-init, a search running", walk_dimensions(app), GOAL_MS)
        spread("a letter in the text of gpt3-init, searches running", type_letters(app), GOAL_MS)


def walk_dimensions(app: Terminal) -> list[float]:
    """→ moves to the next dimension, whose value the row pane then says."""
    app.send(F3)
    app.wait_for("dimension")
    times = []
    for dimension in range(1, KEYS + 1):
        keep_searching(app, back_to=F3)
        times.append(answer_to(app, RIGHT, f"d{dimension}".ljust(10)))
    return times


def type_letters(app: Terminal) -> list[float]:
    """The border counts each letter; each also changes the selection, which starts another search."""
    app.send(F2)
    times = []
    for number in range(KEYS):
        length = number % 40 + 1
        if length == 1:
            app.send(ctrl("u"))
            app.wait_for("─ 0 characters")
        noun = "character" if length == 1 else "characters"
        times.append(answer_to(app, "abcdefghij "[number % 11], f" {length} {noun}"))
    return times


def keep_searching(app: Terminal, back_to: str) -> None:
    """Start the search again, with another metric, where it has ended."""
    if RUNS_STILL not in app.text:
        app.send(F4)
        app.send("m")
        app.wait_for(RUNS_STILL)
        app.send(back_to)
        app.wait_for("dimension")


def answer_to(app: Terminal, key: str, shown: str) -> float:
    """Type ``key`` as fast as a fast typist does, a moment after the last one."""
    resume = time.perf_counter() + BETWEEN_KEYS
    while (left := resume - time.perf_counter()) > 0:
        app.read(left)
    since, sent = len(app.output), time.perf_counter()
    app.send(key)
    return app.wait_for_output(shown, since) - sent


if __name__ == "__main__":
    main()
