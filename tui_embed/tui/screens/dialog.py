"""What the dialogs have in common: a box in the middle that Esc closes."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
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

    _dismiss_later: Callable[[], AwaitComplete] | None = None

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

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close this, once: Textual takes away whatever screen is on top, however often it is asked. Where
        another dialog lies over this one, close it when that is gone.
        """
        if self.is_active:
            return super().dismiss(result)
        self._dismiss_later = partial(self.dismiss, result)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        if self._dismiss_later is not None:
            self._dismiss_later()

    def action_close(self) -> None:
        self.dismiss(None)
