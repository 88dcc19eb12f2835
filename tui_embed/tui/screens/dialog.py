"""What the dialogs have in common: a box in the middle that Esc closes."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A titled box over the screen, its keys at the foot. Closed without a choice it gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close", tooltip="Close this")]
    HEADING: ClassVar[str] = ""
    KEYS: ClassVar[str] = "Esc closes"

    @property
    def heading(self) -> str:
        """The title of the box, printable."""
        return self.HEADING

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.heading)
            yield from self.compose_dialog()
            yield Static(Content(self.KEYS), classes="dialog-keys")

    def compose_dialog(self) -> ComposeResult:
        """The dialog's own widgets."""
        raise NotImplementedError

    def action_close(self) -> None:
        self.dismiss(None)
