"""A map as SVG or PNG, by matplotlib."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_embed.engine.maps.point_map import PointMap
from tui_embed.engine.rows import Floats
from tui_embed.pictures import names, said
from tui_embed.pictures.colours import FAINT, INK, OPEN, PARALLEL, RULE, of_cluster
from tui_embed.pictures.fonts import Fonts
from tui_embed.pictures.names import Name
from tui_embed.pictures.paper import (
    MARGIN,
    POINTS,
    SAID_SIZE,
    WIDTH,
    Sheet,
    missing_note,
    name_style,
    settings,
)
from tui_embed.printable import fit

HEIGHT, LINE_HEIGHT = 450.0, 150.0
"""Points of the field, and where one axis is all that there is."""

AXES_HEIGHT = 26.0
LEGEND_LINE = 12.0
LEGEND_COLUMNS = 2
ROOM = 0.06
"""The share of each side that stays free around the points."""

OPEN_DASHES = (0, (4, 2))
MOST_DRAWN = 20_000
"""So many points are drawn as shapes in an SVG; more of them are a picture in it."""


@dataclass(frozen=True, slots=True)
class _Field:
    """The rectangle of the points on the sheet, and the part of the map's plane that is in sight there."""

    axes: Any
    x: float
    y: float
    width: float
    height: float
    low: Floats
    high: Floats

    def at(self, points: Floats) -> Floats:
        """Where ``points`` ``(n, 2)`` lie, in points from the top left."""
        shares = (points - self.low) / (self.high - self.low)
        return np.asarray(np.column_stack([shares[:, 0] * self.width, (1 - shares[:, 1]) * self.height]))


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line of the legend."""

    sign: str
    colour: str
    text: str


def map_figure(drawn: PointMap, kind: str) -> tuple[bytes, list[str]]:
    """The map as ``svg`` or ``png``, and what there is to say of it. TuiEmbedError where the package is
    missing.
    """
    named = names.texts(drawn)
    marks = _legend(drawn)
    title = said.heading(drawn)
    lines = [said.origin(drawn.space), said.method(drawn), said.coverage(drawn), said.arrows(drawn)]
    axes = [fit(axis, said.END_CELLS) for axis in drawn.layout.axes]
    fonts = Fonts([*named.values(), *(mark.sign + mark.text for mark in marks), *axes, *lines, title])
    with settings(fonts):
        height = LINE_HEIGHT if len(drawn.own_axes) == 1 else HEIGHT
        legend = -(-len(marks) // LEGEND_COLUMNS) * LEGEND_LINE
        sheet = Sheet(title, lines, height + AXES_HEIGHT + legend, fonts)
        field = _field(sheet, drawn, height)
        at = field.at(_points(drawn))
        _draw_points(field, drawn)
        _draw_arrows(field, drawn)
        for name in names.placed(drawn, named, fonts, at, (field.width, field.height)):
            _draw_name(field, drawn, name, at[name.place], kind)
        _draw_axes(sheet, field, drawn, axes)
        _draw_legend(sheet, marks, field.y - AXES_HEIGHT - SAID_SIZE)
        return sheet.content(kind), list(missing_note(kind, fonts))


def _points(drawn: PointMap) -> Floats:
    return np.asarray(drawn.layout.points[:, :2], dtype=np.float64)


def _field(sheet: Sheet, drawn: PointMap, height: float) -> _Field:
    """One scale for both axes, so that distances can be compared, but for axes of one's own."""
    width = WIDTH * POINTS - 2 * MARGIN
    points = _points(drawn)
    low, high = points.min(axis=0), points.max(axis=0)
    if drawn.own_axes:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    middle, extent = (low + high) / 2, np.maximum(high - low, 1e-9) / (1 - 2 * ROOM)
    if not drawn.own_axes:
        extent = np.array([width, height]) * float((extent / (width, height)).max())
    low, high = middle - extent / 2, middle + extent / 2
    axes = sheet.axes(MARGIN, sheet.top - height, width, height)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(RULE)
        spine.set_linewidth(0.6)
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    return _Field(axes, MARGIN, sheet.top - height, width, height, low, high)


def _draw_points(field: _Field, drawn: PointMap) -> None:
    points = _points(drawn)
    n = len(points)
    labels = np.full(n, -1) if drawn.clusters is None else drawn.clusters.labels
    size, strength = (14.0, 0.95) if n <= 300 else (6.0, 0.8) if n <= 3000 else (1.6, 0.5)
    field.axes.scatter(
        points[:, 0],
        points[:, 1],
        s=size,
        c=[of_cluster(label) for label in labels.tolist()],
        alpha=strength,
        linewidths=0,
        rasterized=n > MOST_DRAWN,
    )


def _draw_arrows(field: _Field, drawn: PointMap) -> None:
    points = _points(drawn)
    for arrow in drawn.arrows:
        start, end = (points[drawn.places[token_id]] for token_id in (arrow.start, arrow.end))
        closes = arrow.parallel is None or arrow.closes
        style = {
            "arrowstyle": "-|>",
            "color": PARALLEL if closes else OPEN,
            "linestyle": "solid" if closes else OPEN_DASHES,
            "linewidth": 1.1,
            "shrinkA": 3,
            "shrinkB": 3,
        }
        field.axes.annotate("", xy=tuple(end), xytext=tuple(start), arrowprops=style)


def _draw_name(field: _Field, drawn: PointMap, name: Name, at: Floats, kind: str) -> None:
    label = -1 if drawn.clusters is None else int(drawn.clusters.labels[name.place])
    colour = INK if label < 0 else of_cluster(label)
    x, y = at.tolist()
    leader = name.leader(x, y)
    if leader is not None:
        ends = np.array([(x, y), leader]) / (field.width, field.height)
        style = {"color": colour, "linewidth": 0.5, "alpha": 0.6, "zorder": 0.5}
        field.axes.plot(ends[:, 0], 1 - ends[:, 1], transform=field.axes.transAxes, **style)
    field.axes.text(
        (name.box.x + 0.5) / field.width,
        1 - name.base / field.height,
        name.text,
        transform=field.axes.transAxes,
        size=name.size,
        weight="bold" if name.main else "normal",
        color=colour,
        **name_style(kind, name.place),
    )


def _draw_axes(sheet: Sheet, field: _Field, drawn: PointMap, axes: Sequence[str]) -> None:
    """The names of the axes; of one's own, the lines of 0 and the ends."""
    style = {"size": SAID_SIZE, "color": FAINT}
    right, above = field.x + field.width, field.y + field.height
    below, beside = field.y - 13, field.x - 6
    if not drawn.own_axes:
        sheet.text((field.x + right) / 2, below, axes[0], ha="center", **style)
        sheet.text(beside, (field.y + above) / 2, axes[1], rotation=90, ha="right", va="center", **style)
        return
    field.axes.axhline(0, color=RULE, linewidth=0.8, zorder=0)
    field.axes.axvline(0, color=RULE, linewidth=0.8, zorder=0)
    zero = field.at(np.zeros((1, 2), np.float32))[0]
    sheet.text(field.x + zero[0], above + 4, "0", ha="center", **style)
    if len(drawn.own_axes) > 1:
        sheet.text(right + 4, above - zero[1], "0", va="center", **style)
    across = drawn.own_axes[0]
    sheet.text(field.x, below, f"← {said.end(across.low)}", **style)
    sheet.text(right, below, f"{said.end(across.high)} →", ha="right", **style)
    for upwards in drawn.own_axes[1:]:
        low, high = f"← {said.end(upwards.low)}", f"{said.end(upwards.high)} →"
        sheet.text(beside, field.y, low, rotation=90, ha="right", va="bottom", **style)
        sheet.text(beside, above, high, rotation=90, ha="right", va="top", **style)


def _legend(drawn: PointMap) -> list[_Mark]:
    marks = [
        _Mark("●", of_cluster(number), said.cluster_name(drawn, number))
        for number in range(0 if drawn.clusters is None else len(drawn.clusters))
    ]
    told = {arrow.closes for arrow in drawn.arrows if arrow.parallel is not None}
    if True in told:
        marks.append(_Mark("→", PARALLEL, "parallel to the other arrows"))
    if False in told:
        marks.append(_Mark("⇢", OPEN, "not parallel to them"))
    return marks


def _draw_legend(sheet: Sheet, marks: Sequence[_Mark], top: float) -> None:
    column = (sheet.width - 2 * MARGIN) / LEGEND_COLUMNS
    for number, mark in enumerate(marks):
        x = MARGIN + column * (number % LEGEND_COLUMNS)
        y = top - LEGEND_LINE * (number // LEGEND_COLUMNS)
        sheet.text(x, y, mark.sign, size=SAID_SIZE, color=mark.colour, weight="bold")
        sheet.text(x + 13, y, mark.text, size=SAID_SIZE, color=INK)
