"""The line of the Open dialog: a path or a part of a name, whose keys also walk the list below it."""

import asyncio
from contextlib import suppress
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui_embed.tui.widgets.line_input import LineInput

PATIENCE_SECONDS = 0.5


class OpenLine(LineInput):
    """Posts a message for what its keys ask of the list: :class:`Walk`, :class:`Section`, :class:`Complete`,
    :class:`Enter`, :class:`Up`.

    ↑ ↓ and the pages walk; Tab completes, as in a shell; Backspace and ← on an empty line go a folder up, →
    at the end of the line enters one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "walk(-1)", show=False),
        Binding("down", "walk(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("ctrl+home", "walk(-100_000)", show=False),
        Binding("ctrl+end", "walk(100_000)", show=False),
        Binding("tab", "complete", show=False),
        Binding("shift+tab", "section(-1)", show=False),
    ]

    class Walk(Message):
        """So many choices on; ``pages`` is whether pages are meant."""

        def __init__(self, step: int, pages: bool = False) -> None:
            super().__init__()
            self.step = step
            self.pages = pages

    class Section(Message):
        """To another section of the list."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Complete(Message):
        """Complete what is typed, and say when that is ``done``."""

        def __init__(self, done: asyncio.Event) -> None:
            super().__init__()
            self.done = done

    class Up(Message):
        """To the folder above."""

    class Enter(Message):
        """Into the folder under the cursor, if that is one."""

    def action_walk(self, step: int) -> None:
        self.post_message(self.Walk(step))

    def action_page(self, step: int) -> None:
        self.post_message(self.Walk(step, pages=True))

    def action_section(self, step: int) -> None:
        self.post_message(self.Section(step))

    async def action_complete(self) -> None:
        if not self.value:
            self.post_message(self.Section(1))
            return
        done = asyncio.Event()
        self.post_message(self.Complete(done))
        # what is typed after it stands behind what it completes, unless the folder takes too long to read
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), PATIENCE_SECONDS)

    def action_delete_left(self) -> None:
        if self.value:
            super().action_delete_left()
        else:
            self.post_message(self.Up())

    def action_cursor_left(self, select: bool = False) -> None:
        if self.value or select:
            super().action_cursor_left(select)
        else:
            self.post_message(self.Up())

    def action_cursor_right(self, select: bool = False) -> None:
        if not select and self.cursor_position == len(self.value) and self.selection.is_empty:
            self.post_message(self.Enter())
        else:
            super().action_cursor_right(select)

    def put(self, text: str) -> None:
        """Replace what is typed; the caret stands behind it."""
        self.value = text
        self.cursor_position = len(text)
