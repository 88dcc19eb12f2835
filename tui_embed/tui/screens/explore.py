"""Four panes that show the same selection of one space."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.reactive import reactive

from tui_embed.engine.scan import Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import fit
from tui_embed.tui.panes.arithmetic import ArithmeticPane
from tui_embed.tui.panes.neighbours import NeighboursPane
from tui_embed.tui.panes.row import RowPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.screens.paned import PanedScreen, Tabs, pane_bindings
from tui_embed.tui.state import Selection
from tui_embed.tui.widgets.title_bar import TitleBar

PANES: Tabs = (("F2", "Tokenize"), ("F3", "Row"), ("F4", "Neighbours"), ("F5", "Arithmetic"))


class ExploreScreen(PanedScreen):
    """Text, row, neighbours and arithmetic of one selection."""

    MODE = "explore"
    TABS = PANES
    BINDINGS: ClassVar[list[BindingType]] = pane_bindings(PANES)

    space: reactive[EmbeddingSpace | None] = reactive(None)
    selection: reactive[Selection | None] = reactive(None)

    def __init__(
        self, text: str, expression: str, encodings: tuple[str, ...], metric: Metric, k: int
    ) -> None:
        super().__init__(
            (
                TokenizePane(text, encodings, id="tokenize"),
                RowPane(id="row-pane"),
                NeighboursPane(metric, k, id="neighbours-pane"),
                ArithmeticPane(expression, k, id="arithmetic"),
            )
        )

    def compose_panes(self) -> ComposeResult:
        tokenize, row, neighbours, arithmetic = self.panes
        with Container(id="panes"):
            for pane in (tokenize, neighbours, row, arithmetic):
                yield pane.data_bind(space=ExploreScreen.space, selection=ExploreScreen.selection)

    def on_mount(self) -> None:
        self.watch(self.app, "space", self._take_space)
        self.watch(self.app, "selection", self._take_selection)
        self.action_show_pane(0)

    def _take_space(self, space: EmbeddingSpace | None) -> None:
        self.space = space
        if space is not None:
            self.query_one(TitleBar).show_space(space)

    def _take_selection(self, selection: Selection | None) -> None:
        self.selection = selection
        shown = ""
        if selection is not None and self.space is not None and selection.is_of(self.space):
            token = fit(selection.spelled(self.space), 24)
            shown = f"{token} · {selection.kind} · position {selection.position}"
        self.query_one(TitleBar).show_right(shown)
