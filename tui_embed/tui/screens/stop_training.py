"""What is to become of a training that is stopped."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui_embed.tui.screens.dialog import Dialog

TEXT = """\
Enter   stop, and keep what was trained as a space
d       stop, and drop it
Esc     go on training"""


class StopTrainingDialog(Dialog[str]):
    """Asks; gives ``keep``, ``drop``, or None to go on."""

    HEADING = "Stop the training?"
    KEYS = "Enter keeps · d drops · Esc goes on"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer('keep')", "Stop and keep"),
        Binding("d", "answer('drop')", "Stop and drop"),
    ]

    def compose_dialog(self) -> ComposeResult:
        yield Static(Content(TEXT))

    def action_answer(self, answer: str) -> None:
        self.dismiss(answer)
