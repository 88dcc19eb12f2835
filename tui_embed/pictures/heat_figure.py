"""Heat maps and position rows as SVG or PNG, by matplotlib."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tui_embed.engine.maps.heat import HeatMap, PositionPicture
from tui_embed.figures import percent, score
from tui_embed.optional import require
from tui_embed.pictures.colours import FAINT, HIGH, INK, LOW, MIDDLE, PAPER, RULE
from tui_embed.pictures.fonts import EXTRA, Fonts
from tui_embed.pictures.paper import MARGIN, POINTS, SAID_SIZE, WIDTH, Sheet, missing_note, settings
from tui_embed.printable import fit

NAME_CELLS = 18
NAME_SIZE = 7.0
MOST_WRITTEN = 16
"""Of so many rows and columns each number is written in its cell."""

MOST_NAMED = 60
GAP = 24.0
BAR = 46.0
"""Points for the scale under a heat map."""


def heat_figure(maps: Sequence[HeatMap], space: str, kind: str) -> tuple[bytes, list[str]]:
    """One or two heat maps side by side; ``space`` is printable. TuiEmbedError for a missing package."""
    names = [
        fit(name, NAME_CELLS)
        for heat in maps
        for name in (*heat.rows[:MOST_NAMED], *heat.columns[:MOST_NAMED])
    ]
    titles = [fit(heat.title, 100) for heat in maps]
    fonts = Fonts([*names, *titles, space])
    with settings(fonts):
        width = WIDTH * POINTS - 2 * MARGIN
        each = (width - GAP * (len(maps) - 1)) / len(maps)
        height = max(_height(heat, each, fonts) for heat in maps)
        title = titles[0][:1].upper() + titles[0][1:]
        sheet = Sheet(title, [space, *(heat.said for heat in maps)], height)
        for number, heat in enumerate(maps):
            _draw(sheet, heat, fonts, MARGIN + number * (each + GAP), sheet.top, each, named=len(maps) > 1)
        return sheet.content(kind), list(missing_note(kind, fonts))


def positions_figure(pictures: Sequence[PositionPicture], space: str, kind: str) -> tuple[bytes, list[str]]:
    """For each kind of position rows the cosines, and under them the curve along two components."""
    fonts = Fonts([space, *(one.note for one in pictures)])
    with settings(fonts):
        width = WIDTH * POINTS - 2 * MARGIN
        each = (width - GAP * (len(pictures) - 1)) / len(pictures)
        side = max(_height(one.cosines, each, fonts) for one in pictures)
        notes = [fit(one.note, 150) for one in pictures]
        sheet = Sheet("Position rows", [space, *notes], side + each * 0.72 + 30)
        for number, one in enumerate(pictures):
            x = MARGIN + number * (each + GAP)
            _draw(sheet, one.cosines, fonts, x, sheet.top, each, named=True)
            _draw_curve(sheet, one, x, sheet.top - side - 30 - each * 0.66, each)
        return sheet.content(kind), list(missing_note(kind, fonts))


def _names_width(heat: HeatMap, fonts: Fonts) -> float:
    if len(heat.rows) > MOST_NAMED:
        return 24.0
    return max((fonts.width(fit(name, NAME_CELLS), NAME_SIZE) for name in heat.rows), default=0.0) + 6


def _columns_height(heat: HeatMap, fonts: Fonts) -> float:
    if len(heat.columns) > MOST_NAMED:
        return 14.0
    return max((fonts.width(fit(name, NAME_CELLS), NAME_SIZE) for name in heat.columns), default=0.0) + 8


def _field(heat: HeatMap, each: float, fonts: Fonts) -> tuple[float, float]:
    """How wide and high the cells are together: square where there are as many rows as columns."""
    width = each - _names_width(heat, fonts)
    n, m = heat.values.shape
    cell = min(width / m, 30.0)
    if n == m:
        return cell * m, cell * n
    return width, min(420.0, max(n * 12.0, 24.0))


def _height(heat: HeatMap, each: float, fonts: Fonts) -> float:
    return 14 + _columns_height(heat, fonts) + _field(heat, each, fonts)[1] + BAR


def _draw(sheet: Sheet, heat: HeatMap, fonts: Fonts, x: float, top: float, each: float, named: bool) -> None:
    """A heat map with its names at the left and above, and its scale below."""
    colours = require("matplotlib.colors", EXTRA)
    scale = colours.LinearSegmentedColormap.from_list("signed", [LOW, MIDDLE, HIGH])
    n, m = heat.values.shape
    left = x + _names_width(heat, fonts)
    width, height = _field(heat, each, fonts)
    bottom = top - 14 - _columns_height(heat, fonts) - height
    if named:
        sheet.text(x, top - 8, fit(heat.title, 70), size=SAID_SIZE, color=INK)
    field = sheet.axes(left, bottom, width, height)
    field.imshow(
        np.nan_to_num(heat.values),
        cmap=scale,
        vmin=-heat.limit,
        vmax=heat.limit,
        aspect="auto",
        interpolation="nearest",
    )
    _ticks(field, heat)
    if n <= MOST_WRITTEN and m <= MOST_WRITTEN:
        for row in range(n):
            for column in range(m):
                value = float(heat.values[row, column])
                shown = score(value) if width / m > 28 else score(round(value, 2))[: 4 if value < 0 else 3]
                field.text(column, row, shown, ha="center", va="center", size=6.5, color=INK)
    bar = sheet.axes(left, bottom - 20, min(120.0, width), 7)
    bar.imshow(
        np.linspace(-1, 1, 101)[None, :], cmap=scale, aspect="auto", extent=(-heat.limit, heat.limit, 0, 1)
    )
    bar.set_yticks([])
    bar.set_xticks([-heat.limit, 0, heat.limit], [score(-heat.limit), "0", score(heat.limit)])
    bar.tick_params(length=0, pad=2, labelsize=6.5, labelcolor=FAINT)
    _plain(bar)


def _ticks(field: Any, heat: HeatMap) -> None:
    """The names of rows and columns, or, of many, of some."""
    n, m = heat.values.shape
    for axis, names, count in ((field.yaxis, heat.rows, n), (field.xaxis, heat.columns, m)):
        step = 1 if count <= MOST_NAMED else max(1, count // 8)
        places = list(range(0, count, step))
        axis.set_ticks(places)
        texts = axis.set_ticklabels([fit(names[place], NAME_CELLS) for place in places])
        for text in texts:
            text.set_parse_math(False)
    field.xaxis.tick_top()
    field.tick_params(length=0, pad=3, labelsize=NAME_SIZE, labelcolor=INK)
    if m <= MOST_NAMED:
        field.tick_params(axis="x", labelrotation=90)
    _plain(field)


def _draw_curve(sheet: Sheet, picture: PositionPicture, x: float, y: float, each: float) -> None:
    """Positions along their first two principal components; the shade says which come later."""
    colours = require("matplotlib.colors", EXTRA)
    shade = colours.LinearSegmentedColormap.from_list("order", ["#9ecae1", "#08306b"])
    points = picture.curve
    field = sheet.axes(x, y, each, each * 0.6)
    field.plot(points[:, 0], points[:, 1], color=RULE, linewidth=0.8, zorder=1)
    field.scatter(
        points[:, 0], points[:, 1], c=np.arange(len(points)), cmap=shade, s=6, linewidths=0, zorder=2
    )
    for place in sorted({0, *range(0, len(points), 64), len(points) - 1}):
        field.annotate(
            str(place), points[place, :2], xytext=(4, 3), textcoords="offset points", size=6.5, color=FAINT
        )
    field.set_aspect("equal", adjustable="datalim")
    field.set_xticks([])
    field.set_yticks([])
    field.set_facecolor(PAPER)
    _plain(field)
    shares = " + ".join(map(percent, picture.explained[:2]))
    sheet.text(
        x, y + each * 0.6 + 6, f"{picture.kind}: PCA of W_P, {shares} of variance", size=SAID_SIZE, color=INK
    )


def _plain(field: Any) -> None:
    for spine in field.spines.values():
        spine.set_color(RULE)
        spine.set_linewidth(0.6)
