"""PCA against NumPy's singular values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import matrices

from tui_embed.engine.projection import PCA, pca
from tui_embed.engine.rows import Floats
from tui_embed.errors import UsageError


def check(rows: Floats, k: int, found: PCA) -> None:
    """What makes a PCA one, whichever of several equal directions it took."""
    wide = rows.astype(np.float64)
    centred = wide - wide.mean(axis=0)
    singular = np.linalg.svd(centred, compute_uv=False)
    scale = max(float(np.abs(wide).max()), 1e-30)
    np.testing.assert_allclose(found.mean, wide.mean(axis=0), atol=1e-9 * scale)
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(k), atol=1e-6)
    np.testing.assert_allclose(found.points, centred @ found.components.T, atol=1e-9 * scale)
    total = float((singular**2).sum())
    shares = singular[:k] ** 2 / total if total > (1e-12 * scale) ** 2 else np.zeros(k)
    np.testing.assert_allclose(found.explained, shares, atol=1e-6)
    lengths = np.linalg.norm(found.points, axis=0)
    np.testing.assert_allclose(lengths, singular[:k], atol=1e-6 * scale * len(rows))
    places = np.abs(found.components).argmax(axis=1)
    assert (found.components[np.arange(k), places] > 0).all()


@given(matrices(max_rows=12, max_width=8).filter(lambda rows: len(rows) > 1), st.data())
def test_components_are_those_of_the_singular_values(rows: Floats, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, min(rows.shape)))
    rows = np.round(rows, 2)
    check(rows, k, pca(rows, k))


@pytest.mark.parametrize(("n", "d"), [(200, 20), (20, 200), (20, 20), (2, 500), (500, 1)])
@pytest.mark.parametrize("rank", [1, 3, 1000])
def test_any_shape_and_rank(n: int, d: int, rank: int) -> None:
    rng = np.random.default_rng(n + d)
    inner = min(rank, n, d)
    rows = (rng.normal(size=(n, inner)) @ rng.normal(size=(inner, d)) + 5).astype(np.float32)
    k = min(n, d, 4)
    found = pca(rows, k)
    check(rows, k, found)
    assert (found.points.shape, found.components.shape, found.points.dtype) == ((n, k), (k, d), np.float64)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 2)])
def test_rows_all_alike_have_no_variance(shape: tuple[int, int]) -> None:
    found = pca(np.full(shape, 0.5, np.float32), 2)
    assert found.explained.tolist() == [0, 0]
    assert not found.points.any()
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(2), atol=1e-12)


@pytest.mark.parametrize(("n", "d", "k"), [(1, 3, 1), (0, 3, 1), (3, 3, 0), (3, 2, 3), (2, 9, 3)])
def test_components_that_do_not_exist_are_a_usage_error(n: int, d: int, k: int) -> None:
    with pytest.raises(UsageError, match="do not exist"):
        pca(np.zeros((n, d), np.float32), k)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_rows_that_are_not_finite_are_a_usage_error(odd: float) -> None:
    with pytest.raises(UsageError, match="NaN"):
        pca(np.array([[1, 2], [3, odd], [5, 6]], np.float32))


def signed(components: np.ndarray) -> np.ndarray:
    """Each direction with its entry of largest magnitude positive."""
    places = np.abs(components).argmax(axis=1)
    return components * np.sign(components[np.arange(len(components)), places])[:, None]


@pytest.mark.parametrize(("n", "d"), [(10_000, 100), (300, 40), (60, 400)])
def test_components_are_those_of_scikit_learn(n: int, d: int) -> None:
    from sklearn import decomposition

    rng = np.random.default_rng(n)
    rows = (rng.normal(size=(n, d)) * np.linspace(3, 0.5, d) + rng.normal(size=d) * 5).astype(np.float32)
    theirs = decomposition.PCA(3, svd_solver="full").fit(rows.astype(np.float64))
    found = pca(rows, 3)
    np.testing.assert_allclose(found.components, signed(theirs.components_), atol=2e-4)
    np.testing.assert_allclose(found.explained, theirs.explained_variance_ratio_, rtol=1e-4)
    wanted = (rows.astype(np.float64) - theirs.mean_) @ signed(theirs.components_).T
    np.testing.assert_allclose(found.points, wanted, atol=5e-3)


@pytest.mark.parametrize(("n", "d"), [(900, 700), (700, 900)])
def test_components_of_wide_rows_are_found_by_iteration(n: int, d: int, monkeypatch) -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(n, 12)) * np.linspace(6, 1, 12) @ rng.normal(size=(12, d)) + rng.normal(
        size=(n, d)
    )
    rows = rows.astype(np.float32)
    exact = pca(rows, 3)
    monkeypatch.setattr("tui_embed.engine.projection.WIDE", 500)
    found = pca(rows, 3)
    np.testing.assert_allclose(found.components, exact.components, atol=2e-3)
    np.testing.assert_allclose(found.explained, exact.explained, rtol=1e-4)
    assert pca(rows, 3).components.tobytes() == found.components.tobytes()


def test_many_rows_far_from_the_origin_keep_their_digits() -> None:
    rng = np.random.default_rng(4)
    rows = (rng.normal(size=(20_000, 8)) * np.arange(1, 9) + 1000).astype(np.float32)
    check_against = np.linalg.svd(
        rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64), full_matrices=False
    )
    found = pca(rows, 2)
    np.testing.assert_allclose(found.components, signed(check_against[2][:2]), atol=1e-3)
    np.testing.assert_allclose(found.mean, rows.mean(axis=0, dtype=np.float64), rtol=1e-5)
