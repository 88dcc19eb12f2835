"""A line for an expression, with the tokens that complete its last word and the expressions of before."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_embed.printable import fit
from tui_embed.tui.widgets.line_input import LineInput

Complete = Callable[[str], Sequence[tuple[int, str]]]
"""From the text before the caret to (where the word begins, a whole token to put there), best first."""


class ExpressionInput(Vertical):
    """An expression. Posts :class:`Changed` as it is typed, :class:`Submitted` on Enter, :class:`Left` on ↓.

    While the menu of completions is open ↓ and ↑ walk it, Enter takes one, Esc closes it.
    """

    DEFAULT_CSS = """
    ExpressionInput { height: auto; }
    ExpressionInput LineInput { background: $panel; border: none; height: 1; padding: 0; width: 1fr; }
    ExpressionInput OptionList {
        height: auto; max-height: 8; border: none; padding: 0; display: none; background: $panel;
        scrollbar-size-vertical: 1;
    }
    ExpressionInput.-open OptionList { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "Older expression", show=False, tooltip="The expression before this one"),
        Binding("escape", "close", "Close the menu", show=False),
    ]

    class Changed(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Changed):
        """Enter was pressed."""

    class Left(Message):
        """The person went down from the line."""

    def __init__(self, text: str, examples: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._start_text = text
        self._examples = examples
        self._complete: Complete = lambda _: ()
        self._offers: list[tuple[int, str]] = []
        self._history: list[str] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        yield LineInput(self._start_text, placeholder="king - man + woman   (↓ examples)", select=False)
        menu = OptionList(markup=False)
        menu.can_focus = False
        yield menu

    def complete_with(self, complete: Complete) -> None:
        """Where completions come from."""
        self._complete = complete

    @property
    def input(self) -> LineInput:
        return self.query_one(LineInput)

    def put(self, text: str) -> None:
        """Replace the expression, and run it."""
        with self.prevent(Input.Changed):
            self.input.value = text
        self.input.cursor_position = len(text)
        self._close()
        self._submit(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._at = len(self._history)
        self._offer(event.value)
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        chosen = self._menu.highlighted if self.is_open else None
        if chosen is None:
            self._close()
            self._submit(event.value)
        elif event.value.strip():
            self._take(chosen)
        else:
            self.put(self._offers[chosen][1])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.input.value.strip():
            self._take(event.option_index)
        else:
            self.put(self._offers[event.option_index][1])

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        if self.is_open:
            self._menu.action_cursor_down()
        elif not self.input.value.strip():
            self._show_examples()
        elif self._at < len(self._history) - 1:
            self._recall(self._at + 1)
        else:
            self.post_message(self.Left())

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._close()

    def action_older(self) -> None:
        if self.is_open and self._menu.highlighted is not None:
            self._menu.action_cursor_up()
        elif self._at > 0:
            self._recall(self._at - 1)

    def action_close(self) -> None:
        if not self.is_open:
            # Esc with no menu to close is the app's: it stops what runs
            raise SkipAction
        self._close()

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def _menu(self) -> OptionList:
        return self.query_one(OptionList)

    def _submit(self, text: str) -> None:
        if text.strip() and (not self._history or self._history[-1] != text):
            self._history.append(text)
        self._at = len(self._history) - 1
        self.post_message(self.Submitted(text))

    def _recall(self, at: int) -> None:
        self._at = at
        text = self._history[at]
        with self.prevent(Input.Changed):
            self.input.value = text
        self.input.cursor_position = len(text)
        self._close()
        self.post_message(self.Changed(text))

    def _offer(self, text: str) -> None:
        if not text.strip() or self.input.cursor_position < len(text):
            self._close()
            return
        self._open(list(self._complete(text)), [])

    def _show_examples(self) -> None:
        self._open([(0, expression) for expression, _ in self._examples], [why for _, why in self._examples])
        self._menu.highlighted = 0 if self._examples else None

    def _open(self, offers: list[tuple[int, str]], notes: list[str]) -> None:
        self._offers = offers
        self._menu.clear_options()
        width = max(8, self.size.width - 4)
        for index, (_, text) in enumerate(offers):
            note = f"   {notes[index]}" if notes else ""
            self._menu.add_option(Option(Content(fit(text, width) + note)))
        self._menu.highlighted = None
        self.set_class(bool(offers), "-open")

    def _close(self) -> None:
        self.remove_class("-open")

    def _take(self, chosen: int) -> None:
        start, token = self._offers[chosen]
        text = self.input.value[:start] + token + " "
        self._close()
        with self.prevent(Input.Changed):
            self.input.value = text
        self.input.cursor_position = len(text)
        self.post_message(self.Changed(text))
