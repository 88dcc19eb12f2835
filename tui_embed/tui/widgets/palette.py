"""The theme's colours as styles for the widgets that draw lines themselves."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from tui_embed.engine.rows import Floats

SCALE_STEPS = 17
N_CHIPS = 5
N_CLUSTERS = 8
DIM, BRIGHT = 0.45, 0.35
"""How far a lone point's colour goes towards the background, and that of a crowd towards the text."""


@dataclass(frozen=True)
class Palette:
    """Styles by what they mean. ``scale`` runs from the most negative to the most positive value.
    ``clusters`` are, for each colour of points, a lone point, a few, and a crowd; ``background`` is a blank.
    """

    text: Style
    faint: Style
    line: Style
    accent: Style
    selected: Style
    primary: Style
    error: Style
    success: Style
    chips: tuple[Style, ...]
    scale: tuple[Style, ...]
    clusters: tuple[tuple[Style, Style, Style], ...]
    background: Style

    @classmethod
    def of(cls, widget: Widget) -> "Palette":
        """The palette of the theme that ``widget`` is shown in."""
        return _palette(tuple(sorted(widget.app.theme_variables.items())))

    def signed(self, fractions: Floats) -> list[Style]:
        """The style of each value of −1 … 1."""
        half = (SCALE_STEPS - 1) / 2
        steps = np.rint((np.clip(np.nan_to_num(fractions), -1, 1) + 1) * half).astype(int)
        return [self.scale[step] for step in steps.tolist()]


@lru_cache(maxsize=8)
def _palette(variables: tuple[tuple[str, str], ...]) -> Palette:
    colour = dict(variables)

    def style(name: str, *, on: str | None = None, bold: bool = False) -> Style:
        background = Color.parse(colour[on]).rich_color if on else None
        return Style(color=Color.parse(colour[name]).rich_color, bgcolor=background, bold=bold or None)

    low, middle, high = (Color.parse(colour[name]) for name in ("scale-low", "scale-mid", "scale-high"))
    half = (SCALE_STEPS - 1) // 2
    scale = [low.blend(middle, i / half) for i in range(half)] + [middle]
    scale += [middle.blend(high, i / half) for i in range(1, half + 1)]
    return Palette(
        text=style("foreground"),
        faint=style("faint"),
        line=style("line"),
        accent=style("accent", bold=True),
        selected=style("on-accent", on="accent", bold=True),
        primary=style("primary"),
        error=style("error"),
        success=style("success"),
        chips=tuple(style("chip-text", on=f"chip-{i + 1}") for i in range(N_CHIPS)),
        scale=tuple(Style(color=step.rich_color) for step in scale),
        clusters=tuple(_levels(colour, Color.parse(colour[f"cluster-{i + 1}"])) for i in range(N_CLUSTERS)),
        background=Style(bgcolor=Color.parse(colour["background"]).rich_color),
    )


def _levels(colour: dict[str, str], own: Color) -> tuple[Style, Style, Style]:
    """A colour of points for a lone one, a few, and a crowd."""
    background, text = Color.parse(colour["background"]), Color.parse(colour["foreground"])
    lone, crowd = own.blend(background, DIM), own.blend(text, BRIGHT)
    return Style(color=lone.rich_color), Style(color=own.rich_color), Style(color=crowd.rich_color, bold=True)
