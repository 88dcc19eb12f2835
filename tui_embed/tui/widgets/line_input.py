"""A line of input that what is pasted cannot harm."""

import unicodedata
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

MAX_CHARACTERS = 1_000
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


class LineInput(Input):
    """An Input that takes one clean line of at most MAX_CHARACTERS; ↓ posts :class:`Down`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "down", "Down", show=False)]

    class Down(Message):
        """The person went down from the line."""

    def __init__(
        self, value: str = "", *, placeholder: str = "", id: str | None = None, select: bool = True
    ) -> None:
        super().__init__(
            clean(value),
            placeholder=placeholder,
            id=id,
            compact=True,
            max_length=MAX_CHARACTERS,
            select_on_focus=select,
        )

    def action_down(self) -> None:
        self.post_message(self.Down())

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = clean(event.text)
        room = MAX_CHARACTERS - len(self.value)
        if len(text) > room or len(event.text) > MAX_CHARACTERS:
            self.notify(
                f"Pasted the first {min(room, len(text)):,} of {len(event.text):,} characters",
                severity="warning",
            )
        self.insert_text_at_cursor(text[:room])


def clean(text: str) -> str:
    """One line of text in which each character that a terminal acts on, or does not show, is a space."""
    return "".join(" " if unicodedata.category(c) in _HIDDEN else c for c in text[: MAX_CHARACTERS * 2])
