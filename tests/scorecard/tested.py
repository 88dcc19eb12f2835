"""What tests hold: how many of a group pass."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scorecard.lines import Effort, Line

ROOT = Path(__file__).resolve().parents[2]
GROUPS = (
    ("ssh: ten terminals, colours, sizes, a cut line", ["-m", "ssh", "tests/e2e/test_ssh.py"]),
    ("tmux: the main paths at two sizes", ["-m", "tmux", "tests/e2e/test_tmux.py"]),
    ("signals, suspended, resumed, closed, in five stages", ["tests/e2e/test_signals.py"]),
    ("faults inside: told, reported, survived", ["tests/tui/test_faults.py", "tests/test_bug_reports.py"]),
    (
        "ENOSPC, EIO, short writes, fsync at every call",
        ["tests/sources/test_store_faults.py", "tests/sources/test_atomic.py"],
    ),
    ("single bits flipped in a store, 100 and more", ["tests/sources/test_store_damage.py"]),
    ("checkpoints of trainings", ["tests/sources/test_checkpoints.py"]),
    ("a browser's server: who may, who may not, what is left", ["tests/e2e/test_serve.py"]),
    ("a browser itself", ["-m", "browser", "tests/e2e/test_serve.py"]),
    (
        "expressions and printable text by properties",
        ["tests/engine/test_expression.py", "tests/test_printable.py"],
    ),
    ("hostile checkpoints", ["tests/sources/models/test_hostile.py"]),
)


def tested(effort: Effort) -> Iterator[Line]:
    """Each group in a process of its own; the quick part leaves this to the tests themselves."""
    if effort.quick:
        return
    for name, arguments in GROUPS:
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", *arguments]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        passed = re.search(r"(\d+) passed", ran.stdout)
        failed = re.search(r"(\d+) (?:failed|error)", ran.stdout)
        said = f"{passed[1] if passed else 0} passed, {failed[1] if failed else 0} failed"
        yield Line(name, said, "all", ran.returncode == 0)
