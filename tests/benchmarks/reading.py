"""What reading a large text of vectors costs, beside peers: ``python -m tests.benchmarks.reading [RUNS]``.

Each reader runs in a process of its own, in turns, and says how long it took without its imports and how much
memory it had at its peak. Peers come with ``pip install '.[bench]'``; gensim is run once, for it takes long.
"""

import json
import subprocess
import sys
from collections import defaultdict
from statistics import median

from tests.benchmarks.figures import line
from tests.benchmarks.wink import glove_text

MEASURED = """
import json, resource, sys, time
{imports}
path = sys.argv[1]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
started = time.perf_counter()
{read}
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak, before, matrix.nbytes / 1e6]))
"""
READERS = {
    "tui-embed": (
        "from tui_embed.sources.open import open_file; import tui_embed.sources.formats.text",
        "space = open_file(path, cache=False); matrix = space.vectors",
    ),
    "polars": (
        "import polars as pl",
        "types = {f'column_{i}': pl.Float32 for i in range(2, 102)}\n"
        "plain = dict(separator=' ', has_header=False, quote_char=None)\n"
        "table = pl.read_csv(path, schema_overrides=types, **plain)\n"
        "matrix = table.select(pl.exclude('column_1')).to_numpy()",
    ),
    "gensim": (
        "from gensim.models import KeyedVectors",
        "matrix = KeyedVectors.load_word2vec_format(path, binary=False, no_header=True).vectors",
    ),
}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    path = str(glove_text())
    seconds: dict[str, list[float]] = defaultdict(list)
    peaks: dict[str, float] = {}
    matrix = 0.0
    for run in range(runs):
        for name, (imports, read) in READERS.items():
            if name == "gensim" and run:
                continue
            program = MEASURED.format(imports=imports, read=read)
            ran = subprocess.run(
                [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
            )
            took, peaks[name], before, size = json.loads(ran.stdout)
            matrix = size if name == "tui-embed" else matrix
            seconds[name].append(took)
            memory = f"peak {peaks[name]:,.0f} MB, {before:,.0f} before"
            print(f"  {name:<12}{took:>8.2f} s   {memory}", flush=True)
    ours = median(seconds["tui-embed"])
    line("text of 341,479 × 100 over polars on all cores", ours / median(seconds["polars"]), "×", 1.5)
    line("over gensim's load_word2vec_format", ours / median(seconds["gensim"]), "×", 1 / 20)
    line("peak memory over the matrix", peaks["tui-embed"] - matrix * 1e6 / (1 << 20), "MB", 100)


if __name__ == "__main__":
    main()
