"""Four panes that show the same selection: seen together where there is room, as tabs where there is not."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import reactive
from textual.screen import Screen

from tui_embed.engine.scan import Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import fit
from tui_embed.tui.opening import Opening
from tui_embed.tui.panes.arithmetic import ArithmeticPane
from tui_embed.tui.panes.neighbours import NeighboursPane
from tui_embed.tui.panes.row import RowPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.state import Selection
from tui_embed.tui.widgets.key_bar import KeyBar
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.pane_tabs import PaneTabs
from tui_embed.tui.widgets.progress_line import ProgressLine
from tui_embed.tui.widgets.title_bar import TitleBar

PANES = (("F2", "Tokenize"), ("F3", "Row"), ("F4", "Neighbours"), ("F5", "Arithmetic"))
WIDE = 110


class ExploreScreen(Screen[None]):
    """Text, row, neighbours and arithmetic of one selection."""

    # Priority: such a key moves the focus before the key after it is handed on, however fast they follow.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane(1)", "Pane", key_display="Tab", priority=True, tooltip="The next pane"),
        Binding("shift+tab", "pane(-1)", "Pane before", show=False, priority=True, tooltip="The pane before"),
        *(
            Binding(
                key.lower(),
                f"show_pane({number})",
                title,
                show=False,
                priority=True,
                tooltip=f"Go to {title}",
            )
            for number, (key, title) in enumerate(PANES)
        ),
    ]

    space: reactive[EmbeddingSpace | None] = reactive(None)
    selection: reactive[Selection | None] = reactive(None)

    def __init__(
        self, text: str, expression: str, encodings: tuple[str, ...], metric: Metric, k: int
    ) -> None:
        super().__init__()
        self._panes: tuple[Pane, ...] = (
            TokenizePane(text, encodings, id="tokenize"),
            RowPane(id="row-pane"),
            NeighboursPane(metric, k, id="neighbours-pane"),
            ArithmeticPane(expression, k, id="arithmetic"),
        )
        self._current = 0

    def compose(self) -> ComposeResult:
        yield TitleBar(id="title")
        yield ProgressLine(id="progress")
        yield PaneTabs(list(PANES), id="tabs")
        tokenize, row, neighbours, arithmetic = self._panes
        with Container(id="panes"):
            for pane in (tokenize, neighbours, row, arithmetic):
                yield pane.data_bind(space=ExploreScreen.space, selection=ExploreScreen.selection)
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        self.watch(self.app, "space", self._take_space)
        self.watch(self.app, "selection", self._take_selection)
        self.action_show_pane(0)

    @property
    def current_pane(self) -> Pane:
        return self._panes[self._current]

    def pane(self, number: int) -> Pane:
        return self._panes[number]

    def show_busy(self, text: str) -> None:
        """Say what runs, in printable text; nothing for "" does."""
        if self.is_mounted:
            self.query_one(TitleBar).show_busy(text)

    def show_opening(self, opening: Opening | None) -> None:
        """Say how far an opening is; nothing runs for None."""
        for line in self.query(ProgressLine):
            if opening is None:
                line.hide()
            else:
                line.show(opening.title, opening.pace.share, opening.figures)

    def on_resize(self, event: events.Resize) -> None:
        self._show(self._current)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for number, pane in enumerate(self._panes):
            if pane in event.widget.ancestors_with_self:
                self._show(number)

    def on_pane_tabs_clicked(self, message: PaneTabs.Clicked) -> None:
        self.action_show_pane(message.number)

    def action_pane(self, step: int) -> None:
        self.action_show_pane((self._current + step) % len(self._panes))

    def action_show_pane(self, number: int) -> None:
        self._show(number)
        self.set_focus(self._panes[number].main)

    def _show(self, number: int) -> None:
        self._current = number
        wide = self.app.size.width >= WIDE
        # With the panes, not by a breakpoint: a layout between the two hides the pane that has the focus.
        self.set_class(not wide, "-narrow")
        for index, pane in enumerate(self._panes):
            # Set here rather than by a style sheet: a pane that is not shown yet would refuse the focus.
            pane.display = index == number or wide
        self.query_one(PaneTabs).show_current(number)

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
