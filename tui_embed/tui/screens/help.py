"""Help for a pane, and the list of every key."""

from collections.abc import Sequence
from importlib.resources import files

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, cut, segment

KeySection = tuple[str, Sequence[tuple[str, str]]]
"""A title, and (key, what it does) pairs."""


class HelpDialog(Dialog[None]):
    """A page of help, read from ``help/NAME.md``."""

    KEYS = "↑ ↓ scroll · Esc closes"

    def __init__(self, title: str, name: str) -> None:
        super().__init__()
        self._heading = title
        self._name = name

    @property
    def heading(self) -> str:
        return self._heading

    def compose_dialog(self) -> ComposeResult:
        page = files("tui_embed.tui").joinpath("help", f"{self._name}.md").read_text(encoding="utf-8")
        with VerticalScroll():
            yield Markdown(page, open_links=False)


class KeysDialog(Dialog[None]):
    """Every key and what it does."""

    HEADING = "Keys"
    KEYS = "↑ ↓ scroll · Esc closes"

    def __init__(self, sections: Sequence[KeySection]) -> None:
        super().__init__()
        self._sections = sections

    def compose_dialog(self) -> ComposeResult:
        yield _KeyList(self._sections)


class _KeyList(StripView):
    def __init__(self, sections: Sequence[KeySection]) -> None:
        super().__init__()
        self._sections = sections

    def build(self, width: int, palette: Palette) -> list[Line]:
        lines: list[Line] = []
        for title, keys in self._sections:
            lines += [[segment(title, palette.primary)]]
            lines += [
                [
                    segment(f"  {key:<18} ", palette.accent),
                    segment(cut(what, max(1, width - 20)), palette.text),
                ]
                for key, what in keys
            ]
            lines.append([])
        return lines
