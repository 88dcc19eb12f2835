"""Skip-gram and CBOW at the edges of what settings and texts may be, and on texts that repeat themselves."""

from dataclasses import replace

import numpy as np
import pytest
from trainers import nearest_shares, planted_corpus, run

from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.settings import Objective, TrainingSettings
from tui_embed.engine.training.trainer import OUTPUT, TOKENS

BASE = TrainingSettings(d_model=8, window=5, min_count=1, epochs=1, heldout=0, subsample=0)
OBJECTIVES = pytest.mark.parametrize("objective", ["skipgram", "cbow"])


def trained(corpus: Corpus, settings: TrainingSettings):
    """The trainer at its end, with finite rows, and its losses."""
    trainer = make_trainer(corpus, settings)
    losses = [report.loss for report in run(trainer) if report.loss is not None]
    assert all(np.isfinite(array).all() for array in trainer.state().values())
    return trainer, losses


@OBJECTIVES
@pytest.mark.parametrize("window", [1, 2, 15, 16, 17, 20, 100])
@pytest.mark.parametrize("d_model", [1, 7, 300])
def test_any_window_and_width(objective: Objective, window: int, d_model: int) -> None:
    settings = replace(BASE, objective=objective, window=window, d_model=d_model)
    _, losses = trained(planted_corpus(60), settings)
    assert losses


@OBJECTIVES
def test_a_vocabulary_of_two_words(objective: Objective) -> None:
    corpus = corpus_of([["tick", "tock"] * 4] * 500, "clock")
    trainer, losses = trained(corpus, replace(BASE, objective=objective, epochs=3))
    assert len(losses) > 100
    assert trainer.parameters[TOKENS].shape == (2, 8)


@OBJECTIVES
def test_a_text_of_one_word_over_and_over(objective: Objective) -> None:
    _, losses = trained(corpus_of([["the"] * 50] * 100, "the"), replace(BASE, objective=objective))
    assert losses


@OBJECTIVES
def test_sentences_of_one_word_predict_nothing(objective: Objective) -> None:
    corpus = corpus_of([[word] for word in "abcdefgh" * 20], "alone")
    trainer = make_trainer(corpus, replace(BASE, objective=objective))
    before = trainer.parameters[TOKENS].copy()
    reports = run(trainer)
    assert sum(report.words for report in reports) == corpus.n_tokens
    assert {report.touched for report in reports} == {0}
    assert before.tobytes() == trainer.parameters[TOKENS].tobytes()
    assert not trainer.parameters[OUTPUT].any()


@OBJECTIVES
def test_subsampling_may_leave_nothing(objective: Objective) -> None:
    corpus = corpus_of([["a", "b", "c"]] * 30, "frequent")
    trainer = make_trainer(corpus, replace(BASE, objective=objective, subsample=1e-12))
    reports = run(trainer)
    assert sum(report.words for report in reports) == corpus.n_tokens
    assert trainer.step == trainer.n_steps


@OBJECTIVES
def test_a_small_vocabulary_is_learned_and_does_not_diverge(objective: Objective) -> None:
    settings = replace(BASE, objective=objective, epochs=5, d_model=100, heldout=0.05)
    trainer = make_trainer(planted_corpus(2000), settings)
    before = trainer.heldout_loss()
    losses = [report.loss for report in run(trainer) if report.loss is not None]
    after = trainer.heldout_loss()
    assert np.isfinite(losses).all()
    assert np.mean(losses[-50:]) < 0.95 * np.mean(losses[:50])
    assert before is not None
    assert after is not None
    assert after < 0.95 * before
    assert nearest_shares(trainer) > 0.95
    lengths = np.linalg.norm(trainer.rows(), axis=1)
    assert lengths.max() < 20


@OBJECTIVES
@pytest.mark.parametrize("negatives", [1, 5, 20])
def test_the_loss_begins_as_that_of_a_coin(objective: Objective, negatives: int) -> None:
    """Output rows of zeros give ½ to everything: log 2 for the word that is there and for each noise word."""
    settings = replace(BASE, objective=objective, negatives=negatives, heldout=0.1)
    trainer = make_trainer(planted_corpus(), settings)
    expected = pytest.approx((1 + negatives) * np.log(2), rel=1e-5)
    assert trainer.heldout_loss() == expected
    assert trainer.advance(0.025, measure=True).loss == expected
