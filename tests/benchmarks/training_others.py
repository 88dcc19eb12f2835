"""GloVe, the full softmax and skip-gram with n-grams: ``python -m tests.benchmarks.training_others`` in the
repository, with the extra ``bench``.

gensim trains FastText on the same words, in turn with ours.
"""

import time

import numpy as np

from tests.benchmarks.figures import line, ratio
from tests.benchmarks.text import benchmark_text
from tui_embed.engine.training.cooccurrence import count_cooccurrences
from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.trainer import Trainer
from tui_embed.sources.corpora.opening import open_corpus

SECONDS = 5.0
WORDS, FASTTEXT_WORDS = 3_000_000, 300_000
"""What is trained on; FastText is measured on fewer, to be done soon."""
ROUNDS = 3


def main() -> None:
    whole = open_corpus(str(benchmark_text()), min_count=5)
    corpus = part_of(whole, WORDS, whole.n_vocab)
    print(f"{corpus.n_tokens:,} words, {corpus.n_vocab:,} different")
    glove(corpus)
    softmax(corpus)
    fasttext(corpus)


def glove(corpus: Corpus) -> None:
    started = time.perf_counter()
    n_pairs = len(count_cooccurrences(corpus, 5))
    line(f"counting {n_pairs:,} co-occurrences", time.perf_counter() - started, "s")
    trainer = make_trainer(corpus, TrainingSettings(objective="glove", heldout=0.0, epochs=100))
    words, seconds = trained_for(trainer)
    millions = words / corpus.n_tokens * n_pairs / seconds / 1e6
    line("GloVe, 100 dimensions", millions, "M pairs a second")


def softmax(corpus: Corpus) -> None:
    for n_vocab in (2000, 8000):
        frequent = part_of(corpus, corpus.n_tokens, n_vocab)
        for objective in ("skipgram", "cbow"):
            settings = TrainingSettings(objective=objective, negatives=0, d_model=64, heldout=0.0)
            words, seconds = trained_for(make_trainer(frequent, settings))
            line(f"{objective}, softmax over {n_vocab:,}, 64 dimensions", words / seconds / 1000, "k words/s")


def fasttext(corpus: Corpus) -> None:
    """Goal: no slower than gensim on one worker."""
    from gensim.models import FastText

    part = part_of(corpus, FASTTEXT_WORDS, corpus.n_vocab)
    texts = part.vocabulary.texts
    sentences = [[texts[token] for token in part.sentence(i).tolist()] for i in range(part.n_sentences)]
    settings = TrainingSettings(ngrams=(3, 6), epochs=1, heldout=0.0)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        words, seconds = trained_for(make_trainer(part, settings))
        ours.append(seconds / words * 1e6)
        model = FastText(vector_size=100, window=5, negative=5, sg=1, bucket=200_000, workers=1, min_count=1)
        model.build_vocab(sentences)
        started = time.perf_counter()
        model.train(sentences, total_examples=len(sentences), epochs=1)
        theirs.append((time.perf_counter() - started) / part.n_tokens * 1e6)
    ratio("skip-gram with n-grams, a million words, over gensim's FastText", ours, theirs, 1.0)
    line("", 1000 / float(np.median(ours)), "k words/s")


def trained_for(trainer: Trainer, seconds: float = SECONDS) -> tuple[int, float]:
    """The words gone through, and the time that took, in about so many seconds."""
    rate = trainer.settings.first_rate
    trainer.advance(rate, measure=False)
    words, started = 0, time.perf_counter()
    while trainer.step < trainer.n_steps and time.perf_counter() - started < seconds:
        words += trainer.advance(rate, measure=False).words
    return words, time.perf_counter() - started


def part_of(corpus: Corpus, n_words: int, n_vocab: int) -> Corpus:
    """About the first ``n_words``, of them the ``n_vocab`` most frequent, as a corpus of its own."""
    texts = corpus.vocabulary.texts
    n_sentences = min(corpus.n_sentences, int(np.searchsorted(corpus.offsets, n_words)))
    sentences = (corpus.sentence(number) for number in range(n_sentences))
    frequent = (sentence[sentence < n_vocab].tolist() for sentence in sentences)
    return corpus_of(([texts[token] for token in sentence] for sentence in frequent), "part", min_count=5)


if __name__ == "__main__":
    main()
