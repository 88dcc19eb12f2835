"""Settings are checked when they are made, and come back from JSON as they were."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.training.settings import OBJECTIVES, TrainingSettings
from tui_embed.errors import UsageError


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"objective": "elmo"}, "skipgram, cbow, glove, lm"),
        ({"d_model": 0}, "d_model is 0"),
        ({"window": 101}, "window is 101"),
        ({"negatives": -1}, "negatives is -1"),
        ({"subsample": 2.0}, "subsample is 2"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"learning_rate": -1.0}, "learning_rate is -1"),
        ({"start_std": float("inf")}, "start_std is inf"),
        ({"ngrams": (3, 2)}, "n-grams of 3 … 2"),
        ({"ngrams": (3, 6), "objective": "cbow"}, "an option of skip-gram"),
        ({"ngrams": (3, 6), "negatives": 0}, "an option of skip-gram"),
        ({"freeze": "tokens"}, "no token to freeze"),
        ({"freeze": "pretrained"}, "no pretrained rows"),
        ({"engine": "gensim", "objective": "glove"}, "gensim does not train glove"),
        ({"seed": 2**63}, "seed is"),
        ({"heldout": 1.0}, "heldout is 1"),
    ],
)
def test_values_without_sense_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        TrainingSettings(**wrong)


@given(
    objective=st.sampled_from(OBJECTIVES),
    d_model=st.integers(1, 4096),
    learning_rate=st.none() | st.floats(0, 10),
    seed=st.integers(0, 2**63 - 1),
    frozen=st.lists(st.text(), max_size=3).map(tuple),
)
def test_settings_come_back_from_json(
    objective: Any, d_model: int, learning_rate: float | None, seed: int, frozen: tuple[str, ...]
) -> None:
    ngrams = (3, 6) if objective == "skipgram" else None
    settings = TrainingSettings(
        objective=objective,
        d_model=d_model,
        learning_rate=learning_rate,
        seed=seed,
        ngrams=ngrams,
        frozen_tokens=frozen,
    )
    assert TrainingSettings.from_json(json.loads(json.dumps(settings.as_json()))) == settings


@pytest.mark.parametrize(
    "wrong", [{"d_model": "9"}, {"nothing": 1}, {"window": None}, {"objective": ["lm"]}, {"ngrams": [1]}]
)
def test_json_of_others_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, UsageError)):
        TrainingSettings.from_json({**TrainingSettings().as_json(), **wrong})


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_schedule_falls_from_the_first_rate_to_the_last(schedule: Any) -> None:
    settings = TrainingSettings(schedule=schedule, learning_rate=0.5)
    rates = [settings.rate_at(share / 10) for share in range(11)]
    assert rates[0] == 0.5
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(1e-4)
    assert settings.rate_at(2) == pytest.approx(1e-4)
    assert TrainingSettings(schedule="constant", learning_rate=0.5).rate_at(0.9) == 0.5


def test_a_small_rate_never_rises() -> None:
    settings = TrainingSettings(learning_rate=1e-5)
    assert settings.rate_at(1) == pytest.approx(1e-7)
    assert TrainingSettings(learning_rate=0).rate_at(0.5) == 0
