"""One or two heat maps side by side, with the curves of position rows under them where there are any."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tui_embed.engine.maps.heat import HeatMap, PositionPicture
from tui_embed.tui.widgets.heat_view import HeatView
from tui_embed.tui.widgets.map_scene import PLAIN, Line
from tui_embed.tui.widgets.map_sight import MapPoints
from tui_embed.tui.widgets.map_view import MapView

TALL = 22
"""With fewer lines the heat maps and the curves take turns."""

NAMED_EVERY = 32
"""Positions from one that is named on a curve to the next."""

WIDE = 70
"""With fewer columns one of the two is looked at at a time."""


class Matrices(Vertical):
    """What there is to see of some matrices; where there is no room for all, ``v`` turns to the next."""

    DEFAULT_CSS = """
    Matrices { height: 1fr; }
    Matrices Horizontal { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next", "Next view", tooltip="The next of the pictures that there is no room for")
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._n = 0
        self._with_curves = False
        self._turn = 0

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield HeatView(id="heat-1")
            yield HeatView(id="heat-2")
        with Horizontal():
            yield MapView(id="curve-1")
            yield MapView(id="curve-2")

    @property
    def main(self) -> Widget:
        return next(iter(view for view in self._views if view.display), self._views[0])

    def show(self, heats: Sequence[HeatMap], pictures: Sequence[PositionPicture] = ()) -> None:
        """Show up to two heat maps, and the curves of as many kinds of positions."""
        self._n, self._with_curves, self._turn = len(heats), bool(pictures), 0
        for number, view in enumerate(self.query(HeatView)):
            view.show(heats[number] if number < len(heats) else None)
        for number, curve in enumerate(self.query(MapView)):
            curve.show(_curve(pictures[number]) if number < len(pictures) else None)
        self._arrange()
        self.refresh_bindings()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a next view where not all are seen."""
        return action != "next" or len(self._groups) > 1

    def action_next(self) -> None:
        self._turn += 1
        self._arrange()
        self.main.focus()

    @property
    def _views(self) -> list[Widget]:
        """All views that show something, in the order of turns."""
        heats = [self.query_one(f"#heat-{number + 1}") for number in range(max(1, self._n))]
        curves = [self.query_one(f"#curve-{number + 1}") for number in range(self._n)]
        return heats + (curves if self._with_curves else [])

    @property
    def _groups(self) -> list[list[Widget]]:
        """Which views are seen together."""
        views, n = self._views, max(1, self._n)
        rows = [views[start : start + n] for start in range(0, len(views), n)]
        if self.size.width < WIDE:
            rows = [[view] for row in rows for view in row]
        return [[view for row in rows for view in row]] if self._fits(rows) else rows

    def _fits(self, rows: list[list[Widget]]) -> bool:
        return self.size.width >= WIDE and self.size.height >= TALL * (len(rows) - 1)

    def _arrange(self) -> None:
        groups = self._groups
        seen = groups[self._turn % len(groups)]
        for row in self.query(Horizontal):
            for view in row.children:
                view.display = view in seen
            row.display = any(view.display for view in row.children)


def _curve(picture: PositionPicture) -> MapPoints:
    """Positions along their first principal components, each joined to the next."""
    points = picture.curve[:, :2]
    lines = [Line(number, number + 1, "line") for number in range(len(points) - 1)]
    ends = [0, len(points) - 1] if len(points) else []
    named = np.arange(0, len(points), NAMED_EVERY)
    return MapPoints(points, np.full(len(points), PLAIN), str, ends, lines, named=named)
