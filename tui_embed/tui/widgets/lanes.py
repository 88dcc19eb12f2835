"""Tokens on their way through a model: a lane a token, a column a layer, walked by arrows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_embed.figures import score
from tui_embed.printable import fit, pad
from tui_embed.tui.widgets.facts import folded
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, segment

WIDEST_TOKEN, NORM = 12, 6
LEAST_CELL, WIDEST_CELL = 6, 11


@dataclass(frozen=True, slots=True)
class LaneCell:
    """What a vector is most like: a token, text from outside, and how much, 0 … 1. It is ``plain`` where that
    is no news: the token itself.
    """

    token: bytes
    share: float
    plain: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A token with the length of its row of ``W_E``, of its position row (None without one), and a cell for
    the input embedding and each layer.
    """

    token: bytes
    token_id: int
    norm: float
    position_norm: float | None
    cells: tuple[LaneCell, ...]


@dataclass(frozen=True, slots=True)
class LaneBlock:
    """A text's lanes; ``title`` is printable."""

    title: str
    lanes: tuple[Lane, ...]


class Lanes(StripView):
    """Blocks of lanes with one cursor. Posts :class:`Moved`, and :class:`Chosen` on Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "Token", key_display="↑↓", tooltip="The token before"),
        Binding("down", "move(1, 0)", "Next token", show=False, tooltip="The token after"),
        Binding("left", "move(0, -1)", "Layer", key_display="←→", tooltip="A layer less"),
        Binding("right", "move(0, 1)", "Next layer", show=False, tooltip="A layer more"),
        Binding("pageup", "page(-1)", "A page up", show=False, tooltip="A page of tokens up"),
        Binding("pagedown", "page(1)", "A page down", show=False, tooltip="A page of tokens down"),
        Binding("home", "edge(0)", "Input", show=False, tooltip="The input embedding"),
        Binding("end", "edge(-1)", "Last layer", show=False, tooltip="The last layer"),
        Binding("enter", "choose", "Follow", key_display="Enter", tooltip="Select this token, in Explore"),
    ]

    class Moved(Message):
        """The cursor stands on another vector."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Lanes.Moved)

    class Chosen(Message):
        """The token of the lane under the cursor was chosen."""

        def __init__(self, token_id: int) -> None:
            super().__init__()
            self.token_id = token_id

    class Left(Message):
        """The cursor went up from the first lane."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lane = 0
        """The number of the lane under the cursor, through all blocks."""
        self.stage = 0
        self._blocks: Sequence[LaneBlock] = ()
        self._empty = ""
        self._line_of: list[int] = []
        self._heads: list[int] = []
        """The lines that name the columns of each block."""
        self._columns = (0, 1, LEAST_CELL)
        """The first layer that is shown, how many, and the cells of each."""
        self._name_cells = self._id_cells = self._fixed = 1
        self._has_positions = False

    def show(self, blocks: Sequence[LaneBlock], lane: int, layer: int, empty: str = "") -> None:
        """Show lanes with the cursor on one, or the printable text ``empty`` where there are none."""
        self._blocks = blocks
        self._empty = empty
        self.lane = min(max(lane, 0), max(0, len(self._lanes) - 1))
        self.stage = min(max(layer, 0), max(0, self._n_cells - 1))
        self.rebuild()
        self._reveal()

    def say(self, empty: str) -> None:
        """Another printable text for where there are no lanes."""
        if not self._lanes:
            self._empty = empty
            self.rebuild()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a lane there is nothing to choose: the pane may have a use for the key."""
        return action != "choose" or bool(self._blocks)

    @property
    def place(self) -> tuple[int, int]:
        """The block and the lane within it under the cursor."""
        left = self.lane
        for number, block in enumerate(self._blocks):
            if left < len(block.lanes):
                return number, left
            left -= len(block.lanes)
        return 0, 0

    @property
    def _lanes(self) -> list[Lane]:
        return [lane for block in self._blocks for lane in block.lanes]

    @property
    def _n_cells(self) -> int:
        return max((len(lane.cells) for lane in self._lanes), default=0)

    def build(self, width: int, palette: Palette) -> list[Line]:
        if not self._lanes:
            self._line_of, self._heads = [], []
            return [[segment(f" {text}", palette.faint)] for text in folded(self._empty, max(1, width - 1))]
        self._lay_columns(width)
        lines: list[Line] = []
        self._line_of, self._heads = [], []
        number = 0
        for block in self._blocks:
            self._heads.append(len(lines))
            lines.append(self._head(block, palette))
            for lane in block.lanes:
                self._line_of.append(len(lines))
                lines.append(self._draw(lane, number == self.lane, palette))
                number += 1
        return lines

    def pinned(self, at: int) -> int:
        # an empty view has no heads
        return max((head for head in self._heads if head <= at), default=at)

    def _lay_columns(self, width: int) -> None:
        lanes, n_cells = self._lanes, max(1, self._n_cells)
        names = [cell_len(fit(lane.token, WIDEST_TOKEN - 1)) for lane in lanes]
        self._name_cells = max(*names, len("text 2")) + 1
        self._id_cells = max(len(str(lane.token_id)) for lane in lanes) + 1
        fixed = self._name_cells + self._id_cells + NORM
        # lengths of position rows where all layers can be seen beside them
        self._has_positions = any(lane.position_norm is not None for lane in lanes)
        self._has_positions &= width - fixed - NORM >= n_cells * LEAST_CELL
        self._fixed = fixed + NORM * self._has_positions
        room = max(LEAST_CELL, width - self._fixed)
        cell = min(WIDEST_CELL, max(LEAST_CELL, room // n_cells))
        shown = max(1, min(n_cells, room // cell))
        first = min(max(0, self.stage - shown + 1), n_cells - shown)
        if self._columns[1] == shown and self._columns[0] <= self.stage < self._columns[0] + shown:
            first = min(self._columns[0], n_cells - shown)
        self._columns = (first, shown, cell)

    def _head(self, block: LaneBlock, palette: Palette) -> Line:
        first, shown, cell = self._columns
        head = f"{block.title:<{self._name_cells}}"[: self._name_cells]
        head += f"{'id':>{self._id_cells - 1}} {'|W_E|':>{NORM - 1}} "
        head += f"{'|W_P|':>{NORM - 1}} " if self._has_positions else ""
        line = [segment(head, palette.faint)]
        for layer in range(first, first + shown):
            name = "input" if layer == 0 else f"{layer}"
            before = "‹" if layer == first and first else ""
            after = "›" if layer == first + shown - 1 and layer < self._n_cells - 1 else ""
            style = palette.accent if layer == self.stage else palette.faint
            line.append(segment(f"{before}{name}{after}"[: cell - 1].ljust(cell), style))
        return line

    def _draw(self, lane: Lane, here: bool, palette: Palette) -> Line:
        first, shown, cell = self._columns
        name = palette.accent if here else palette.text
        line: list[Segment] = [
            segment(pad(lane.token, self._name_cells - 1) + " ", name),
            segment(f"{lane.token_id:>{self._id_cells - 1}} {score(lane.norm):>{NORM - 1}} ", palette.faint),
        ]
        if self._has_positions:
            length = "" if lane.position_norm is None else score(lane.position_norm)
            line.append(segment(f"{length:>{NORM - 1}} ", palette.faint))
        for layer in range(first, min(first + shown, len(lane.cells))):
            one = lane.cells[layer]
            text = pad(one.token, cell - 1)
            if here and layer == self.stage:
                style = palette.selected if self.has_focus else palette.accent
            else:
                style = palette.faint if one.plain else palette.text
            line += [segment(text, style), segment(" ", palette.text)]
        return line

    def action_move(self, down: int, right: int) -> None:
        if down < 0 and self.lane == 0:
            self.post_message(self.Left())
            return
        self._go(self.lane + down, self.stage + right)

    def action_page(self, direction: int) -> None:
        # a line is kept in sight, and one names the columns
        self._go(self.lane + direction * max(1, self.size.height - 2), self.stage)

    def action_edge(self, layer: int) -> None:
        self._go(self.lane, layer % max(1, self._n_cells))

    def action_choose(self) -> None:
        if self._lanes:
            self.post_message(self.Chosen(self._lanes[self.lane].token_id))

    def on_click(self, event: events.Click) -> None:
        line = event.y + round(self.scroll_offset.y)
        line = self.pinned(line) if event.y == 0 else line
        if line in self._line_of:
            first, shown, cell = self._columns
            column = (event.x - self._fixed) // cell
            layer = first + column if 0 <= column < shown else self.stage
            self._go(self._line_of.index(line), layer)

    def on_resize(self, event: events.Resize) -> None:
        # what is said below takes a line more or less
        self._lay_out()
        self._reveal()

    def on_focus(self) -> None:
        self.rebuild()

    def on_blur(self) -> None:
        self.rebuild()

    def _go(self, lane: int, layer: int) -> None:
        lane = min(max(lane, 0), max(0, len(self._lanes) - 1))
        layer = min(max(layer, 0), max(0, self._n_cells - 1))
        if (lane, layer) != (self.lane, self.stage):
            self.lane, self.stage = lane, layer
            self.rebuild()
            self._reveal()
            self.post_message(self.Moved())

    def _reveal(self) -> None:
        if self.lane < len(self._line_of):
            # the line before it is in sight too: it is the one that the names of the columns cover
            line = self._line_of[self.lane]
            self.reveal(line - 1, line)
