"""A map of tokens: what it shows, where each point lies, and what can be said of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.maps.arrows import Arrow
from tui_embed.engine.maps.clusters import Clusters, cluster, usual_count
from tui_embed.engine.maps.faithfulness import Faithfulness, faithfulness
from tui_embed.engine.maps.layout import Layout, lay_out, prepared
from tui_embed.engine.maps.semantic_axes import SemanticAxis, between
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import Subject, only, rows_of
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError
from tui_embed.figures import percent, score


@dataclass(frozen=True, eq=False, slots=True)
class PointMap:
    """A finished map, or a frame of one that is being laid out; a newer frame is another object.

    ``rows`` ``(n, d_model) float32`` are those of the subject, as the space has them. ``clusters`` and
    ``faithful`` come after the points; ``unclustered`` says why there are no clusters, where that needs a
    word.
    """

    space: EmbeddingSpace
    subject: Subject
    settings: MapSettings
    rows: Floats
    layout: Layout
    arrows: Sequence[Arrow] = ()
    own_axes: tuple[SemanticAxis, ...] = ()
    clusters: Clusters | None = None
    faithful: Faithfulness | None = None
    unclustered: str = ""
    places: dict[int, int] = field(init=False)
    """Where each token id stands among the points."""

    def __post_init__(self) -> None:
        places = {token_id: place for place, token_id in enumerate(self.subject.ids.tolist())}
        object.__setattr__(self, "places", places)

    def __len__(self) -> int:
        return len(self.subject)

    def name(self, place: int) -> bytes:
        """How the token of a point is spelled: text from outside."""
        return self.space.vocabulary.token_bytes(int(self.subject.ids[place]))

    def cluster_name(self, number: int) -> list[bytes]:
        """The central words of a cluster."""
        return [] if self.clusters is None else [self.name(place) for place in self.clusters.central[number]]

    def said(self, plane: tuple[int, int] = (0, 1)) -> list[str]:
        """The method, and what is known of how good the map is, in pieces."""
        pieces = [self.layout.said]
        if self.layout.explained:
            shares = [self.layout.explained[axis] for axis in plane]
            pieces.append(f"{percent(sum(shares))} of variance ({' + '.join(map(percent, shares))})")
        if self.layout.loss is not None:
            pieces.append(f"KL {score(self.layout.loss)}")
        if len(self.own_axes) == 2:
            pieces.append(f"cosine of the axes {score(between(*self.own_axes))}")
        if self.faithful is not None:
            pieces.append(f"trustworthiness {score(self.faithful.trustworthiness)}")
            sampled = self.faithful.looked_at < len(self)
            pieces.append(
                f"keeps {percent(self.faithful.kept)} of {self.faithful.k} nearest"
                + (f" (of {self.faithful.looked_at:,} points)" if sampled else "")
            )
        return pieces


Shown = Callable[[PointMap], None]


def draw(
    space: EmbeddingSpace,
    subject: Subject,
    settings: MapSettings,
    arrows: Sequence[Arrow] = (),
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
    shown: Shown | None = None,
) -> PointMap:
    """The points of a map, without clusters; ``shown`` is given every frame before the last."""
    rows = rows_of(space, subject, cancel, progress)
    take: Callable[[Layout], None] | None = None
    if shown is not None:
        show = shown

        def take(layout: Layout) -> None:
            show(PointMap(space, subject, settings, rows, layout, arrows))

    layout = lay_out(prepared(rows, settings), settings, cancel, progress, take)
    return PointMap(space, subject, settings, rows, layout, arrows)


def draw_on_axes(
    space: EmbeddingSpace,
    subject: Subject,
    settings: MapSettings,
    axes: Sequence[SemanticAxis],
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> PointMap:
    """The tokens placed by one or two axes of a person's own; along one they lie on a line."""
    rows = rows_of(space, subject, cancel, progress)
    places = [axis.place(rows) for axis in axes[:2]]
    if len(places) == 1:
        places.append(np.zeros(len(rows), np.float32))
    names = (*(axis.name for axis in axes[:2]), "")[:2]
    layout = Layout(np.column_stack(places), names, "cosine to the axes")
    return PointMap(space, subject, settings, rows, layout, (), tuple(axes[:2]))


def with_clusters(
    drawn: PointMap, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> PointMap:
    """The map with its clusters, or with the reason why there are none; CancelledError."""
    wanted = drawn.settings.clusters
    k = usual_count(len(drawn)) if wanted is None else wanted
    if k < 1:
        return drawn
    try:
        found = cluster(prepared(drawn.rows, drawn.settings), k, drawn.settings.seed, cancel, progress)
    except TuiEmbedError as error:
        return replace(drawn, unclustered=f"no clusters: {error}")
    return replace(drawn, clusters=found)


def with_faithfulness(
    drawn: PointMap, plane: tuple[int, int] = (0, 1), cancel: CancelToken | None = None
) -> PointMap:
    """The map with how far it can be trusted."""
    points = drawn.layout.points[:, list(plane)]
    metric = drawn.settings.metric
    return replace(
        drawn, faithful=faithfulness(drawn.rows, points, metric, seed=drawn.settings.seed, cancel=cancel)
    )


def seen_of(
    drawn: PointMap, plane: tuple[int, int] = (0, 1), kept: NDArray[np.bool_] | None = None
) -> PointMap:
    """A map as it is looked at: along two of its axes, and of its points those that are ``kept`` ``(n,)``,
    all for None. What was found of the whole map, its trustworthiness, is said of that alone.
    """
    layout, axes = drawn.layout, list(plane)
    explained = tuple(layout.explained[axis] for axis in axes) if layout.explained else ()
    names = tuple(layout.axes[axis] for axis in axes)
    if kept is None:
        seen = replace(layout, points=layout.points[:, axes], axes=names, explained=explained)
        return replace(drawn, layout=seen)
    places = np.flatnonzero(kept)
    seen = replace(layout, points=layout.points[places][:, axes], axes=names, explained=explained)
    subject = only(drawn.subject, drawn.subject.ids[places].tolist())
    ids = set(subject.ids.tolist())
    return replace(
        drawn,
        subject=subject,
        rows=drawn.rows[places],
        layout=seen,
        arrows=[arrow for arrow in drawn.arrows if {arrow.start, arrow.end} <= ids],
        clusters=None if drawn.clusters is None else drawn.clusters.of(places),
        faithful=None,
    )
