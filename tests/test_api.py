"""``import tui_embed`` as a script uses it."""

import doctest
import subprocess
import sys

import numpy as np
import pytest

import tui_embed


def test_the_example_of_the_package_is_true() -> None:
    result = doctest.testmod(tui_embed)
    assert (result.failed, result.attempted) == (0, 3)


def test_every_public_name_is_there_and_no_other() -> None:
    for name in tui_embed.__all__:
        assert getattr(tui_embed, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tui_embed.nothing


def test_importing_costs_nothing() -> None:
    heavy = ("numpy", "textual", "tiktoken", "regex")
    code = f"import sys, tui_embed; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_loading_searching_and_calculating() -> None:
    space = tui_embed.load("glove")
    assert isinstance(space, tui_embed.EmbeddingSpace)
    assert "king" in space
    assert space["king"].shape == (50,)
    assert space.vectors.shape == (len(space), 50)
    (nearest,) = space.neighbors("king", k=1)
    assert nearest == tui_embed.Neighbor(1, "prince", space.id("prince"), nearest.score)
    assert space.analogy(positive=["king", "woman"], negative=["man"], k=1)[0].token == "queen"


def test_untrained_spaces_take_a_seed_and_a_kind() -> None:
    rows = [tui_embed.load("gpt2-init", seed=seed, init="uniform")["king"] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).any()
    with pytest.raises(tui_embed.TuiEmbedError):
        tui_embed.load("nothing")


def test_tokenizing() -> None:
    tokens = tui_embed.tokenize("strawberry")
    assert [token.id for token in tokens] == [496, 675, 15717]
    assert tokens[0] == tui_embed.Token(496, b"str", 0, 3)
    assert [token.id for token in tui_embed.tokenize("strawberry", encoding="r50k_base")] == [301, 1831, 8396]
    with pytest.raises(tui_embed.TuiEmbedError):
        tui_embed.tokenize("a", encoding="nothing")


def test_a_text_goes_through_a_model(tmp_path) -> None:
    from checkpoints import gpt2_folder

    model = tui_embed.load(gpt2_folder(tmp_path / "small"))
    run = tui_embed.forward(model, " the king")
    assert [token.bytes for token in run.tokens] == [b" the", b" king"]
    assert run.trace is not None
    assert run.trace.states[-1].shape == (2, model.d_model)
