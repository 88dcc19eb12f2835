"""Sparse products against dense ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.training import sparse
from tui_embed.engine.training.sparse import Groups, products_of_pairs, subtract_from_rows


@given(st.integers(0, 300), st.integers(1, 20), st.integers(0, 2**32), st.sampled_from([1, 5, 2048]))
def test_sums_of_groups_are_a_matrix_product(n: int, n_rows: int, seed: int, gathered: int) -> None:
    rng = np.random.default_rng(seed)
    # squared, so that some ids are frequent and many are not there
    ids = (n_rows * rng.random(n) ** 2).astype(np.int32)
    columns = rng.integers(0, 7, n)
    weights, rows = rng.standard_normal(n), rng.standard_normal((7, 3))
    matrix = np.zeros((n_rows, 7))
    np.add.at(matrix, (ids, columns), weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse, "GATHERED", gathered)
        groups = Groups.of(ids)
        found = groups.weighted_sums(weights, columns, rows)
    assert sorted(groups.ids.tolist()) == sorted(set(ids.tolist()))
    np.testing.assert_allclose(found, (matrix @ rows)[groups.ids], atol=1e-12)
    np.testing.assert_allclose(groups.sums(weights), matrix.sum(axis=1)[groups.ids], atol=1e-12)


@given(st.integers(0, 100), st.integers(0, 2**32), st.sampled_from([1, 7, 2048]))
def test_products_of_pairs_are_entries_of_the_product(n: int, seed: int, gathered: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = rng.standard_normal((5, 3)), rng.standard_normal((4, 3))
    i, j = rng.integers(0, 5, n), rng.integers(0, 4, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse, "GATHERED", gathered)
        found = products_of_pairs(left, i, right, j)
    np.testing.assert_allclose(found, (left @ right.T)[i, j], atol=1e-12)


@given(st.lists(st.integers(0, 6), max_size=20))
def test_runs_are_grouped_as_their_ids_are(counts: list[int]) -> None:
    runs = Groups.of_runs(np.array(counts, dtype=np.int64))
    values = np.arange(1.0, sum(counts) + 1)
    expected = Groups.of(np.repeat(np.arange(len(counts)), counts))
    sums = dict(zip(expected.ids.tolist(), expected.sums(values).tolist(), strict=True))
    assert dict(zip(runs.ids.tolist(), runs.sums(values).tolist(), strict=True)) == sums
    assert runs.lengths.tolist() == sorted(count for count in counts if count)


def test_rows_are_changed_in_place_and_others_not() -> None:
    rows = np.ones((2000, 3), dtype=np.float32)
    ids = np.random.default_rng(1).permutation(2000)[:1500]
    moves = np.random.default_rng(2).random((1500, 3), dtype=np.float32)
    expected = rows.copy()
    expected[ids] -= moves
    subtract_from_rows(rows, ids, moves)
    np.testing.assert_array_equal(rows, expected)
