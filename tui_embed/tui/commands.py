"""What the command palette, the help and the list of keys offer: always the action that a key has."""

from collections.abc import Iterable, Sequence
from functools import partial

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.markup import escape

from tui_embed.figures import size
from tui_embed.printable import fit
from tui_embed.recent import RecentFile, recent_files
from tui_embed.sources.catalog import space_entries
from tui_embed.tui.jobs import JobsApp
from tui_embed.tui.panes.arithmetic import EXAMPLES, ArithmeticPane
from tui_embed.tui.panes.neighbours import NeighboursPane
from tui_embed.tui.panes.row import RowPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.screens.explore import ExploreScreen
from tui_embed.tui.themes import THEMES
from tui_embed.tui.widgets.expression_input import ExpressionInput
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.ranked_list import RankedList
from tui_embed.tui.widgets.row_view import RowView
from tui_embed.tui.widgets.text_box import TextBox
from tui_embed.tui.widgets.token_lines import TokenLines
from tui_embed.tui.widgets.where_line import WhereLine

_HELP: dict[type[Pane], tuple[str, str]] = {
    TokenizePane: ("Tokenize", "tokenize"),
    RowPane: ("Row", "row"),
    NeighboursPane: ("Neighbours", "neighbours"),
    ArithmeticPane: ("Arithmetic", "arithmetic"),
}
_SECTIONS: tuple[tuple[str, tuple[type[DOMNode], ...]], ...] = (
    ("Tokenize (F2)", (TextBox, TokenLines, TokenizePane)),
    ("Row (F3)", (RowView, RowPane)),
    ("Neighbours (F4)", (RankedList, NeighboursPane, WhereLine)),
    ("Arithmetic (F5)", (ExpressionInput, ArithmeticPane)),
)

_KEY_NAMES = {
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "escape": "Esc",
}


def help_page(pane: Pane) -> tuple[str, str]:
    """The title and the file name of a pane's help."""
    return _HELP[type(pane)]


def key_sections(app: App[int]) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """Every key: those that work everywhere, then those of each pane."""
    sections = [("Everywhere", (*_keys_of(type(app)), *_keys_of(ExploreScreen), ("Ctrl+P", "Commands")))]
    sections += [
        (title, tuple(key for kind in kinds for key in _keys_of(kind))) for title, kinds in _SECTIONS
    ]
    return list(sections)


def palette_commands(app: JobsApp) -> Iterable[SystemCommand]:
    """Every action, every space, example and theme."""
    for binding in _bindings(type(app)):
        if binding.action != "stop" or app.jobs.running():
            yield SystemCommand(binding.description, binding.tooltip, partial(_run, app, binding.action))
    for pane in app.screen_stack[1].query(Pane) if len(app.screen_stack) > 1 else ():
        title, _ = help_page(pane)
        for binding in _bindings(type(pane)):
            command = partial(_run, app, binding.action, pane)
            yield SystemCommand(f"{title}: {binding.description.lower()}", binding.tooltip, command)
    for entry in space_entries():
        if entry.here:
            yield SystemCommand(f"Open {entry.name}", entry.what, partial(_open, app, entry.name))
        else:
            cost = f"{entry.what}: {size(entry.size)}, {entry.licence}"
            yield SystemCommand(f"Fetch {entry.name}", cost, partial(_fetch, app, entry.name))
    for expression, what in EXAMPLES:
        yield SystemCommand(f"Example: {expression}", what, partial(_example, app, expression))
    for name in THEMES:
        yield SystemCommand(f"Theme: {name}", "Colours", partial(setattr, app, "theme", name))


class RecentFiles(Provider):
    """The files that were opened last."""

    async def discover(self) -> Hits:
        for file in recent_files():
            yield DiscoveryHit(Content(_title(file)), partial(_open_file, self.app, file), help=_folder(file))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for file in recent_files():
            score = matcher.match(_title(file))
            if score > 0:
                # as content: the palette would read the name as markup
                command = partial(_open_file, self.app, file)
                yield Hit(score, Content(_title(file)), command, help=_folder(file))


def _title(file: RecentFile) -> str:
    return f"Open recent: {fit(file.spec.rpartition('/')[2], 60)}"


def _folder(file: RecentFile) -> str:
    return escape(fit(file.spec.rpartition("/")[0], 80))


def _open_file(app: App[object], file: RecentFile) -> None:
    app.call_later(app.run_action, f"open_file({file.spec!r})")


def _run(app: App[int], action: str, target: DOMNode | None = None) -> None:
    app.call_later(app.run_action, action, target)


def _open(app: App[int], name: str) -> None:
    app.call_later(app.run_action, f"open_named({name!r})")


def _fetch(app: App[int], name: str) -> None:
    app.call_later(app.run_action, f"fetch({name!r})")


def _example(app: App[int], expression: str) -> None:
    pane = app.screen_stack[1].query_one(ArithmeticPane)
    pane.main.focus()
    pane.run_expression(expression)


def _bindings(kind: type[DOMNode]) -> list[Binding]:
    own = kind.__dict__.get("BINDINGS", ())
    return [binding for binding in own if isinstance(binding, Binding) and binding.tooltip]


def _key_name(key: str) -> str:
    if len(key) == 1:
        return key
    return "+".join(_KEY_NAMES.get(part, part.capitalize()) for part in key.split("+"))


def _keys_of(kind: type[DOMNode]) -> list[tuple[str, str]]:
    return [
        (" or ".join(map(_key_name, binding.key.split(","))), binding.tooltip) for binding in _bindings(kind)
    ]
