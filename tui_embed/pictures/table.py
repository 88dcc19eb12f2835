"""Maps and heat maps as comma-separated values."""

import csv
import io
import re
from collections.abc import Iterable

from tui_embed.engine.maps.heat import HeatMap
from tui_embed.engine.maps.point_map import PointMap

_SURROGATE = re.compile("[\ud800-\udfff]")
COLUMNS = ("token", "x", "y", "cluster", "id")


def map_table(drawn: PointMap) -> bytes:
    """A line a point, in the map's order: ``token,x,y,cluster,id``; clusters count from 1, and are
    empty where there are none. Tokens are data, in quotes where they need them; what cannot be UTF-8 is
    U+FFFD.
    """
    clusters = [""] * len(drawn)
    if drawn.clusters is not None:
        clusters = [str(label + 1) for label in drawn.clusters.labels.tolist()]
    return _written(
        COLUMNS,
        (
            (drawn.space.vocabulary[token_id], repr(x), repr(y), cluster, str(token_id))
            for token_id, (x, y), cluster in zip(
                drawn.subject.ids.tolist(), _short(drawn), clusters, strict=True
            )
        ),
    )


def heat_table(heat: HeatMap) -> bytes:
    """A line a row: its name, then its numbers under the names of the columns."""
    rows = (
        (name, *(str(value) for value in values)) for name, values in zip(heat.rows, heat.values, strict=True)
    )
    return _written(("", *heat.columns), rows)


def _short(drawn: PointMap) -> list[tuple[float, float]]:
    """The places as the shortest decimals that give the same float32."""
    return [(float(str(x)), float(str(y))) for x, y in drawn.layout.points[:, :2]]


def _written(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return _SURROGATE.sub("\ufffd", text.getvalue()).encode()
