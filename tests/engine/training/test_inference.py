"""A prompt reads rows and gives probabilities; it changes nothing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.inference import next_tokens
from tui_embed.engine.training.language_model import LanguageModelTrainer
from tui_embed.engine.training.model import Model, model_in
from tui_embed.engine.training.settings import OBJECTIVES, Body, TrainingSettings
from tui_embed.engine.training.start import start_of
from tui_embed.errors import UsageError

SETTINGS = TrainingSettings(
    objective="lm", d_model=8, d_hidden=12, n_ctx=3, batch=16, epochs=30, min_count=1, heldout=0
)
SENTENCES = [["the", "cat", "drinks", "milk"], ["the", "dog", "eats", "meat"], ["a", "cat", "sleeps"]] * 20
BODIES = pytest.mark.parametrize("body", ["mlp", "attention"])


def corpus() -> Corpus:
    return corpus_of(SENTENCES)


def trainer_of(body: Body, **changes: Any) -> LanguageModelTrainer:
    settings = replace(SETTINGS, body=body, **changes)
    return LanguageModelTrainer(corpus(), None, settings, start_of(corpus(), settings))


def trained(body: Body) -> Model:
    trainer = trainer_of(body)
    while trainer.step < trainer.n_steps:
        trainer.advance(0.01, measure=False)
    return model_in(trainer)


MODELS = {body: trained(body) for body in ("mlp", "attention")}


def ids_of(text: str) -> list[int]:
    vocabulary = corpus().vocabulary
    return [vocabulary[:].index(token) for token in text.split()]


@BODIES
@pytest.mark.parametrize(
    ("prompt", "expected"), [("the cat drinks", "milk"), ("the dog", "eats"), ("a cat", "sleeps")]
)
def test_what_was_read_in_training_is_expected(body: Body, prompt: str, expected: str) -> None:
    found = next_tokens(MODELS[body], ids_of(prompt))
    assert found.probabilities.dtype == np.float32
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert found.probabilities[ids_of(expected)[0]] > 0.9


@BODIES
def test_without_a_prompt_the_beginning_of_a_sentence_is_expected(body: Body) -> None:
    found = next_tokens(MODELS[body], [])
    the, a = ids_of("the a")
    assert found.probabilities[the] == pytest.approx(2 / 3, abs=0.1)
    assert found.probabilities[a] == pytest.approx(1 / 3, abs=0.1)
    assert found.ids == ()
    assert found.inputs.shape == found.rows.shape == found.positions.shape == (0, 8)


@BODIES
@given(prompt=st.lists(st.integers(0, 8), max_size=7), temperature=st.sampled_from([0, 1e-3, 1, 7]))
def test_a_prompt_only_reads(body: Body, prompt: list[int], temperature: float) -> None:
    model = MODELS[body]
    before = {name: array.tobytes() for name, array in model.parameters.items()}
    found = next_tokens(model, prompt, temperature)
    for array in (found.rows, found.positions, found.inputs, found.probabilities):
        array[...] = 9
    assert {name: array.tobytes() for name, array in model.parameters.items()} == before


@BODIES
def test_what_was_read_is_shown(body: Body) -> None:
    model = MODELS[body]
    prompt = ids_of("a the cat drinks")
    found = next_tokens(model, prompt)
    assert found.ids == tuple(prompt[-3:])
    np.testing.assert_array_equal(found.rows, model.parameters["tokens"][prompt[-3:]])
    np.testing.assert_array_equal(found.positions, model.parameters["positions"])
    np.testing.assert_array_equal(found.inputs, found.rows + found.positions)
    np.testing.assert_array_equal(found.probabilities, next_tokens(model, prompt[-3:]).probabilities)
    assert next_tokens(model, prompt[-2:]).positions.tobytes() == model.parameters["positions"][:2].tobytes()


def test_attention_says_how_much_of_each_token_was_taken() -> None:
    for prompt in ("cat", "the dog", "a the cat drinks"):
        found = next_tokens(MODELS["attention"], ids_of(prompt))
        assert found.attention is not None
        assert found.attention.shape == (len(found.ids),)
        assert found.attention.sum() == pytest.approx(1, abs=1e-6)
    assert next_tokens(MODELS["mlp"], ids_of("cat")).attention is None
    alone = next_tokens(MODELS["attention"], []).attention
    assert alone is not None
    assert alone.shape == (0,)


@BODIES
def test_a_prompt_is_read_as_training_read_the_same_text(body: Body) -> None:
    """−log p of every token after its own prompt is the loss that the trainer reports of all of them."""
    trainer = trainer_of(body, batch=10_000)
    trainer.parameters["tokens"][...] *= 20
    model = model_in(trainer)
    text = trainer.corpus
    expected = np.mean(
        [
            -np.log(next_tokens(model, sentence[:at]).probabilities[sentence[at]])
            for sentence in (text.sentence(number).tolist() for number in range(text.n_sentences))
            for at in range(len(sentence))
        ]
    )
    assert trainer.advance(0.0, measure=True).loss == pytest.approx(expected, rel=1e-4)


@BODIES
def test_temperature_divides_the_scores(body: Body) -> None:
    model, prompt = MODELS[body], ids_of("the")
    plain = next_tokens(model, prompt).probabilities.astype(np.float64)
    for temperature in (0.5, 2.0):
        expected = plain ** (1 / temperature)
        found = next_tokens(model, prompt, temperature)
        np.testing.assert_allclose(found.probabilities, expected / expected.sum(), rtol=1e-3, atol=1e-7)
    for temperature in (0, 1e-300):
        greedy = next_tokens(model, prompt, temperature).probabilities
        assert greedy.sum() == greedy[np.argmax(plain)] == 1
    flat = next_tokens(model, prompt, 1e300).probabilities
    np.testing.assert_allclose(flat, 1 / len(flat))


@pytest.mark.parametrize("temperature", [-1, np.nan, np.inf])
def test_a_temperature_is_a_number_from_0(temperature: float) -> None:
    with pytest.raises(UsageError, match="temperature"):
        next_tokens(MODELS["mlp"], [0], temperature)


@pytest.mark.parametrize("token_id", [-1, 9])
def test_an_id_without_a_row_is_refused(token_id: int) -> None:
    with pytest.raises(UsageError, match="ids are 0 … 8"):
        next_tokens(MODELS["mlp"], [token_id])


@pytest.mark.parametrize("objective", [one for one in OBJECTIVES if one != "lm"])
def test_the_others_predict_no_next_token(objective: Any) -> None:
    settings = replace(SETTINGS, objective=objective)
    with pytest.raises(UsageError, match=r"neighbours|both sides|pairs") as raised:
        next_tokens(replace(MODELS["mlp"], settings=settings), [0])
    assert "lm" in raised.value.hint
