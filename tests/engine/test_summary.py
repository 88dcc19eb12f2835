"""One row in figures."""

import numpy as np
import pytest
from hypothesis import given
from strategies import matrices, small_space

from tui_embed.engine.inspect import inspect_row
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import NoPositions, SinusoidalPositions
from tui_embed.engine.rows import ArrayRows, Distribution, DrawnRows, Floats
from tui_embed.engine.summary import MULTIPLIED_BYTES, one_hot_product, share_below, summarize


@given(matrices(max_rows=1, max_width=30))
def test_figures_are_those_of_wider_precision(rows: Floats) -> None:
    row = rows[0].tolist()
    summary = summarize(rows[0], 3)
    assert summary.norm == pytest.approx(sum(x * x for x in row) ** 0.5)
    assert summary.mean == pytest.approx(sum(row) / len(row), abs=1e-9)
    variance = sum((x - sum(row) / len(row)) ** 2 for x in row) / len(row)
    assert summary.std == pytest.approx(variance**0.5, abs=1e-9)
    largest = sorted(range(len(row)), key=lambda i: (-abs(row[i]), i))[:3]
    assert summary.largest == tuple((i, row[i]) for i in largest)


def test_share_below_counts_smaller_norms() -> None:
    norms = np.array([1, 3, 2, 2], np.float32)
    assert [share_below(norms, i) for i in range(4)] == [0, 0.75, 0.25, 0.25]


@given(matrices(max_rows=6))
def test_a_one_hot_product_is_the_row(rows: Floats) -> None:
    matrix = small_space(rows).matrix
    for i in range(len(rows)):
        product = one_hot_product(matrix, i)
        assert product is not None
        np.testing.assert_array_equal(product, rows[i])


def test_an_inspected_row_holds_together() -> None:
    space = small_space(np.array([[3, 4], [1, 0]]))
    unknown = inspect_row(space, 0, 2, SinusoidalPositions(2))
    assert unknown.position_row is not None
    np.testing.assert_array_equal(unknown.sum, unknown.token_row + unknown.position_row)
    assert (unknown.summary.norm, unknown.share_below, unknown.one_hot_error) == (5, None, 0)
    space.matrix.norms()
    known = inspect_row(space, 0, 2, NoPositions(""))
    assert (known.share_below, known.position_row) == (0.5, None)
    np.testing.assert_array_equal(known.sum, known.token_row)


def test_rows_that_are_only_drawn_have_no_one_hot_product() -> None:
    space = small_space(EmbeddingMatrix(DrawnRows((5, 3), Distribution("normal", 1), seed=0)))
    assert inspect_row(space, 4, 0, space.positions).one_hot_error is None


def test_a_matrix_is_not_read_whole_for_one_row_where_it_is_large() -> None:
    rows = MULTIPLIED_BYTES // 4
    matrix = EmbeddingMatrix(ArrayRows(np.zeros((rows + 1, 1), np.float32)))
    assert one_hot_product(matrix, 0) is None
    assert one_hot_product(EmbeddingMatrix(ArrayRows(matrix.rows.take(np.arange(rows)))), 0) == [0]
