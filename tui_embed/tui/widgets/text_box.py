"""Where the text to tokenize is typed or pasted."""

import re
import unicodedata
from functools import cache
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.document._document import EditResult
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit

from tui_embed.printable import printable

MAX_CHARACTERS = 10_000


class TextBox(TextArea):
    """A small text area that keeps every character it is given and shows none that would harm a terminal.

    At most MAX_CHARACTERS: a longer paste is cut, and says so. ↓ on the last line posts :class:`Down`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "cursor_down", "Tokens", key_display="↓", tooltip="From the last line to the tokens"),
        Binding("ctrl+y", "leave_key", show=False),
        Binding("ctrl+u", "clear", "Clear", key_display="^u", tooltip="Empty the text"),
    ]

    class Down(Message):
        """The person went down from the last line."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(
            text[:MAX_CHARACTERS],
            id=id,
            compact=True,
            highlight_cursor_line=False,
            tab_behavior="focus",
            placeholder="Type or paste any text",
        )
        self.move_cursor(self.document.end)

    def get_line(self, line_index: int) -> Text:
        """The line with a stand-in for each character that a terminal would act on or hide."""
        line = self.document.get_line(line_index)
        return Text("".join(map(_stand_in, line)), end="", no_wrap=True)

    def _set_document(self, text: str, language: str | None) -> None:
        super()._set_document(_PlainText(text), language)

    def edit(self, edit: Edit) -> EditResult:
        replaced = len(self.get_text_range(edit.from_location, edit.to_location))
        edit.text = _PlainText(edit.text[: max(0, MAX_CHARACTERS - len(self.text) + replaced)])
        return super().edit(edit)

    def action_leave_key(self) -> None:
        """Leave the key to the pane: TextArea would take it to redo."""
        raise SkipAction

    def action_clear(self) -> None:
        self.clear()

    def action_cursor_down(self, select: bool = False) -> None:
        if (
            not select
            and self.cursor_location[0] == self.document.line_count - 1
            and self.cursor_at_last_visual_line
        ):
            self.post_message(self.Down())
        else:
            super().action_cursor_down(select)

    @property
    def cursor_at_last_visual_line(self) -> bool:
        _, y = self.wrapped_document.location_to_offset(self.cursor_location)
        return y >= self.wrapped_document.height - 1

    async def _on_paste(self, event: events.Paste) -> None:
        # all of it here: both the base class and, further up, the screen would put the text in again
        event.stop()
        event.prevent_default()
        start, end = sorted(self.selection)
        room = MAX_CHARACTERS - len(self.text) + len(self.get_text_range(start, end))
        if len(event.text) > room:
            self.notify(
                f"Pasted the first {room:,} of {len(event.text):,} characters; "
                "'tui-embed tokenize - < FILE' takes texts of any length",
                severity="warning",
            )
        self.replace(event.text[:room], start, end, maintain_selection_offset=False)


class _PlainText(str):
    """Text whose lines end where an editor's do: for ``str`` U+0085, U+2028 and five controls end one too,
    and a TextArea would put a newline in their place."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        lines = re.split("\r\n|\n|\r", self)
        return lines if lines[-1] else lines[:-1]


@cache
def _stand_in(character: str) -> str:
    """One character for one, so that the caret stays true: itself, a picture of it, or �."""
    if character in " \t" or unicodedata.combining(character):
        return character
    shown = printable(character)
    return shown if len(shown) == 1 else "�"
