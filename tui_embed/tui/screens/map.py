"""A map of a space: the map takes the screen, its points are a list beside it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import reactive

from tui_embed.engine.maps.point_map import seen_of
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import fit
from tui_embed.tui.map_look import MapLook, MapLooked, PointChosen, PointMoved
from tui_embed.tui.map_wanted import MapWanted
from tui_embed.tui.panes.map import MapPane
from tui_embed.tui.panes.map_points import PointsPane
from tui_embed.tui.screens.paned import PanedScreen, Tabs, pane_bindings
from tui_embed.tui.state import Selection
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.title_bar import TitleBar

PANES: Tabs = (("F2", "Map"), ("F3", "Points"))


class MapScreen(PanedScreen):
    """What is wanted of the open space, or of the training, as a picture."""

    MODE = "map"
    TABS = PANES
    BINDINGS: ClassVar[list[BindingType]] = [
        *pane_bindings(PANES),
        # the app's own key, called by where it goes from here
        Binding("ctrl+t", "app.next_mode", "Train", key_display="^t", priority=True),
        Binding("e", "settings", "Draw", tooltip="Choose what is drawn: which tokens, how, and by what"),
        Binding(
            "x", "export", "Export", tooltip="Save as SVG, PNG, HTML, CSV or for the Embedding Projector"
        ),
    ]

    space: reactive[EmbeddingSpace | None] = reactive(None)
    selection: reactive[Selection | None] = reactive(None)
    training: reactive[TrainingView | None] = reactive(None, repaint=False)
    look: reactive[MapLook | None] = reactive(None, repaint=False)

    def __init__(self) -> None:
        self.map_pane = MapPane(id="map-pane")
        super().__init__((self.map_pane, PointsPane(id="points-pane")))

    def ask(self, wanted: MapWanted) -> None:
        """Draw this as soon as one looks."""
        self.map_pane.ask(wanted)
        self.call_after_refresh(self.map_pane.draw_if_due)

    def compose_panes(self) -> ComposeResult:
        drawn, points = self.panes
        with Container(id="map-panes"):
            yield drawn.data_bind(
                space=MapScreen.space, selection=MapScreen.selection, training=MapScreen.training
            )
            yield points.data_bind(look=MapScreen.look)

    def on_mount(self) -> None:
        self.watch(self.app, "space", self._take_space)
        self.watch(self.app, "selection", self._take_selection)
        self.watch(self.app, "training", self._take_training)
        self.action_show_pane(0)

    def on_screen_resume(self) -> None:
        # the space and the selection are taken in first
        self.call_after_refresh(self.map_pane.draw_if_due)

    def on_screen_suspend(self) -> None:
        if self not in self.app.screen_stack:
            self.map_pane.pass_by()

    def on_map_looked(self, message: MapLooked) -> None:
        message.stop()
        self.look = message.look
        self._entitle()
        self._show(self._current)

    def on_point_moved(self, message: PointMoved) -> None:
        message.stop()
        self.map_pane.go_to(message.place)

    def on_point_chosen(self, message: PointChosen) -> None:
        message.stop()
        self.map_pane.choose(message.place)

    def action_settings(self) -> None:
        from tui_embed.tui.screens.map_settings import MapSettingsDialog

        def chosen(wanted: MapWanted | None) -> None:
            if wanted is not None:
                self.map_pane.draw(wanted)

        if self.space is not None:
            wanted, has_training = self.map_pane.wanted, self.training is not None
            self.app.push_screen(MapSettingsDialog(wanted, self.space, has_training), chosen)

    def action_export(self) -> None:
        from tui_embed.tui.screens.save_picture import SavePictureDialog

        made, look = self.map_pane.made, self.look
        if look is not None:
            made = seen_of(look.drawn, look.plane, look.kept)
        if made is not None:
            self.app.push_screen(SavePictureDialog(made))

    def action_pane(self, step: int) -> None:
        self.action_show_pane(0 if self.map_pane.of_matrices else (self._current + step) % len(self.panes))

    def _show(self, number: int) -> None:
        super()._show(number)
        if self.map_pane.of_matrices:
            # matrices have no points: they take the screen
            points = self.query_one(PointsPane)
            points.display = False
        self.set_class(self.map_pane.of_matrices, "-matrices")

    def _take_space(self, space: EmbeddingSpace | None) -> None:
        self.space = space
        self._entitle()

    def _take_selection(self, selection: Selection | None) -> None:
        self.selection = selection

    def _take_training(self, training: TrainingView | None) -> None:
        self.training = training

    def _entitle(self) -> None:
        """The space whose numbers are drawn, and the token under the cursor."""
        title, look = self.query_one(TitleBar), self.look
        space = self.space if look is None else look.drawn.space
        if space is not None:
            title.show_space(space)
        if look is None or look.cursor is None:
            title.show_right("")
        else:
            title.show_right(
                f"{fit(look.drawn.name(look.cursor), 24)} · id {look.drawn.subject.ids[look.cursor]}"
            )
