"""Things to choose among, in sections, with what is known of each in columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from tui_embed.printable import fit, pad
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, cut, segment

SHAPE_CELLS = 19
NARROW = 60
"""Below so many cells the shapes are left out, and of two more columns the first one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """``name`` and ``note`` are text from outside; ``shape`` and ``size`` are figures, printable.

    What is ``entered`` leads to more choices, and ends in a slash.
    """

    name: str
    note: str = ""
    shape: str = ""
    size: str = ""
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """A section. ``title`` is text from outside; ``foot`` is a printable line below what is listed."""

    title: str
    choices: Sequence[Choice]
    foot: str = ""


class ChoiceList(StripView, can_focus=False):
    """Walked from outside, by whoever has the focus. Posts :class:`Clicked` for a click on a choice."""

    class Clicked(Message):
        """``twice`` is whether the choice is meant to be taken."""

        def __init__(self, number: int, twice: bool) -> None:
            super().__init__()
            self.number = number
            self.twice = twice

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._sections: Sequence[Choices] = ()
        self._lines_of: list[int] = []
        """The line of each choice."""
        self._first_of: list[int] = []
        """The first choice of each section that has one."""

    def show(self, sections: Sequence[Choices], cursor: int) -> None:
        """Show ``sections``, with the choice number ``cursor`` under the cursor."""
        self._sections = sections
        self._count()
        self.cursor = 0
        self.rebuild()
        self.scroll_to(y=0, animate=False)
        self.go(cursor)

    @property
    def n_choices(self) -> int:
        return len(self._lines_of)

    def go(self, number: int) -> None:
        """Put the cursor on a choice, or on the nearest one that there is."""
        self.cursor = min(max(number, 0), max(0, self.n_choices - 1))
        self.rebuild()
        if self._lines_of:
            line = self._lines_of[self.cursor]
            # with the title of its section, where that is the line above
            self.reveal(line - 1 if line - 1 not in self._lines_of else line, line)

    def go_to_section(self, step: int) -> None:
        """The first choice of the section after or before that of the cursor, around the ends."""
        if self._first_of:
            here = max((at for at, first in enumerate(self._first_of) if first <= self.cursor), default=0)
            self.go(self._first_of[(here + step) % len(self._first_of)])

    def on_click(self, event: events.Click) -> None:
        line = event.y + round(self.scroll_offset.y)
        if line in self._lines_of:
            number = self._lines_of.index(line)
            self.post_message(self.Clicked(number, number == self.cursor and event.chain > 1))

    def _count(self) -> None:
        self._lines_of, self._first_of = [], []
        line = 0
        for section in self._sections:
            line += 1
            if section.choices:
                self._first_of.append(len(self._lines_of))
            self._lines_of += range(line, line + len(section.choices))
            line += len(section.choices) + bool(section.foot)

    def build(self, width: int, palette: Palette) -> list[Line]:
        lines: list[Line] = []
        number = 0
        shaped = _Columns.of([c for section in self._sections for c in section.choices if c.shape], width)
        for section in self._sections:
            lines.append([segment(fit(section.title, width), palette.primary)])
            has_shapes = any(choice.shape for choice in section.choices)
            columns = shaped if has_shapes else _Columns.of(section.choices, width)
            for choice in section.choices:
                lines.append(self._draw(choice, columns, number == self.cursor, width, palette))
                number += 1
            if section.foot:
                lines.append([segment(f"  {cut(section.foot, max(0, width - 2))}", palette.faint)])
        return lines

    def _draw(self, choice: Choice, columns: "_Columns", chosen: bool, width: int, palette: Palette) -> Line:
        name = fit(choice.name, columns.name - choice.entered) + "/" * choice.entered
        pieces = [
            (f" {name}{' ' * (columns.name - cell_len(name))} ", palette.text),
            (f"{choice.shape:<{columns.shape}}"[: columns.shape], palette.faint),
            (pad(choice.note, columns.note), palette.faint),
            (f"{choice.size:>{columns.size}} "[: columns.size + 1], palette.text),
        ]
        if chosen:
            return [segment("".join(text for text, _ in pieces).ljust(width), palette.selected)]
        return [segment(text, style) for text, style in pieces]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The cells of each column of a section."""

    name: int
    shape: int
    note: int
    size: int

    @classmethod
    def of(cls, choices: Sequence[Choice], width: int) -> "_Columns":
        has_shape = any(choice.shape for choice in choices) and width >= NARROW
        has_note = any(choice.note for choice in choices) and width >= NARROW // 2
        size = max((len(choice.size) for choice in choices), default=0)
        shape = SHAPE_CELLS if has_shape else 0
        free = max(2, width - 3 - shape - size)
        longest = max((cell_len(fit(choice.name, free)) + choice.entered for choice in choices), default=0)
        name = min(longest + 1, max(8, free * 3 // 5) if has_note else free)
        return (
            cls(name, shape, free - name if has_note else 0, size) if has_note else cls(free, shape, 0, size)
        )
