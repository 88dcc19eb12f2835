"""Points from rows: the same for the same seed, and as far apart as the method promises."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.maps.layout import Layout, components, lay_out, prepared
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.errors import CancelledError, UsageError


def rows(n: int, d: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def test_near_means_the_direction_for_the_cosine_alone():
    given = rows(5, 4)
    lengths = np.linalg.norm(prepared(given, MapSettings(metric="cosine")), axis=1)
    np.testing.assert_allclose(lengths, 1, rtol=1e-6)
    for metric in ("euclidean", "dot"):
        np.testing.assert_array_equal(prepared(given, MapSettings(metric=metric)), given)


@pytest.mark.parametrize("width", [2, 3])
def test_a_space_of_two_or_three_dimensions_is_shown_as_it_is(width):
    given = rows(9, width)
    for method in ("pca", "tsne", "umap"):
        found = lay_out(given, MapSettings(method))
        np.testing.assert_array_equal(found.points, given)
        assert found.axes == ("d0", "d1", "d2")[:width]
        assert "its own" in found.said
        assert found.explained == ()


def test_one_dimension_is_a_line():
    found = lay_out(rows(6, 1), MapSettings())
    assert found.points.shape == (6, 2)
    assert not found.points[:, 1].any()


def test_pca_keeps_distances_of_rows_that_lie_in_a_plane_however_that_is_turned():
    plane = rows(40, 3)
    turn = np.linalg.qr(rows(12, 12, 2).astype(np.float64))[0][:3]
    turned = (plane.astype(np.float64) @ turn + 5).astype(np.float32)
    found = lay_out(turned, MapSettings())
    np.testing.assert_allclose(pdist(found.points), pdist(plane), rtol=1e-4)
    assert sum(found.explained) == pytest.approx(1, abs=1e-5)


def test_a_rotation_of_the_rows_moves_no_point_of_the_map():
    given = rows(60, 12) * np.linspace(3, 0.2, 12, dtype=np.float32)
    turn = np.linalg.qr(rows(12, 12, 4).astype(np.float64))[0]
    before = lay_out(given, MapSettings()).points
    after = lay_out((given @ turn).astype(np.float32), MapSettings()).points
    np.testing.assert_allclose(np.abs(after), np.abs(before), atol=2e-4)


@pytest.mark.parametrize("n", [2, 3])
def test_very_few_points_have_a_map(n):
    found = lay_out(rows(n, 30), MapSettings())
    assert found.points.shape[0] == n
    assert np.isfinite(found.points).all()


def test_rows_all_alike_have_a_map():
    found = lay_out(np.ones((7, 30), np.float32), MapSettings())
    assert np.isfinite(found.points).all()
    assert sum(found.explained) == 0


def test_one_point_is_no_map():
    with pytest.raises(UsageError, match="at least two"):
        lay_out(rows(1, 30), MapSettings())


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_too_many_points_are_refused_at_once(method):
    many = np.zeros((20_001, 4), np.float32)
    with pytest.raises(UsageError, match="20,001 points are too many"):
        lay_out(many, MapSettings(method))


def test_three_axes_are_looked_at_two_at_a_time():
    found = components(rows(20, 8))
    assert [found.plane(number) for number in range(4)] == [(0, 1), (0, 2), (1, 2), (0, 1)]
    flat = Layout(rows(4, 2), ("d0", "d1"), "")
    assert [flat.plane(number) for number in range(3)] == [(0, 1)] * 3


def planted(n: int = 45, d: int = 20) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(n) % 3
    return (np.eye(d)[labels] * 4 + rows(n, d, 7) * 0.2).astype(np.float32), labels


def separated(points: np.ndarray, labels: np.ndarray) -> bool:
    """Whether each point's nearest ones are of its own group."""
    far = np.square(points[:, None] - points[None]).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    return bool((labels[np.argsort(far, axis=1)[:, :5]] == labels[:, None]).all())


def test_tsne_shows_frames_from_the_components_to_its_end_and_is_the_same_for_the_same_seed():
    given, labels = planted()
    settings = MapSettings("tsne", iterations=120, seed=3)
    frames: list[Layout] = []
    seen: list[tuple[int, int]] = []
    found = lay_out(
        given, settings, progress=lambda done, total: seen.append((done, total)), shown=frames.append
    )
    again = lay_out(given, settings)
    np.testing.assert_array_equal(found.points, again.points)
    assert separated(found.points, labels)
    assert found.finished
    assert found.loss == pytest.approx(again.loss)
    assert "seed 3" in found.said
    np.testing.assert_allclose(frames[0].points, components(given).points[:, :2])
    assert len(frames) > 10
    assert not any(frame.finished for frame in frames)
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    assert seen[-1] == (120, 120)


def test_another_seed_is_said():
    given, _ = planted(12)
    assert "seed 9" in lay_out(given, MapSettings("tsne", iterations=10, seed=9)).said


def test_umap_is_the_same_for_the_same_seed_and_finds_the_groups():
    given, labels = planted()
    settings = MapSettings("umap", seed=5, n_neighbors=8)
    found, again = lay_out(given, settings), lay_out(given, settings)
    np.testing.assert_array_equal(found.points, again.points)
    assert found.points.shape == (45, 2)
    assert separated(found.points, labels)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_tsne_takes_very_few_points(n):
    found = lay_out(rows(n, 10), MapSettings("tsne", iterations=10))
    assert found.points.shape == (n, 2)
    assert np.isfinite(found.points).all()


def test_a_layout_that_is_not_wanted_any_more_ends():
    cancel = CancelToken()
    given, _ = planted()
    with pytest.raises(CancelledError):
        lay_out(given, MapSettings("tsne", iterations=10_000), cancel, shown=lambda frame: cancel.cancel())
