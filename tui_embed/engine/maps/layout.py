"""From rows of many numbers to points on a plane."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.maps.fits import Frame, fit
from tui_embed.engine.maps.settings import METHOD_TITLES, MOST_FITTED, MapSettings
from tui_embed.engine.matrix import unit_rows
from tui_embed.engine.projection import pca
from tui_embed.engine.rows import Floats
from tui_embed.errors import UsageError

PLANES = ((0, 1), (0, 2), (1, 2))
"""Which two of three axes are looked at."""

MOST_AXES = 3


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """``points`` ``(n, k) float32`` along ``k`` ≥ 2 ``axes``, each with its name; ``said`` is the method in
    words. ``explained`` ``(k,)`` are shares of the variance where the axes are principal components. ``loss``
    is the Kullback-Leibler divergence of t-SNE. ``done`` of ``total`` iterations are made: a layout that is
    not finished is one frame of it.
    """

    points: Floats
    axes: tuple[str, ...]
    said: str
    explained: tuple[float, ...] = ()
    loss: float | None = None
    done: int = 0
    total: int = 0

    @property
    def finished(self) -> bool:
        return self.done >= self.total

    def plane(self, number: int) -> tuple[int, int]:
        """The two axes that are looked at after ``number`` turns."""
        planes = [plane for plane in PLANES if plane[1] < self.points.shape[1]]
        return planes[number % len(planes)]


Shown = Callable[[Layout], None]


def prepared(rows: Floats, settings: MapSettings) -> Floats:
    """The rows as a map takes them: at length 1 where near means a high cosine, else as they are."""
    return unit_rows(rows) if settings.metric == "cosine" else rows


def lay_out(
    rows: Floats,
    settings: MapSettings,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
    shown: Shown | None = None,
) -> Layout:
    """Points for ``rows`` ``(n, d)``, n ≥ 2, that are finite and ``prepared``.

    Rows of up to three numbers are points already. For t-SNE and UMAP ``shown`` is given the principal
    components at once, and then each frame that there is. UsageError for more points than those can lay out;
    TuiEmbedError where their package is missing; CancelledError.
    """
    n, d_model = rows.shape
    if n < 2:
        raise UsageError("a map needs at least two tokens")
    if d_model <= MOST_AXES:
        return _as_they_are(rows)
    if settings.method == "pca":
        return components(rows)
    if n > MOST_FITTED:
        title = METHOD_TITLES[settings.method]
        raise UsageError(f"{n:,} points are too many for {title}", f"at most {MOST_FITTED:,}; PCA takes all")
    return _fitted(rows, settings, cancel, progress, shown)


def components(rows: Floats) -> Layout:
    """The first principal components, up to three."""
    k = min(MOST_AXES, *rows.shape)
    found = pca(rows, k)
    explained = tuple(found.explained.tolist())
    axes = tuple(f"component {number + 1}" for number in range(k))
    points = found.points.astype(np.float32)
    if k == 1:
        return Layout(_on_a_line(points), (*axes, ""), METHOD_TITLES["pca"], (*explained, 0.0))
    return Layout(points, axes, METHOD_TITLES["pca"], explained)


def _as_they_are(rows: Floats) -> Layout:
    width = rows.shape[1]
    axes = tuple(f"d{number}" for number in range(width))
    said = f"its own {width} dimensions" if width > 1 else "its own dimension"
    if width == 1:
        return Layout(_on_a_line(rows), (*axes, ""), said)
    return Layout(rows, axes, said)


def _on_a_line(points: Floats) -> Floats:
    return np.asarray(np.column_stack([points, np.zeros_like(points)]))


def _fitted(
    rows: Floats,
    settings: MapSettings,
    cancel: CancelToken | None,
    progress: Progress,
    shown: Shown | None,
) -> Layout:
    settings = settings.fitted_to(len(rows))
    title = METHOD_TITLES[settings.method]
    axes = (f"{title} 1", f"{title} 2")

    def layout(frame: Frame) -> Layout:
        # after the last iteration the library has more to do: the end alone is the end
        done, total = (0, 0) if frame.last else (min(frame.done, frame.total - 1), frame.total)
        return Layout(_flat(frame.array), axes, settings.said, (), frame.loss, done, total)

    if shown is not None:
        first = components(rows)
        shown(Layout(first.points[:, :2], axes, settings.said, done=0, total=1))
    parameters = (
        {"perplexity": settings.perplexity, "iterations": settings.iterations, "seed": settings.seed}
        if settings.method == "tsne"
        else {"n_neighbors": settings.n_neighbors, "min_dist": settings.min_dist, "seed": settings.seed}
    )
    take = None if shown is None else lambda frame: shown(layout(frame))
    return layout(fit(title, rows, parameters, cancel, progress, take))


def _flat(points: NDArray[np.generic]) -> Floats:
    return np.asarray(points, dtype=np.float32)
