"""An error, in full: what failed, where, and what to do about it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_embed.errors import TuiEmbedError
from tui_embed.printable import printable
from tui_embed.tui.messages import CopyRequested
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.facts import Fact, Facts


class ProblemDialog(Dialog[None]):
    """One error, which can be read to its end and copied."""

    KEYS = "Ctrl+Y copies · ↑ ↓ scroll · Enter or Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "close", "Close", show=False),
        Binding("ctrl+y", "copy", "Copy", tooltip="Copy the error"),
    ]

    def __init__(self, heading: str, error: TuiEmbedError, still: str = "") -> None:
        """``heading`` and ``still``, what is so in spite of it, are printable."""
        super().__init__()
        self._heading = heading
        self._error = error
        self._still = still

    @property
    def heading(self) -> str:
        return self._heading

    def compose_dialog(self) -> ComposeResult:
        yield Facts(id="problem")

    def on_mount(self) -> None:
        facts = [Fact("", self._error.message, marked=True)]
        for part in (self._error.hint, self._still):
            facts += [Fact("", ""), Fact("", part)] if part else []
        self.query_one(Facts).show(facts)

    def action_copy(self) -> None:
        self.app.post_message(CopyRequested(printable(str(self._error)), "the error"))
