"""Spaces by name, and untrained spaces in the shape of known models."""

import numpy as np
import pytest

from tui_embed.engine.rows import DrawKind
from tui_embed.engine.shapes import MODEL_SHAPES
from tui_embed.errors import UsageError
from tui_embed.sources.catalog import Drawing, open_space, space_entries
from tui_embed.sources.fetch.named import NAMED_SETS

NAMES = [f"{name}-init" for name in MODEL_SHAPES]


def test_the_list_says_what_opening_finds() -> None:
    entries = {entry.name: entry for entry in space_entries()}
    assert list(entries) == ["glove", *NAMED_SETS, *NAMES]
    assert [name for name, entry in entries.items() if entry.size] == list(NAMED_SETS)
    for name in (
        "glove",
        "gpt2-init",
        "gpt3-init",
        "bert-base-init",
        "llama2-7b-init",
        "transformer-base-init",
    ):
        space, entry = open_space(name), entries[name]
        assert (len(space), space.d_model, space.provenance.trained) == (
            entry.n_vocab,
            entry.d_model,
            entry.trained,
        )


@pytest.mark.parametrize("name", ["gpt2-init", "minilm-init", "gemma-2b-init", "transformer-base-init"])
def test_untrained_spaces_say_that_they_are(name: str) -> None:
    space = open_space(name, Drawing(seed=7, kind="uniform"))
    assert space.name == name
    assert not space.provenance.trained
    assert space.provenance.origin == "untrained: drawn from U(±0.03464), seed 7"
    assert "random" in space.provenance.source
    assert np.abs(space[space.tokens[100]]).max() <= 0.02 * 3**0.5


def test_gpt2_starts_as_its_authors_started_it() -> None:
    space = open_space("gpt2-init")
    assert space.tokenizer is not None
    assert [token.id for token in space.tokenizer.encode("strawberry")] == [301, 1831, 8396]
    assert [space.id(token) for token in ("st", "raw", "berry", " strawberry", "<|endoftext|>")] == [
        301,
        1831,
        8396,
        41236,
        50256,
    ]
    rows = space.matrix.rows.take(np.arange(1000)).astype(float)
    assert rows.std() == pytest.approx(0.02, rel=0.01)
    positions = np.stack([space.positions.row(i) for i in range(1024)]).astype(float)
    assert positions.std() == pytest.approx(0.01, rel=0.01)
    assert np.abs(np.corrcoef(rows[:1000].ravel(), positions[:1000].ravel())[0, 1]) < 0.01
    assert "untrained" in space.positions.note


@pytest.mark.parametrize(
    ("name", "kind", "n_ctx"),
    [
        ("gpt3-init", "learned", 2048),
        ("minilm-init", "learned", 512),
        ("transformer-base-init", "sinusoidal", None),
        ("mistral-7b-init", "none", None),
    ],
)
def test_positions_are_of_the_models_kind(name: str, kind: str, n_ctx: int | None) -> None:
    positions = open_space(name).positions
    assert (positions.kind, positions.n_ctx) == (kind, n_ctx)
    assert (positions.row(0) is None) == (kind == "none")
    assert ("RoPE" in positions.note) == (kind == "none")


def test_tokens_without_a_vocabulary_are_named_by_id_and_said_to_be() -> None:
    space = open_space("bert-base-init")
    assert (space.tokens[0], space.id("#30521"), space.tokenizer) == ("#0", 30_521, None)
    assert ["named by id" in note for note in space.notes] == [True]


def test_one_seed_is_one_space() -> None:
    rows = [open_space("minilm-init", Drawing(seed)).matrix.row(5) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).all()
    np.testing.assert_array_equal(rows[0], open_space("minilm-init").matrix.row(5))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gpt2", "gpt2-init"),
        ("glov", "glove"),
        ("mistral", "mistral-7b-init"),
        ("", "spaces"),
        ("猫", "spaces"),
    ],
)
def test_an_unknown_name_comes_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no space or file named") as caught:
        open_space(name)
    assert hint in caught.value.hint


def test_drawings_that_do_not_exist_are_usage_errors() -> None:
    gaussian: DrawKind = "gaussian"  # type: ignore[assignment]
    for drawing in (Drawing(kind=gaussian), Drawing(seed=-1), Drawing(seed=1 << 64)):
        with pytest.raises(UsageError):
            open_space("gpt2-init", drawing)
