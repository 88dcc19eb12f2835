"""Under-trained tokens: those that were made so are found, and what says why is right."""

import numpy as np
import pytest

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.models.model import Model
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.undertrained import family_of, known_unused, under_trained
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import UsageError

N, D, N_UNUSED, N_SHY = 400, 24, 12, 8


def space_of(tokens, rows, **model):
    return EmbeddingSpace(
        "m",
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32))),
        NoPositions("none"),
        Provenance(True, "made for a test"),
        model=Model("test", "float32", **model),
    )


def made(output_kind="tied"):
    """Trained rows around several directions; unused ones, and eight that nobody used, near one small row."""
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(N, D)) + 2 * rng.normal(size=(N, 1))
    small = rng.normal(size=D) * 0.3
    for row in [*range(N_UNUSED), *range(100, 100 + N_SHY)]:
        rows[row] = small + rng.normal(size=D) * 0.03
    tokens = [f"<|extra_{i}|>" for i in range(N_UNUSED)] + [f"w{i}" for i in range(N_UNUSED, N)]
    output = ArrayRows(rows.astype(np.float32)) if output_kind == "separate" else None
    return space_of(tokens, rows, output_kind=output_kind, output=output)


@pytest.mark.parametrize("indicator", ["distance", "cosine", "centred"])
def test_tokens_that_were_never_used_are_the_lowest(indicator):
    space = made()
    found = under_trained(space, indicator)
    assert found.because == "12 placeholders such as <|extra_0|>"
    lowest = found.lowest(space, N_UNUSED + N_SHY)
    assert {one.id for one in lowest} == {*range(N_UNUSED), *range(100, 100 + N_SHY)}
    assert [one.rank for one in lowest] == list(range(1, N_UNUSED + N_SHY + 1))
    assert {one.family for one in lowest if one.id < N_UNUSED} == {"unused"}
    assert {one.family for one in lowest if one.id >= 100} == {""}
    assert found.n_found == sum(one.id < N_UNUSED for one in lowest[:N_UNUSED])


def test_each_indicator_is_its_formula():
    space = made("separate")
    rows = space.vectors.astype(np.float64)
    mean = rows[:N_UNUSED].mean(axis=0)

    def cosine_distance(a, b):
        return 1 - a @ b / np.linalg.norm(a, axis=1) / np.linalg.norm(b)

    expected = {
        "distance": np.linalg.norm(rows - mean, axis=1),
        "cosine": cosine_distance(rows, mean),
        "centred": cosine_distance(rows - rows.mean(axis=0), mean - rows.mean(axis=0)),
        "output": cosine_distance(rows, mean),
        "norm": np.linalg.norm(rows, axis=1),
    }
    for indicator, values in expected.items():
        np.testing.assert_allclose(under_trained(space, indicator).values, values, atol=1e-5)


def test_the_paper_decides_which_indicator():
    assert under_trained(made()).indicator == "cosine"
    assert under_trained(made("separate")).indicator == "norm"
    assert under_trained(made("separate")).caution(made("separate")) == ""
    nothing = space_of(["a", "b", "c"], np.eye(3))
    found = under_trained(nothing)
    assert (found.indicator, len(found.reference)) == ("norm", 0)
    assert "short rows tell less than distances to unused ones" in found.caution(nothing)
    with pytest.raises(UsageError, match="no token of m is known to be unused"):
        under_trained(nothing, "cosine")
    with pytest.raises(UsageError, match="no output rows"):
        under_trained(made(), "output")
    quantised = space_of(["a", "[unused1]"], np.eye(2), is_quantised=True)
    assert "quantised" in under_trained(quantised).caution(quantised)


def test_tokens_that_are_named_take_the_place_of_known_ones():
    space = made()
    found = under_trained(space, "cosine", reference=[100, 101, 102])
    assert found.reference.tolist() == [100, 101, 102]
    assert {one.id for one in found.lowest(space, 20)} == {*range(N_UNUSED), *range(100, 100 + N_SHY)}
    with pytest.raises(UsageError):
        under_trained(space, "cosine", reference=[N])


@pytest.mark.parametrize(
    ("token", "family"),
    [
        ("[unused993]", "unused"),
        ("<unused7>", "unused"),
        ("<extra_id_5>", "unused"),
        ("<|reserved_special_token_12|>", "reserved"),
        ("<|extra_204|>", "unused"),
        ("madeupword0001", "unused"),
        ("<0xC0>", "unused"),
        (b"\xf5", "unused"),
        (b"\xe7", "byte"),
        ("a", "byte"),
        (b"\xe7\x8c", "part of a character"),
        ("king", ""),
        ("<div>", ""),
        ("[unusedx]", ""),
    ],
)
def test_families_are_told_by_their_bytes(token, family):
    assert family_of(space_of([token], np.ones((1, 2))), 0) == family


def test_rows_without_a_token_and_special_tokens():
    space = space_of(
        ["a", "<s>", "<|no token 2|>"], np.eye(3), unused_ids=frozenset([2]), special_ids=frozenset([1])
    )
    assert [family_of(space, token) for token in range(3)] == ["byte", "special", "no token"]
    ids, because = known_unused(space)
    assert (ids.tolist(), because) == ([2], "1 rows without a token")


def test_rows_that_are_not_finite_come_last():
    rows = np.eye(5, dtype=np.float32)
    rows[3, 0] = np.nan
    space = space_of(["[unused0]", "[unused1]", "b", "c", "d"], rows)
    found = under_trained(space, "distance")
    assert found.order[-1] == 3
    assert np.isinf(found.values[3])


@pytest.mark.parametrize("indicator", ["distance", "cosine", "centred"])
def test_unused_rows_that_are_not_finite_are_left_out_and_it_is_said(indicator, monkeypatch):
    # several blocks of unused rows
    monkeypatch.setattr("tui_embed.engine.rows.BLOCK_BYTES", 4 * D * 5)
    whole = made()
    rows = whole.vectors.copy()
    rows[3, 5], rows[4] = np.nan, np.inf
    space = space_of(list(whole.tokens), rows, output_kind="tied")
    found = under_trained(space, indicator)
    assert (len(found.reference), found.n_odd) == (N_UNUSED - 2, 2)
    lowest = {one.id for one in found.lowest(space, N_UNUSED + N_SHY - 2)}
    assert lowest == {*range(N_UNUSED), *range(100, 100 + N_SHY)} - {3, 4}
    assert "unused tokens without a finite row, left out of the mean: 2" in found.caution(space)
    rows[:N_UNUSED] = np.nan
    with pytest.raises(UsageError, match="no unused token has a row of finite numbers"):
        under_trained(space_of(list(whole.tokens), rows, output_kind="tied"), indicator)
