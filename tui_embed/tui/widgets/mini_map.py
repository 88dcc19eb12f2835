"""A small map of words: a dot for each, and names for as many as have room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.tui.widgets.map_ink import strips_of
from tui_embed.tui.widgets.map_scene import PLAIN, Marked, Scene, drawn
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.viewport import Viewport


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A word on the map (text from outside); ``main`` ones are named first."""

    name: str | bytes
    x: float
    y: float
    main: bool = False


class MiniMap(Widget):
    """Points that are looked at and not walked; the widest spread of each axis fills the widget."""

    DEFAULT_CSS = """
    MiniMap { height: 1fr; min-height: 4; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._points: Sequence[MapPoint] = ()
        self._strips: list[Strip] = []
        self._drawn_for: tuple[int, int] | None = None

    def show(self, points: Sequence[MapPoint]) -> None:
        """Draw other points, the most important first."""
        self._points = points
        self._drawn_for = None
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._drawn_for != (width, height):
            self._drawn_for = (width, height)
            self._strips = []
            if self._points and width and height:
                scene = scene_of(self._points)
                viewport = Viewport.around(scene.points, (2 * width, 4 * height), stretched=True)
                self._strips = strips_of(drawn(scene, viewport, width, height), Palette.of(self))
        return self._strips[y] if y < len(self._strips) else Strip.blank(width, self.rich_style)


def scene_of(points: Sequence[MapPoint]) -> Scene:
    """Points in one colour, the main ones marked; a place that is no number is the middle."""
    places = np.array([(point.x, point.y) for point in points], dtype=np.float32).reshape(-1, 2)
    n = len(points)
    return Scene(
        np.nan_to_num(places, nan=0.0, posinf=0.0, neginf=0.0),
        np.full(n, PLAIN),
        lambda place: points[place].name,
        np.arange(n),
        np.ones(n, dtype=bool),
        [Marked(place, "main") for place, point in enumerate(points) if point.main],
    )
