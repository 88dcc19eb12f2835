"""A trained space comes back from its file, training and all, with and without the store."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from trainers import planted_corpus

import tui_embed
from tui_embed.engine.positions import LearnedPositions
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.inference import next_tokens
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.model import model_of
from tui_embed.engine.training.run import Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.errors import SourceError
from tui_embed.sources.convert import write_space
from tui_embed.sources.trained import space_from

BASE = TrainingSettings(d_model=6, min_count=1, subsample=0, epochs=1, heldout=0.1, buckets=50)
SETTINGS = {
    "skipgram": BASE,
    "cbow": replace(BASE, objective="cbow"),
    "glove": replace(BASE, objective="glove"),
    "softmax": replace(BASE, negatives=0),
    "ngrams": replace(BASE, ngrams=(2, 3)),
    "lm": replace(BASE, objective="lm", d_hidden=5, n_ctx=3),
    "lm-separate": replace(BASE, objective="lm", d_hidden=5, n_ctx=3, tied=False, body="attention"),
    "unk": replace(BASE, unk=True, tokens="characters"),
}


def trained(settings: TrainingSettings) -> EmbeddingSpace:
    trainer = make_trainer(planted_corpus(60), settings)
    return space_from(trainer, Run(trainer).go(), "planted")


def assert_same(one: EmbeddingSpace, other: EmbeddingSpace) -> None:
    assert list(one.tokens) == list(other.tokens)
    np.testing.assert_array_equal(one.vectors, other.vectors)
    first, second = one.training, other.training
    assert first is not None
    assert second is not None
    assert first.settings == second.settings
    for name in ("corpus", "n_read", "steps", "n_steps", "seconds", "words_per_second", "start", "unk"):
        assert getattr(first, name) == getattr(second, name), name
    np.testing.assert_array_equal(first.counts, second.counts)
    for name in ("steps", "raw", "smoothed", "heldout_steps", "heldout"):
        np.testing.assert_array_equal(getattr(first.curve, name), getattr(second.curve, name))
    assert first.weights.keys() == second.weights.keys()
    for name, array in first.weights.items():
        np.testing.assert_array_equal(array, second.weights[name], strict=True)
    assert one.tokenizer is not None
    assert other.tokenizer is not None
    assert one.tokenizer.encode("a1 b2 x") == other.tokenizer.encode("a1 b2 x")


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
@pytest.mark.parametrize("kind", SETTINGS)
def test_it_comes_back_as_it_was(kind: str, suffix: str, tmp_path: Path) -> None:
    space = trained(SETTINGS[kind])
    path = tmp_path / f"space.{suffix}"
    space.save(path)
    for cache in (False, True, True):
        again = tui_embed.load(path, cache=cache)
        assert_same(space, again)
    again.save(tmp_path / f"again.{suffix}")
    assert_same(space, tui_embed.load(tmp_path / f"again.{suffix}", cache=False))


def test_a_model_that_came_back_predicts_the_same(tmp_path: Path) -> None:
    space = trained(SETTINGS["lm"])
    space.save(tmp_path / "lm.npz")
    again = tui_embed.load(tmp_path / "lm.npz")
    assert isinstance(again.positions, LearnedPositions)
    assert model_of(again).tied
    np.testing.assert_array_equal(
        next_tokens(model_of(space), [1, 2]).probabilities, next_tokens(model_of(again), [1, 2]).probabilities
    )


def test_other_formats_say_that_it_is_left_out(tmp_path: Path) -> None:
    written = write_space(trained(BASE), tmp_path / "words.txt")
    assert any("how it was trained" in lost for lost in written.left_out)
    assert tui_embed.load(tmp_path / "words.txt").training is None


def changed(path: Path, change) -> Path:
    """The same .npz with other facts about its training."""
    target = path.with_name("changed.npz")
    with np.load(path) as arrays:
        kept = dict(arrays)
    facts = json.loads(kept["space"].tobytes())
    change(facts["training"], kept)
    kept["space"] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    np.savez(target, **kept)
    return target


@pytest.mark.parametrize(
    "change",
    [
        lambda facts, arrays: facts.pop("steps"),
        lambda facts, arrays: facts["settings"].update(d_model=-1),
        lambda facts, arrays: facts["settings"].update(new=1),
        lambda facts, arrays: facts.update(weights=["nothing"]),
        lambda facts, arrays: facts.update(weights=["output"] * 100),
        lambda facts, arrays: facts.update(seconds="long"),
        lambda facts, arrays: facts.update(unk=10_000),
        lambda facts, arrays: arrays.update(training_counts=np.zeros(3, dtype=np.int64)),
        lambda facts, arrays: arrays.update(training_raw=np.zeros(0, dtype=np.float32)),
        lambda facts, arrays: arrays.update(training_weight_output=np.zeros((1, 1, 1), dtype=np.float32)),
        lambda facts, arrays: arrays.update(training_weight_output=np.zeros((2, 2), dtype=np.int64)),
    ],
)
def test_a_damaged_record_is_one_line(change, tmp_path: Path) -> None:
    path = tmp_path / "space.npz"
    trained(BASE).save(path)
    with pytest.raises(SourceError, match=r"its training is damaged|there is no array"):
        tui_embed.load(changed(path, change), cache=False)


def test_files_from_before_there_was_training_open(tmp_path: Path) -> None:
    path = tmp_path / "space.npz"
    trained(BASE).save(path)
    with np.load(path) as arrays:
        kept = {name: array for name, array in arrays.items() if not name.startswith("training_")}
    facts = json.loads(kept["space"].tobytes())
    del facts["training"]
    kept["space"] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    np.savez(path, **kept)
    assert tui_embed.load(path, cache=False).training is None
    assert zipfile.is_zipfile(path)
