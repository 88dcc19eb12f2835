"""GloVe: its gradients, and that it learns, repeats, goes on and leaves frozen rows alone."""

from dataclasses import replace

import numpy as np
import pytest
from trainers import differences, planted_corpus, run

from tui_embed.engine.training.cooccurrence import count_cooccurrences
from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.glove import (
    BIAS,
    OUTPUT_BIAS,
    GloveTrainer,
    Pairs,
    glove_gradients,
    glove_residuals,
)
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import start_of
from tui_embed.engine.training.trainer import OUTPUT, TOKENS
from tui_embed.errors import UsageError

SETTINGS = TrainingSettings(objective="glove", d_model=8, window=3, epochs=30, x_max=10.0)


def test_gradients_are_finite_differences() -> None:
    rng = np.random.default_rng(1)
    parameters = {
        TOKENS: rng.standard_normal((6, 3)),
        OUTPUT: rng.standard_normal((6, 3)),
        BIAS: rng.standard_normal(6),
        OUTPUT_BIAS: rng.standard_normal(6),
    }
    # tokens come several times, as rows, as columns and as both
    rows, columns = rng.integers(0, 5, 25), rng.integers(0, 5, 25)
    pairs = Pairs(rows, columns, rng.standard_normal(25), rng.random(25))

    def loss() -> float:
        return float((pairs.weights * glove_residuals(parameters, pairs) ** 2).sum()) / 2

    found = glove_gradients(parameters, pairs, glove_residuals(parameters, pairs))
    for name, parameter in parameters.items():
        ids, gradient = found[name]
        whole = np.zeros_like(parameter)
        whole[ids] = gradient
        np.testing.assert_allclose(whole, differences(loss, parameter), atol=1e-7)


def test_a_pair_weighs_as_the_paper_says() -> None:
    trainer = trainer_of()
    x = np.array([0.1, 1.0, 9.9, 10.0, 400.0], dtype=np.float32)
    expected = [min(1.0, (value / 10) ** 0.75) for value in x]
    np.testing.assert_allclose(trainer._weights(np.log(x)), expected, rtol=1e-5)


def trainer_of(**changes: object) -> GloveTrainer:
    trainer = make_trainer(planted_corpus(), replace(SETTINGS, **changes))
    assert isinstance(trainer, GloveTrainer)
    return trainer


def test_it_comes_to_the_logarithms_of_the_counts() -> None:
    trainer = trainer_of(d_model=30, epochs=300, heldout=0.0, schedule="constant")
    run(trainer)
    found = count_cooccurrences(trainer.corpus, trainer.settings.window)
    parameters = trainer.parameters
    predicted = parameters[TOKENS] @ parameters[OUTPUT].T
    predicted += parameters[BIAS][:, None] + parameters[OUTPUT_BIAS]
    errors = predicted[found.rows, found.columns] - np.log(found.counts)
    assert np.sqrt(np.mean(errors**2)) < 0.05


def test_every_epoch_takes_every_pair_once_in_another_order() -> None:
    trainer = trainer_of()
    n_pairs, steps = len(trainer._rows), trainer.n_steps // trainer.settings.epochs
    epochs = [[trainer._batch(epoch, number) for number in range(steps)] for epoch in (0, 1)]
    for taken in epochs:
        assert sorted(np.concatenate(taken).tolist()) == list(range(n_pairs))
    assert not np.array_equal(epochs[0][0], epochs[1][0])


def test_rows_are_the_sum_of_word_and_context_rows_unless_some_are_frozen() -> None:
    trainer = trainer_of()
    run(trainer, 5)
    expected = trainer.parameters[TOKENS] + trainer.parameters[OUTPUT]
    np.testing.assert_array_equal(trainer.rows(), expected)
    frozen = trainer_of(freeze="tokens", frozen_tokens=("a1",))
    run(frozen, 5)
    np.testing.assert_array_equal(frozen.rows(), frozen.parameters[TOKENS])
    assert not np.shares_memory(frozen.rows(), frozen.parameters[TOKENS])


def test_held_out_counts_are_scaled_to_the_training_corpus() -> None:
    """Rows that predict the training counts of twice the text predict a half of it as well."""
    corpus = planted_corpus(50)
    start = start_of(corpus, SETTINGS)
    whole = GloveTrainer(corpus, corpus, SETTINGS, start)
    twice = corpus_of(
        [[corpus.vocabulary[int(i)] for i in corpus.sentence(n)] for n in range(50)] * 2, "twice"
    )
    scaled = GloveTrainer(twice, corpus, SETTINGS, start)
    assert whole._heldout_pairs is not None
    assert scaled._heldout_pairs is not None
    gained = scaled._heldout_pairs.log_counts - whole._heldout_pairs.log_counts
    np.testing.assert_allclose(gained, np.log(2), rtol=1e-5)


def test_a_corpus_without_neighbours_is_refused() -> None:
    corpus = corpus_of([["a"], ["b"]])
    with pytest.raises(UsageError, match="none stand together"):
        GloveTrainer(corpus, None, SETTINGS, start_of(corpus, SETTINGS))


def test_sentences_of_one_token_held_out_have_no_loss() -> None:
    corpus, single = corpus_of([["a", "b"]]), corpus_of([["a"], ["b"]])
    assert GloveTrainer(corpus, single, SETTINGS, start_of(corpus, SETTINGS)).heldout_loss() is None
