"""The tabs that stand for the panes where only one fits."""

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_embed.tui.widgets.palette import Palette


class PaneTabs(Widget):
    """A line of ``key title`` tabs; posts :class:`Clicked` with the number of the tab."""

    DEFAULT_CSS = """
    PaneTabs { height: 1; width: 1fr; }
    """

    class Clicked(Message):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, tabs: list[tuple[str, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = tabs
        self._current = 0

    def show_current(self, number: int) -> None:
        self._current = number
        self.refresh()

    def render_line(self, y: int) -> Strip:
        palette = Palette.of(self)
        segments: list[Segment] = [Segment(" ", Style())]
        for number, (key, title) in enumerate(self._tabs):
            if number == self._current:
                segments.append(Segment(f" {key} {title} ", palette.selected))
            else:
                segments += [Segment(f" {key} ", palette.accent), Segment(f"{title} ", palette.text)]
            segments.append(Segment(" ", Style()))
        return Strip(segments).adjust_cell_length(self.size.width, Style()).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        start = 1
        for number, (key, title) in enumerate(self._tabs):
            width = len(key) + len(title) + 3
            if start <= event.x < start + width:
                self.post_message(self.Clicked(number))
            start += width + 1
