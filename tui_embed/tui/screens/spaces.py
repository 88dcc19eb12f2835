"""Choosing the space."""

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_embed.engine.rows import Distribution
from tui_embed.sources.catalog import Drawing, space_entries
from tui_embed.sources.untrained import TOKEN_STD
from tui_embed.tui.screens.dialog import Dialog

Choice = tuple[str, Drawing]


class SpacesDialog(Dialog[Choice]):
    """The spaces that can be opened by name; gives the name and how untrained rows are drawn."""

    HEADING = "Open a space"
    KEYS = "Enter opens · u normal or uniform rows · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "u",
            "distribution",
            "Distribution",
            tooltip="Draw untrained rows from a normal or a uniform distribution",
        ),
    ]

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self._drawing = drawing

    def compose_dialog(self) -> ComposeResult:
        yield OptionList(markup=False)
        yield Static(id="drawn")

    def on_mount(self) -> None:
        self._fill()
        self.query_one(OptionList).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.dismiss((event.option_id, self._drawing))

    def action_distribution(self) -> None:
        kind: Literal["normal", "uniform"] = "uniform" if self._drawing.kind == "normal" else "normal"
        self._drawing = Drawing(self._drawing.seed, kind)
        self._fill()

    def _fill(self) -> None:
        spaces = self.query_one(OptionList)
        highlighted = spaces.highlighted
        spaces.clear_options()
        for entry in space_entries():
            line = f"{entry.name:<22}{entry.n_vocab:>8,} × {entry.d_model:<7,}{entry.what}"
            spaces.add_option(Option(Content(line), id=entry.name))
        spaces.highlighted = highlighted
        distribution = Distribution(self._drawing.kind, TOKEN_STD)
        drawn = f"Untrained rows are drawn from {distribution}, seed {self._drawing.seed}"
        self.query_one("#drawn", Static).update(Content(drawn))
