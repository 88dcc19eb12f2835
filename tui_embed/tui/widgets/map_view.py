"""A map of tokens, walked by keys and by mouse."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.tui.widgets.map_ink import strips_of
from tui_embed.tui.widgets.map_scene import Line, Marked, Scene, drawn
from tui_embed.tui.widgets.map_sight import MapPoints, Sight
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.viewport import Viewport

ZOOM = 1.4
PAN = 0.25
"""The share of a side that one key moves the map by."""

CROWDED = 12
"""With more points a cell than this on average, how many there are says more than where each lies."""


class MapView(Widget, can_focus=True):
    """Points on a plane; one is the cursor's. Posts :class:`Moved` when that is another, :class:`Chosen` on
    Enter or a double click, and :class:`Framed` when other points are in sight.
    """

    DEFAULT_CSS = """
    MapView { height: 1fr; width: 1fr; min-height: 3; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "jump(-1,0)", "Point", key_display="← → ↑ ↓", tooltip="The next point to the left"),
        Binding("right", "jump(1,0)", "To the right", show=False, tooltip="The next point to the right"),
        Binding("up", "jump(0,1)", "Up", show=False, tooltip="The next point above"),
        Binding("down", "jump(0,-1)", "Down", show=False, tooltip="The next point below"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom", key_display="+ −", tooltip="Closer"),
        Binding("minus", "zoom(-1)", "Further", show=False, tooltip="Further away"),
        Binding("0", "fit", "All", show=False, tooltip="All points in sight"),
        Binding("shift+left,H", "pan(-1,0)", "Pan left", show=False, tooltip="Look further to the left"),
        Binding("shift+right,L", "pan(1,0)", "Pan right", show=False, tooltip="Look further to the right"),
        Binding("shift+up,K", "pan(0,-1)", "Pan up", show=False, tooltip="Look further up"),
        Binding("shift+down,J", "pan(0,1)", "Pan down", show=False, tooltip="Look further down"),
        Binding("i", "isolate", "Isolate", tooltip="Only the cluster of this point, or what is in sight"),
        Binding("b", "back", "All again", tooltip="Show what was left out again"),
        Binding("d", "shade", "Density", show=False, tooltip="How many points there are, or where each lies"),
        Binding("l", "names", "Names", show=False, tooltip="Names, or points alone"),
        Binding("a", "scales", "Scales", show=False, tooltip="One scale for both axes, or fill the screen"),
        Binding("enter", "choose", "Follow", key_display="Enter", tooltip="Make this token the selection"),
    ]

    class Moved(Message):
        """The cursor stands at another point."""

        def __init__(self, view: "MapView", place: int) -> None:
            super().__init__()
            self.view = view
            self.place = place

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MapView.Moved) and message.view is self.view

    class Chosen(Message):
        """A point was chosen."""

        def __init__(self, view: "MapView", place: int) -> None:
            super().__init__()
            self.view = view
            self.place = place

    class Framed(Message):
        """Other points are in sight, or left out."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MapView.Framed)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sight: Sight | None = None
        self.cursor: int | None = None
        self._scene: Scene | None = None
        self._near: Sequence[Marked] = ()
        self._near_lines: Sequence[Line] = ()
        self._strips: list[Strip] = []
        self._drawn_for: tuple[int, int] | None = None
        self._shaded: bool | None = None
        self._names = True
        self._dragging: bool | None = None

    def show(self, shown: MapPoints | None, *, same: bool = False) -> None:
        """Show another map. ``same``: the same tokens at other places, as a newer frame has them; the cursor,
        what is left out and where one looks then stay.
        """
        if same and shown is not None and self.sight is not None and len(shown) == len(self.sight.shown):
            self.sight.shown = shown
        else:
            self.sight = None if shown is None else Sight(shown)
            self.cursor, self._near, self._near_lines, self._shaded = None, (), (), None
            self.refresh_bindings()
        self._changed(framed=True)

    def mark(self, near: Sequence[Marked], lines: Sequence[Line]) -> None:
        """Name these points too, the cursor's neighbours, and draw these lines to them."""
        self._near, self._near_lines = near, lines
        self._changed()

    def move_to(self, place: int | None) -> None:
        """Put the cursor at a point, which is then in sight; nothing is posted."""
        if self.sight is None or place == self.cursor:
            return
        self.cursor, self._near, self._near_lines = place, (), ()
        if place is not None:
            self.sight.reveal(place)
        self._changed()

    def render_line(self, y: int) -> Strip:
        if self._drawn_for != tuple(self.size):
            self._draw()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn_for = None

    def on_resize(self, event: events.Resize) -> None:
        if self.sight is not None:
            self.sight.dots = self._dots
        self._changed(framed=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a way back only where something was left out."""
        return action != "back" or (self.sight is not None and self.sight.kept is not None)

    def action_jump(self, right: int, up: int) -> None:
        if self.sight is None:
            return
        if self.cursor is None or not self.sight.seen()[self.cursor]:
            self._go(self.sight.at(*self.sight.middle))
        else:
            self._go(self.sight.beside(self.cursor, right, up))

    def action_zoom(self, direction: int) -> None:
        if self.sight is not None:
            dot = self.sight.middle if self.cursor is None else self.sight.dot_of(self.cursor)
            self._zoom(ZOOM**direction, dot)

    def action_pan(self, right: int, down: int) -> None:
        if self.sight is not None:
            across, high = self._dots
            self._look(self.sight.viewport.panned(right * PAN * across, down * PAN * high))

    def action_fit(self) -> None:
        if self.sight is not None:
            self.sight.whole = True
            self._changed(framed=True)

    def action_isolate(self) -> None:
        """Leave out what is not in sight; where all is, what is not of the cursor's cluster."""
        if self.sight is None:
            return
        kept, colours = self.sight.seen(), self.sight.shown.colours
        if self.sight.whole and self.cursor is not None and colours[self.cursor] >= 0:
            kept = colours == colours[self.cursor]
        self.sight.keep(kept)
        if self.cursor is not None and not self.sight.visible[self.cursor]:
            self.move_to(None)
        self.refresh_bindings()
        self._changed(framed=True)

    def action_back(self) -> None:
        if self.sight is not None:
            self.sight.kept, self.sight.whole = None, True
            self.refresh_bindings()
            self._changed(framed=True)

    def action_shade(self) -> None:
        self._shaded = not self._is_shaded
        self._changed()

    def action_names(self) -> None:
        self._names = not self._names
        self._changed()

    def action_scales(self) -> None:
        if self.sight is not None:
            self.sight.filled, self.sight.whole = not self.sight.filled, True
            self._changed(framed=True)

    def action_choose(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Chosen(self, self.cursor))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._zoom(ZOOM, (2 * event.x + 1, 4 * event.y + 2))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._zoom(1 / ZOOM, (2 * event.x + 1, 4 * event.y + 2))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragging = False
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging is not None and self.sight is not None and (event.delta_x or event.delta_y):
            self._dragging = True
            self._look(self.sight.viewport.panned(-2 * event.delta_x, -4 * event.delta_y))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self.release_mouse()
        if self._dragging is False and self.sight is not None:
            self._go(self.sight.at(2 * event.x + 1, 4 * event.y + 2))
        self._dragging = None

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self.action_choose()

    @property
    def _dots(self) -> tuple[int, int]:
        return 2 * max(1, self.size.width), 4 * max(1, self.size.height)

    @property
    def _is_shaded(self) -> bool:
        if self._shaded is not None or self.sight is None:
            return bool(self._shaded)
        return len(self.sight.shown) > CROWDED * self.size.width * self.size.height

    def _go(self, place: int | None) -> None:
        if place is not None and place != self.cursor:
            self.move_to(place)
            self.post_message(self.Moved(self, place))

    def _zoom(self, factor: float, dot: tuple[float, float]) -> None:
        if self.sight is not None:
            self.sight.zoom(factor, dot)
            self._changed(framed=True)

    def _look(self, viewport: Viewport) -> None:
        if self.sight is not None:
            self.sight.look(viewport)
            self._changed(framed=True)

    def _changed(self, framed: bool = False) -> None:
        self._drawn_for = None
        if self.sight is not None:
            self.sight.dots = self._dots
        self.refresh()
        if framed:
            self.post_message(self.Framed())

    def _draw(self) -> None:
        width, height = self.size
        self._drawn_for = (width, height)
        self._strips = []
        if self.sight is not None and width and height:
            self._scene = self._made_scene(self.sight)
            cells = drawn(self._scene, self.sight.viewport, width, height)
            self._strips = strips_of(cells, Palette.of(self))

    def _made_scene(self, sight: Sight) -> Scene:
        shown, before = sight.shown, self._scene
        cursor = [] if self.cursor is None else [Marked(self.cursor, "cursor")]
        marked: dict[int, Marked] = {}
        for mark in (*cursor, *self._near, *(Marked(place, "main") for place in shown.main)):
            marked.setdefault(mark.place, mark)
        written = {} if before is None or before.name is not shown.name else before.names_written
        return Scene(
            shown.points,
            shown.colours,
            shown.name,
            np.arange(len(shown)) if shown.named is None else shown.named,
            sight.visible,
            list(marked.values()),
            [*shown.lines, *self._near_lines],
            shown.own_scales,
            self._names,
            self._is_shaded,
            written,
        )
