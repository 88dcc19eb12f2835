"""From a map to what the widget draws of it."""

import numpy as np

from tui_embed.engine.maps.point_map import PointMap
from tui_embed.printable import fit
from tui_embed.tui.map_look import MapLook
from tui_embed.tui.widgets.map_scene import ARROW_KIND, OPEN_KIND, PLAIN, Line
from tui_embed.tui.widgets.map_sight import MapPoints
from tui_embed.tui.widgets.pieces import Piece

WORD_CELLS = 14


def map_points(look: MapLook) -> MapPoints:
    """The points of a map along the two axes that are looked at, with their colours, names and arrows."""
    drawn = look.drawn
    colours = np.full(len(drawn), PLAIN) if drawn.clusters is None else drawn.clusters.labels.astype(np.int64)
    lines = [
        Line(
            drawn.places[arrow.start],
            drawn.places[arrow.end],
            ARROW_KIND if arrow.closes or arrow.parallel is None else OPEN_KIND,
            head=True,
        )
        for arrow in drawn.arrows
        if arrow.start in drawn.places and arrow.end in drawn.places
    ]
    main = [
        drawn.places[token_id] for token_id in drawn.subject.ids.tolist() if token_id in drawn.subject.main
    ]
    return MapPoints(look.points, colours, drawn.name, main, lines, bool(drawn.own_axes))


def legend_of(drawn: PointMap) -> list[Piece]:
    """The clusters of a map, the largest first: colour, number, central words and size."""
    if drawn.clusters is None:
        return []
    return [
        Piece(f"● {number + 1} {', '.join(fit(word, WORD_CELLS) for word in words)} ({size:,})", number)
        for number, (words, size) in enumerate(
            zip(map(drawn.cluster_name, range(len(drawn.clusters))), drawn.clusters.sizes, strict=True)
        )
    ]
