"""Skip-gram and CBOW beside gensim: ``python -m tests.benchmarks.training [--words N] [--seeds N]``, with the
extra ``bench``.

Both train on the same sentences, by the same settings, on one thread, in turn: once for each seed. What is
timed is the training alone, not the counting of words before it; words are those of the text, also where they
are left out by chance. Quality is Spearman's ρ on the pairs of WordSim353 whose words the text has.
"""

import argparse
import time
from collections.abc import Sequence
from statistics import mean, median, stdev

from tests.benchmarks.figures import line, ratio
from tests.benchmarks.text import benchmark_text
from tests.benchmarks.training_others import part_of
from tests.data import package_file
from tests.strategies import small_space
from tui_embed.engine.blas import blas_threads
from tui_embed.engine.evaluation import PairResult, evaluate_pairs
from tui_embed.engine.rows import Floats
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.settings import LAST_RATE, Objective, TrainingSettings
from tui_embed.sources.corpora.opening import open_corpus
from tui_embed.sources.questions import read_pairs

MOST_TIME: dict[Objective, float] = {"skipgram": 0.5, "cbow": 1.0}
"""Goals: our time over gensim's."""

MOST_WORSE = 0.02
"""Goal: by how much our ρ is below gensim's at most, as a mean over the seeds."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=3_000_000, help="words of the text to train on")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each kind")
    asked = parser.parse_args()
    whole = open_corpus(str(benchmark_text()), min_count=5)
    corpus = part_of(whole, asked.words, whole.n_vocab)
    print(f"{corpus.n_tokens:,} words, {corpus.n_vocab:,} different")
    for objective in MOST_TIME:
        compare(corpus, objective, range(1, asked.seeds + 1))


def compare(corpus: Corpus, objective: Objective, seeds: Sequence[int]) -> None:
    seconds: tuple[list[float], list[float]] = ([], [])
    found: tuple[list[PairResult], list[PairResult]] = ([], [])
    for seed in seeds:
        settings = TrainingSettings(
            objective=objective, epochs=2, learning_rate=0.025, heldout=0.0, min_count=5, seed=seed
        )
        for engine, train in enumerate((trained_by_us, trained_by_gensim)):
            taken, rows = train(corpus, settings)
            seconds[engine].append(taken)
            found[engine].append(judged(rows, corpus))
    ratio(f"{objective}, over gensim on one worker", *seconds, MOST_TIME[objective])
    for name, own_seconds, own_found in zip(("tui-embed", "gensim"), seconds, found, strict=True):
        line(f"{objective}, {name}", 2 * corpus.n_tokens / median(own_seconds) / 1000, "k words/s")
        scores = [each.spearman for each in own_found]
        listed = ", ".join(f"{score:.4f}" for score in scores)
        print(f"  WordSim353, {own_found[0].covered} pairs: {listed}")
        if len(scores) > 1:
            print(f"  mean {mean(scores):.4f}, deviation {stdev(scores):.4f}")
    ours, theirs = (mean(each.spearman for each in own) for own in found)
    line(f"{objective}, mean ρ of gensim − ours", theirs - ours, "", MOST_WORSE)


def trained_by_us(corpus: Corpus, settings: TrainingSettings) -> tuple[float, Floats]:
    """The seconds of a training, and its rows."""
    trainer = make_trainer(corpus, settings)
    with blas_threads(1):
        started = time.perf_counter()
        while trainer.step < trainer.n_steps:
            trainer.advance(settings.rate_at(trainer.step / trainer.n_steps), measure=False)
        return time.perf_counter() - started, trainer.rows()


def trained_by_gensim(corpus: Corpus, settings: TrainingSettings) -> tuple[float, Floats]:
    """The same by gensim; its rows in the order of ``corpus.vocabulary``."""
    from gensim.models import Word2Vec

    texts = corpus.vocabulary.texts
    sentences = [[texts[token] for token in corpus.sentence(i).tolist()] for i in range(corpus.n_sentences)]
    model = Word2Vec(
        vector_size=settings.d_model,
        window=settings.window,
        negative=settings.negatives,
        sg=int(settings.objective == "skipgram"),
        sample=settings.subsample,
        min_count=settings.min_count,
        alpha=settings.first_rate,
        min_alpha=LAST_RATE,
        seed=settings.seed,
        workers=1,
    )
    model.build_vocab(sentences)
    with blas_threads(1):
        started = time.perf_counter()
        model.train(sentences, total_examples=len(sentences), epochs=settings.epochs)
        taken = time.perf_counter() - started
    return taken, model.wv.vectors[[model.wv.key_to_index[text] for text in texts]]


def judged(rows: Floats, corpus: Corpus) -> PairResult:
    space = small_space(rows, list(corpus.vocabulary.texts))
    return evaluate_pairs(space, read_pairs(package_file("wordsim353.tsv")))


if __name__ == "__main__":
    main()
