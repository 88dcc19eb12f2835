"""What the panes have in common: a titled border, the space, and the selection."""

from dataclasses import dataclass
from typing import ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.tui.state import Selection


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a pane can show, for the command palette: what it is called, what it is, and the action
    of the pane that shows it.
    """

    name: str
    what: str
    action: str


class Pane(Vertical):
    """A part of a screen. The screen binds ``space`` and ``selection``; a pane never writes them."""

    DEFAULT_CSS = """
    Pane {
        border: round $line; border-title-color: $faint; border-subtitle-color: $faint;
        border-title-style: none; padding: 0 1; height: 1fr;
    }
    Pane:focus-within { border: round $accent; border-title-color: $accent; }
    """

    TITLE = ""
    NAMED: ClassVar[tuple[Named, ...]] = ()
    _titles = ("", "")
    space: reactive[EmbeddingSpace | None] = reactive(None)
    selection: reactive[Selection | None] = reactive(None)

    def on_mount(self) -> None:
        self.retitle(self.TITLE)

    @property
    def main(self) -> Widget:
        """The widget that takes the focus when the pane does."""
        raise NotImplementedError

    def retitle(self, title: str, subtitle: str = "") -> None:
        """Set the titles in the border; both are printable text, never markup."""
        if (title, subtitle) == self._titles:
            # a title that is set draws the whole pane again, whether it is another or not
            return
        self._titles = (title, subtitle)
        self.border_title = Content(title)
        self.border_subtitle = Content(subtitle) if subtitle else ""
