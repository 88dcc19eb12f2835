"""Choosing which encodings stand side by side."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_embed.printable import printable
from tui_embed.tokenizers.catalog import encoding_names
from tui_embed.tui.screens.dialog import Dialog


class EncodingsDialog(Dialog[tuple[str, ...]]):
    """A list of encodings to tick; gives those that are ticked, in the order of the list."""

    HEADING = "Encodings"
    KEYS = "Enter or Space ticks · Esc shows them"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", tooltip="Tick or untick this encoding")
    ]

    def __init__(self, chosen: tuple[str, ...]) -> None:
        super().__init__()
        self._names = tuple(dict.fromkeys([*encoding_names(), *chosen]))
        self._chosen = set(chosen)

    def compose_dialog(self) -> ComposeResult:
        yield OptionList(*(Option(self._line(name)) for name in self._names), markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._toggle(event.option_index)

    def action_tick(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None:
            self._toggle(highlighted)

    def action_close(self) -> None:
        self.dismiss(tuple(name for name in self._names if name in self._chosen))

    def _toggle(self, index: int) -> None:
        name = self._names[index]
        self._chosen ^= {name}
        self.query_one(OptionList).replace_option_prompt_at_index(index, self._line(name))

    def _line(self, name: str) -> Content:
        return Content(f" {'✓' if name in self._chosen else ' '} {printable(name)}")
