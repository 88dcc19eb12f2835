"""A line for a filter by metadata, with what is wrong with it under the place where that is."""

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui_embed.printable import fit
from tui_embed.tui.widgets.line_input import LineInput

LABEL = "where "


class WhereLine(Vertical):
    """Shown while it is written in and while its filter holds. Posts :class:`Asked` on Enter and ↓ with the
    filter, "" for none; :class:`Left` when it was left without a question.
    """

    DEFAULT_CSS = """
    WhereLine { height: auto; display: none; }
    WhereLine Horizontal { height: 1; }
    WhereLine .where { width: auto; color: $accent; }
    WhereLine LineInput { background: $panel; border: none; height: 1; padding: 0; width: 1fr; }
    WhereLine #where-error { height: auto; max-height: 4; color: $error; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "No filter", key_display="Esc", tooltip="Take the filter away"),
    ]

    class Asked(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person is done here."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._held = ""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(LABEL, classes="where")
            yield LineInput(select=False)
        yield Static(id="where-error")

    @property
    def input(self) -> LineInput:
        return self.query_one(LineInput)

    def open(self, columns: list[str]) -> None:
        """Take the focus, to be written in; ``columns`` are the names that a filter can use, from outside."""
        names = ", ".join(fit(name, 20) for name in columns[:8])
        self.input.placeholder = f"kind = city and year > 1990   (columns: {names})"
        self.display = True
        self.input.focus()

    def hold(self, text: str) -> None:
        """The filter ``text`` holds now; "" for none, and the line is gone."""
        self._held = text
        self._put(text)
        self._say("")
        self.display = bool(text)

    def fail(self, reason: str, column: int | None) -> None:
        """Say, printable, why the filter cannot be; ``column`` is the 0-based character where it is wrong."""
        line = self.input
        mark = ""
        if column is not None:
            line.cursor_position = min(column, len(line.value))
            before = cell_len(LABEL) + cell_len(line.value[:column]) - round(line.scroll_offset.x)
            if 0 <= before < self.size.width:
                mark = " " * before + "^\n"
        self._say(mark + reason)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._ask(event.value)

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        self._ask(self.input.value)

    def on_descendant_blur(self) -> None:
        """What was written and not asked for is not what holds."""
        if self.input.value != self._held and not self._fails:
            self._put(self._held)
        self.display = bool(self._held or self._fails)

    def action_clear(self) -> None:
        self._put("")
        self._ask("")

    @property
    def _fails(self) -> bool:
        return bool(self.query_one("#where-error", Static).display)

    def _ask(self, text: str) -> None:
        self._put(text.strip())
        self.post_message(self.Asked(text.strip()))

    def _put(self, text: str) -> None:
        with self.prevent(Input.Changed):
            self.input.value = text
        self.input.cursor_position = len(text)

    def _say(self, text: str) -> None:
        error = self.query_one("#where-error", Static)
        error.update(Content(text))
        error.display = bool(text)
