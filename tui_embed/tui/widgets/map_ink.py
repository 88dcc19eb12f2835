"""From the cells of a map to strips in the theme's colours."""

from collections.abc import Sequence

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_embed.tui.widgets.map_scene import (
    ARROW_KIND,
    LINE_KIND,
    OPEN_KIND,
    PLAIN,
    TORN_KIND,
    Drawn,
    Ink,
    Name,
)
from tui_embed.tui.widgets.palette import Palette


def strips_of(drawn: Drawn, palette: Palette) -> list[Strip]:
    """One strip a row of cells."""
    styles = [palette.background + _style(ink, palette) for ink in drawn.inks]
    height, width = drawn.ink.shape
    over: list[list[tuple[int, int, str, Style]]] = [[] for _ in range(height)]
    covered: set[tuple[int, int]] = set()
    for name in drawn.names:
        over[name.box.y].append(
            (name.box.x, name.box.width, name.text, palette.background + _name_style(name, palette))
        )
        covered.update((name.box.y, x) for x in range(name.box.x, name.box.x + name.box.width))
    for x, y, role, glyph in _topmost(drawn.spots):
        if 0 <= x < width and 0 <= y < height and (y, x) not in covered:
            over[y].append((x, 1, glyph, palette.background + _spot_style(role, palette)))
    texts = drawn.characters.astype("<u4").view(f"<U{width}").reshape(height).tolist()
    # a blank takes the ink before it: fewer pieces are drawn
    changes = _changes(drawn)
    return [
        Strip(_row(texts[y].ljust(width), changes[y], drawn.ink[y].tolist(), sorted(over[y]), styles), width)
        for y in range(height)
    ]


def _changes(drawn: Drawn) -> list[list[int]]:
    """For each row where a piece of another ink begins; blanks belong to the piece before."""
    filled = np.where(drawn.ink > 0, np.arange(drawn.ink.shape[1]), 0)
    last = np.maximum.accumulate(filled, axis=1)
    carried = np.take_along_axis(drawn.ink, last, axis=1)
    rows, columns = np.nonzero(carried[:, 1:] != carried[:, :-1])
    starts: list[list[int]] = [[0] for _ in range(len(drawn.ink))]
    for row, column in zip(rows.tolist(), (columns + 1).tolist(), strict=True):
        starts[row].append(column)
    return starts


def _row(
    text: str,
    starts: Sequence[int],
    ink: Sequence[int],
    over: Sequence[tuple[int, int, str, Style]],
    styles: Sequence[Style],
) -> list[Segment]:
    segments: list[Segment] = []
    width, at, piece = len(text), 0, 0
    bounds = [*starts, width]

    def plain(stop: int) -> None:
        nonlocal at, piece
        while at < stop:
            while bounds[piece + 1] <= at:
                piece += 1
            end = min(bounds[piece + 1], stop)
            segments.append(Segment(text[at:end], styles[ink[bounds[piece]]]))
            at = end

    for x, cells, shown, style in over:
        plain(x)
        segments.append(Segment(shown, style))
        at = x + cells
    plain(width)
    return segments


def _topmost(spots: Sequence[tuple[int, int, str, str]]) -> list[tuple[int, int, str, str]]:
    """One for each cell: the first, which is the most important."""
    kept: dict[tuple[int, int], tuple[int, int, str, str]] = {}
    for spot in spots:
        kept.setdefault(spot[:2], spot)
    return list(kept.values())


def _style(ink: Ink, palette: Palette) -> Style:
    if ink.kind == LINE_KIND:
        return palette.line
    if ink.kind in (TORN_KIND, OPEN_KIND):
        return palette.error
    if ink.kind == ARROW_KIND:
        return palette.success
    if ink.kind == "blank":
        return palette.text
    return _colour(ink.colour, ink.level, palette)


def _colour(colour: int, level: int, palette: Palette) -> Style:
    if colour == PLAIN:
        return (palette.faint, palette.primary, palette.primary + Style(bold=True))[level]
    return palette.clusters[colour % len(palette.clusters)][level]


def _name_style(name: Name, palette: Palette) -> Style:
    if name.role == "cursor":
        return palette.selected
    if name.role == "torn":
        return palette.error
    own = palette.text if name.colour == PLAIN else _colour(name.colour, 1, palette)
    return own + Style(bold=True) if name.role else own


def _spot_style(role: str, palette: Palette) -> Style:
    if role in (TORN_KIND, OPEN_KIND):
        return palette.error
    if role == ARROW_KIND:
        return palette.success
    return palette.accent if role == "cursor" else palette.text
