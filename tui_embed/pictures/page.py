"""A map as one page of HTML that needs nothing else: hover, zoom, search, and a table of the same points."""

import base64
import hashlib
import html
import json
from importlib.resources import files

import numpy as np

from tui_embed.engine.maps.point_map import PointMap
from tui_embed.pictures import said
from tui_embed.pictures.colours import CLUSTERS
from tui_embed.printable import fit, printable

ON_DARK = ("#56b4e9", "#e69f00", "#2fc79a", "#ee8fc8", "#f0e442", "#ff7043", "#9aa8ff", "#b8b8b8")

WORD_CELLS = 24

_UNSAFE = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def map_page(drawn: PointMap) -> bytes:
    """The page, in UTF-8. It takes nothing from a network: its policy forbids that."""
    style, script = _part("map.css"), _part("map.js")
    page = _part("map.html")
    parts = {
        "policy": (
            f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        "title": html.escape(f"{said.heading(drawn)} · {printable(drawn.space.name)}"),
        "style": style,
        "script": script,
        "data": json.dumps(_data(drawn), ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE),
    }
    pieces = page.split("@")
    # every other piece is the name of a part; parts are never looked into again
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces)).encode()


def _data(drawn: PointMap) -> dict[str, object]:
    points = drawn.layout.points
    clusters = np.full(len(drawn), -1) if drawn.clusters is None else drawn.clusters.labels
    n_clusters = 0 if drawn.clusters is None else len(drawn.clusters)
    lines = [said.origin(drawn.space), said.method(drawn), said.coverage(drawn), said.arrows(drawn)]
    return {
        "title": said.heading(drawn),
        "said": [line for line in lines if line],
        "tokens": [printable(drawn.name(place)) for place in range(len(drawn))],
        "ids": drawn.subject.ids.tolist(),
        "x": [float(str(x)) for x in points[:, 0]],
        "y": [float(str(y)) for y in points[:, 1]],
        "clusters": clusters.tolist(),
        "legend": [
            ", ".join(fit(word, WORD_CELLS) for word in drawn.cluster_name(number))
            for number in range(n_clusters)
        ],
        "sizes": [] if drawn.clusters is None else drawn.clusters.sizes,
        "main": [
            drawn.places[token_id] for token_id in sorted(drawn.subject.main) if token_id in drawn.places
        ],
        "arrows": [
            [drawn.places[arrow.start], drawn.places[arrow.end], arrow.parallel is None or arrow.closes]
            for arrow in drawn.arrows
        ],
        "told": any(arrow.parallel is not None for arrow in drawn.arrows),
        "ends": [[said.end(axis.low), said.end(axis.high)] for axis in drawn.own_axes],
        "colours": [CLUSTERS, ON_DARK],
    }


def _part(name: str) -> str:
    return files("tui_embed.pictures").joinpath(name).read_text("utf-8")


def _hash(part: str) -> str:
    """What lets this script or style in, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
