"""The full softmax: its gradients, what it predicts from what, and how large it gets."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import log_softmax
from trainers import differences, planted_corpus, run

from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.damping import damped_rates
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.softmax import SoftmaxTrainer
from tui_embed.engine.training.softmax_examples import (
    Examples,
    cbow_examples,
    skipgram_examples,
    softmax_cross_entropy,
    softmax_gradients,
)
from tui_embed.engine.training.start import start_of
from tui_embed.engine.training.trainer import OUTPUT, TOKENS
from tui_embed.errors import UsageError

SETTINGS = TrainingSettings(d_model=6, window=3, negatives=0, min_count=1, heldout=0.1, subsample=0)
BOTH = pytest.mark.parametrize("objective", ["skipgram", "cbow"])

PLACES = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
CENTRES = np.array([4, 4, 4, 1, 1, 4, 4, 4, 4])
CONTEXTS = np.array([1, 1, 0, 3, 4, 2, 0, 1, 1])
"""Three windows over six tokens, of which one is nowhere: tokens come back in a window and in another."""


def examples_of(objective: str) -> Examples:
    if objective == "cbow":
        return cbow_examples(PLACES, CENTRES, CONTEXTS)
    return skipgram_examples(CENTRES, CONTEXTS)


def loss_by_hand(objective: str, tokens: NDArray[np.float64], output: NDArray[np.float64]) -> float:
    """The cross-entropy, one prediction after another."""
    if objective == "skipgram":
        pairs = [(tokens[centre], context) for centre, context in zip(CENTRES, CONTEXTS, strict=True)]
    else:
        pairs = [
            (tokens[CONTEXTS[place == PLACES]].mean(axis=0), CENTRES[place == PLACES][0])
            for place in range(3)
        ]
    return -sum(float(log_softmax(output @ hidden)[target]) for hidden, target in pairs)


@BOTH
def test_the_loss_is_the_cross_entropy_of_every_prediction(objective: str) -> None:
    tokens, output = np.random.default_rng(2).standard_normal((2, 6, 4))
    examples = examples_of(objective)
    expected = loss_by_hand(objective, tokens, output)
    assert examples.n_predictions == (9 if objective == "skipgram" else 3)
    assert softmax_cross_entropy(examples, tokens, output) == pytest.approx(expected, rel=1e-6)
    assert softmax_gradients(examples, tokens, output).loss == pytest.approx(expected, rel=1e-6)


@BOTH
def test_gradients_are_finite_differences(objective: str) -> None:
    tokens, output = np.random.default_rng(3).standard_normal((2, 6, 4))
    examples = examples_of(objective)
    found = softmax_gradients(examples, tokens, output)

    def loss() -> float:
        return softmax_cross_entropy(examples, tokens, output)

    on_tokens = np.zeros_like(tokens)
    on_tokens[found.ids] = found.on_tokens
    np.testing.assert_allclose(on_tokens, differences(loss, tokens), atol=1e-6)
    np.testing.assert_allclose(found.on_output, differences(loss, output), atol=1e-6)


@BOTH
@pytest.mark.parametrize("rate", [0.5, 1e6])
def test_a_step_of_one_side_changes_scores_by_a_little(objective: str, rate: float) -> None:
    """Rows of one length: then the bound of 2 that the damping is made for is exact."""
    tokens, output = 3 * np.ones((2, 6, 4)) * np.random.default_rng(4).choice([-1, 1], (2, 6, 4))
    examples = skipgram_examples(CENTRES, CONTEXTS)
    if objective == "cbow":
        alone = np.arange(len(CENTRES))
        examples = cbow_examples(alone, CENTRES, CONTEXTS)
    found = softmax_gradients(examples, tokens, output)
    moved = tokens.copy()
    moved[found.ids] -= found.on_tokens * damped_rates(rate, found.token_curvatures)
    others = output - found.on_output * damped_rates(rate, found.output_curvatures)
    for changed in ((moved - tokens) @ output.T, tokens[found.ids] @ (others - output).T):
        assert 0.5 < np.abs(changed).max() <= 2 + 1e-9


@BOTH
def test_a_text_that_says_one_thing_over_and_over_does_not_diverge(objective: str) -> None:
    rng = np.random.default_rng(3)
    lines = [["br", "dd", "dt", "br", "dd", "dt", f"word{i}"] for i in rng.integers(0, 500, 4000)]
    corpus = corpus_of(lines)
    settings = replace(SETTINGS, objective=objective, d_model=32, window=5, epochs=1)
    trainer = SoftmaxTrainer(corpus, None, settings, start_of(corpus, settings))
    losses = [report.loss for report in run(trainer, rate=0.5) if report.loss is not None]
    assert max(losses) < np.log(corpus.n_vocab) + 2
    assert np.mean(losses[-20:]) < 3


def test_high_scores_do_not_overflow() -> None:
    tokens, output = np.full((6, 4), 100, dtype=np.float32), np.ones((6, 4), dtype=np.float32)
    output[0] = -1
    found = softmax_gradients(examples_of("skipgram"), tokens, output)
    assert np.isfinite(found.loss)
    assert np.isfinite(found.on_output).all()


def test_every_output_row_moves_in_a_step() -> None:
    corpus = planted_corpus()
    trainer = SoftmaxTrainer(corpus, None, SETTINGS, start_of(corpus, SETTINGS))
    before = trainer.parameters[OUTPUT].copy()
    trainer.advance(0.1, measure=False)
    assert (before != trainer.parameters[OUTPUT]).any(axis=1).all()
    assert not np.shares_memory(trainer.parameters[OUTPUT], trainer.parameters[TOKENS])


@BOTH
def test_a_text_without_neighbours_has_nothing_to_predict(objective: str) -> None:
    corpus = corpus_of([["a"], ["b"], ["a"]])
    settings = replace(SETTINGS, objective=objective)
    trainer = SoftmaxTrainer(corpus, corpus, settings, start_of(corpus, settings))
    before = trainer.parameters[TOKENS].copy()
    report = trainer.advance(0.1, measure=True)
    assert (report.words, report.touched, report.loss) == (3, 0, None)
    assert trainer.heldout_loss() is None
    assert before.tobytes() == trainer.parameters[TOKENS].tobytes()


def test_a_vocabulary_that_is_too_large_is_refused_with_what_to_do() -> None:
    corpus = corpus_of([[str(i) for i in range(50_001)]])
    with pytest.raises(UsageError, match="50,001 tokens is too slow") as error:
        SoftmaxTrainer(corpus, None, SETTINGS, start_of(corpus, replace(SETTINGS, d_model=1)))
    assert "--negatives" in str(error.value.hint)
