"""Change a file, open it, and see that nothing but an error of one line comes of it."""

import faulthandler
import json
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.samples import samples
from tui_embed.errors import TuiEmbedError
from tui_embed.printable import printable

SECONDS = 10
MEMORY = 3 << 30
BATCH = 500
LONGEST_LINE = 600


@dataclass
class Found:
    """How many files were read and refused; ``worse`` are lines about what else happened."""

    read: int = 0
    refused: int = 0
    worse: list[str] = field(default_factory=list)

    def __add__(self, other: "Found") -> "Found":
        return Found(self.read + other.read, self.refused + other.refused, self.worse + other.worse)


def run_all(
    folder: Path, each: int, seed: int, only: str = "", part: tuple[int, int] = (0, 1)
) -> Iterator[tuple[str, Found]]:
    """Every format in turn, in processes of its own; ``part`` is which of how many shares of them."""
    which, of = part
    made = samples(folder / "whole")
    for number, (name, path) in enumerate(made.items()):
        if only not in name or number % of != which:
            continue
        found = Found()
        for start in range(0, each, BATCH):
            found += _batch(path, start, min(each, start + BATCH), seed)
        yield name, found


def _batch(path: Path, start: int, stop: int, seed: int) -> Found:
    command = [sys.executable, "-m", "fuzz.run", str(path), str(start), str(stop), str(seed)]
    limit = SECONDS * 3 + (stop - start) * 0.5
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=limit, cwd=Path(__file__).parents[1]
        )
    except subprocess.TimeoutExpired:
        return Found(worse=[f"{path.name}: numbers {start} … {stop} took over {limit:.0f} s"])
    lines = ran.stdout.splitlines()
    if ran.returncode != 0 or not lines:
        at = next((line for line in reversed(lines) if line.startswith("at ")), "?")
        return Found(worse=[f"{path.name}: ended with {ran.returncode} {at}: {ran.stderr[-300:]}"])
    return Found(**json.loads(lines[-1]))


def changed(content: bytes, number: int, seed: int) -> bytes:
    """``content`` with something wrong: bytes, bits, a cut, a stretch gone, twice or of zeros."""
    chance = random.Random(f"{seed}:{number}")
    made = bytearray(content)
    # headers are where the lies are
    reach = len(made) if chance.random() < 0.4 else min(len(made), 512)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        at = chance.randrange(reach)
        kind = chance.random()
        if kind < 0.4:
            made[at] = chance.randrange(256)
        elif kind < 0.6:
            made[at] ^= 1 << chance.randrange(8)
        elif kind < 0.7:
            width = chance.choice((2, 4, 8))
            made[at : at + width] = chance.choice((b"\xff", b"\x00", b"\x7f", b"\x80")) * width
        elif kind < 0.8:
            del made[at : at + chance.randrange(1, 64)]
        elif kind < 0.9:
            made[at:at] = made[at : at + chance.randrange(1, 64)]
        else:
            made[at : at + 4] = chance.choice((b"nan ", b"1e99", b"\n\n\n\n", b"\t\t\t\t", b'"""",', b"{[{["))
        reach = min(reach, len(made)) or 1
        if not made:
            break
    return (
        bytes(made[: chance.randrange(1, len(made) + 1)]) if made and chance.random() < 0.25 else bytes(made)
    )


def tried(path: Path) -> str:
    """Open and use what lies at ``path``; the line that refuses it, or ""."""
    import numpy as np

    from tui_embed.sources.open import open_file

    try:
        target = path.parent if path.suffix == ".json" and "config" not in path.stem else path
        if path.name in ("config.json", "tokenizer.json"):
            target = path.parent
        space = open_file(target, cache=False)
        row = space.matrix.row(len(space) - 1)
        assert row.shape == (space.d_model,)
        if np.isfinite(row).all():
            space.neighbors(row, 3)
        list(space.tokens[:5])
        if space.tokenizer is not None:
            space.tokenizer.encode("the king 猫")
    except TuiEmbedError as error:
        return str(error) or "an error without a word"
    return ""


def main(path: Path, start: int, stop: int, seed: int) -> None:
    """Numbers ``start`` … ``stop`` − 1 of changes to a file; what came of them is the last line written."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_long)
    found = Found()
    home = path.parent.with_name(f"{path.parent.name}.{start}.x")
    shutil.copytree(path.parent, home)
    target, content = home / path.name, path.read_bytes()
    for number in range(start, stop):
        print(f"at {number}", flush=True)
        target.write_bytes(changed(content, number, seed) or b"x")
        signal.alarm(SECONDS)
        try:
            line = tried(target)
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            found.worse.append(f"number {number}: {type(error).__name__}: {str(error)[:200]}")
        else:
            found.read += not line
            found.refused += bool(line)
            # as every edge shows it
            shown = printable(line.replace(str(home), ""))
            if len(shown) > LONGEST_LINE or not shown.isprintable():
                found.worse.append(f"number {number}: no line for a person: {shown[:200]!r}")
        signal.alarm(0)
    shutil.rmtree(home)
    print(json.dumps(found.__dict__))


def _too_long(*_: object) -> None:
    raise TimeoutError(f"over {SECONDS} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
