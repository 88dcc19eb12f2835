"""A screen of panes: seen together where there is room, as tabs where there is not."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_embed.tui.modes import MODES, Mode
from tui_embed.tui.opening import Opening
from tui_embed.tui.widgets.key_bar import KeyBar
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.pane_tabs import PaneTabs
from tui_embed.tui.widgets.progress_line import ProgressLine
from tui_embed.tui.widgets.title_bar import TitleBar

WIDE = 110

Tabs = tuple[tuple[str, str], ...]
"""The key and the title of each pane."""


def pane_bindings(tabs: Tabs) -> list[BindingType]:
    """The keys that go to each pane.

    Priority: such a key moves the focus before the key after it is handed on, however fast they follow.
    """
    return [
        Binding(
            key.lower(), f"show_pane({number})", title, show=False, priority=True, tooltip=f"Go to {title}"
        )
        for number, (key, title) in enumerate(tabs)
    ]


class PanedScreen(Screen[None]):
    """Panes in the order of their tabs; one is current. A subclass yields them in ``compose_panes``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane(1)", "Pane", key_display="Tab", priority=True, tooltip="The next pane"),
        Binding("shift+tab", "pane(-1)", "Pane before", show=False, priority=True, tooltip="The pane before"),
    ]
    MODE: ClassVar[Mode]
    TABS: ClassVar[Tabs]

    def __init__(self, panes: Sequence[Pane]) -> None:
        super().__init__()
        self.panes = tuple(panes)
        self._current = 0

    def compose(self) -> ComposeResult:
        yield TitleBar(MODES, self.MODE, id="title")
        yield ProgressLine(id="progress")
        yield PaneTabs(list(self.TABS), id="tabs")
        yield from self.compose_panes()
        yield KeyBar(id="keys")

    def compose_panes(self) -> ComposeResult:
        """The panes, each in its place."""
        raise NotImplementedError

    @property
    def current_pane(self) -> Pane:
        return self.panes[self._current]

    def pane(self, number: int) -> Pane:
        return self.panes[number]

    def show_busy(self, text: str) -> None:
        """Say what runs, in printable text; nothing for "" does."""
        for title in self.query(TitleBar):
            title.show_busy(text)

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
        for number, pane in enumerate(self.panes):
            if pane in event.widget.ancestors_with_self:
                self._show(number)

    def on_pane_tabs_clicked(self, message: PaneTabs.Clicked) -> None:
        self.action_show_pane(message.number)

    def action_pane(self, step: int) -> None:
        self.action_show_pane((self._current + step) % len(self.panes))

    def action_show_pane(self, number: int) -> None:
        self._show(number)
        self.set_focus(self.panes[number].main)

    def _show(self, number: int) -> None:
        self._current = number
        wide = self.app.size.width >= WIDE
        # With the panes, not by a breakpoint: a layout between the two hides the pane that has the focus.
        self.set_class(not wide, "-narrow")
        for index, pane in enumerate(self.panes):
            # Set here rather than by a style sheet: a pane that is not shown yet would refuse the focus.
            pane.display = index == number or wide
        self.query_one(PaneTabs).show_current(number)
