"""All analogies beside gensim: ``python -m tests.benchmarks.analogies [--full]``, with the extra ``bench``.

gensim takes minutes for the whole vocabulary, so without ``--full`` it is asked about the first 30,000 words.
"""

import argparse
import time
from collections.abc import Sequence
from statistics import median

from tests.benchmarks.figures import line
from tests.benchmarks.wink import glove_text
from tests.data import package_file
from tui_embed.engine.evaluation import AnalogySection, evaluate_analogies
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.open import open_file
from tui_embed.sources.questions import read_analogies

FIRST = 30_000
REFERENCE = {FIRST: (10_032, 15_276), 341_479: (12_372, 19_544)}
"""Correct and covered, as gensim counts them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="ask gensim about all words too")
    full = parser.parse_args().full
    questions = package_file("questions-words.txt")
    sections = read_analogies(questions)
    space = open_file(glove_text(), cache=False)
    vectors = gensim_vectors(space)
    for restrict in REFERENCE:
        if restrict != FIRST and not full:
            ours(space, sections, restrict, runs=3)
            continue
        before = ours(space, sections, restrict, runs=2)
        started = time.perf_counter()
        _, found = vectors.evaluate_word_analogies(str(questions), restrict_vocab=restrict)
        theirs = time.perf_counter() - started
        after = ours(space, sections, restrict, runs=2)
        correct, wrong = len(found[-1]["correct"]), len(found[-1]["incorrect"])
        print(f"gensim: {correct} of {correct + wrong} correct")
        line(f"gensim, first {restrict:,} words", theirs, "s")
        line("  tui-embed over gensim", median([*before, *after]) / theirs, "×", 0.1)


def ours(space: EmbeddingSpace, sections: Sequence[AnalogySection], restrict: int, runs: int) -> list[float]:
    """Seconds of each run. AssertionError for other counts than the reference."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        found = evaluate_analogies(space, sections, restrict).together
        taken.append(time.perf_counter() - started)
        assert (found.correct, found.covered) == REFERENCE[restrict], found
    print(f"tui-embed: {found.correct} of {found.covered} correct")
    line(f"tui-embed, first {restrict:,} words, median of {runs}", median(taken), "s")
    return taken


def gensim_vectors(space: EmbeddingSpace):
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(space.d_model)
    vectors.add_vectors(list(space.tokens), space.vectors)
    return vectors


if __name__ == "__main__":
    main()
