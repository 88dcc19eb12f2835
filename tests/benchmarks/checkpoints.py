"""Checkpoints: what opening costs, a row, a search, a forward pass.

python -m tests.benchmarks.checkpoints
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

N_LAYERS, ROUNDS = 60, 25
SPARSE_BYTES = 2_000_000_000
TEXT = "He sat on the bank of the river."
OPEN = """
import resource, sys, time
from pathlib import Path
from tui_embed.sources.file import SourceFile
from tui_embed.sources.models.weights import safetensors_weights
from tui_embed.sources.models.tensors import TensorRows
import numpy as np
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
started = time.perf_counter()
weights = safetensors_weights(SourceFile(Path(sys.argv[1])))
opened = time.perf_counter()
rows = TensorRows(weights.tensors["model.embed_tokens.weight"])
row = rows.take(np.array([77_777]))
done = time.perf_counter()
print(opened - started, done - opened, peak() - before)
"""


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of one call in the middle of many."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def sparse_file(path: Path) -> None:
    """2 GB of holes with the header of a large Llama in front."""
    d, n_vocab = 4096, 100_000
    shapes = {"model.embed_tokens.weight": [n_vocab, d]}
    left = SPARSE_BYTES // 2 - n_vocab * d
    for layer in range(N_LAYERS):
        for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
            shapes[f"model.layers.{layer}.self_attn.{part}.weight"] = [left // N_LAYERS // 8 // d, d]
        for part in ("gate_proj", "up_proj", "down_proj"):
            shapes[f"model.layers.{layer}.mlp.{part}.weight"] = [left // N_LAYERS // 6 // d, d]
        for part in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"model.layers.{layer}.{part}.weight"] = [d]
    header, at = {}, 0
    for name, shape in shapes.items():
        n_bytes = 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + n_bytes]}
        at += n_bytes
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + at)
    print(f"sparse file: {at / 1e9:.2f} GB, {len(shapes)} tensors, header {len(text) / 1e3:.0f} kB")


def header() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.safetensors"
        sparse_file(path)
        found = []
        for _ in range(9):
            ran = subprocess.run(
                [sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True, check=True
            )
            found.append([float(number) for number in ran.stdout.split()])
        opened, row, memory = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"  header {opened * 1e3:.1f} ms (goal 50), first row {row * 1e3:.2f} ms (goal 1)")
        print(f"  memory +{memory:.1f} MB (goal 20)")


def models() -> None:
    import tui_embed

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from real import fetched

    from tui_embed.engine.models.forward import forward
    from tui_embed.engine.models.lens import lens

    for name in ("minilm", "smollm2"):
        folder = fetched(name).kept.folder
        opened = median(lambda folder=folder: tui_embed.load(folder, cache=False), 9)
        space = tui_embed.load(folder, cache=False)
        row = space.matrix.row(2332)
        rows = median(lambda space=space: space.matrix.row(2332))
        search = median(lambda space=space, row=row: space.neighbors(row, 10))
        started = time.perf_counter()
        run = forward(space, TEXT)
        first = time.perf_counter() - started
        again = median(lambda space=space: forward(space, TEXT))
        cells = median(lambda run=run: lens(run), 5)
        print(f"{name}: opened {opened * 1e3:.0f} ms, a row {rows * 1e3:.3f} ms")
        print(f"  search of all rows {search * 1e3:.1f} ms")
        print(f"  forward {first * 1e3:.0f} ms, then {again * 1e3:.1f} ms")
        print(f"  its {run.n_layers + 1} × {len(run.ids)} cells {cells * 1e3:.0f} ms")


if __name__ == "__main__":
    header()
    models()
