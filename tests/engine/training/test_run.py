"""The loop: what is asked of it, what it publishes, how it ends."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from trainers import planted_corpus, run, same_bits

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.training.control import Control
from tui_embed.engine.training.gensim_engine import GensimRun
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.result import trained_space
from tui_embed.engine.training.run import Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.sizes import count_parameters
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.engine.training.start import start_of
from tui_embed.errors import UsageError

SETTINGS = TrainingSettings(d_model=6, min_count=1, subsample=0, epochs=2, heldout=0.1, buckets=50)


def test_it_trains_as_steps_by_hand_do() -> None:
    corpus = planted_corpus(80)
    by_hand, looped = make_trainer(corpus, SETTINGS), make_trainer(corpus, SETTINGS)
    run(by_hand)
    last = Run(looped).go()
    assert same_bits(by_hand.state(), looped.state())
    assert (last.state, last.step, last.words) == ("finished", looped.n_steps, looped.corpus.n_tokens * 2)
    assert last.matrix.version == last.step
    np.testing.assert_array_equal(last.matrix.array, looped.rows())
    # held-out losses of before the first epoch, and of the end of each
    assert last.curve.heldout_steps.tolist() == [0, looped.n_steps // 2, looped.n_steps]


def test_snapshots_never_change() -> None:
    seen: list[tuple[Snapshot, bytes]] = []

    def publish(snapshot: Snapshot) -> None:
        assert snapshot.matrix.array is not None
        seen.append((snapshot, snapshot.matrix.array.tobytes()))

    Run(make_trainer(planted_corpus(200), SETTINGS), publish=publish, snapshot_seconds=0).go()
    assert len(seen) > 10
    assert len({content for _, content in seen}) > 10
    for snapshot, content in seen:
        assert snapshot.matrix.array is not None
        assert snapshot.matrix.array.tobytes() == content


def test_a_person_pauses_steps_asks_and_stops() -> None:
    trainer, control = make_trainer(planted_corpus(80), SETTINGS), Control(paused=True)
    states: list[tuple[str, int]] = []
    changed = threading.Condition()

    def publish(snapshot: Snapshot) -> None:
        with changed:
            states.append((snapshot.state, snapshot.step))
            changed.notify_all()

    def until(state: str, step: int) -> None:
        with changed:
            assert changed.wait_for(lambda: (state, step) in states, timeout=20)

    thread = threading.Thread(target=Run(trainer, control, publish).go)
    thread.start()
    until("paused", 0)
    control.step_once()
    until("paused", 1)
    asked: list[int] = []
    control.ask(lambda trainer: asked.append(trainer.step))
    control.step_once()
    until("paused", 2)
    assert asked in ([1], [2])
    control.set_learning_rate(0.0)
    before = trainer.rows()
    control.step_once()
    until("paused", 3)
    np.testing.assert_array_equal(before, trainer.rows())
    control.stop()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert states[-1] == ("stopped", 3)


def test_cancelling_ends_it() -> None:
    cancel = CancelToken()
    cancel.cancel()
    assert Run(make_trainer(planted_corpus(80), SETTINGS)).go(cancel).state == "stopped"


def test_divergence_names_the_step_and_keeps_finite_rows() -> None:
    settings = replace(SETTINGS, objective="lm", learning_rate=1e30, d_hidden=5, n_ctx=2)
    trainer = make_trainer(planted_corpus(80), settings)
    last = Run(trainer).go()
    assert last.state == "diverged"
    assert f"at step {trainer.step + 1:,}" in last.message
    assert last.matrix.array is not None
    assert np.isfinite(last.matrix.array).all()
    space = trained_space(trainer, last, "x")
    assert space.training is not None
    assert space.training.diverged
    assert last.message in space.notes


@pytest.mark.parametrize("objective", ["skipgram", "cbow", "glove", "lm"])
def test_frozen_rows_are_proven(objective: str) -> None:
    settings = replace(SETTINGS, objective=objective, freeze="tokens", frozen_tokens=("a1", "b2"), d_hidden=5)
    trainer = make_trainer(planted_corpus(80), settings)
    last = Run(trainer).go()
    assert last.frozen_changed == 0
    trainer.parameters["tokens"][trainer.corpus.vocabulary.get("a1")] += 1
    again = Run(make_trainer(planted_corpus(80), settings))
    again.trainer.parameters["tokens"][again.trainer.corpus.vocabulary.get("a1")] += 1
    assert again.go().frozen_changed == 1
    assert "2 rows were frozen" in trained_space(trainer, last, "x").notes


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        replace(SETTINGS, objective="glove"),
        replace(SETTINGS, ngrams=(2, 3)),
        replace(SETTINGS, objective="lm", d_hidden=5),
        replace(SETTINGS, objective="lm", d_hidden=5, tied=False, body="attention"),
    ],
)
def test_parameters_are_counted_before_as_they_are_then(settings: TrainingSettings) -> None:
    trainer = make_trainer(planted_corpus(40), settings)
    arrays = {id(array): array.size for array in trainer.parameters.values()}
    assert count_parameters(settings, trainer.corpus.n_vocab) == sum(arrays.values())


def test_rare_rows_are_drawn_to_the_mean_or_replaced() -> None:
    corpus = planted_corpus(60)
    rare_count = int(np.median(corpus.counts))
    settings = replace(
        SETTINGS, rare_count=rare_count, freeze="tokens", frozen_tokens=(corpus.vocabulary[-1],)
    )
    rare = np.flatnonzero(corpus.counts < rare_count)[:-1]

    def spread(rare_words: str) -> tuple[float, np.ndarray, list[str]]:
        trainer = make_trainer(corpus, replace(settings, rare=rare_words))
        last = Run(trainer).go()
        assert last.frozen_changed == 0
        space = trained_space(trainer, last, "x")
        rows = space.vectors
        mean = rows[corpus.counts >= rare_count].mean(axis=0)
        return float(np.linalg.norm(rows[rare] - mean, axis=1).mean()), rows, list(space.notes)

    kept, _, _ = spread("keep")
    drawn, _, notes = spread("regularise")
    assert drawn < 0.9 * kept
    assert any("were drawn to the mean row" in note for note in notes)
    _, rows, notes = spread("fallback")
    assert len(np.unique(rows[rare], axis=0)) == 1
    assert any("replaced by the mean row" in note for note in notes)


def test_gensim_trains_with_the_same_result_type() -> None:
    corpus = planted_corpus(300)
    settings = replace(
        SETTINGS, engine="gensim", epochs=20, learning_rate=0.05, freeze="tokens", frozen_tokens=("a1",)
    )
    seen: list[Snapshot] = []
    gensim = GensimRun(corpus, settings, start_of(corpus, settings), publish=seen.append, snapshot_seconds=0)
    last = gensim.go()
    assert last.state == "finished"
    assert last.words == corpus.n_tokens * 20
    assert len(seen) > 10
    assert last.frozen_changed == 0
    space = trained_space(gensim, last, "x")
    assert space.training is not None
    assert space.training.weights["output"].shape == (corpus.n_vocab, 6)
    near = [space.neighbors(word, k=1)[0].token[0] == word[0] for word in space.tokens]
    assert np.mean(near) > 0.8
    stopped = Control()
    stopped.stop()
    assert GensimRun(corpus, settings, start_of(corpus, settings), stopped).go().state == "stopped"
    with pytest.raises(UsageError, match="no full softmax"):
        GensimRun(corpus, replace(settings, negatives=0), start_of(corpus, settings))
