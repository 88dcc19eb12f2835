"""Each figure beside its goal; exit status 1 where one is missed.

python -m tests.scorecard [--quick] [--only NAME] [--soak MINUTES] [--each N] [--kills N]
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scorecard.endings import endings
from scorecard.fuzzed import fuzzed
from scorecard.hostile import hostile
from scorecard.kills import kills
from scorecard.lines import Effort, Part
from scorecard.redraws import redraws
from scorecard.soak import soak
from scorecard.tested import tested

PARTS: dict[str, Part] = {
    "redraws": redraws,
    "endings": endings,
    "hostile": hostile,
    "kills": kills,
    "fuzzed": fuzzed,
    "soak": soak,
    "tested": tested,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.scorecard")
    parser.add_argument("--quick", action="store_true", help="what CI has time for")
    parser.add_argument("--only", default="", help="parts whose name holds this")
    parser.add_argument("--soak", type=float, default=None, metavar="MINUTES")
    parser.add_argument("--each", type=int, default=None, metavar="N", help="changed files of each format")
    parser.add_argument("--kills", type=int, default=None, metavar="N")
    options = parser.parse_args()
    effort = Effort(
        options.quick,
        (0.3 if options.quick else 60.0) if options.soak is None else options.soak,
        (100 if options.quick else 10_000) if options.each is None else options.each,
        (25 if options.quick else 500) if options.kills is None else options.kills,
    )
    missed = n_lines = 0
    for name, part in PARTS.items():
        if options.only not in name:
            continue
        started = time.perf_counter()
        for line in part(effort):
            print(line, flush=True)
            missed += not line.holds
            n_lines += 1
        print(f"      {name}: {time.perf_counter() - started:.0f} s", flush=True)
    print(f"{n_lines - missed} of {n_lines} lines are at their goal")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
