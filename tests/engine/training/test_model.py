"""The model of a running training, and that of a space that was trained."""

from dataclasses import replace

import numpy as np
import pytest
from strategies import small_space

from tui_embed.engine.ngrams import bucket, ngrams
from tui_embed.engine.positions import LearnedPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.curve import LossCurve
from tui_embed.engine.training.explain import explain_gap
from tui_embed.engine.training.explanation import Gap
from tui_embed.engine.training.inference import next_tokens
from tui_embed.engine.training.language_model import LanguageModelTrainer
from tui_embed.engine.training.model import model_in, model_of
from tui_embed.engine.training.record import TrainingRecord
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import start_of
from tui_embed.errors import UsageError

SETTINGS = TrainingSettings(objective="lm", d_model=6, d_hidden=5, n_ctx=3, min_count=1, heldout=0, batch=4)
CORPUS = corpus_of([["the", "king", "rules"], ["the", "dog"]] * 5)


def trainer_of(settings: TrainingSettings) -> LanguageModelTrainer:
    trainer = LanguageModelTrainer(CORPUS, None, settings, start_of(CORPUS, settings))
    for _ in range(5):
        trainer.advance(0.01, measure=False)
    return trainer


def record_of(settings: TrainingSettings, weights: dict[str, np.ndarray]) -> TrainingRecord:
    return TrainingRecord(
        settings, "text", 25, CORPUS.counts, 5, 5, 1.0, None, LossCurve.empty(), weights, "drawn"
    )


def space_of(trainer: LanguageModelTrainer) -> EmbeddingSpace:
    """What a training leaves: the space has rows and positions, its record the rest."""
    parameters = dict(trainer.parameters)
    space = small_space(parameters.pop("tokens"), CORPUS.vocabulary[:])
    space.positions = LearnedPositions(ArrayRows(parameters.pop("positions")), "learned")
    if trainer.settings.tied:
        del parameters["output"]
    space.training = record_of(trainer.settings, parameters)
    return space


@pytest.mark.parametrize("tied", [True, False])
def test_the_model_of_a_training_is_its_arrays(tied: bool) -> None:
    settings = replace(SETTINGS, tied=tied, freeze="tokens", frozen_tokens=("dog",))
    trainer = trainer_of(settings)
    model = model_in(trainer)
    for name, array in trainer.parameters.items():
        assert model.parameters[name] is array
    assert model.tied == tied
    assert model.frozen.tolist() == trainer.start.frozen.tolist()
    before = next_tokens(model, [0]).probabilities
    trainer.advance(0.01, measure=False)
    assert (next_tokens(model, [0]).probabilities != before).any()


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("body", ["mlp", "attention"])
def test_the_model_of_a_space_predicts_as_the_training_did(body: str, tied: bool) -> None:
    trainer = trainer_of(replace(SETTINGS, body=body, tied=tied))
    model, there = model_of(space_of(trainer)), model_in(trainer)
    assert model.tied == tied
    assert not model.frozen.any()
    for prompt in ([], [0], [1, 2, 0, 1]):
        np.testing.assert_array_equal(
            next_tokens(model, prompt).probabilities, next_tokens(there, prompt).probabilities
        )
    gap = Gap((0, 1), (), 2)
    assert explain_gap(model, gap, 0.1, False, 1).moves == explain_gap(there, gap, 0.1, False, 1).moves


def test_the_model_of_a_space_is_only_read() -> None:
    space = space_of(trainer_of(SETTINGS))
    model = model_of(space)
    assert not any(array.flags.writeable for array in model.parameters.values())
    with pytest.raises(UsageError, match="fixed"):
        explain_gap(model, Gap((0, 1), (), 2), 0.1, True, 1)
    assert model.parameters["tokens"].tobytes() == space.vectors.tobytes()


def test_a_space_from_elsewhere_has_no_model() -> None:
    with pytest.raises(UsageError, match="was not trained here"):
        model_of(small_space(np.ones((3, 2))))


def test_words_of_ngrams_are_read_from_the_rows_that_they_were_added_up_from() -> None:
    settings = TrainingSettings(d_model=6, ngrams=(3, 4), buckets=50)
    generator = np.random.default_rng(0)
    own, output, rows = (
        generator.standard_normal((count, 6)).astype(np.float32) for count in (CORPUS.n_vocab,) * 2 + (50,)
    )
    space = small_space(own * 0, CORPUS.vocabulary[:])
    space.subwords = Subwords(3, 4, ArrayRows(rows))
    space.training = record_of(settings, {"output": output})
    with pytest.raises(UsageError, match="whole words"):
        model_of(space)
    space.training = record_of(settings, {"output": output, "tokens": own})
    model = model_of(space)
    king = CORPUS.vocabulary[:].index("king")
    assert model.ngrams_of is not None
    assert model.ngrams_of(king) == [bucket(ngram, 50) for ngram in ngrams(b"king", 3, 4)]
    step = explain_gap(model, Gap((king,), (), 0), 0.1, False, 1)
    vector = np.mean([own[king], *rows[model.ngrams_of(king)]], axis=0)
    scores = output @ vector
    np.testing.assert_allclose(step.before, np.exp(scores) / np.exp(scores).sum(), rtol=1e-4)
