"""A matrix in figures, against NumPy's own of the whole array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import ArrayRows, Distribution, DrawnRows
from tui_embed.engine.statistics import statistics
from tui_embed.errors import CancelledError, TuiEmbedError


def found_of(rows):
    return statistics(EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32))))


def mean_cosine(rows):
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = units @ units.T
    n = len(rows)
    return (cosines.sum() - n) / (n * (n - 1))


@given(st.integers(2, 40), st.integers(2, 12), st.integers(0, 2**32 - 1), st.floats(0, 3))
def test_figures_are_numpys(n, d, seed, shift):
    rows = (np.random.default_rng(seed).normal(size=(n, d)) + shift).astype(np.float32)
    found = found_of(rows)
    wide = rows.astype(np.float64)
    singular = np.linalg.svd(wide - wide.mean(axis=0), compute_uv=False)
    shares = singular / singular.sum()
    shares = shares[shares > 1e-9]
    assert found.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=2e-3)
    variance = singular**2
    assert found.participation == pytest.approx(variance.sum() ** 2 / (variance**2).sum(), rel=1e-3)
    assert found.anisotropy == pytest.approx(mean_cosine(wide), abs=1e-5)
    assert found.mean_norm == pytest.approx(np.linalg.norm(wide, axis=1).mean(), rel=1e-5)
    np.testing.assert_allclose(found.mean_row, wide.mean(axis=0), atol=1e-5)
    assert found.counts.sum() == n


def test_known_shapes():
    equal = found_of(np.eye(6))
    assert equal.anisotropy == pytest.approx(0, abs=1e-7)
    one = found_of(np.outer(np.arange(1, 9), [3.0, 4.0]))
    assert one.anisotropy == pytest.approx(1)
    assert one.effective_rank == pytest.approx(1, abs=1e-3)
    assert one.participation == pytest.approx(1, abs=1e-6)
    assert one.mean_share == pytest.approx(1)
    round_cloud = statistics(EmbeddingMatrix(DrawnRows((20_000, 32), Distribution("normal", 1), 3)))
    assert round_cloud.effective_rank > 31.9
    assert abs(round_cloud.anisotropy) < 1e-3


def test_rows_of_zeros_and_rows_that_are_not_finite_are_counted_apart():
    rows = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    rows[3], rows[4, 1], rows[5, 2] = 0, np.nan, np.inf
    found = found_of(rows)
    assert (found.n, found.n_odd, found.n_zero) == (28, 2, 1)
    assert len(found.finite_norms) == 28
    kept = np.delete(rows, [3, 4, 5], axis=0).astype(np.float64)
    assert found.anisotropy == pytest.approx(mean_cosine(kept), abs=1e-5)
    with pytest.raises(TuiEmbedError, match="no row"):
        found_of(np.full((3, 2), np.nan))


@pytest.mark.parametrize("length", [1.0, 7.5e20])
def test_rows_of_one_length_are_one_bar(length):
    rows = np.random.default_rng(0).normal(size=(500, 16)).astype(np.float32)
    rows *= np.float32(length) / np.linalg.norm(rows, axis=1, keepdims=True)
    found = found_of(rows)
    assert len(np.unique(found.norms)) > 1
    assert found.counts.sum() == 500
    # the picture is of their lengths, not of how they were rounded
    assert np.count_nonzero(found.counts) <= 3
    assert found.edges[0] < length < found.edges[-1]
    assert (np.diff(found.edges) > 0).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("factor", [1e20, 1e37, 1e-20, 1e-37])
def test_figures_that_know_no_scale_are_the_same_at_any(factor):
    rows = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    usual, found = found_of(rows), found_of(rows * np.float32(factor))
    for name in ("effective_rank", "participation", "anisotropy", "mean_share"):
        assert getattr(found, name) == pytest.approx(getattr(usual, name), rel=1e-4), name
    assert found.mean_norm == pytest.approx(usual.mean_norm * factor, rel=1e-5)


@pytest.mark.filterwarnings("error")
def test_one_huge_number_is_all_there_is_to_see():
    rows = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    rows[7, 3] = 3e20
    found = found_of(rows)
    assert (found.n, found.counts[-1]) == (300, 1)
    assert found.participation == pytest.approx(1)


def test_bands_cover_all_ids():
    found = found_of(np.outer(np.arange(1, 101), [1.0, 0.0]))
    assert (found.bands[0].start, found.bands[-1].stop) == (0, 100)
    assert [band.mean for band in found.bands] == sorted(band.mean for band in found.bands)
    assert found.bands[0].least == 1
    assert found.bands[-1].greatest == 100


def test_it_can_be_stopped_and_remembers_the_norms():
    token = CancelToken()
    token.cancel()
    matrix = EmbeddingMatrix(ArrayRows(np.ones((5, 3), np.float32)))
    with pytest.raises(CancelledError):
        statistics(matrix, token)
    statistics(matrix)
    assert matrix.known_norms is not None
    wide = EmbeddingMatrix(DrawnRows((4, 20_000), Distribution("normal", 1), 0))
    with pytest.raises(TuiEmbedError, match="too wide"):
        statistics(wide)
