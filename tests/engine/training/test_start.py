"""Rows begin as noise of a known size, or as those of a space; frozen ones are marked."""

import numpy as np
import pytest
from strategies import small_space

from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import start_of
from tui_embed.errors import UnknownTokenError, UsageError


@pytest.fixture
def corpus() -> Corpus:
    return corpus_of([["King", "queen", "x"], ["King", "x", "x"]])


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_drawn_rows_have_the_deviation_that_was_asked_for(kind: str) -> None:
    corpus = corpus_of([[f"w{number}" for number in range(400)]])
    settings = TrainingSettings(start=kind, start_std=0.3, d_model=50, seed=3)
    rows = start_of(corpus, settings).rows
    assert rows.shape == (400, 50)
    assert rows.dtype == np.float32
    assert rows.std() == pytest.approx(0.3, rel=0.03)
    assert abs(rows.mean()) < 0.01
    assert (abs(rows).max() <= 0.3 * 3**0.5 + 1e-6) == (kind == "uniform")
    np.testing.assert_array_equal(rows, start_of(corpus, settings).rows)
    assert not np.array_equal(rows, start_of(corpus, TrainingSettings(start=kind, d_model=50, seed=4)).rows)


def test_pretrained_rows_are_copied_where_the_space_has_the_token(corpus: Corpus) -> None:
    space = small_space(np.array([[1, 2], [3, 4]]), ["king", "queen"])
    settings = TrainingSettings(start="space", d_model=2, freeze="pretrained")
    start = start_of(corpus, settings, space)
    tokens = list(corpus.vocabulary)
    assert tokens == ["x", "King", "queen"]
    assert start.rows[1:].tolist() == [[1, 2], [3, 4]]
    assert start.from_space == "small"
    assert start.frozen.tolist() == [False, True, True]
    assert start.coverage(corpus) == pytest.approx(3 / 6)
    assert start.unmatched(corpus, 5) == ["x"]
    start.rows[1] = 9
    assert space["king"].tolist() == [1, 2]


def test_a_space_of_another_width_says_how_to_project(corpus: Corpus) -> None:
    space = small_space(np.ones((1, 3)), ["x"])
    with pytest.raises(UsageError, match=r"rows of 3 numbers, this training 2.*--d-model 3.*principal"):
        start_of(corpus, TrainingSettings(start="space", d_model=2), space)


def test_a_space_that_cannot_start_anything_is_refused(corpus: Corpus) -> None:
    settings = TrainingSettings(start="space", d_model=1)
    with pytest.raises(UsageError, match="none is given"):
        start_of(corpus, settings)
    with pytest.raises(UsageError, match="none of the 3 tokens"):
        start_of(corpus, settings, small_space(np.ones((1, 1)), ["elsewhere"]))
    with pytest.raises(UsageError, match="“x” is not finite"):
        start_of(corpus, settings, small_space(np.array([[np.nan]]), ["x"]))


def test_tokens_are_frozen_by_name(corpus: Corpus) -> None:
    def frozen(**settings: object) -> list[bool]:
        return start_of(corpus, TrainingSettings(d_model=2, **settings)).frozen.tolist()

    assert frozen() == [False, False, False]
    assert frozen(freeze="everything") == [True, True, True]
    assert frozen(freeze="tokens", frozen_tokens=("queen",)) == [False, False, True]
    with pytest.raises(UnknownTokenError, match="“quen” is not in corpus"):
        frozen(freeze="tokens", frozen_tokens=("quen",))
