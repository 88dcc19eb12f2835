"""How a map is drawn: chosen before anything is computed."""

from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal, get_args

from tui_embed.engine.neighbors import checked_metric
from tui_embed.engine.scan import Metric
from tui_embed.errors import UsageError

Method = Literal["pca", "tsne", "umap"]
METHODS: tuple[Method, ...] = get_args(Method)
METHOD_TITLES: dict[Method, str] = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}

MOST_FITTED = 20_000
"""Points that t-SNE and UMAP are asked to lay out at most: more would take many minutes."""

LARGEST_SEED = 2**32 - 1
MOST_CLUSTERS = 50
MOST_ITERATIONS = 10_000


@dataclass(frozen=True, slots=True)
class MapSettings:
    """``metric`` says what is near: for the cosine every row is taken at length 1, else as it is.

    ``perplexity`` and ``iterations`` are for t-SNE (van der Maaten and Hinton 2008), ``n_neighbors`` and
    ``min_dist`` for UMAP (McInnes et al. 2018). ``clusters`` is the k of k-means: None chooses it by the
    number of points, 0 makes none. UsageError for what is out of range.
    """

    method: Method = "pca"
    metric: Metric = "cosine"
    seed: int = 1
    perplexity: float = 30.0
    iterations: int = 500
    n_neighbors: int = 15
    min_dist: float = 0.1
    clusters: int | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UsageError(f"{self.method!r} is no method", f"methods are {', '.join(METHODS)}")
        checked_metric(self.metric)
        _within("seed", self.seed, 0, LARGEST_SEED)
        _within("perplexity", self.perplexity, 1, 1000)
        _within("iterations", self.iterations, 10, MOST_ITERATIONS)
        _within("n_neighbors", self.n_neighbors, 2, 1000)
        _within("min_dist", self.min_dist, 0, 1)
        if self.clusters is not None:
            _within("clusters", self.clusters, 0, MOST_CLUSTERS)

    def fitted_to(self, n: int) -> "MapSettings":
        """As they can be for ``n`` points: t-SNE's perplexity is at most a third of the others, and UMAP's
        neighbours are at most those.
        """
        return replace(
            self,
            perplexity=max(1.0, min(self.perplexity, (n - 1) / 3)),
            n_neighbors=max(2, min(self.n_neighbors, n - 1)),
        )

    @property
    def said(self) -> str:
        """The method and what it depends on, in words."""
        title = METHOD_TITLES[self.method]
        if self.method == "tsne":
            return (
                f"{title} · perplexity {self.perplexity:g} · {self.iterations} iterations · seed {self.seed}"
            )
        if self.method == "umap":
            return f"{title} · {self.n_neighbors} neighbours · min_dist {self.min_dist:g} · seed {self.seed}"
        return title


def _within(name: str, value: float, least: float, most: float) -> None:
    if not (isfinite(value) and least <= value <= most):
        raise UsageError(f"{name} is {value:g}", f"from {least:g} to {most:g}")
