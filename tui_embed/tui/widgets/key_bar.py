"""The line at the foot: what the keys do now."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.tui.widgets.palette import Palette

LEAST_NEEDED_FIRST = (
    "position(-1)",
    "history_back",
    "encodings",
    "open",
    "find",
    "pane(1)",
    "next_mode",
    "quit",
    "help_pane",
)
"""What gives way, in this order, where the line is too short for all."""
ALWAYS = ("quit", "help_pane")
"""What stays longer than the keys of the focused pane."""


_ARROWS = {"left": "←", "right": "→"}


class KeyBar(Widget):
    """Keys of the focused pane at the left, keys that work everywhere at the right; whole items or none."""

    DEFAULT_CSS = """
    KeyBar { height: 1; width: 1fr; dock: bottom; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[tuple[int, int, Binding]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, screen: Screen[object]) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        palette, width = Palette.of(self), self.size.width
        local, general = self._items(width - 2)
        room = width - 2 - sum(_cells(item) for item in (*local, *general))
        segments = [Segment(" ", Style())]
        self._places = []
        at = 1
        for item in (*local, None, *general):
            if item is None:
                segments.append(Segment(" " * max(0, room), Style()))
                at += max(0, room)
                continue
            key, what = _texts(item)
            self._places.append((at, at + _cells(item) - 2, item))
            segments += [Segment(key, palette.accent), Segment(f" {what}  ", palette.faint)]
            at += _cells(item)
        return Strip(segments).adjust_cell_length(width, Style()).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        for start, stop, binding in self._places:
            if start <= event.x < stop:
                self.app.simulate_key(binding.key.partition(",")[0])

    def _items(self, room: int) -> tuple[list[Binding], list[Binding]]:
        local: list[Binding] = []
        general: list[Binding] = []
        for active in self.screen.active_bindings.values():
            if active.binding.show and active.enabled and not self._is_typed(active.binding.key):
                kept = general if active.binding.action in LEAST_NEEDED_FIRST else local
                if active.binding.action not in [binding.action for binding in kept]:
                    kept.append(active.binding)
        general.sort(key=lambda binding: LEAST_NEEDED_FIRST.index(binding.action), reverse=True)
        for action in LEAST_NEEDED_FIRST:
            while action in ALWAYS and local and not _fits([*local, *general], room):
                del local[-1]
            if _fits([*local, *general], room):
                break
            general = [binding for binding in general if binding.action != action]
        return local, general[::-1]

    def _is_typed(self, key: str) -> bool:
        """Whether the focused widget would type this key: Textual does not know "/" by its name."""
        focused = self.screen.focused
        return key == "slash" and focused is not None and focused.check_consume_key(key, "/")


def _texts(binding: Binding) -> tuple[str, str]:
    return _shown_key(binding), binding.description.lower()


def _shown_key(binding: Binding) -> str:
    """A key's own sign. Of "slash,ctrl+f" the display is that of the first: the others are spelled out."""
    modifier, _, key = binding.key.rpartition("+")
    if modifier == "ctrl":
        return f"^{key}"
    if modifier == "alt":
        return f"Alt+{_ARROWS.get(key, key)}"
    if key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return binding.key_display or binding.key


def _fits(items: list[Binding], room: int) -> bool:
    return sum(map(_cells, items)) <= room


def _cells(binding: Binding) -> int:
    key, what = _texts(binding)
    return cell_len(key) + cell_len(what) + 3
