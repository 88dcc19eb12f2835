"""Words that are not in the vocabulary, wherever a token is asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import small_space

from tui_embed.engine import subwords
from tui_embed.engine.arithmetic import parallelogram, read_expression, solve, term_similarities
from tui_embed.engine.neighbors import similarity
from tui_embed.engine.ngrams import bucket
from tui_embed.engine.rows import ArrayRows, Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Composed, Subwords, composed_rows
from tui_embed.errors import UnknownTokenError

NGRAM_ROWS = np.random.default_rng(5).standard_normal((40, 3)).astype(np.float32)


@pytest.fixture
def space() -> EmbeddingSpace:
    rows = np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 2, 0], [0, 0, 1]])
    made = small_space(rows, ["king", "man", "woman", "#tag"])
    made.subwords = Subwords(3, 4, ArrayRows(NGRAM_ROWS))
    return made


small_numbers = st.floats(-100, 100, width=32)


@given(
    hnp.arrays(np.float32, (6, 2), elements=small_numbers),
    hnp.arrays(np.float32, (9, 2), elements=small_numbers),
    st.lists(st.lists(st.integers(0, 8), max_size=9), min_size=6, max_size=6),
    st.integers(1, 7),
)
def test_a_row_is_the_mean_of_its_own_and_its_ngrams(
    own: Floats, rows: Floats, ids: list[list[int]], at_once: int
) -> None:
    counts = np.array([len(one) for one in ids], dtype=np.int64)
    flat = np.array([ngram for one in ids for ngram in one], dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subwords, "GATHERED", at_once)
        found = composed_rows(own, rows, flat, counts)
    expected = [
        np.vstack([own[i : i + 1], rows[one]]).mean(axis=0, dtype=np.float64) for i, one in enumerate(ids)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)
    for i, one in enumerate(ids):
        if not one:
            assert found[i].tobytes() == own[i].tobytes()


def test_an_unseen_word_is_the_mean_of_its_ngrams(space: EmbeddingSpace) -> None:
    assert space.subwords is not None
    composed = space.compose("kings")
    assert composed is not None
    assert composed.ngrams == ("<ki", "<kin", "kin", "king", "ing", "ings", "ngs", "ngs>", "gs>")
    assert space.subwords.ngrams("kings") == list(composed.ngrams)
    used = [bucket(ngram.encode(), 40) for ngram in composed.ngrams]
    np.testing.assert_allclose(composed.vector, NGRAM_ROWS[used].mean(axis=0), rtol=1e-5)
    assert composed.vector.dtype == np.float32
    np.testing.assert_array_equal(space["kings"], composed.vector)


def test_it_is_not_in_the_vocabulary_for_that(space: EmbeddingSpace) -> None:
    assert "kings" not in space
    with pytest.raises(UnknownTokenError) as caught:
        space.id("kings")
    hint = "it has no id, but a vector composed from its n-grams; nearest spellings: “king”"
    assert (caught.value.hint, caught.value.suggestions) == (hint, ("king",))


@pytest.mark.parametrize("token", ["king", "#0", "#tag"])
def test_a_token_of_the_vocabulary_keeps_its_row(space: EmbeddingSpace, token: str) -> None:
    assert space.compose(token) is None
    np.testing.assert_array_equal(space[token], space.matrix.row(space.id(token)))


@pytest.mark.parametrize("word", ["", "</s>"])
def test_a_word_without_ngrams_is_unknown(space: EmbeddingSpace, word: str) -> None:
    assert space.compose(word) is None
    with pytest.raises(UnknownTokenError) as caught:
        space[word]
    assert "n-grams" not in caught.value.hint


def test_without_ngrams_nothing_is_composed() -> None:
    plain = small_space(np.eye(2), ["a", "b"])
    assert plain.compose("ab") is None
    with pytest.raises(UnknownTokenError):
        plain.neighbors("ab")


def test_neighbors_of_an_unseen_word_are_those_of_its_vector(space: EmbeddingSpace) -> None:
    assert space.neighbors("kings", k=4) == space.neighbors(space["kings"], k=4)
    assert len(space.neighbors("kings", k=9)) == 4


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_an_expression_takes_unseen_words(space: EmbeddingSpace, method: str) -> None:
    combination = read_expression(space, "kings - man + woman")
    assert [isinstance(chosen, Composed) for chosen in combination.inputs] == [True, False, False]
    assert combination.ids == (1, 2)
    solution = solve(space, combination, 4, method)  # type: ignore[arg-type]
    assert solution.excluded == (1, 2)
    assert {near.token for near in solution.neighbors} == {"king", "#tag"}
    assert [near.token for near in space.analogy(["kings", "woman"], ["man"], 4, method)] == [
        near.token for near in solution.neighbors
    ]
    own = term_similarities(space, combination, 0)
    assert own[0] == pytest.approx(similarity(space, combination.inputs[0], 0))
    found = parallelogram(space, combination, 0)
    assert found is not None
    assert (found.a, space.spelled(found.b), found.c, found.d) == (1, "kings", 2, 0)
    b_a, d_c = space["kings"] - space["man"], space["king"] - space["woman"]
    assert found.cosine == pytest.approx(
        float(b_a @ d_c) / float(np.linalg.norm(b_a) * np.linalg.norm(d_c)), rel=1e-5
    )


def test_similarity_of_unseen_words(space: EmbeddingSpace) -> None:
    kings, queens = space.resolve("kings"), space.resolve("queens")
    assert similarity(space, kings, kings) == pytest.approx(1)
    assert similarity(space, kings, queens, "dot") == pytest.approx(
        float(space["kings"] @ space["queens"]), rel=1e-5
    )
