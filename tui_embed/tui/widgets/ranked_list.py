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
from tui_embed.tui.widgets.glyphs import bar
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, cut, segment

NOTE_FROM = 40
"""With fewer free cells there is no room for notes, unless they matter more than the bars."""


@dataclass(frozen=True, slots=True)
class RankedToken:
    """A line of the list. ``fraction`` is the length of its bar, 0 … 1; without a score there is no bar.
    ``note``, text from outside, stands beside the token where there is room.
    """

    token_id: int
    token: str
    score: float | None = None
    fraction: float = 0.0
    label: str = ""
    note: str = ""


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
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._note_from = note_from
        self.items: tuple[RankedToken, ...] = ()
        self.cursor = 0
        self._empty = empty

    def show(self, items: Sequence[RankedToken], empty: str = "") -> None:
        """Show ``items``, or the printable text ``empty`` where there are none, from the first on."""
        self.items = tuple(items)
        self.cursor = 0
        self._empty = empty
        self.rebuild()
        self.scroll_to(y=0, animate=False)

    @property
    def current(self) -> RankedToken | None:
        return self.items[self.cursor] if self.items else None

    def build(self, width: int, palette: Palette) -> list[Line]:
        if not self.items:
            return [[segment(f" {cut(self._empty, width - 1)}", palette.faint)]]
        labels = [item.label or str(rank) for rank, item in enumerate(self.items, 1)]
        scores = ["" if item.score is None else written(item.score) for item in self.items]
        cells = _Cells.of(self.items, labels, scores, width, self._note_from)
        lines = []
        for index, item in enumerate(self.items):
            rank, token = f"{labels[index]:>{cells.label}}  ", f"{pad(item.token, cells.token)} "
            if index == self.cursor and self.has_focus:
                line = [segment(rank + token, palette.selected)]
            else:
                mark = palette.accent if index == self.cursor else palette.faint
                line = [segment(rank, mark), segment(token, palette.text)]
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
        self._go(self.cursor + direction * max(1, self.size.height - 1))

    def action_edge(self, index: int) -> None:
        self._go(index % max(1, len(self.items)))

    def action_choose(self) -> None:
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        clicked = event.y + round(self.scroll_offset.y)
        if clicked < len(self.items):
            if clicked == self.cursor and event.chain > 1:
                self.action_choose()
            self._go(clicked)

    def on_focus(self) -> None:
        self.rebuild()

    def on_blur(self) -> None:
        self.rebuild()

    def _go(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(0, len(self.items) - 1))
        self.rebuild()
        self.reveal(self.cursor, self.cursor)
        self.post_message(self.Moved())


@dataclass(frozen=True, slots=True)
class _Cells:
    """How wide each column is."""

    label: int
    token: int
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
        note_from: int,
    ) -> "_Cells":
        label, score = max(map(cell_len, labels)) + 1, max(map(len, scores))
        free = width - label - score - 4
        note = 0
        if free >= note_from:
            most = free // 3 if free >= NOTE_FROM else free // 2
            note = min(max(cell_len(fit(item.note, most)) for item in items), most)
        free -= note + bool(note)
        if not score:
            return cls(label, free, note, 0, 0)
        longest = max(cell_len(printable(item.token[:200])) for item in items)
        token = min(longest, max(8, free // 2))
        return cls(label, token, note, free - token, score)
