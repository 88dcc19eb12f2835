"""Steps of the language model: ``python -m tests.benchmarks.training_lm`` in the repository.

Beside them, in turn, the full softmax alone with its gradients, on as many rows: three matrix products, which
no step can do without.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import get_args

import numpy as np

from tests.benchmarks.figures import line
from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.language_model import LanguageModelTrainer
from tui_embed.engine.training.layers import softmax_loss
from tui_embed.engine.training.settings import Body, TrainingSettings
from tui_embed.engine.training.start import start_of

SETTINGS = TrainingSettings(
    objective="lm", d_model=64, batch=256, epochs=1000, min_count=1, heldout=0, start="normal"
)
GOALS = {2000: 1000 / 358, 8000: 1000 / 95}
"""Milliseconds of a step of the full softmax with tied rows, as they were once measured in NumPy."""

ROUNDS, STEPS = 15, 10


def main() -> None:
    for n_vocab, goal in GOALS.items():
        corpus = zipf_corpus(n_vocab)
        steps = {"softmax alone": softmax_step(n_vocab)}
        for body in get_args(Body):
            for tied in (True, False):
                name = f"{body}, {'tied' if tied else 'separate'}"
                steps[name] = trainer_step(corpus, replace(SETTINGS, body=body, tied=tied))
        for name, milliseconds in timed(steps).items():
            line(f"{n_vocab:,} tokens, {name}", milliseconds, "ms", goal if "alone" in name else None)
            line("", 1000 / milliseconds, "step/s")


def timed(steps: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The median of each in milliseconds, made in turn."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            started = time.perf_counter()
            for _ in range(STEPS):
                step()
            taken[name].append((time.perf_counter() - started) / STEPS)
    return {name: median(seconds) * 1000 for name, seconds in taken.items()}


def zipf_corpus(n_vocab: int) -> Corpus:
    """Sentences of 20 tokens, frequent as words are; every token is there."""
    shares = 1 / np.arange(1, n_vocab + 1)
    drawn = np.random.default_rng(1).choice(n_vocab, 100_000, p=shares / shares.sum())
    drawn[:n_vocab] = np.arange(n_vocab)
    return corpus_of([[str(token_id) for token_id in part] for part in np.split(drawn, 5000)])


def trainer_step(corpus: Corpus, settings: TrainingSettings) -> Callable[[], object]:
    trainer = LanguageModelTrainer(corpus, None, settings, start_of(corpus, settings))
    trainer.advance(settings.first_rate, measure=False)
    return lambda: trainer.advance(settings.first_rate, measure=False)


def softmax_step(n_vocab: int) -> Callable[[], object]:
    """The loss of a batch and its gradients."""
    generator = np.random.default_rng(2)
    hidden, rows = (
        generator.standard_normal((count, SETTINGS.d_model), dtype=np.float32)
        for count in (SETTINGS.batch, n_vocab)
    )
    targets = generator.integers(0, n_vocab, SETTINGS.batch)

    def step() -> object:
        _losses, back = softmax_loss(hidden, rows, targets)
        return back()

    return step


if __name__ == "__main__":
    main()
