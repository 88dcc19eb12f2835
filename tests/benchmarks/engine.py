"""What the engine's answers cost: ``python -m tests.benchmarks.engine`` in the repository."""

import time
from collections.abc import Callable
from statistics import median

from tests.benchmarks.figures import line
from tests.data import package_file
from tui_embed.engine.evaluation import evaluate_analogies
from tui_embed.engine.neighbors import METRICS, neighbors_of_token
from tui_embed.sources.catalog import open_space
from tui_embed.sources.questions import read_analogies
from tui_embed.tokenizers.catalog import encoding_names, tokenizer

TEXT_BYTES = 1_000_000
QUERIES = 300


def main() -> None:
    space = open_space("glove")
    for metric in METRICS:
        neighbors_of_token(space, 0, 10, metric)
        times = [
            seconds(lambda token=token, metric=metric: neighbors_of_token(space, token, 10, metric))
            for token in range(0, QUERIES * 300, 300)
        ]
        goal = 3 if metric == "cosine" else None
        line(f"neighbours of a token, {len(space):,} words, {metric}", median(times) * 1000, "ms", goal)
    sections = read_analogies(package_file("questions-words.txt"))
    for restrict in (30_000, None):
        which = "all words" if restrict is None else f"the first {restrict:,} words"
        line(
            f"all analogies, {which}", seconds(lambda r=restrict: evaluate_analogies(space, sections, r)), "s"
        )
    text = sample()
    for name in encoding_names():
        encoding = tokenizer(name)
        encoding.encode("warm")
        line(f"tokens of {TEXT_BYTES / 1e6:g} MB, {name}", seconds(lambda e=encoding: e.encode(text)), "s")


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def sample() -> str:
    """Real words of the vocabulary in lines of ten: ASCII but for a few, deterministic."""
    tokens = open_space("glove").vocabulary
    words = [tokens[number * 7919 % 100_000] for number in range(200_000)]
    lines = (" ".join(words[at : at + 10]) for at in range(0, len(words), 10))
    return "\n".join(lines)[:TEXT_BYTES]


if __name__ == "__main__":
    main()
