"""A space as a gensim user would ask it."""

import numpy as np
import pytest
from strategies import small_space

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import Distribution, DrawnRows
from tui_embed.errors import UnknownTokenError, UsageError

SPACE = small_space(np.array([[1, 0], [0.9, 0.1], [0, 2]]), ["a", "b", "c"])


def test_tokens_ids_and_rows_belong_together() -> None:
    assert (len(SPACE), SPACE.d_model, list(SPACE.tokens)) == (3, 2, ["a", "b", "c"])
    assert SPACE["c"].tolist() == SPACE["#2"].tolist() == [0, 2]
    assert SPACE.id("b") == SPACE.id("#1") == SPACE.checked_id(1) == 1
    assert ["a" in SPACE, "#2" in SPACE, "#3" in SPACE, "x" in SPACE, 1 in SPACE] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert repr(SPACE) == "<EmbeddingSpace 'small': 3 × 2, made for a test>"


def test_what_is_not_there_is_an_error_with_a_status_of_2() -> None:
    with pytest.raises(UnknownTokenError, match="“x” is not in small"):
        SPACE["x"]
    with pytest.raises(UsageError, match="small has no id 3"):
        SPACE.checked_id(3)


def test_vectors_are_read_only_wherever_rows_live() -> None:
    drawn = DrawnRows((7, 3), Distribution("normal", 1), seed=1)
    for space, rows in ((SPACE, SPACE.matrix.rows), (small_space(EmbeddingMatrix(drawn)), drawn)):
        np.testing.assert_array_equal(space.vectors, rows.take(np.arange(len(space))))
        assert not space.vectors.flags.writeable
        assert space.vectors.dtype == np.float32


def test_neighbors_of_a_token_leave_it_out_and_those_of_a_vector_do_not() -> None:
    assert [n.token for n in SPACE.neighbors("a")] == ["b", "c"]
    assert [n.token for n in SPACE.neighbors(np.array([1.0, 0.0]), k=2)] == ["a", "b"]


def test_an_analogy_is_its_expression() -> None:
    assert SPACE.analogy(["b", "c"], ["a"], exclude_inputs=False)[0].token == "c"
    assert SPACE.analogy(["b", "c"], ["a"]) == []
    with pytest.raises(UsageError, match="no method"):
        SPACE.analogy(["a"], method="3cosdiv")


def test_as_many_tokens_as_rows() -> None:
    with pytest.raises(ValueError, match="2 tokens for 3 rows"):
        small_space(np.eye(3), ["a", "b"])
