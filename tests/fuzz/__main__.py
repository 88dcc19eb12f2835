"""Changed bytes and cuts of every format: what is read, refused in one line, or worse.

    python -m tests.fuzz [--each 10000] [--seed 1] [--only NAME]

Every file is opened by a process of its own kind, with bounds on its memory and on the time of each file; a
process that dies or hangs names the file that it died of.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.run import Found, run_all


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=10_000, help="files of each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="formats whose name holds this")
    options = parser.parse_args()
    started = time.perf_counter()
    total = Found()
    with tempfile.TemporaryDirectory() as folder:
        for name, found in run_all(Path(folder), options.each, options.seed, options.only):
            counts = f"{found.read:>7,} read  {found.refused:>7,} refused  {len(found.worse):>3} worse"
            print(f"  {name:<26} {counts}")
            for line in found.worse[:5]:
                print(f"      {line}")
            sys.stdout.flush()
            total = total + found
    taken = time.perf_counter() - started
    print(f"{total.read + total.refused:,} files in {taken:.0f} s: {len(total.worse)} worse than an error")
    return 1 if total.worse else 0


if __name__ == "__main__":
    sys.exit(main())
