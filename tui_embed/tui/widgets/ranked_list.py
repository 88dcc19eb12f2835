"""Ranked tokens with bars and scores, walked by keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_embed.figures import score as written
from tui_embed.printable import fit, pad, printable
from tui_embed.tui.widgets.facts import folded
from tui_embed.tui.widgets.glyphs import bar
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, segment

LEAST_TOKEN = 8
NOTE_FROM = 40
"""With fewer free cells there is no room for notes, unless they matter more than the bars."""


@dataclass(frozen=True, slots=True)
class RankedToken:
    """A line of the list. ``fraction`` is the length of its bar, 0 … 1; without a score there is no bar.
    ``figures``, printable, stand beside the token, as many of them for each line of a list; ``note``, text
    from outside, stands there where there is room.
    """

    token_id: int
    token: str
    score: float | None = None
    fraction: float = 0.0
    label: str = ""
    note: str = ""
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heads:
    """The printable names of a list's columns; they stay in sight."""

    label: str = ""
    token: str = "token"
    note: str = ""
    score: str = ""
    figures: tuple[str, ...] = ()


class RankedList(StripView):
    """A list of tokens; posts :class:`Chosen` on Enter or a second click, :class:`Left` when ↑ leaves its
    top."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "A page up", show=False),
        Binding("pagedown", "page(1)", "A page down", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end", "edge(-1)", "Last", show=False),
        Binding("enter", "choose", "Follow", key_display="Enter", tooltip="Make this token the selection"),
    ]

    class Chosen(Message):
        """A token was chosen."""

        def __init__(self, source: "RankedList", item: RankedToken) -> None:
            super().__init__()
            self.source = source
            self.item = item

        @property
        def control(self) -> "RankedList":
            return self.source

    class Moved(Message):
        """The cursor stands on another line."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RankedList.Moved)

    class Left(Message):
        """The cursor went up from the first line."""

    def __init__(
        self,
        *,
        id: str | None = None,
        classes: str | None = None,
        empty: str = "",
        note_from: int = NOTE_FROM,
        notes_first: bool = False,
    ) -> None:
        """``notes_first`` gives bars only the room that notes leave."""
        super().__init__(id=id, classes=classes)
        self._note_from = note_from
        self._notes_first = notes_first
        self._heads: Heads | None = None
        self.items: tuple[RankedToken, ...] = ()
        self.cursor = 0
        self._empty = empty

    def show(self, items: Sequence[RankedToken], empty: str = "", heads: Heads | None = None) -> None:
        """Show ``items`` from the first on, under ``heads``; the printable ``empty`` where there are none."""
        self.items = tuple(items)
        self._heads = heads if items else None
        self.cursor = 0
        self._empty = empty
        self.rebuild()
        self.scroll_to(y=0, animate=False)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In an empty list there is nothing to follow: the pane may have a use for the key."""
        return action != "choose" or bool(self.items)

    @property
    def _above(self) -> int:
        """How many lines stand over the first item."""
        return 0 if self._heads is None else 1

    def pinned(self, at: int) -> int:
        return 0 if self._heads is not None else at

    @property
    def current(self) -> RankedToken | None:
        return self.items[self.cursor] if self.items else None

    def build(self, width: int, palette: Palette) -> list[Line]:
        if not self.items:
            return [[segment(f" {text}", palette.faint)] for text in folded(self._empty, max(1, width - 1))]
        labels = [item.label or str(rank) for rank, item in enumerate(self.items, 1)]
        scores = ["" if item.score is None else written(item.score) for item in self.items]
        heads = self._heads or Heads(token="")
        cells = _Cells.of(self.items, labels, scores, width, heads, self._note_from, self._notes_first)
        lines = [] if self._heads is None else [[segment(cells.named(heads), palette.faint)]]
        for index, item in enumerate(self.items):
            rank, token = f"{labels[index]:>{cells.label}}  ", f"{pad(item.token, cells.token)} "
            if index == self.cursor and self.has_focus:
                line = [segment(rank + token, palette.selected)]
            else:
                mark = palette.accent if index == self.cursor else palette.faint
                line = [segment(rank, mark), segment(token, palette.text)]
            if cells.figures:
                line.append(segment(cells.set(item.figures), palette.faint))
            if cells.note:
                line.append(segment(f"{pad(item.note, cells.note)} ", palette.faint))
            if cells.score:
                line.append(segment(bar(item.fraction, cells.bar), palette.primary))
                line.append(segment(f" {scores[index]:>{cells.score}}", palette.text))
            lines.append(line)
        return lines

    def action_move(self, step: int) -> None:
        if step < 0 and self.cursor == 0:
            self.post_message(self.Left())
        elif self.items:
            self._go(self.cursor + step)

    def action_page(self, direction: int) -> None:
        self._go(self.cursor + direction * max(1, self.size.height - 1 - self._above))

    def action_edge(self, index: int) -> None:
        self._go(index % max(1, len(self.items)))

    def action_choose(self) -> None:
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        line = event.y + round(self.scroll_offset.y)
        clicked = (self.pinned(line) if event.y == 0 else line) - self._above
        if 0 <= clicked < len(self.items):
            if clicked == self.cursor and event.chain > 1:
                self.action_choose()
            self._go(clicked)

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()
        self._reveal()

    def on_focus(self) -> None:
        self.rebuild()

    def on_blur(self) -> None:
        self.rebuild()

    def _go(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(0, len(self.items) - 1))
        self.rebuild()
        self._reveal()
        self.post_message(self.Moved())

    def _reveal(self) -> None:
        # the line that the names of the columns cover is in sight too
        self.reveal(self.cursor, self.cursor + self._above)


class WalkedList(RankedList):
    """The same, walked by j and k too: for panes that have no other use of these."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "walk_up", "Up", show=False),
    ]

    def action_walk_up(self) -> None:
        """Up, and not out of the list: a letter that is held down would go on in a line of text."""
        if self.cursor:
            self.action_move(-1)


@dataclass(frozen=True, slots=True)
class _Cells:
    """How wide each column is."""

    label: int
    token: int
    figures: tuple[int, ...]
    note: int
    bar: int
    score: int

    @classmethod
    def of(
        cls,
        items: Sequence[RankedToken],
        labels: list[str],
        scores: list[str],
        width: int,
        heads: Heads,
        note_from: int,
        notes_first: bool,
    ) -> "_Cells":
        label = max(*map(cell_len, labels), cell_len(heads.label)) + 1
        score = max(map(len, scores)) and max(*map(len, scores), cell_len(heads.score))
        rows = [heads.figures, *(item.figures for item in items)]
        figures = tuple(max(map(len, column)) for column in zip(*(row for row in rows if row), strict=True))
        free = max(0, width - label - score - 4)
        if free < sum(figures) + 2 * len(figures) + LEAST_TOKEN:
            figures = ()
        free -= sum(figures) + 2 * len(figures)
        longest = max(cell_len(heads.token), *(cell_len(printable(item.token[:200])) for item in items))
        note = 0
        if free >= note_from:
            most = free // 3 if free >= NOTE_FROM else free // 2
            if notes_first:
                most = free - min(longest, free // 2) - 1
            notes = max(cell_len(fit(item.note, most)) for item in items)
            note = min(max(notes, cell_len(heads.note)), most)
        free -= note + bool(note)
        if not score:
            return cls(label, min(longest, free) if figures else free, figures, note, 0, 0)
        token = min(longest, max(LEAST_TOKEN, free if notes_first else free // 2), free)
        return cls(label, token, figures, note, free - token, score)

    def named(self, heads: Heads) -> str:
        """The names of the columns, each over its own."""
        named = f"{heads.label:>{self.label}}  {pad(heads.token, self.token)} {self.set(heads.figures)}"
        if self.note:
            named += f"{pad(heads.note, self.note)} "
        return named + " " * self.bar + f" {heads.score:>{self.score}}" * bool(self.score)

    def set(self, figures: Sequence[str]) -> str:
        """Figures in their columns."""
        return "".join(f"{figure:>{cells}}  " for figure, cells in zip(figures, self.figures, strict=False))
