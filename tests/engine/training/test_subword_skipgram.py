"""Skip-gram with n-grams: its gradients, its brake, and that words are what fastText makes of the rows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import log_expit
from trainers import differences, planted_corpus, run

from tui_embed.engine.ngrams import bucket, ngrams
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.damping import damped_rates
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.noise import Noise
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import start_of
from tui_embed.engine.training.subword_skipgram import SubwordSkipGramTrainer
from tui_embed.engine.training.trainer import NGRAMS, OUTPUT, TOKENS
from tui_embed.engine.training.windows import WindowPairs
from tui_embed.engine.training.word_pairs import WordPairs, pairs_gradients, pairs_loss, word_pairs
from tui_embed.errors import UsageError

SETTINGS = TrainingSettings(
    d_model=8, window=3, min_count=1, ngrams=(2, 3), buckets=300, subsample=0, epochs=2, learning_rate=0.05
)

IDS = np.array([7, 3, 3, 9, 7, 1], dtype=np.int32)
CENTRES, CONTEXTS = np.array([0, 0, 1, 3, 4, 4, 4]), np.array([1, 2, 0, 4, 2, 3, 5])
NOISE = np.array([5, 3, 5, 9])
"""Places of pairs in a text of which the last token is no centre, and noise that is a context as well."""


def pairs_of() -> WordPairs:
    return word_pairs(WindowPairs(IDS, CENTRES, CONTEXTS), NOISE, negatives=2)


def trainer_of(**changes: Any) -> SubwordSkipGramTrainer:
    trainer = make_trainer(planted_corpus(), replace(SETTINGS, **changes))
    assert isinstance(trainer, SubwordSkipGramTrainer)
    return trainer


def test_the_loss_is_that_of_every_pair_and_its_noise() -> None:
    pairs = pairs_of()
    rng = np.random.default_rng(1)
    vectors, output = rng.standard_normal((10, 3)), rng.standard_normal((10, 3))
    expected = 0.0
    for centre, context in zip(IDS[CENTRES], IDS[CONTEXTS], strict=True):
        expected -= log_expit(vectors[centre] @ output[context])
        for noise in NOISE:
            if noise != context:
                expected -= 2 / 4 * log_expit(-vectors[centre] @ output[noise])
    assert pairs.centres.tolist() == [3, 7, 9]
    assert pairs.n_pairs == 7
    assert pairs_loss(pairs, vectors[pairs.centres], output[pairs.outputs]) == pytest.approx(expected)


def test_gradients_are_finite_differences() -> None:
    pairs = pairs_of()
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((len(pairs.centres), 3))
    output = rng.standard_normal((len(pairs.outputs), 3))
    found = pairs_gradients(pairs, vectors, output)

    def loss() -> float:
        return pairs_loss(pairs, vectors, output)

    np.testing.assert_allclose(found.on_vectors, differences(loss, vectors), atol=1e-7)
    np.testing.assert_allclose(found.on_output, differences(loss, output), atol=1e-7)


@given(st.integers(0, 2**32), st.sampled_from([0.0, 1e-4, 0.1, 1.0, 10.0]), st.sampled_from([1.0, 1e6]))
def test_a_row_that_moves_alone_never_raises_the_loss(seed: int, spread: float, rate: float) -> None:
    pairs = pairs_of()
    rng = np.random.default_rng(seed)
    vectors = spread * rng.standard_normal((len(pairs.centres), 3))
    output = rng.standard_normal((len(pairs.outputs), 3))
    before = pairs_loss(pairs, vectors, output)
    found = pairs_gradients(pairs, vectors, output)
    sides = (
        (vectors, found.on_vectors, found.vector_curvatures),
        (output, found.on_output, found.output_curvatures),
    )
    for rows, gradient, curvatures in sides:
        moves = gradient * damped_rates(rate, curvatures)
        for row in range(len(rows)):
            kept = rows[row].copy()
            rows[row] -= moves[row]
            assert pairs_loss(pairs, vectors, output) <= before + 1e-9 * (1 + before)
            rows[row] = kept


def test_a_step_that_does_not_overshoot_has_the_whole_rate() -> None:
    curvatures = np.array([0.0, 1.0, 39.9, 80.0])
    np.testing.assert_allclose(damped_rates(0.025, curvatures)[:, 0], [0.025, 0.025, 0.025, 1 / 80])


def test_a_text_that_says_one_thing_over_and_over_does_not_diverge() -> None:
    rng = np.random.default_rng(3)
    lines = [["br", "dd", "dt", "br", "dd", "dt", f"word{i}"] for i in rng.integers(0, 3000, 4000)]
    corpus = corpus_of(lines)
    settings = replace(SETTINGS, d_model=32, window=5)
    trainer = SubwordSkipGramTrainer(corpus, None, settings, start_of(corpus, settings))
    losses = [report.loss for report in run(trainer, rate=0.2) if report.loss is not None]
    # without anything learned it is 6 · ln 2
    assert max(losses) < 6 * np.log(2) + 0.5
    assert np.mean(losses[-20:]) < 3


def test_noise_is_drawn_by_the_counts_to_the_power_of_three_quarters() -> None:
    counts = np.array([1000, 100, 10, 0, 1])
    drawn = np.bincount(Noise(counts).draw(np.random.default_rng(4), 200_000), minlength=5) / 200_000
    np.testing.assert_allclose(drawn, counts**0.75 / (counts**0.75).sum(), atol=0.005)
    assert drawn[3] == 0


def mean_of_rows(trainer: SubwordSkipGramTrainer, word: str, own: bool) -> NDArray[np.float32]:
    n_buckets = len(trainer.parameters[NGRAMS])
    ids = [bucket(ngram, n_buckets) for ngram in ngrams(word.encode(), 2, 3)]
    rows = trainer.parameters[NGRAMS][ids]
    if own:
        rows = np.vstack([trainer.parameters[TOKENS][trainer.corpus.vocabulary.get(word)], rows])
    found: NDArray[np.float32] = rows.mean(axis=0, dtype=np.float64)
    return found


def test_words_and_words_never_seen_are_means_of_the_trained_rows() -> None:
    trainer = trainer_of()
    run(trainer, 20)
    rows = trainer.rows()
    for token_id, word in enumerate(trainer.corpus.vocabulary.texts):
        np.testing.assert_allclose(rows[token_id], mean_of_rows(trainer, word, own=True), atol=1e-6)
    subwords = Subwords(2, 3, ArrayRows(trainer.parameters[NGRAMS]))
    composed = subwords.compose("a77")
    assert composed is not None
    np.testing.assert_allclose(composed.vector, mean_of_rows(trainer, "a77", own=False), atol=1e-6)


def test_a_word_never_seen_is_near_those_that_share_its_ngrams() -> None:
    trainer = trainer_of(epochs=6)
    run(trainer)
    composed = Subwords(2, 3, ArrayRows(trainer.parameters[NGRAMS])).compose("b99")
    assert composed is not None
    rows = trainer.rows()
    scores = rows @ composed.vector / np.linalg.norm(rows, axis=1)
    best = [trainer.corpus.vocabulary[int(token_id)] for token_id in np.argsort(-scores)[:8]]
    assert {word[0] for word in best} == {"b"}


def test_a_step_moves_only_the_rows_of_ngrams_that_its_centres_have() -> None:
    trainer = trainer_of(buckets=100_000)
    run(trainer, 3)
    before = trainer.parameters[NGRAMS].copy()
    tokens = trainer.parameters[TOKENS].copy()
    trainer.advance(0.05, measure=False)
    centres = np.flatnonzero((tokens != trainer.parameters[TOKENS]).any(axis=1))
    words = [trainer.corpus.vocabulary[int(token_id)] for token_id in centres]
    expected = {bucket(ngram, 100_000) for word in words for ngram in ngrams(word.encode(), 2, 3)}
    moved = np.flatnonzero((before != trainer.parameters[NGRAMS]).any(axis=1))
    assert 0 < len(words) < trainer.corpus.n_vocab
    assert set(moved.tolist()) == expected


def test_a_frozen_word_is_its_own_row_whatever_its_ngrams_become() -> None:
    trainer = trainer_of(freeze="tokens", frozen_tokens=("a1", "b2"))
    frozen = trainer.start.frozen
    before = trainer.parameters[TOKENS][frozen].copy()
    run(trainer)
    assert trainer.rows()[frozen].tobytes() == before.tobytes()
    moved = (trainer.parameters[OUTPUT][frozen] != 0).any(axis=1)
    assert moved.all(), "frozen words are still predicted"


def test_without_ngrams_it_is_refused() -> None:
    corpus = planted_corpus(10)
    settings = replace(SETTINGS, ngrams=None)
    with pytest.raises(UsageError, match="no n-grams"):
        SubwordSkipGramTrainer(corpus, None, settings, start_of(corpus, settings))
