"""The app on its Map screen, as a test drives it."""

from dataclasses import dataclass
from typing import Any

from tui_embed.engine.maps.point_map import PointMap
from tui_embed.tui.map_wanted import MapWanted
from tui_embed.tui.panes.map import MapPane
from tui_embed.tui.screens.map import MapScreen
from tui_embed.tui.widgets.map_view import MapView
from tui_embed.tui.widgets.pieces import Pieces
from tui_embed.tui.widgets.point_list import PointList


@dataclass
class Mapper:
    """The app on its Map screen, with what a person sees of it."""

    driver: Any

    @property
    def screen(self) -> MapScreen:
        screen = self.driver.app.get_screen("map")
        assert isinstance(screen, MapScreen)
        return screen

    @property
    def pane(self) -> MapPane:
        return self.screen.map_pane

    @property
    def view(self) -> MapView:
        return self.pane.query_one("#map", MapView)

    @property
    def points(self) -> PointList:
        return self.screen.query_one(PointList)

    @property
    def drawn(self) -> PointMap:
        made = self.pane.made
        assert isinstance(made, PointMap)
        return made

    @property
    def cursor(self) -> str | None:
        """The token under the cursor."""
        place = None if self.pane.look is None else self.pane.look.cursor
        return None if place is None else self.drawn.space.vocabulary[int(self.drawn.subject.ids[place])]

    @property
    def said(self) -> str:
        return self.pane.query_one("#map-said", Pieces).text

    @property
    def listed(self) -> list[str]:
        """The tokens of the list, from its top."""
        shown = self.points._shown
        return (
            []
            if shown is None
            else [self.drawn.space.vocabulary[int(self.drawn.subject.ids[i])] for i in shown.order]
        )

    async def press(self, *keys: str) -> None:
        await self.driver.press(*keys)

    async def draw(self, **wanted) -> None:
        self.pane.draw(MapWanted(**wanted))
        await self.driver.settle()
