"""A map as SVG or PNG, by matplotlib."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_embed.engine.maps.labels import place_labels
from tui_embed.engine.maps.point_map import PointMap
from tui_embed.engine.rows import Floats
from tui_embed.pictures import said
from tui_embed.pictures.colours import FAINT, INK, OPEN, PAPER, PARALLEL, RULE, of_cluster
from tui_embed.pictures.fonts import Fonts
from tui_embed.pictures.paper import MARGIN, POINTS, SAID_SIZE, WIDTH, Sheet, missing_note, settings
from tui_embed.printable import fit

HEIGHT = 430.0
NAME_CELLS = 26
NAMES_TRIED = 500
NAME_SIZE, MAIN_SIZE = 7.5, 8.5
LEGEND_LINE = 12.0
LEGEND_COLUMNS = 2
ROOM = 0.06
"""The share of each side that stays free around the points."""


@dataclass(frozen=True, slots=True)
class _Name:
    place: int
    text: str
    size: float
    main: bool


def map_figure(drawn: PointMap, kind: str) -> tuple[bytes, list[str]]:
    """The map as ``svg`` or ``png``, and what there is to say of it. TuiEmbedError where the package is
    missing.
    """
    names = _names(drawn)
    clusters = (
        [] if drawn.clusters is None else [said.cluster_name(drawn, n) for n in range(len(drawn.clusters))]
    )
    lines = [said.origin(drawn.space), said.method(drawn), said.coverage(drawn), said.arrows(drawn)]
    fonts = Fonts([*(name.text for name in names), *clusters, *lines, said.heading(drawn)])
    with settings(fonts):
        legend = -(-len(clusters) // LEGEND_COLUMNS) * LEGEND_LINE
        ends = 2 * LEGEND_LINE if drawn.own_axes else 0.0
        sheet = Sheet(said.heading(drawn), lines, HEIGHT + ends + legend)
        area = (MARGIN, sheet.top - HEIGHT, WIDTH * POINTS - 2 * MARGIN, HEIGHT)
        field = sheet.axes(*area)
        _frame(field)
        limits = _limits(drawn, area[2], area[3])
        field.set_xlim(*limits[0])
        field.set_ylim(*limits[1])
        _draw_points(field, drawn)
        _draw_arrows(field, drawn)
        _draw_names(field, drawn, names, fonts, limits, area, halo=kind == "png")
        if drawn.own_axes:
            _draw_axes(sheet, field, drawn, area)
        _draw_legend(sheet, clusters, area[1] - ends - LEGEND_LINE)
        return sheet.content(kind), list(missing_note(kind, fonts))


def _names(drawn: PointMap) -> list[_Name]:
    """The names to find room for, the main ones first."""
    main = [place for place in range(len(drawn)) if int(drawn.subject.ids[place]) in drawn.subject.main]
    others = [place for place in range(min(len(drawn), NAMES_TRIED)) if place not in set(main)]
    return [
        _Name(place, fit(drawn.name(place), NAME_CELLS), MAIN_SIZE if is_main else NAME_SIZE, is_main)
        for places, is_main in ((main, True), (others, False))
        for place in places
    ]


def _points(drawn: PointMap) -> Floats:
    return np.asarray(drawn.layout.points[:, :2])


def _limits(drawn: PointMap, width: float, height: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """What is in sight: one scale for both axes, so that distances can be compared, but for axes of one's
    own.
    """
    points = _points(drawn).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    if drawn.own_axes:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    middle, extent = (low + high) / 2, np.maximum(high - low, 1e-9) / (1 - 2 * ROOM)
    if not drawn.own_axes:
        scale = float((extent / (width, height)).max())
        extent = np.array([width, height]) * scale
    near, far = middle - extent / 2, middle + extent / 2
    return (float(near[0]), float(far[0])), (float(near[1]), float(far[1]))


def _frame(field: Any) -> None:
    field.set_xticks([])
    field.set_yticks([])
    for spine in field.spines.values():
        spine.set_color(RULE)
        spine.set_linewidth(0.6)


def _draw_points(field: Any, drawn: PointMap) -> None:
    points = _points(drawn)
    labels = np.full(len(points), -1) if drawn.clusters is None else drawn.clusters.labels
    n = len(points)
    size, strength = (14.0, 0.95) if n <= 300 else (6.0, 0.8) if n <= 3000 else (1.6, 0.5)
    colours = [of_cluster(label) for label in labels.tolist()]
    field.scatter(
        points[:, 0], points[:, 1], s=size, c=colours, alpha=strength, linewidths=0, rasterized=n > 20_000
    )


def _draw_arrows(field: Any, drawn: PointMap) -> None:
    points = _points(drawn)
    for arrow in drawn.arrows:
        start, end = (points[drawn.places[token_id]] for token_id in (arrow.start, arrow.end))
        colour = PARALLEL if arrow.parallel is None or arrow.closes else OPEN
        style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.1, "shrinkA": 3, "shrinkB": 3}
        field.annotate("", xy=tuple(end), xytext=tuple(start), arrowprops=style)


def _draw_names(
    field: Any,
    drawn: PointMap,
    names: Sequence[_Name],
    fonts: Fonts,
    limits: tuple[tuple[float, float], tuple[float, float]],
    area: tuple[float, float, float, float],
    halo: bool,
) -> None:
    (left, right), (bottom, top) = limits
    width, height = area[2], area[3]
    points = _points(drawn)[[name.place for name in names]].astype(np.float64)
    across = (points[:, 0] - left) / (right - left) * width
    down = (top - points[:, 1]) / (top - bottom) * height
    anchors = list(zip(across.astype(int).tolist(), down.astype(int).tolist(), strict=True))
    sizes = [
        (int(fonts.width(name.text, name.size, name.main)) + 1, int(name.size * 1.15) + 1)
        if name.text
        else (0, 1)
        for name in names
    ]
    must = sum(name.main for name in names)
    labels = np.full(len(drawn), -1) if drawn.clusters is None else drawn.clusters.labels
    for name, box in zip(
        names, place_labels(anchors, sizes, (int(width), int(height)), must, gap=3), strict=True
    ):
        if box is not None:
            field.text(
                (box.x + 0.5) / width,
                1 - (box.y + box.height * 0.78) / height,
                name.text,
                transform=field.transAxes,
                size=name.size,
                weight="bold" if name.main else "normal",
                color=INK if labels[name.place] < 0 else of_cluster(int(labels[name.place])),
                parse_math=False,
                # in an SVG it would turn the text into shapes
                path_effects=_halo() if halo else None,
            )


def _halo() -> list[Any]:
    """A rim of paper around names, so that they can be read among points."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.6, foreground=PAPER, alpha=0.8)]


def _draw_axes(sheet: Sheet, field: Any, drawn: PointMap, area: tuple[float, float, float, float]) -> None:
    """The lines of 0, and the ends of each axis at its ends."""
    field.axhline(0, color=RULE, linewidth=0.8, zorder=0)
    field.axvline(0, color=RULE, linewidth=0.8, zorder=0)
    x, y, width, height = area
    style = {"size": SAID_SIZE, "color": FAINT}
    across = drawn.own_axes[0]
    sheet.text(x, y - 12, f"← {fit(' '.join(across.low), 50)}", **style)
    sheet.text(x + width, y - 12, f"{fit(' '.join(across.high), 50)} →", ha="right", **style)
    if len(drawn.own_axes) > 1:
        upwards = drawn.own_axes[1]
        low, high = (fit(" ".join(end), 40) for end in (upwards.low, upwards.high))
        sheet.text(x - 5, y, f"← {low}", rotation=90, ha="right", va="bottom", **style)
        sheet.text(x - 5, y + height, f"{high} →", rotation=90, ha="right", va="top", **style)


def _draw_legend(sheet: Sheet, clusters: Sequence[str], top: float) -> None:
    column = (sheet.width - 2 * MARGIN) / LEGEND_COLUMNS
    for number, text in enumerate(clusters):
        x = MARGIN + column * (number % LEGEND_COLUMNS)
        y = top - LEGEND_LINE * (number // LEGEND_COLUMNS)
        sheet.text(x, y, "●", size=SAID_SIZE, color=of_cluster(number))
        sheet.text(x + 12, y, text, size=SAID_SIZE, color=INK)
