"""What the store costs and gives: ``python -m tests.benchmarks.store [RUNS]`` in the repository.

341,479 × 100 words of GloVe text, read into an empty store and opened from it again, each time by a process
of its own, which measures itself from when all its imports are done.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import line
from tests.benchmarks.wink import D_MODEL, N_VOCAB, glove_text

RUNS = 7
MATRIX_MB = 4 * N_VOCAB * D_MODEL / 1e6


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    text = glove_text()
    with tempfile.TemporaryDirectory() as cache:
        memory = [measured("read", text, cache, "--no-cache") for _ in range(3)]
        built = []
        for _ in range(3):
            for path in Path(cache).rglob("*.store"):
                path.unlink()
            built.append(measured("read", text, cache))
        again = [measured("again", text, cache) for _ in range(runs)]
    print(f"{N_VOCAB:,} × {D_MODEL}, {MATRIX_MB:.0f} MB of rows; medians")
    of(memory, "open", "first load into memory", "s")
    of(built, "open", "first load into the store", "s")
    of(memory, "peak", "first load into memory, memory at its peak", "MB", MATRIX_MB + 100)
    of(built, "peak", "first load into the store, memory at its peak", "MB", MATRIX_MB + 100)
    of(again, "open", "open again", "ms", times=1000)
    of(again, "answer", "open again to the first answer, 10 neighbours", "ms", 25, times=1000)
    of(again, "second", "the next answer", "ms", times=1000)
    of(again, "rss_open", "resident memory: to open", "MB")
    of(again, "rss_rows", "  and to show ten rows", "MB")
    of(again, "rss_answer", "  and to compare with all rows", "MB", 1.1 * MATRIX_MB)


def of(
    found: list[dict[str, float]],
    what: str,
    says: str,
    unit: str,
    goal: float | None = None,
    times: float = 1,
) -> None:
    line(says, times * median(one[what] for one in found), unit, goal)


def measured(what: str, text: Path, cache: str, *options: str) -> dict[str, float]:
    """What a process that does ``what`` finds about itself."""
    command = (sys.executable, "-m", "tests.benchmarks.store", "--measure", what, str(text), *options)
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def measure(what: str, text: str, *options: str) -> dict[str, float]:
    # the imports of the whole way, which another file takes, stored where nobody looks
    with tempfile.TemporaryDirectory() as folder:
        warm_up(Path(folder))
    if what == "read":
        return read(text, cache="--no-cache" not in options)
    return open_again(text)


def warm_up(folder: Path) -> None:
    from tui_embed.engine.neighbors import neighbors_of_token
    from tui_embed.sources.open import open_file

    path = folder / "warm.txt"
    path.write_text("".join(f"w{row} {row} 1 2\n" for row in range(10)))
    space = open_file(path)
    neighbors_of_token(space, space.id("w3"))


def read(text: str, cache: bool) -> dict[str, float]:
    from tui_embed.sources.open import open_file

    before = status("VmRSS")
    seconds = timed(lambda: open_file(text, cache=cache))
    return {"open": seconds, "peak": status("VmHWM") - before}


def open_again(text: str) -> dict[str, float]:
    import numpy as np

    from tui_embed.engine.neighbors import neighbors_of_token
    from tui_embed.sources.open import open_file

    before = status("VmRSS")
    started = time.perf_counter()
    space = open_file(text)
    opened = time.perf_counter() - started
    rss_open = status("VmRSS") - before
    space.matrix.rows.take(np.arange(0, N_VOCAB, N_VOCAB // 10))
    rss_rows = status("VmRSS") - before
    del space
    started = time.perf_counter()
    space = open_file(text)
    neighbors_of_token(space, space.id("king"))
    answered = time.perf_counter() - started
    return {
        "open": opened,
        "answer": answered,
        "second": timed(lambda: neighbors_of_token(space, space.id("queen"))),
        "rss_open": rss_open,
        "rss_rows": rss_rows,
        "rss_answer": status("VmRSS") - before,
    }


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def status(name: str) -> float:
    """A figure of this process in MB."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(entry.split()[1]) * 1024 / 1e6 for entry in text.splitlines() if entry.startswith(name))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(*sys.argv[2:])))
    else:
        main()
