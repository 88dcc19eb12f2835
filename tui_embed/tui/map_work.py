"""The work behind the Map screen: what is wanted → what is drawn. Runs in a job's thread."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.maps import subject as subjects
from tui_embed.engine.maps.arrows import Arrow, of_analogy, read_pairs
from tui_embed.engine.maps.faithfulness import distances_to, ranks_on_map, torn_away, true_neighbours
from tui_embed.engine.maps.heat import (
    HeatMap,
    PositionPicture,
    one_hot,
    position_pictures,
    similarities,
    token_rows,
)
from tui_embed.engine.maps.point_map import PointMap, draw, draw_on_axes, with_clusters, with_faithfulness
from tui_embed.engine.maps.semantic_axes import read_axis
from tui_embed.engine.maps.subject import Subject
from tui_embed.engine.rows import Floats
from tui_embed.engine.scan import Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.sources.word_list import read_words
from tui_embed.tui.map_look import Near
from tui_embed.tui.map_wanted import MapWanted


@dataclass(frozen=True, eq=False, slots=True)
class HeatMaps:
    """Heat maps side by side, of the tokens of a subject."""

    space: EmbeddingSpace
    subject: Subject
    maps: tuple[HeatMap, ...]


@dataclass(frozen=True, eq=False, slots=True)
class PositionMaps:
    """The position rows of a space, and those of the formula."""

    space: EmbeddingSpace
    pictures: tuple[PositionPicture, ...]


NEIGHBOURS = 10
"""Of the point under the cursor."""

Made = PointMap | HeatMaps | PositionMaps
Shown = Callable[[PointMap], None]


def make(
    space: EmbeddingSpace,
    wanted: MapWanted,
    selected: int | None,
    cancel: CancelToken,
    progress: Progress,
    shown: Shown,
) -> Made:
    """What is wanted of ``space``, of which the token ``selected`` is chosen; ``shown`` is given each map
    that there is before the last. UsageError and TuiEmbedError for what cannot be drawn; CancelledError.
    """
    if wanted.drawing == "positions":
        return PositionMaps(space, tuple(position_pictures(space, cancel=cancel)))
    subject, arrows = subject_of(space, wanted, selected, cancel, progress)
    if wanted.drawing == "similarity":
        return HeatMaps(space, subject, (similarities(space, subject), one_hot(space, subject)))
    if wanted.drawing == "rows":
        return HeatMaps(space, subject, (token_rows(space, subject),))
    if wanted.drawing == "axes":
        axes = [read_axis(space, text) for text in wanted.axes if text]
        drawn = draw_on_axes(space, subject, wanted.settings, axes, cancel, progress)
    else:
        drawn = draw(space, subject, wanted.settings, arrows, cancel, progress, shown)
    return finished(drawn, cancel, progress, shown)


def finished(drawn: PointMap, cancel: CancelToken, progress: Progress, shown: Shown) -> PointMap:
    """The map with its clusters and how far it can be trusted; shown before each, since both take time."""
    shown(drawn)
    if not drawn.own_axes:
        drawn = with_faithfulness(drawn, drawn.layout.plane(0), cancel)
        shown(drawn)
    return with_clusters(drawn, cancel, progress)


def subject_of(
    space: EmbeddingSpace,
    wanted: MapWanted,
    selected: int | None,
    cancel: CancelToken,
    progress: Progress,
) -> tuple[Subject, list[Arrow]]:
    """The tokens that are wanted, and the arrows between them. UsageError where there are none."""
    text, n, metric = wanted.text, wanted.n, wanted.settings.metric
    if wanted.of == "near":
        chosen = selected if not text else space.id(text)
        if chosen is None:
            raise UsageError("no token is selected", "write one, or choose other tokens")
        return subjects.neighbourhood(space, chosen, n, metric, cancel, progress), []
    if wanted.of in ("words", "file"):
        typed = wanted.of == "words"
        words, title = (words_in(text), "a list of words") if typed else (read_words(text), Path(text).name)
        return subjects.listed(space, words, title), []
    if wanted.of == "expression":
        found = subjects.words_of(space, text, n, cancel, progress)
        return found, of_analogy(space, text)
    if wanted.of == "arrows":
        return read_pairs(space, words_in(text))
    if wanted.of == "where":
        return subjects.where(space, text, n, cancel), []
    return subjects.most_frequent(space, n), []


def words_in(text: str) -> list[str]:
    """The words of a typed list: between commas where there are any, else between spaces."""
    pieces = text.split(",") if "," in text else text.split()
    return [piece.strip() for piece in pieces if piece.strip()]


def near_of(rows: Floats, points: Floats, place: int, metric: Metric) -> Near:
    """What is near a point of a map in the space, and what of it the map tears away."""
    k = min(NEIGHBOURS, len(rows) - 1)
    nearest = true_neighbours(rows, place, metric, k)
    ranks = ranks_on_map(points, place)
    torn = frozenset(other for other in nearest if torn_away(int(ranks[other]), k))
    distances = distances_to(rows, np.array([place]), metric)[0]
    scores = np.sqrt(np.maximum(distances, 0)) if metric == "euclidean" else -distances
    return Near(place, metric, scores, tuple(nearest), torn)
