"""Exact search beside peers: ``python -m tests.benchmarks.search`` in the repository, with the extra
``bench``.

Every round asks each of them the same question, so that they share what else the machine does; medians.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import numpy as np

from tests.benchmarks.figures import line
from tests.benchmarks.wink import glove_text
from tests.strategies import small_space
from tui_embed.engine.neighbors import neighbors_of_token
from tui_embed.engine.quantized import QuantizedRows
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.open import open_file

K = 10
ROUNDS = 41
SETTLE_SECONDS = 0.05
"""Threads of OpenMP and BLAS keep the cores busy while they wait for more work, but not for so long."""
LEVEL = 1.05
"""What two runs of the same search differ by."""

Search = Callable[[int], object]
"""Finds the nearest of a row, given by its id."""


def main() -> None:
    space = open_file(glove_text(), cache=False)
    names = list(space.tokens)
    rows = space.vectors
    print(f"{len(rows):,} × {rows.shape[1]} of GloVe")
    wink = {**ours(rows), **peers(rows), "gensim most_similar": gensim_search(names, rows)}
    goals = {"faiss": LEVEL, "read the rows": 1.5, "usearch": 1.0, "gensim": 1.0}
    compare(wink, {"float32": goals, "int8": goals})
    for title, wide in (("words' spectrum", spectrum_rows), ("pure Gaussian", gaussian_rows)):
        print(f"\n1,000,000 × 300, {title}")
        million = wide(1_000_000, 300)
        goals = {"faiss": 1 / 1.8, "read the rows": 1.0}
        compare({**ours(million), **peers(million)}, {"float32": {}, "int8": goals})


def compare(searches: dict[str, Search], goals: dict[str, dict[str, float]]) -> None:
    """On all cores and on one: medians in milliseconds, and their ratios to the faster of each peer's."""
    for cores in sorted({len(os.sched_getaffinity(0)), 1}, reverse=True):
        with on_cores(cores):
            found = timed({name: each for name, each in searches.items() if cores > 1 or "2 t" not in name})
        for name, milliseconds in found.items():
            line(f"{cores} cores, {name}", milliseconds, "ms")
        for kind, own_goals in goals.items():
            for peer in ("faiss", "read the rows", "usearch", "gensim"):
                theirs = [figure for name, figure in found.items() if name.startswith(peer)]
                if theirs:
                    ratio = found[f"tui-embed {kind}"] / min(theirs)
                    line(f"  {kind} over {peer}", ratio, "×", own_goals.get(peer))


def timed(searches: dict[str, Search]) -> dict[str, float]:
    """The median of each in milliseconds, asked in turn."""
    taken: dict[str, list[float]] = {name: [] for name in searches}
    for token_id in np.random.default_rng(1).integers(0, 300_000, ROUNDS).tolist():
        for name, search in searches.items():
            time.sleep(SETTLE_SECONDS)
            started = time.perf_counter()
            search(token_id)
            taken[name].append(time.perf_counter() - started)
    return {name: median(seconds) * 1000 for name, seconds in taken.items()}


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """This thread, and those that it starts, on so many cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def ours(rows: Floats) -> dict[str, Search]:
    """Searches in float32 and by codes, whose answers are checked to be the same."""
    plain, coded = small_space(rows, [""] * len(rows)), small_space(rows, [""] * len(rows))
    neighbors_of_token(plain, 0, K)
    coded.matrix.norms()
    started = time.perf_counter()
    coded.matrix.quantize()
    line("building the codes", time.perf_counter() - started, "s")
    report_proofs(plain, coded)
    return {
        "read the rows": lambda _token_id: np.maximum.reduce(rows.reshape(-1)),
        "tui-embed float32": lambda token_id: neighbors_of_token(plain, token_id, K),
        "tui-embed int8": lambda token_id: neighbors_of_token(coded, token_id, K),
    }


def report_proofs(plain: EmbeddingSpace, coded: EmbeddingSpace) -> None:
    """How many rows the codes leave over, and that the answers are those of float32."""
    left: list[int | None] = []
    search = QuantizedRows.candidates

    def watch(self: QuantizedRows, *args: Any, **options: Any) -> Any:
        found = search(self, *args, **options)
        left.append(None if found is None else len(found))
        return found

    QuantizedRows.candidates = watch  # type: ignore[method-assign]
    ids = np.random.default_rng(2).integers(0, len(plain), 50).tolist()
    same = sum(neighbors_of_token(plain, i, K) == neighbors_of_token(coded, i, K) for i in ids)
    QuantizedRows.candidates = search  # type: ignore[method-assign]
    proved = [count for count in left if count is not None]
    print(f"int8: {same} of {len(ids)} answers as in float32, {len(proved)} proved by the codes,")
    print(f"      which leave {median(proved):g} rows to score, {max(proved)} at most")


def peers(rows: Floats) -> dict[str, Search]:
    """faiss and usearch on unit rows."""
    import faiss
    from usearch.index import MetricKind
    from usearch.index import search as usearch

    units = rows / np.linalg.norm(rows, axis=1)[:, None]
    index = faiss.IndexFlatIP(units.shape[1])
    index.add(units)

    def by_faiss(threads: int) -> Search:
        def search(token_id: int) -> object:
            faiss.omp_set_num_threads(threads)
            return index.search(units[token_id : token_id + 1], K + 1)

        return search

    return {
        "faiss IndexFlatIP, 1 thread": by_faiss(1),
        "faiss IndexFlatIP, 2 threads": by_faiss(2),
        "usearch exact": lambda token_id: usearch(
            units, units[token_id], K + 1, metric=MetricKind.IP, exact=True
        ),
    }


def gensim_search(names: list[str], rows: Floats) -> Search:
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(rows.shape[1])
    vectors.add_vectors(names, rows)
    vectors.fill_norms()
    return lambda token_id: vectors.most_similar(positive=[names[token_id]], topn=K)


def gaussian_rows(n: int, width: int) -> Floats:
    """Rows without any structure, the worst case: all of them are about as far from one another."""
    return np.random.default_rng(3).standard_normal((n, width), dtype=np.float32)


def spectrum_rows(n: int, width: int) -> Floats:
    """Rows whose directions vary as those of words do: a few much, most of them little; rotated, so that no
    dimension is special, and as long as words are.
    """
    rng = np.random.default_rng(4)
    rows = gaussian_rows(n, width)
    turn = np.linalg.qr(rng.standard_normal((width, width)))[0] * np.arange(1, width + 1)[:, None] ** -0.5
    for start in range(0, n, 10_000):
        part = rows[start : start + 10_000]
        part[...] = part @ turn.astype(np.float32)
        part *= rng.lognormal(sigma=0.4, size=(len(part), 1)).astype(np.float32)
    return rows


if __name__ == "__main__":
    main()
