"""What starting costs, beside what it may cost: ``python -m tests.benchmarks.start [RUNS]``."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import line, ratio
from tests.e2e.terminal import APP, ROOT, Terminal, environment_in

BARE = (sys.executable, str(Path(__file__).with_name("bare_app.py")))
APP_SHOWS = ("prince", ".8236", ".8524", "left out: king, man, woman", "W_E[691]", "Strawberry│fields")
BARE_SHOWS = ("Strawberry", "#chips line 9", "#row line 9", "17  an answer", "the last note", "the keys")
ALL_LOADED = ("cl100k_base", "11734")
SIZE = (120, 40)
DEFERRED = ("gensim", "scipy", "sklearn", "tiktoken", "regex", "rapidfuzz", "tokenizers")
NEIGHBORS = (*APP, "neighbors", "king")
NUMPY = (sys.executable, "-c", "import numpy")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_in(Path(folder))
        compare_starts(runs, environment)
        compare_verbs(runs, environment)
        print_imports(environment)
        print_memory(environment)


def compare_starts(runs: int, environment: dict[str, str]) -> None:
    """Command to full frame, the app and the bare app in turns; the first of each only warms the caches."""
    app, bare = [], []
    for _ in range(runs + 1):
        bare.append(seconds_to(BARE_SHOWS, BARE, environment))
        app.append(seconds_to(APP_SHOWS, APP, environment))
    ratio("start to the full frame, app over bare Textual app", app[1:], bare[1:], 1.4)


def seconds_to(shown: tuple[str, ...], command: tuple[str, ...], environment: dict[str, str]) -> float:
    with Terminal(*SIZE, environment, command) as terminal:
        return terminal.wait_for(*shown) - terminal.started


def compare_verbs(runs: int, environment: dict[str, str]) -> None:
    verb, numpy = [], []
    for _ in range(2 * runs + 1):
        numpy.append(seconds_of(NUMPY, environment))
        verb.append(seconds_of(NEIGHBORS, environment))
    ratio("'neighbors king' as a process over 'import numpy'", verb[1:], numpy[1:], 1.6)


def seconds_of(command: tuple[str, ...], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT)
    return time.perf_counter() - started


def print_imports(environment: dict[str, str]) -> None:
    """Which of the deferred packages ``-X importtime`` names, and when: it writes between the frames."""
    command = (sys.executable, "-X", "importtime", *APP[1:])
    with Terminal(*SIZE, environment, command) as terminal:
        while b".8236" not in terminal.output or not terminal.output.count(b"11734"):
            assert terminal.read(30), terminal.text
        output = terminal.output
    first_frame = output.index(b".8236")
    print("imports, -X importtime, of the app from its start until the encodings are shown")
    for name in DEFERRED:
        found = re.search(rf"\| +{name}\r?\n".encode(), output)
        if found is None:
            when = "not imported"
        else:
            when = "after the first frame" if found.start() > first_frame else "BEFORE the first frame"
        print(f"  {name:<12}{when}")


def print_memory(environment: dict[str, str]) -> None:
    with Terminal(*SIZE, environment) as terminal:
        terminal.wait_for(*APP_SHOWS, *ALL_LOADED)
        status = Path(f"/proc/{terminal.process.pid}/status").read_text(encoding="utf-8")
    kilobytes = next(int(entry.split()[1]) for entry in status.splitlines() if entry.startswith("VmRSS"))
    line("resident memory with the screen complete", kilobytes / 1024, "MB", 120)


if __name__ == "__main__":
    main()
