"""What tests of trainers share: a corpus with something to learn, whole trainings, numeric gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.trainer import StepReport, Trainer

N_TOPICS, WORDS_A_TOPIC = 3, 10


def planted_corpus(n_sentences: int = 400, seed: int = 5) -> Corpus:
    """30 words in three topics; a sentence draws its words from one of them, so that only those of a topic
    stand together.
    """
    rng = np.random.default_rng(seed)
    words = rng.integers(0, WORDS_A_TOPIC, (n_sentences, 8))
    topics = rng.integers(0, N_TOPICS, n_sentences)
    sentences = [
        [f"{'abc'[topic]}{word}" for word in sentence]
        for topic, sentence in zip(topics.tolist(), words.tolist(), strict=True)
    ]
    return corpus_of(sentences, "planted")


def trained(settings: TrainingSettings, corpus: Corpus | None = None) -> tuple[Trainer, list[StepReport]]:
    """A trainer at its end, and what each step reported."""
    trainer = make_trainer(corpus or planted_corpus(), settings)
    return trainer, run(trainer)


def run(trainer: Trainer, n_steps: int | None = None, rate: float | None = None) -> list[StepReport]:
    """Make ``n_steps``, or all that are left, at ``rate`` or by the schedule."""
    last = trainer.n_steps if n_steps is None else trainer.step + n_steps
    reports = []
    while trainer.step < last:
        scheduled = trainer.settings.rate_at(trainer.step / trainer.n_steps)
        reports.append(trainer.advance(scheduled if rate is None else rate, measure=True))
    return reports


def nearest_shares(trainer: Trainer) -> float:
    """The share of words whose nearest neighbour by cosine is of their topic, 0 … 1; chance is about 0.3."""
    rows = trainer.rows()
    rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    scores = rows @ rows.T
    np.fill_diagonal(scores, -2)
    topics = np.array([token[0] for token in trainer.corpus.vocabulary.texts])
    return float(np.mean(topics[scores.argmax(axis=1)] == topics))


def copied(arrays: Any) -> dict[str, NDArray[Any]]:
    return {name: array.copy() for name, array in arrays.items()}


def same_bits(one: Any, other: Any) -> bool:
    """Whether arrays by name are equal bit for bit."""
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


def differences(loss: Callable[[], float], parameter: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gradient of ``loss()`` on ``parameter``, which it reads, by central differences."""
    gradient = np.zeros_like(parameter)
    for place in np.ndindex(parameter.shape):
        value = parameter[place]
        parameter[place] = value + 1e-5
        above = loss()
        parameter[place] = value - 1e-5
        gradient[place] = (above - loss()) / 2e-5
        parameter[place] = value
    return gradient
