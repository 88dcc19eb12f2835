"""The language model: its gradients, its contexts, and what its trainer promises."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tui_embed.engine.training.adam import Adam
from tui_embed.engine.training.contexts import Contexts, CorpusContexts, context_of
from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.language_model import LanguageModelTrainer
from tui_embed.engine.training.next_token import (
    BOUNDARY,
    first_parameters,
    gradients_of,
    losses_of,
    parameter_shapes,
    pass_through,
)
from tui_embed.engine.training.row_sums import row_sums
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import start_of
from tui_embed.engine.training.trainer import OUTPUT, POSITIONS, TOKENS, DivergedError
from tui_embed.errors import UsageError

BASE = TrainingSettings(
    objective="lm", d_model=12, d_hidden=16, n_ctx=3, batch=32, epochs=6, min_count=1, heldout=0.1
)
VARIANTS = pytest.mark.parametrize(
    ("body", "tied"), [("mlp", True), ("mlp", False), ("attention", True), ("attention", False)]
)


def animals() -> Corpus:
    """Sentences whose last word follows from the second: there is something to learn, and a limit to it."""
    generator = np.random.default_rng(3)
    says = {"cat": "meows", "dog": "barks", "cow": "moos", "duck": "quacks"}
    names = generator.choice(list(says), 300)
    ends = generator.choice(["", "loudly", "softly today"], 300)
    return corpus_of(
        [["the", name, says[name], *end.split()] for name, end in zip(names, ends, strict=True)],
        "animals",
    )


def made(settings: TrainingSettings, corpus: Corpus | None = None) -> LanguageModelTrainer:
    corpus = corpus or animals()
    train, heldout = corpus.split(settings.heldout, settings.seed)
    return LanguageModelTrainer(train, heldout, settings, start_of(corpus, settings))


def variant(body: Any, tied: bool) -> TrainingSettings:
    return replace(BASE, body=body, tied=tied)


def run(trainer: LanguageModelTrainer, steps: int | None = None) -> None:
    for _ in range(trainer.n_steps - trainer.step if steps is None else steps):
        trainer.advance(0.01, measure=False)


def bytes_of(arrays: Mapping[str, NDArray[Any]]) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in arrays.items()}


# --- gradients ---------------------------------------------------------------------------------------------


def wide_parameters(settings: TrainingSettings, n_vocab: int) -> dict[str, NDArray[np.float64]]:
    """Parameters in float64, large enough that every part of the model bends."""
    generator = np.random.default_rng(5)
    rows = np.zeros((n_vocab, settings.d_model), dtype=np.float32)
    shapes = {name: array.shape for name, array in first_parameters(settings, rows, generator).items()}
    drawn = {name: generator.standard_normal(shape) for name, shape in shapes.items()}
    if settings.tied:
        drawn[OUTPUT] = drawn[TOKENS]
    return drawn


@VARIANTS
def test_every_gradient_equals_finite_differences(body: Any, tied: bool) -> None:
    settings = replace(variant(body, tied), d_model=4, d_hidden=5)
    parameters = wide_parameters(settings, n_vocab=7)
    contexts = Contexts(
        np.array([[0, 0, 0], [0, 0, 2], [0, 5, 2], [6, 2, 2], [1, 3, 5]]), np.array([0, 1, 2, 3, 3])
    )
    targets = np.array([4, 2, 0, 6, 4])

    found = gradients_of(parameters, settings.body, contexts, targets)
    gradients = {OUTPUT: found.output, TOKENS: np.zeros((7, 4)), **found.weights}
    gradients[TOKENS][found.read.ids] = found.read.sums
    if tied:
        gradients[TOKENS] += gradients.pop(OUTPUT)

    assert gradients.keys() == parameter_shapes(settings, 7).keys()
    for name, gradient in gradients.items():
        expected = np.zeros_like(gradient)
        array = parameters[name]
        for index in np.ndindex(array.shape):
            there = array[index]
            sides = []
            for step in (1e-5, -1e-5):
                array[index] = there + step
                sides.append(losses_of(parameters, settings.body, contexts, targets).mean())
            array[index] = there
            expected[index] = (sides[0] - sides[1]) / 2e-5
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-8, err_msg=name)
        assert np.abs(expected).max() > 1e-4, f"nothing is checked of {name}"


@VARIANTS
def test_the_loss_is_that_of_the_written_formula(body: Any, tied: bool) -> None:
    settings = variant(body, tied)
    parameters = wide_parameters(settings, n_vocab=9)
    contexts = context_of([3, 8], settings.n_ctx)
    scores = parameters[OUTPUT] @ pass_through(parameters, settings.body, contexts).hidden[0]
    expected = np.log(np.exp(scores).sum()) - scores[4]
    found = losses_of(parameters, settings.body, contexts, np.array([4]))
    np.testing.assert_allclose(found, [expected], rtol=1e-12)


def test_attention_is_that_of_keys_queries_and_values() -> None:
    """Against the textbook's way: a key and a value for every place, a softmax of q · k / √d under a mask."""
    settings = replace(BASE, body="attention", d_model=6)
    p = wide_parameters(settings, n_vocab=9)

    def norm(x: NDArray[Any], name: str) -> NDArray[Any]:
        deviation = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
        scaled = (x - x.mean(axis=-1, keepdims=True)) / deviation * p[f"{name}_scale"]
        return np.asarray(scaled + p[f"{name}_shift"])

    x = p[TOKENS][[3, 8]] + p[POSITIONS][[0, 1]]
    normed = norm(x, "input_norm")
    scores = (normed @ p["query"]) @ (normed @ p["key"]).T / np.sqrt(6)
    scores[np.triu_indices(2, 1)] = -np.inf
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    middle = x + shares @ (normed @ p["value"]) @ p["mix"]
    pre = norm(middle, "middle_norm") @ p["hidden"] + p["hidden_bias"]
    active = pre * (1 + np.tanh(np.sqrt(2 / np.pi) * (pre + 0.044715 * pre**3))) / 2
    hidden = norm(middle + active @ p["back"] + p["back_bias"], "output_norm")

    passed = pass_through(p, "attention", context_of([3, 8], settings.n_ctx))
    np.testing.assert_allclose(passed.hidden[0], hidden[-1], rtol=1e-10)
    assert passed.attention is not None
    np.testing.assert_allclose(passed.attention[0], [0, *shares[-1]], rtol=1e-10)


@given(st.lists(st.integers(0, 6), max_size=30))
def test_rows_are_summed_by_id(ids: list[int]) -> None:
    rows = np.arange(2.0 * len(ids)).reshape(-1, 2)
    expected = np.zeros((7, 2))
    np.add.at(expected, np.array(ids, dtype=int), rows)
    found = row_sums(np.array(ids, dtype=int), rows)
    assert found.ids.tolist() == sorted(set(ids))
    np.testing.assert_array_equal(found.sums, expected[found.ids])


def test_adam_is_the_paper_s() -> None:
    generator = np.random.default_rng(0)
    parameter = generator.standard_normal((5, 3)).astype(np.float32)
    expected, mean, square = parameter.astype(np.float64), np.zeros((5, 3)), np.zeros((5, 3))
    adam = Adam({"w": parameter})
    for step in range(1, 30):
        gradient = generator.standard_normal((5, 3)).astype(np.float32)
        adam.update("w", gradient, 0.01, step)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient.astype(np.float64) ** 2
        expected -= 0.01 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    np.testing.assert_allclose(parameter, expected, rtol=1e-4, atol=1e-5)


def test_adam_on_rows_is_adam_on_those_and_nothing_on_the_others() -> None:
    generator = np.random.default_rng(0)
    some, whole = (np.ones((6, 2), dtype=np.float32) for _ in range(2))
    on_rows, on_all = Adam({"w": some}), Adam({"w": whole})
    ids = np.array([1, 4])
    for step in range(1, 5):
        gradient = np.zeros((6, 2), dtype=np.float32)
        gradient[ids] = generator.standard_normal((2, 2))
        on_rows.update_rows("w", ids, gradient[ids], 0.1, step)
        on_all.update("w", gradient, 0.1, step)
    np.testing.assert_array_equal(some, whole)
    assert (some[[0, 2, 3, 5]] == 1).all()
    assert bytes_of(on_rows.state()) == bytes_of(on_all.state())


# --- contexts ----------------------------------------------------------------------------------------------


def test_a_context_is_what_stands_before_in_the_same_sentence() -> None:
    corpus = corpus_of([["a", "b", "c", "d", "e"], ["b"], ["c", "a"]])
    ids = {token: corpus.vocabulary.get(token) for token in "abcde"}
    contexts = CorpusContexts(corpus, 3).at(np.arange(corpus.n_tokens))
    read = [
        [int(token_id) for token_id in row[row_present]]
        for row, row_present in zip(contexts.ids, contexts.present, strict=True)
    ]
    expected = ["", "a", "ab", "abc", "bcd", "", "", "c"]
    assert read == [[ids[token] for token in before] for before in expected]
    assert contexts.lengths.tolist() == [len(before) for before in expected]
    assert [row[row >= 0].tolist() for row in contexts.positions] == [
        list(range(len(before))) for before in expected
    ]


@given(st.lists(st.integers(0, 4), max_size=7))
def test_a_prompt_is_read_as_the_same_place_of_a_text(prompt: list[int]) -> None:
    tokens = [str(token_id) for token_id in [*prompt, 4]]
    corpus = corpus_of([tokens])
    in_text = CorpusContexts(corpus, 3).at(np.array([len(prompt)]))
    alone = context_of([int(corpus.ids[i]) for i in range(len(prompt))], 3)
    for name in ("ids", "lengths", "positions", "present", "empty", "filled"):
        np.testing.assert_array_equal(getattr(in_text, name), getattr(alone, name))


@VARIANTS
def test_what_does_not_stand_in_the_context_plays_no_part(body: Any, tied: bool) -> None:
    settings = variant(body, tied)
    parameters = wide_parameters(settings, n_vocab=9)
    contexts = context_of([3, 8], settings.n_ctx)
    before = pass_through(parameters, settings.body, contexts).hidden
    unread = [0, 1, 2, 4, 5, 6, 7]
    parameters[TOKENS][unread] += 9
    parameters[POSITIONS][2] += 9
    parameters[BOUNDARY] += 9
    np.testing.assert_array_equal(pass_through(parameters, settings.body, contexts).hidden, before)
    for name, index in ((TOKENS, 3), (TOKENS, 8), (POSITIONS, 0), (POSITIONS, 1)):
        parameters[name][index] += 1
        assert (pass_through(parameters, settings.body, contexts).hidden != before).any()
        parameters[name][index] -= 1


# --- the trainer -------------------------------------------------------------------------------------------


@VARIANTS
def test_the_loss_falls_towards_what_can_be_known(body: Any, tied: bool) -> None:
    trainer = made(variant(body, tied))
    first, before = trainer.advance(0.01, measure=True).loss, trainer.heldout_loss()
    run(trainer)
    trainer.step -= 1
    last, after = trainer.advance(0.01, measure=True).loss, trainer.heldout_loss()
    assert first is not None
    assert last is not None
    assert before is not None
    assert after is not None
    assert last < first / 2
    assert after < before / 2
    assert trainer.heldout_loss() == after


@VARIANTS
def test_the_parameters_are_those_that_are_announced(body: Any, tied: bool) -> None:
    trainer = made(variant(body, tied))
    parameters = trainer.parameters
    assert (parameters[OUTPUT] is parameters[TOKENS]) == tied
    assert parameters[TOKENS] is trainer.start.rows
    shapes = {name: array.shape for name, array in parameters.items() if name != OUTPUT or not tied}
    assert shapes == parameter_shapes(trainer.settings, trainer.corpus.n_vocab)
    assert all(array.dtype == np.float32 for array in parameters.values())
    assert trainer.rows() is not parameters[TOKENS]
    std = parameters[POSITIONS].std()
    assert 0.005 < std < 0.02
    run(trainer, 3)
    assert (trainer.parameters[OUTPUT] is trainer.parameters[TOKENS]) == tied
    np.testing.assert_array_equal(trainer.rows(), parameters[TOKENS])


@VARIANTS
def test_the_same_seed_makes_the_same_model_and_another_another(body: Any, tied: bool) -> None:
    settings = variant(body, tied)
    one, two, other = made(settings), made(settings), made(replace(settings, seed=2))
    run(one)
    for _ in range(two.n_steps):
        two.advance(0.01, measure=True)
    run(other)
    assert bytes_of(one.state()) == bytes_of(two.state())
    assert one.rows().tobytes() != other.rows().tobytes()


@VARIANTS
def test_a_restored_training_goes_on_bit_for_bit(body: Any, tied: bool) -> None:
    settings = variant(body, tied)
    whole, broken = made(settings), made(settings)
    run(whole)
    run(broken, 50)
    kept = {name: array.copy() for name, array in broken.state().items()}
    resumed = made(settings)
    resumed.restore(50, kept)
    assert resumed.epoch == broken.epoch > 0
    run(resumed)
    assert bytes_of(resumed.state()) == bytes_of(whole.state())
    assert (resumed.parameters[OUTPUT] is resumed.parameters[TOKENS]) == tied


def test_a_state_of_another_model_is_refused() -> None:
    trainer = made(variant("mlp", True))
    with pytest.raises(ValueError, match="arrays"):
        trainer.restore(1, made(variant("attention", True)).state())
    assert trainer.step == 0


@VARIANTS
def test_frozen_rows_stay_bit_for_bit(body: Any, tied: bool) -> None:
    settings = replace(variant(body, tied), freeze="tokens", frozen_tokens=("the", "dog", "quacks"))
    trainer = made(settings)
    frozen = trainer.start.frozen
    before = bytes_of({name: array.copy() for name, array in trainer.parameters.items()})
    rows = trainer.rows()
    run(trainer)
    assert trainer.rows()[frozen].tobytes() == rows[frozen].tobytes()
    moves = ~frozen
    if not tied:
        read = np.delete(trainer.corpus.ids, trainer.corpus.offsets[1:] - 1)
        moves &= np.isin(np.arange(len(frozen)), read)
    np.testing.assert_array_equal((trainer.rows() != rows).any(axis=1), moves)
    changed = {name for name, value in bytes_of(trainer.parameters).items() if value != before[name]}
    assert changed == trainer.parameters.keys()


@VARIANTS
def test_with_everything_frozen_the_body_learns_alone(body: Any, tied: bool) -> None:
    trainer = made(replace(variant(body, tied), freeze="everything"))
    rows, before = trainer.rows(), trainer.heldout_loss()
    assert trainer.advance(0.01, measure=True).touched == 0
    run(trainer)
    after = trainer.heldout_loss()
    assert trainer.rows().tobytes() == rows.tobytes()
    assert before is not None
    assert after is not None
    assert after < before


@VARIANTS
def test_a_report_says_which_rows_moved(body: Any, tied: bool) -> None:
    trainer = made(replace(variant(body, tied), batch=4))
    before = trainer.rows()
    report = trainer.advance(0.01, measure=True)
    moved = int((trainer.rows() != before).any(axis=1).sum())
    assert report.touched == moved
    assert (moved == trainer.corpus.n_vocab) == tied
    assert report.gradient_norm is not None
    assert report.gradient_norm > 0


@pytest.mark.parametrize("batch", [1, 7, 10_000])
def test_an_epoch_goes_through_every_token_once(batch: int) -> None:
    corpus = corpus_of([["a", "b", "c"], ["d"], ["a", "c", "d", "b"]])
    trainer = made(replace(BASE, batch=batch, heldout=0, epochs=2), corpus)
    seen = []
    while trainer.epoch == 0:
        places = trainer._places()
        seen += places.tolist()
        assert trainer.advance(0.01, measure=False).words == len(places)
    assert sorted(seen) == list(range(corpus.n_tokens))
    assert trainer.n_steps == 2 * trainer.step
    run(trainer)
    assert trainer.epoch == 2


def test_every_epoch_has_an_order_of_its_own() -> None:
    trainer = made(replace(BASE, batch=10_000, heldout=0, epochs=2))
    first = trainer._places().tolist()
    trainer.advance(0.01, measure=False)
    second = trainer._places().tolist()
    assert sorted(first) == sorted(second)
    assert first != second


@VARIANTS
@pytest.mark.parametrize("name", [TOKENS, "hidden", BOUNDARY])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_diverging_step_changes_nothing(body: Any, tied: bool, name: str, value: float) -> None:
    trainer = made(variant(body, tied))
    run(trainer, 3)
    trainer.parameters[name][:] = value
    before = bytes_of(trainer.state())
    with pytest.raises(DivergedError) as raised:
        trainer.advance(0.01, measure=True)
    assert raised.value.step == 4
    assert trainer.step == 3
    assert bytes_of(trainer.state()) == before


@VARIANTS
@pytest.mark.parametrize("rate", [1e4, 1e20, 1e37, 1e300])
def test_an_absurd_learning_rate_never_leaves_a_row_that_is_not_finite(
    body: Any, tied: bool, rate: float
) -> None:
    trainer = made(variant(body, tied))
    with suppress(DivergedError):
        for _ in range(20):
            trainer.advance(rate, measure=True)
    assert all(np.isfinite(array).all() for array in trainer.state().values())


def test_nothing_held_out_has_no_loss() -> None:
    assert made(replace(BASE, heldout=0)).heldout_loss() is None


def test_a_step_that_would_not_fit_says_what_does() -> None:
    corpus = corpus_of([[str(number) for number in range(2000)]])
    settings = replace(BASE, batch=65_536, heldout=0)
    with pytest.raises(UsageError, match="500 MB") as raised:
        made(settings, corpus)
    assert "33,554" in raised.value.hint
    made(replace(settings, batch=33_554), corpus)
    with pytest.raises(UsageError, match="tokens before"):
        made(replace(BASE, batch=8192, n_ctx=1024, d_model=12))
    with pytest.raises(UsageError, match="hidden units"):
        made(replace(BASE, n_ctx=1024, d_model=300, d_hidden=300))
