"""Changed files of every format, and files that change while they are open."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from checkpoints import bert_folder
from fuzz.run import Found, run_all

import tui_embed
from scorecard.lines import Effort, Line
from tui_embed.errors import TuiEmbedError

TRUNCATIONS = 50


def fuzzed(effort: Effort) -> Iterator[Line]:
    """No traceback, no hang, no crash."""
    total, kinds = Found(), 0
    with tempfile.TemporaryDirectory() as folder:
        for name, found in run_all(Path(folder), effort.fuzz_each, 1):
            total, kinds = total + found, kinds + 1
            for line in found.worse[:3]:
                print(f"      {name}: {line}")
    n = total.read + total.refused
    said = f"{n:,} files, {len(total.worse)} worse than an error"
    yield Line(f"{effort.fuzz_each:,} changed files of {kinds} kinds", said, "0", not total.worse)
    wrong = _truncated()
    said = f"{wrong} wrong"
    yield Line(
        f"a source cut at {TRUNCATIONS} places while it is open", said, "0, and nothing dies", not wrong
    )


def _truncated() -> int:
    """A checkpoint whose file is cut while its rows are asked for."""
    wrong = 0
    chance = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as home:
        for number in range(TRUNCATIONS):
            folder = bert_folder(Path(home) / f"b{number}")
            path = folder / "model.safetensors"
            space = tui_embed.load(folder, cache=False)
            before = space.matrix.row(3)
            os.truncate(path, int(chance.integers(0, path.stat().st_size)))
            try:
                # what is given must be what was there
                wrong += not np.array_equal(space.matrix.row(3), before)
                space.neighbors(before, 3)
            except TuiEmbedError:
                continue
    return wrong
