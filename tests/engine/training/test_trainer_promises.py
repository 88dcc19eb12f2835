"""What every trainer promises to the loop that runs it (tui_embed.engine.training.trainer.Trainer)."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from trainers import copied, nearest_shares, planted_corpus, run, same_bits, trained

from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.trainer import TOKENS, DivergedError

BASE = TrainingSettings(
    d_model=8, window=3, min_count=1, epochs=6, heldout=0.1, subsample=0, learning_rate=0.05, buckets=500
)
TRAINERS = {
    "skipgram": replace(BASE, epochs=12),
    "cbow": replace(BASE, objective="cbow", epochs=12),
    "glove": replace(BASE, objective="glove", epochs=20, x_max=10.0),
    "skipgram-softmax": replace(BASE, objective="skipgram", negatives=0),
    "cbow-softmax": replace(BASE, objective="cbow", negatives=0, epochs=12, learning_rate=0.2),
    "skipgram-ngrams": replace(BASE, objective="skipgram", ngrams=(2, 3)),
}
EVERY = pytest.mark.parametrize("settings", TRAINERS.values(), ids=TRAINERS)
SUBSAMPLED = pytest.mark.parametrize(
    "settings",
    [*TRAINERS.values(), *(replace(each, subsample=0.01) for each in TRAINERS.values())],
    ids=[*TRAINERS, *(f"{name}-subsampled" for name in TRAINERS)],
)


@EVERY
def test_losses_fall_and_words_of_a_topic_come_together(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(), settings)
    before = trainer.heldout_loss()
    reports = run(trainer)
    losses = [report.loss for report in reports if report.loss is not None]
    after = trainer.heldout_loss()
    assert len(losses) == len(reports) > 100
    assert np.mean(losses[-20:]) < 0.95 * np.mean(losses[:20])
    assert before is not None
    assert after is not None
    assert after < 0.95 * before
    assert nearest_shares(trainer) > 0.9


@SUBSAMPLED
def test_every_epoch_goes_through_the_corpus_once(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(100), settings)
    words = [0] * settings.epochs
    while trainer.step < trainer.n_steps:
        words[trainer.epoch] += trainer.advance(0.01, measure=False).words
    assert trainer.epoch == settings.epochs
    assert words == [trainer.corpus.n_tokens] * settings.epochs


@SUBSAMPLED
def test_the_same_seed_gives_the_same_bits_and_another_does_not(settings: TrainingSettings) -> None:
    settings = replace(settings, epochs=2)
    one, other = trained(settings)[0], trained(settings)[0]
    assert same_bits(one.state(), other.state())
    assert one.rows().tobytes() == other.rows().tobytes()
    third = trained(replace(settings, seed=2))[0]
    assert not same_bits(one.state(), third.state())


@SUBSAMPLED
def test_it_goes_on_from_a_state_bit_for_bit(settings: TrainingSettings) -> None:
    whole = make_trainer(planted_corpus(), replace(settings, epochs=2))
    run(whole, whole.n_steps * 2 // 3)
    step, state = whole.step, copied(whole.state())
    again = make_trainer(planted_corpus(), replace(settings, epochs=2))
    again.restore(step, state)
    assert again.step == step
    run(whole)
    run(again)
    assert same_bits(whole.state(), again.state())


@EVERY
def test_a_state_that_does_not_fit_is_refused(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(), settings)
    state = copied(trainer.state())
    state[TOKENS] = state[TOKENS][1:]
    before = copied(trainer.state())
    with pytest.raises(ValueError, match=TOKENS):
        trainer.restore(3, state)
    assert trainer.step == 0
    assert same_bits(before, trainer.state())


@EVERY
def test_measuring_changes_nothing(settings: TrainingSettings) -> None:
    measured, plain = (make_trainer(planted_corpus(), settings) for _ in range(2))
    for _ in range(20):
        seen = measured.advance(0.05, measure=True)
        measured.heldout_loss()
        unseen = plain.advance(0.05, measure=False)
        assert (seen.words, seen.touched) == (unseen.words, unseen.touched)
        assert seen.loss is not None
        assert seen.gradient_norm is not None
        assert unseen.loss is None
        assert unseen.gradient_norm is None
    assert same_bits(measured.state(), plain.state())


@EVERY
def test_frozen_rows_stay_bit_for_bit(settings: TrainingSettings) -> None:
    frozen_tokens = ("a0", "b3", "c9")
    settings = replace(settings, epochs=1, freeze="tokens", frozen_tokens=frozen_tokens)
    trainer = make_trainer(planted_corpus(), settings)
    before = trainer.parameters[TOKENS].copy()
    run(trainer)
    same = (before.view(np.uint32) == trainer.parameters[TOKENS].view(np.uint32)).all(axis=1)
    assert same.tolist() == trainer.start.frozen.tolist()
    assert np.count_nonzero(same) == 3


@EVERY
def test_everything_frozen_touches_no_token_row(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(), replace(settings, epochs=1, freeze="everything"))
    before = trainer.parameters[TOKENS].copy()
    reports = run(trainer)
    assert before.tobytes() == trainer.parameters[TOKENS].tobytes()
    assert {report.touched for report in reports} == {0}


@EVERY
def test_touched_counts_the_token_rows_that_changed(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(), settings)
    run(trainer, 3)  # output rows that begin at 0 pull nobody in the first step
    for _ in range(10):
        before = trainer.parameters[TOKENS].copy()
        report = trainer.advance(0.05, measure=False)
        changed = (before != trainer.parameters[TOKENS]).any(axis=1)
        assert report.touched == np.count_nonzero(changed)


@EVERY
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_it_stops_before_a_gradient_that_is_not_finite(settings: TrainingSettings, value: float) -> None:
    trainer = make_trainer(planted_corpus(), settings)
    run(trainer, 3)
    for name in trainer.parameters:
        trainer.parameters[name][...] = value
    before = copied(trainer.state())
    with pytest.raises(DivergedError) as error:
        trainer.advance(0.05, measure=False)
    assert error.value.step == 4
    assert trainer.step == 3
    assert same_bits(before, trainer.state())


@EVERY
def test_a_rate_that_is_far_too_high_leaves_finite_rows(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(), settings)
    # n-grams have their own brake, and go on
    with suppress(DivergedError):
        run(trainer, 300, rate=1e12)
    assert trainer.step > 0
    assert all(np.isfinite(array).all() for array in trainer.state().values())


@EVERY
def test_nothing_is_held_out(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(20), replace(settings, heldout=0.0))
    assert trainer.heldout_loss() is None


@EVERY
def test_held_out_loss_is_the_same_each_time(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(), settings)
    run(trainer, 5)
    assert trainer.heldout_loss() == trainer.heldout_loss()
