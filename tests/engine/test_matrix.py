"""Norms and unit rows against wider precision."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from strategies import matrices

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix, row_norms, unit, unit_rows
from tui_embed.engine.rows import ArrayRows, Distribution, DrawnRows, Floats
from tui_embed.errors import CancelledError


@given(matrices(magnitude=3e37))
def test_norms_are_those_of_wider_precision(rows: Floats) -> None:
    expected = np.sqrt((rows.astype(np.longdouble) ** 2).sum(axis=1))
    np.testing.assert_allclose(row_norms(rows), expected.astype(np.float32), rtol=1e-6)


@given(matrices())
def test_unit_rows_have_length_one_and_their_direction(rows: Floats) -> None:
    wide = rows.astype(np.longdouble)
    lengths = np.sqrt((wide**2).sum(axis=1, keepdims=True))
    expected = np.where(lengths > 1e-38, wide / np.where(lengths > 0, lengths, 1), wide)
    ordinary = (lengths[:, 0] > 1e-37) | (lengths[:, 0] == 0)
    np.testing.assert_allclose(
        unit_rows(rows)[ordinary], expected[ordinary].astype(np.float32), rtol=1e-5, atol=1e-7
    )


def test_rows_that_are_not_finite_have_no_direction_and_spoil_no_other() -> None:
    rows = np.array([[3, 4], [np.inf, 1], [np.nan, 1], [0, 0]], np.float32)
    units = unit_rows(rows)
    np.testing.assert_allclose(units[[0, 3]], [[0.6, 0.8], [0, 0]], rtol=1e-6)
    assert not np.isfinite(units[1:3]).all(axis=1).any()


def test_one_vector_is_one_row() -> None:
    np.testing.assert_allclose(unit(np.array([0, -2], np.float32)), [0, -1])


class CountedRows(ArrayRows):
    """Rows that count the passes over them and let a test stand in the middle of one."""

    def __init__(self, array: Floats) -> None:
        super().__init__(array)
        self.passes = 0
        self.go_on = threading.Event()

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        self.passes += 1
        assert self.go_on.wait(10)
        yield from super().blocks()


def test_norms_are_found_in_one_pass_whoever_asks() -> None:
    rows = CountedRows(np.arange(12, dtype=np.float32).reshape(4, 3))
    matrix = EmbeddingMatrix(rows)
    assert matrix.known_norms is None
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(matrix.norms) for _ in range(4)]
        rows.go_on.set()
        found = [future.result(10) for future in asked]
    assert rows.passes == 1
    assert all(norms is matrix.known_norms for norms in found)
    np.testing.assert_allclose(found[0], np.linalg.norm(rows.array, axis=1), rtol=1e-6)


def test_cancelled_norms_can_be_asked_for_again() -> None:
    matrix = EmbeddingMatrix(DrawnRows((30, 5), Distribution("normal", 1), seed=0))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        matrix.norms(cancel)
    assert matrix.known_norms is None
    assert matrix.norms().shape == (30,)


def test_norms_of_another_number_of_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="norms"):
        EmbeddingMatrix(ArrayRows(np.zeros((2, 2), np.float32)), norms=np.zeros(3, np.float32))


def test_only_an_array_is_an_array() -> None:
    array = np.zeros((2, 2), np.float32)
    assert EmbeddingMatrix(ArrayRows(array)).array is not None
    assert EmbeddingMatrix(DrawnRows((2, 2), Distribution("normal", 1), 0)).array is None
