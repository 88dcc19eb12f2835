"""Two spaces side by side: tokens that moved are found, whatever turned the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.comparison import compare_spaces
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.models.model import Model
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import CancelledError, UsageError


def space_of(tokens, rows, name="m", unused=()):
    return EmbeddingSpace(
        name,
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32))),
        NoPositions("none"),
        Provenance(True, "made for a test"),
        model=Model("test", "float32", unused_ids=frozenset(unused)),
    )


def words(n):
    return [f"w{i}" for i in range(n)]


def turned(d, other, seed):
    """Some map with orthonormal columns or rows."""
    square = np.linalg.qr(np.random.default_rng(seed).normal(size=(max(d, other),) * 2))[0]
    return square[:d, :other]


@given(st.integers(0, 1000))
def test_a_turned_space_is_the_same_but_for_what_moved(seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(80, 12))
    moved = rows.copy()
    moved[[5, 17]] = rng.normal(size=(2, 12))
    found = compare_spaces(
        space_of(words(80), rows), space_of(words(80), moved @ turned(12, 12, seed)), "rotation"
    )
    lowest = [token for token, _, _ in found.most_moved(2)]
    assert set(lowest) == {5, 17}
    assert float(np.delete(found.cosines, [5, 17]).min()) > 0.9
    assert found.n_equal == 0


def test_spaces_of_other_widths(request):
    rows = np.random.default_rng(0).normal(size=(60, 8))
    wide = rows @ turned(8, 20, 1)
    for first, second in ((rows, wide), (wide, rows)):
        found = compare_spaces(space_of(words(60), first), space_of(words(60), second))
        assert found.alignment == "rotation"
        assert found.mean == pytest.approx(1, abs=1e-4)
    with pytest.raises(UsageError, match="have no cosine as they are"):
        compare_spaces(space_of(words(60), rows), space_of(words(60), wide), "none")


def test_a_fine_tuned_checkpoint_is_compared_as_it_is():
    rows = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    tuned = rows.copy()
    tuned[7] = -tuned[7]
    found = compare_spaces(space_of(words(60), rows), space_of(words(60), tuned))
    assert (found.alignment, found.n_fitted, found.n_equal) == ("none", 0, 59)
    assert found.most_moved(1) == [(7, 7, pytest.approx(-1))]
    assert found.least_moved(1)[0][2] == pytest.approx(1)


def test_vocabularies_are_matched_by_their_bytes():
    first = space_of(["a", b"\xff", "b", "only", "a"], np.eye(5))
    second = space_of(["b", "more", "a", b"\xff", "<|no token 4|>"], np.eye(5), unused=[4])
    found = compare_spaces(first, second, "none")
    assert list(zip(found.shared.tolist(), found.others.tolist(), strict=True)) == [(0, 2), (1, 3), (2, 0)]
    assert found.only_first.tolist() == [3, 4]
    assert found.only_second.tolist() == [1, 4]


def test_too_little_in_common_and_rows_that_are_none():
    with pytest.raises(UsageError, match="share 1 tokens"):
        compare_spaces(space_of(["a", "b"], np.eye(2)), space_of(["a", "c"], np.eye(2)))
    rows = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    odd = rows.copy()
    odd[3], odd[4] = np.nan, 0
    found = compare_spaces(space_of(words(40), rows), space_of(words(40), odd), "rotation")
    assert 3 not in [token for token, _, _ in found.most_moved(40)]
    assert found.cosines[4] == 0
    assert found.mean > 0.9
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        compare_spaces(space_of(words(40), rows), space_of(words(40), odd), cancel=token)
