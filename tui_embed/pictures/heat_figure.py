"""Heat maps and position rows as SVG or PNG, by matplotlib."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_embed.engine.maps.heat import HeatMap, PositionPicture
from tui_embed.figures import MINUS, percent, score
from tui_embed.optional import require
from tui_embed.pictures.colours import FAINT, HIGH, INK, LOW, MIDDLE, PAPER, RULE, on_cell
from tui_embed.pictures.fonts import EXTRA, Fonts
from tui_embed.pictures.paper import MARGIN, POINTS, SAID_SIZE, WIDTH, Sheet, missing_note, settings
from tui_embed.printable import fit

NAME_CELLS = 18
NAME_SIZE, CELL_SIZE = 7.0, 6.5
MOST_WRITTEN = 15
"""Of so many rows and columns each number is written in its cell."""

MOST_NAMED = 60
LARGEST_CELL = 36.0
SHORT_CELL = 24.0
"""In a narrower cell a number has fewer digits."""

MOST_ALONE = 440.0
LEAST_WIDTH = 380.0
"""Points of a square heat map that stands alone, and of the sheet without its margins."""

GAP = 26.0
TITLE, BAR, SCALE = 18.0, 7.0, 32.0
"""Points for the title of a heat map, for the colours of its scale, and for all of that."""

BAR_WIDTH = 120.0
CURVE = 0.6
"""How high the picture of a curve is, as a share of its width."""

NUMBERED = 64
"""Positions from one that is numbered to the next."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How much room a heat map takes, in points: its cells, and the names beside and above them."""

    width: float
    height: float
    beside: float
    above: float

    @property
    def total(self) -> float:
        """From the title to the end of the scale."""
        return TITLE + self.above + self.height + SCALE


def heat_figure(maps: Sequence[HeatMap], space: str, kind: str) -> tuple[bytes, list[str]]:
    """One or two heat maps side by side; ``space`` is printable. TuiEmbedError for a missing package."""
    titles = [fit(heat.title, 100) for heat in maps]
    said = [space, *(heat.said for heat in maps)]
    fonts = Fonts([*(name for heat in maps for name in _names(heat)), *titles, *said])
    with settings(fonts):
        whole = WIDTH * POINTS - 2 * MARGIN
        each = (whole - GAP * (len(maps) - 1)) / len(maps)
        shapes = [_shape(heat, each, fonts) for heat in maps]
        width = sum(shape.beside + shape.width for shape in shapes) + GAP * (len(maps) - 1)
        width = max(width, LEAST_WIDTH) + 2 * MARGIN
        sheet = Sheet(titles[0], said, max(shape.total for shape in shapes), fonts, width)
        x = MARGIN
        for heat, shape in zip(maps, shapes, strict=True):
            title = fit(heat.title, int((shape.beside + shape.width) / 5)) if len(maps) > 1 else ""
            _draw(sheet, heat, shape, x, title)
            x += shape.beside + shape.width + GAP
        return sheet.content(kind), list(missing_note(kind, fonts))


def positions_figure(pictures: Sequence[PositionPicture], space: str, kind: str) -> tuple[bytes, list[str]]:
    """For each kind of position rows the cosines, and under them the curve along two components."""
    told = (one.note if one.note.startswith(one.kind) else f"{one.kind}: {one.note}" for one in pictures)
    notes = [fit(note, 150) for note in told]
    fonts = Fonts([space, *notes])
    with settings(fonts):
        whole = WIDTH * POINTS - 2 * MARGIN
        each = min((whole - GAP * (len(pictures) - 1)) / len(pictures), MOST_ALONE)
        shapes = [_shape(one.cosines, each, fonts) for one in pictures]
        side = max(shape.total for shape in shapes) + 10
        width = each * len(pictures) + GAP * (len(pictures) - 1) + 2 * MARGIN
        sheet = Sheet("position rows", [space, *notes], side + TITLE + each * CURVE, fonts, width)
        for number, (one, shape) in enumerate(zip(pictures, shapes, strict=True)):
            x = MARGIN + number * (each + GAP)
            _draw(sheet, one.cosines, shape, x, one.cosines.title)
            _draw_curve(sheet, one, x, sheet.top - side - TITLE - each * CURVE, each)
        return sheet.content(kind), list(missing_note(kind, fonts))


def _names(heat: HeatMap) -> list[str]:
    """The names that are shown, printable."""
    return [
        fit(names[place], NAME_CELLS) for names in (heat.rows, heat.columns) for place in _named(len(names))
    ]


def _named(count: int) -> range:
    """Which rows or columns have their names written: all, or, of many, some."""
    return range(0, count, 1 if count <= MOST_NAMED else max(1, count // 8))


def _widest(names: Sequence[str], fonts: Fonts) -> float:
    shown = (fit(names[place], NAME_CELLS) for place in _named(len(names)))
    return max((fonts.width(name, NAME_SIZE) for name in shown), default=0.0)


def _shape(heat: HeatMap, each: float, fonts: Fonts) -> _Shape:
    """Square cells where there are as many rows as columns, in at most ``each`` points."""
    n, m = heat.values.shape
    beside = _widest(heat.rows, fonts) + 6
    # the names of few columns stand upright
    above = _widest(heat.columns, fonts) + 6 if m <= MOST_NAMED else NAME_SIZE + 6
    width = each - beside
    if n == m:
        side = min(width, MOST_ALONE, n * LARGEST_CELL)
        return _Shape(side, side, beside, above)
    return _Shape(width, min(420.0, max(n * 12.0, 24.0)), beside, above)


def _draw(sheet: Sheet, heat: HeatMap, shape: _Shape, x: float, title: str) -> None:
    """A heat map with its title, its names at the left and above, and its scale below."""
    colours = require("matplotlib.colors", EXTRA)
    scale = colours.LinearSegmentedColormap.from_list("signed", [LOW, MIDDLE, HIGH])
    left, bottom = x + shape.beside, sheet.top - TITLE - shape.above - shape.height
    if title:
        sheet.text(x, sheet.top - SAID_SIZE, title, size=SAID_SIZE, color=INK)
    field = sheet.axes(left, bottom, shape.width, shape.height)
    # what is no number has no colour
    values = np.ma.masked_invalid(heat.values)
    ends = {"vmin": -heat.limit, "vmax": heat.limit}
    field.imshow(values, cmap=scale, aspect="auto", interpolation="nearest", **ends)
    _ticks(field, heat)
    if max(heat.values.shape) <= MOST_WRITTEN:
        _write(field, heat, shape)
    bar = sheet.axes(left, bottom - 12 - BAR, min(BAR_WIDTH, shape.width), BAR)
    limit = heat.limit
    bar.imshow(np.linspace(-1, 1, 101)[None, :], cmap=scale, aspect="auto", extent=(-limit, limit, 0, 1))
    bar.set_yticks([])
    bar.set_xticks([-limit, 0, limit], [_number(value) for value in (-limit, 0, limit)])
    bar.tick_params(length=0, pad=2, labelsize=CELL_SIZE, labelcolor=FAINT)
    _plain(bar)


def _write(field: Any, heat: HeatMap, shape: _Shape) -> None:
    """The number of each cell."""
    whole = bool((heat.values == np.rint(heat.values)).all())
    say = _number if whole else _short if shape.width / heat.values.shape[1] < SHORT_CELL else score
    for (row, column), number in np.ndenumerate(heat.values):
        value = float(number)
        colour = on_cell(value / heat.limit)
        field.text(column, row, say(value), ha="center", va="center", size=CELL_SIZE, color=colour)


def _short(value: float) -> str:
    """As :func:`score`, with two digits after the point, or none."""
    size = abs(value)
    text = f"{size:.2f}".removeprefix("0") if size < 9.995 else f"{size:.0f}"
    return f"{MINUS}{text}" if value < 0 and text != ".00" else text


def _number(value: float) -> str:
    """A number of the scale, or of a matrix of whole numbers."""
    if value != round(value):
        return score(value)
    return f"{MINUS if value < 0 else ''}{abs(value):.0f}"


def _ticks(field: Any, heat: HeatMap) -> None:
    """The names of rows and columns."""
    for axis, names in ((field.yaxis, heat.rows), (field.xaxis, heat.columns)):
        places = _named(len(names))
        axis.set_ticks(list(places))
        axis.set_ticklabels([fit(names[place], NAME_CELLS) for place in places])
    field.xaxis.tick_top()
    field.tick_params(length=0, pad=3, labelsize=NAME_SIZE, labelcolor=INK)
    if len(heat.columns) <= MOST_NAMED:
        field.tick_params(axis="x", labelrotation=90)
    _plain(field)


def _draw_curve(sheet: Sheet, picture: PositionPicture, x: float, y: float, each: float) -> None:
    """Positions along their first two principal components; the shade says which come later."""
    colours = require("matplotlib.colors", EXTRA)
    shade = colours.LinearSegmentedColormap.from_list("order", ["#9ecae1", "#08306b"])
    points = picture.curve
    field = sheet.axes(x, y, each, each * CURVE)
    field.plot(points[:, 0], points[:, 1], color=RULE, linewidth=0.6, zorder=1)
    field.scatter(
        points[:, 0], points[:, 1], c=np.arange(len(points)), cmap=shade, s=6, linewidths=0, zorder=2
    )
    field.margins(0.08)
    rim = {"facecolor": PAPER, "alpha": 0.85, "edgecolor": "none", "pad": 0.6}
    for place in sorted({*range(0, len(points), NUMBERED), len(points) - 1}):
        offset = {"xytext": (5, 4), "textcoords": "offset points"}
        field.annotate(str(place), points[place, :2], size=CELL_SIZE, color=INK, bbox=rim, **offset)
    field.set_aspect("equal", adjustable="datalim")
    field.set_xticks([])
    field.set_yticks([])
    field.set_facecolor(PAPER)
    _plain(field)
    shares = " + ".join(map(percent, picture.explained[:2]))
    title = f"{picture.kind}: PCA of the rows, {shares} of variance"
    sheet.text(x, y + each * CURVE + 6, title, size=SAID_SIZE, color=INK)


def _plain(field: Any) -> None:
    for spine in field.spines.values():
        spine.set_color(RULE)
        spine.set_linewidth(0.6)
