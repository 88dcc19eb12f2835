"""One step on one gap: what is expected, what moves, and that nothing moves unless it is asked for."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tui_embed.engine.training.explain import explain_gap
from tui_embed.engine.training.explanation import ExplainedStep, Gap
from tui_embed.engine.training.model import Model
from tui_embed.engine.training.next_token import parameter_shapes
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.errors import UsageError

N_VOCAB, D_MODEL = 7, 3
GAP = Gap(before=(5, 1, 2), after=(2, 4), target=3)
COUNTS = np.array([40, 20, 9, 7, 5, 3, 1])
NGRAM_ROWS: dict[int, list[int]] = {0: [], 1: [2, 0, 2], 2: [1], 3: [3], 4: [], 5: [0, 1], 6: []}

PLAIN = TrainingSettings(d_model=D_MODEL, window=2, n_ctx=3, d_hidden=4)
SETTINGS = {
    "skip-gram": PLAIN,
    "skip-gram, softmax": replace(PLAIN, negatives=0),
    "skip-gram, n-grams": replace(PLAIN, ngrams=(3, 4)),
    "CBOW": replace(PLAIN, objective="cbow"),
    "CBOW, softmax": replace(PLAIN, objective="cbow", negatives=0),
    "mlp, tied": replace(PLAIN, objective="lm"),
    "mlp, separate": replace(PLAIN, objective="lm", tied=False),
    "attention, tied": replace(PLAIN, objective="lm", body="attention"),
    "attention, separate": replace(PLAIN, objective="lm", body="attention", tied=False),
}
EVERY = pytest.mark.parametrize("kind", list(SETTINGS))
LANGUAGE_MODELS = [kind for kind in SETTINGS if kind.startswith(("mlp", "attention"))]
SOFTMAX = [kind for kind in SETTINGS if "softmax" in kind or kind in LANGUAGE_MODELS]


def model_for(settings: TrainingSettings, dtype: Any = np.float64, frozen: tuple[int, ...] = ()) -> Model:
    generator = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {"tokens": (N_VOCAB, D_MODEL), "output": (N_VOCAB, D_MODEL)}
    if settings.objective == "lm":
        shapes = parameter_shapes(settings, N_VOCAB)
    elif settings.ngrams:
        shapes["ngrams"] = (4, D_MODEL)
    parameters = {name: generator.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}
    parameters.setdefault("output", parameters["tokens"])
    ngrams_of = NGRAM_ROWS.__getitem__ if settings.ngrams else None
    return Model(settings, parameters, COUNTS, np.isin(np.arange(N_VOCAB), frozen), None, ngrams_of=ngrams_of)


def explained(model: Model, rate: float = 0.1, apply: bool = False, gap: Gap = GAP) -> ExplainedStep:
    return explain_gap(model, gap, rate, apply, seed=4)


def copies(model: Model) -> dict[str, NDArray[Any]]:
    return {name: array.copy() for name, array in model.parameters.items()}


def numeric_gradients(model: Model, gap: Gap = GAP) -> dict[str, NDArray[Any]]:
    """Of the loss, by finite differences, for each array once."""
    found = {}
    for name, array in model.parameters.items():
        if name == "output" and model.tied:
            continue
        found[name] = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            there = array[index]
            sides = []
            for step in (1e-5, -1e-5):
                array[index] = there + step
                sides.append(explained(model, 0, gap=gap).loss)
            array[index] = there
            found[name][index] = (sides[0] - sides[1]) / 2e-5
    return found


@EVERY
@pytest.mark.parametrize("gap", [GAP, Gap((), (3,), 3), Gap((6,), (), 0)], ids=["both", "right", "left"])
def test_a_step_follows_the_gradient_of_its_loss(kind: str, gap: Gap) -> None:
    model = model_for(SETTINGS[kind])
    gradients, before = numeric_gradients(model, gap), copies(model)
    step = explained(model, 0.1, apply=True, gap=gap)
    for name, gradient in gradients.items():
        moved = model.parameters[name] - before[name]
        np.testing.assert_allclose(moved, -0.1 * gradient, rtol=1e-5, atol=1e-8, err_msg=name)
    for move in step.moves:
        gradient = gradients["tokens" if move.matrix == "tied" else move.matrix][move.row]
        assert move.gradient == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
        assert move.distance == pytest.approx(0.1 * move.gradient, rel=1e-4)


@EVERY
def test_loss_falls_by_a_small_step_as_the_gradient_says(kind: str) -> None:
    model = model_for(SETTINGS[kind])
    square = sum(float((gradient**2).sum()) for gradient in numeric_gradients(model).values())
    step = explained(model, 1e-5)
    assert step.loss - step.loss_after == pytest.approx(1e-5 * square, rel=1e-2)


def sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(1 / (1 + np.exp(-x)))


def softmax(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("negatives", [0, 5])
def test_cbow_scores_the_mean_of_the_window(negatives: int) -> None:
    model = model_for(replace(PLAIN, objective="cbow", negatives=negatives))
    step = explained(model)
    tokens, output = model.parameters["tokens"], model.parameters["output"]
    scores = output @ tokens[[1, 2, 2, 4]].mean(axis=0)
    assert step.context == (1, 2, 2, 4)
    np.testing.assert_allclose(step.before, softmax(scores), rtol=1e-6)
    expected = -np.log(softmax(scores)[3])
    if negatives:
        assert step.negatives is not None
        expected = -np.log(sigmoid(scores[3])) - np.log(sigmoid(-scores[list(step.negatives)])).sum()
    assert step.loss == pytest.approx(expected)


@pytest.mark.parametrize("negatives", [0, 5])
def test_skipgram_scores_each_of_the_window(negatives: int) -> None:
    model = model_for(replace(PLAIN, negatives=negatives))
    step = explained(model)
    tokens, output = model.parameters["tokens"], model.parameters["output"]
    scores = tokens[[1, 2, 2, 4]] @ output.T
    np.testing.assert_allclose(step.before, softmax(scores).mean(axis=0), rtol=1e-6)
    expected = -np.log(softmax(scores)[:, 3])
    if negatives:
        noise = scores[:, list(step.negatives or ())]
        expected = -np.log(sigmoid(scores[:, 3])) - np.log(sigmoid(-noise)).sum(axis=1)
    assert step.loss == pytest.approx(expected.mean())


def test_ngrams_are_read_with_their_word() -> None:
    model = model_for(SETTINGS["skip-gram, n-grams"])
    step = explained(model)
    tokens, ngrams = model.parameters["tokens"], model.parameters["ngrams"]
    vectors = [
        np.mean([tokens[token_id], *ngrams[NGRAM_ROWS[token_id]]], axis=0) for token_id in (1, 2, 2, 4)
    ]
    expected = softmax(np.array(vectors) @ model.parameters["output"].T).mean(axis=0)
    np.testing.assert_allclose(step.before, expected, rtol=1e-6)
    assert {move.row for move in step.moves if move.matrix == "ngrams"} == {0, 1, 2}


@EVERY
def test_a_distribution_is_one(kind: str) -> None:
    step = explained(model_for(SETTINGS[kind], np.float32))
    for probabilities in (step.before, step.after):
        assert probabilities.shape == (N_VOCAB,)
        assert probabilities.dtype == np.float32
        assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert step.after[GAP.target] > step.before[GAP.target]
    assert step.loss_after < step.loss


@EVERY
def test_nothing_changes_unless_the_step_is_to_be_made(kind: str) -> None:
    model = model_for(SETTINGS[kind], np.float32)
    before = {name: array.tobytes() for name, array in model.parameters.items()}
    only_told = explained(model)
    assert {name: array.tobytes() for name, array in model.parameters.items()} == before
    assert not only_told.applied

    made = explained(model, apply=True)
    assert made.applied
    assert made.moves == only_told.moves
    after = explained(model, 0)
    np.testing.assert_array_equal(after.before, only_told.after)
    assert after.loss == only_told.loss_after
    changed = {name for name, array in model.parameters.items() if array.tobytes() != before[name]}
    unread = {"boundary"} if model.settings.objective == "lm" else set()
    assert changed == model.parameters.keys() - unread


@EVERY
@pytest.mark.parametrize("frozen", [(1, 3, 6), tuple(range(N_VOCAB))], ids=["some", "all"])
def test_frozen_rows_have_a_gradient_and_stay(kind: str, frozen: tuple[int, ...]) -> None:
    model = model_for(SETTINGS[kind], np.float32, frozen)
    before = copies(model)
    free = explained(model_for(SETTINGS[kind], np.float32))
    step = explained(model, apply=True)
    rows = list(frozen)
    assert model.parameters["tokens"][rows].tobytes() == before["tokens"][rows].tobytes()
    shown = {(move.matrix, move.row): move for move in step.moves}
    assert shown.keys() == {(move.matrix, move.row) for move in free.moves}
    for move in free.moves:
        held = shown[move.matrix, move.row]
        assert held.frozen == (move.matrix in ("tokens", "tied") and move.row in frozen)
        assert held.gradient == move.gradient > 0
        assert (held.distance, held.pull) == ((0, 0) if held.frozen else (move.distance, move.pull))
    n_frozen = sum(move.frozen for move in step.moves)
    assert step.n_moved == free.n_moved - n_frozen
    assert f"{n_frozen} frozen row" in step.told


@EVERY
def test_the_target_is_drawn_and_the_noise_pushed_away(kind: str) -> None:
    """Of skip-gram that is so for each neighbour, and need not be for their mean, which pull is told of."""
    step = explained(model_for(SETTINGS[kind]), rate=1e-3)
    scored = [move for move in step.moves if move.matrix in ("output", "tied")]
    targets = [move for move in scored if move.role == "target"]
    assert [move.row for move in targets] == [GAP.target]
    assert targets[0].pull > 0
    if step.negatives is not None:
        noise = [move for move in scored if move.role == "negative"]
        assert {move.row for move in noise} == set(step.negatives)
        assert len(scored) == len(noise) + 1
    else:
        noise = [move for move in scored if move.role == "other"]
        n_read = 3 if kind.endswith(", tied") else 0
        assert len(noise) == N_VOCAB - 1 - n_read
    assert "skip-gram" in kind or all(move.pull < 0 for move in noise)


@EVERY
def test_a_pull_is_the_growth_of_a_dot_product(kind: str) -> None:
    model = model_for(SETTINGS[kind])
    before = copies(model)
    step = explained(model, apply=True)
    scored_against = before["tokens"][[1, 2, 2, 4]].mean(axis=0)
    for move in step.moves:
        name = "tokens" if move.matrix == "tied" else move.matrix
        change = model.parameters[name][move.row] - before[name][move.row]
        assert move.distance == pytest.approx(np.linalg.norm(change))
        if move.role == "context":
            assert move.pull == pytest.approx(change @ before["output"][GAP.target])
        elif model.settings.objective != "lm" and model.ngrams_of is None:
            assert move.pull == pytest.approx(change @ scored_against)
    distances = [move.distance for move in step.moves]
    assert distances == sorted(distances, reverse=True)


@EVERY
def test_what_is_read_is_the_context(kind: str) -> None:
    model = model_for(SETTINGS[kind])
    step = explained(model)
    is_lm = kind in LANGUAGE_MODELS
    assert step.context == ((5, 1, 2) if is_lm else (1, 2, 2, 4))
    read = {move.row for move in step.moves if move.role == "context" and move.matrix in ("tokens", "tied")}
    assert read == set(step.context)
    positions = {move.row for move in step.moves if move.matrix == "positions"}
    assert positions == ({0, 1, 2} if is_lm else set())
    assert ("the 2 tokens after it play no part" in step.told) == is_lm


def test_negatives_are_drawn_by_their_counts_and_never_the_target() -> None:
    model = model_for(replace(PLAIN, negatives=1000), np.float32)
    step = explained(model)
    assert step.negatives is not None
    drawn = np.bincount(step.negatives, minlength=N_VOCAB)
    expected = COUNTS**0.75
    expected[GAP.target] = 0
    assert drawn[GAP.target] == 0
    np.testing.assert_allclose(drawn / 1000, expected / expected.sum(), atol=0.05)
    assert explained(model).negatives == step.negatives
    assert explain_gap(model, GAP, 0.1, False, seed=5).negatives != step.negatives


def test_a_token_alone_in_the_world_has_no_noise() -> None:
    model = replace(model_for(PLAIN), counts=np.array([0, 0, 0, 9, 0, 0, 0]))
    step = explained(model)
    assert step.negatives == ()
    assert step.loss_after < step.loss


def test_of_many_rows_a_hundred_are_shown_and_all_are_counted() -> None:
    generator = np.random.default_rng(1)
    rows, output = (generator.standard_normal((400, D_MODEL)).astype(np.float32) for _ in range(2))
    model = Model(
        replace(PLAIN, negatives=0),
        {"tokens": rows, "output": output},
        np.ones(400, dtype=np.int64),
        np.zeros(400, dtype=bool),
    )
    before = output.copy()
    step = explained(model, apply=True)
    assert len(step.moves) == 100
    assert step.n_moved == 3 + int((output != before).any(axis=1).sum()) == 403
    assert {move.row for move in step.moves if move.role == "context"} == {1, 2, 4}
    assert [move.row for move in step.moves if move.role == "target"] == [GAP.target]
    assert "403 of 800 rows move" in step.told


# --- what is told ------------------------------------------------------------------------------------------

TOLD = {
    "skip-gram": "The true token's output row is drawn to the 4 rows beside it, and 4 noise rows are pushed "
    "away; 8 of 14 rows move.",
    "CBOW, softmax": "The true token's output row is drawn to the mean of the 4 rows beside it, and all "
    "others are pushed away, each by its share of the probability; 10 of 14 rows move. The full softmax "
    "scores every output row: so all of them move, most of them a little.",
    "attention, tied": "The true token's row is drawn to what the model makes of the 3 tokens before it, and "
    "all others are pushed away, each by its share of the probability; 10 of 10 rows move. The full softmax "
    "scores every output row, and with tied weights those are the token rows: so all of them move, most of "
    "them a little. The weights of the hidden layers move as well. A language model reads only what stands "
    "before the gap: the 2 tokens after it play no part.",
}


@pytest.mark.parametrize(("kind", "told"), TOLD.items())
def test_a_step_is_told_in_words(kind: str, told: str) -> None:
    assert explained(model_for(SETTINGS[kind])).told == told


def test_a_step_on_frozen_rows_is_told_as_that() -> None:
    told = explained(model_for(SETTINGS["mlp, tied"], frozen=tuple(range(N_VOCAB)))).told
    assert told.startswith(
        "Every row that is scored is frozen; 3 of 10 rows move. 7 frozen rows stay, whatever the gradient."
    )
    told = explained(model_for(SETTINGS["mlp, tied"], frozen=(GAP.target,))).told
    assert told.startswith("The true token's row stays, and all others are pushed away")


def test_a_learning_rate_of_nothing_moves_nothing() -> None:
    step = explained(model_for(PLAIN), 0)
    assert step.n_moved == 0
    assert step.told == "No row moves."
    assert {move.distance for move in step.moves} == {0}
    assert step.loss_after == step.loss


def test_the_beginning_of_a_sentence_is_predicted_from_the_boundary() -> None:
    model = model_for(SETTINGS["attention, separate"])
    before = copies(model)
    step = explained(model, apply=True, gap=Gap((), (1,), 3))
    assert step.context == ()
    assert (model.parameters["boundary"] != before["boundary"]).any()
    np.testing.assert_array_equal(model.parameters["tokens"], before["tokens"])
    assert "the beginning of a sentence" in step.told
    assert "the token after it plays no part" in step.told


# --- what cannot be ----------------------------------------------------------------------------------------


def test_glove_predicts_no_sentence() -> None:
    with pytest.raises(UsageError, match="no sentence is predicted"):
        explained(replace(model_for(PLAIN), settings=replace(PLAIN, objective="glove")))


@pytest.mark.parametrize("kind", ["skip-gram", "CBOW"])
def test_a_gap_alone_is_no_question(kind: str) -> None:
    with pytest.raises(UsageError, match="nothing stands beside"):
        explained(model_for(SETTINGS[kind]), gap=Gap((), (), 3))


@pytest.mark.parametrize("gap", [Gap((7,), (), 0), Gap((), (-1,), 0), Gap((1,), (), 7)])
def test_ids_without_a_row_are_refused(gap: Gap) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        explained(model_for(PLAIN), gap=gap)


@pytest.mark.parametrize("rate", [-0.1, np.nan, np.inf])
def test_a_learning_rate_is_a_number(rate: float) -> None:
    with pytest.raises(UsageError, match="learning rate"):
        explained(model_for(PLAIN), rate)


@EVERY
def test_a_step_into_infinity_is_not_made(kind: str) -> None:
    model = model_for(SETTINGS[kind], np.float32)
    before = {name: array.tobytes() for name, array in model.parameters.items()}
    with pytest.raises(UsageError, match="not finite"):
        explained(model, 1e300, apply=True)
    assert {name: array.tobytes() for name, array in model.parameters.items()} == before


def test_rows_that_are_only_read_are_not_moved() -> None:
    model = model_for(PLAIN, np.float32)
    model.parameters["output"].flags.writeable = False
    explained(model)
    with pytest.raises(UsageError, match="fixed"):
        explained(model, apply=True)
