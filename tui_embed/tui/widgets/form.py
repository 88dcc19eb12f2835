"""A form of one line a field, all of it one widget: it answers a key at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_embed.printable import printable
from tui_embed.tui.widgets.line_input import clean
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, cut, segment

LABEL = 15
MOST_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Field:
    """A field: what it is called, what ``choices`` (value → how it is shown) ← → go through, and whether
    something else may be ``typed``, of ``most`` characters. ``help`` is said under the form while it is the
    current one.
    """

    name: str
    label: str
    help: str
    choices: Mapping[str, str] = field(default_factory=dict)
    typed: bool = False
    most: int = MOST_CHARACTERS

    def shown(self, value: str) -> str:
        """A value as the form shows it."""
        return self.choices.get(value, value)


class Form(StripView):
    """Fields with values (text from the person, or a choice). ↑ ↓ go from field to field, ← → change a
    choice, typing replaces what is there. Posts :class:`Moved` and :class:`Submitted`.

    ``changed`` is called with the name of a field whose value is another, at once: a message would come after
    keys that were pressed ahead, which go to the fields that it shows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "field(-1)", "Field", key_display="↑ ↓", tooltip="The field above"),
        Binding("down", "field(1)", "Field below", show=False, tooltip="The field below"),
        Binding("left", "choice(-1)", "Change", key_display="← →", tooltip="The choice before"),
        Binding("right", "choice(1)", "Next choice", show=False, tooltip="The next choice"),
        Binding("home", "first", "First field", show=False),
        Binding("end", "last", "Last field", show=False),
        Binding("enter", "submit", "Start", key_display="Enter", tooltip="Start with what is filled in"),
        Binding("ctrl+u", "clear", "Clear", show=False, tooltip="Clear the field"),
    ]

    class Submitted(Message):
        """The form is filled in."""

    class Moved(Message):
        """Another field is the current one."""

    def __init__(self, changed: Callable[[str], None], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._changed = changed
        self._fields: Sequence[Field] = ()
        self._errors: Mapping[str, str] = {}
        self._current = 0
        self._fresh = True
        self.values: dict[str, str] = {}

    @property
    def current(self) -> Field | None:
        """The field that keys go to."""
        return self._fields[self._current] if self._fields else None

    def show(self, fields: Sequence[Field], errors: Mapping[str, str]) -> None:
        """Show these fields, each with what is wrong with its value (printable), if anything is."""
        name = self.current.name if self.current else None
        self._fields, self._errors = fields, errors
        names = [field.name for field in fields]
        self._current = names.index(name) if name in names else min(self._current, max(0, len(fields) - 1))
        self.rebuild()

    def build(self, width: int, palette: Palette) -> list[Line]:
        return [self._line(number, width, palette) for number in range(len(self._fields))]

    def _line(self, number: int, width: int, palette: Palette) -> Line:
        entry = self._fields[number]
        chosen = number == self._current and self.has_focus
        label = segment(f" {entry.label:<{LABEL - 1}}", palette.accent if chosen else palette.faint)
        value = printable(entry.shown(self.values.get(entry.name, "")))
        error = self._errors.get(entry.name, "")
        left, right = ("‹ ", " ›") if chosen and entry.choices else ("  ", "  ")
        if chosen and entry.typed:
            right = "▏" + right
        room = max(4, width - LABEL - 6)
        shown = _end(value, room) if chosen and entry.typed else cut(value, room)
        line = [
            label,
            segment(left, palette.accent),
            segment(shown, palette.selected if chosen else palette.text),
        ]
        line.append(segment(right, palette.accent))
        if error:
            line.append(segment(cut(f" {error}", max(0, room - cell_len(shown))), palette.error))
        return line

    def on_focus(self) -> None:
        self.rebuild()

    def on_blur(self) -> None:
        self.rebuild()

    def action_field(self, step: int) -> None:
        self._go(self._current + step)

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(len(self._fields) - 1)

    def action_choice(self, step: int) -> None:
        entry = self.current
        if entry is None or not entry.choices:
            return
        names = list(entry.choices)
        value = self.values.get(entry.name, "")
        at = names.index(value) + step if value in names else (0 if step > 0 else -1)
        self._set(entry, names[at % len(names)])
        self._fresh = True

    def action_clear(self) -> None:
        if self.current is not None and self.current.typed:
            self._set(self.current, "")

    def action_submit(self) -> None:
        self.post_message(self.Submitted())

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return (
            self.current is not None
            and self.current.typed
            and character is not None
            and character.isprintable()
        )

    def on_key(self, event: events.Key) -> None:
        entry = self.current
        if entry is None or not entry.typed:
            return
        value = self.values.get(entry.name, "")
        if event.key == "backspace":
            self._set(entry, "" if self._fresh and value in entry.choices else value[:-1])
        elif event.character is not None and event.is_printable:
            # what stands there when one comes to a field gives way to what is typed
            self._set(entry, event.character if self._fresh else value + event.character)
        else:
            return
        self._fresh = False
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        entry = self.current
        if entry is not None and entry.typed:
            event.stop()
            self._set(
                entry, ("" if self._fresh else self.values.get(entry.name, "")) + clean(event.text).strip()
            )
            self._fresh = False

    def on_click(self, event: events.Click) -> None:
        self._go(round(event.y + self.scroll_offset.y))

    def _go(self, number: int) -> None:
        self._current = min(max(number, 0), max(0, len(self._fields) - 1))
        self._fresh = True
        self.reveal(self._current, self._current)
        self.rebuild()
        self.post_message(self.Moved())

    def _set(self, entry: Field, value: str) -> None:
        if value != self.values.get(entry.name):
            self.values[entry.name] = value[: entry.most]
            self.rebuild()
            self._changed(entry.name)


def _end(shown: str, cells: int) -> str:
    """The end of printable text, where one types, in at most ``cells`` cells."""
    if cell_len(shown) <= cells:
        return shown
    kept = shown[-cells:]
    while cell_len(kept) > cells - 1:
        kept = kept[1:]
    return f"…{kept}"
