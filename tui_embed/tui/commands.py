"""What the command palette, the help and the list of keys offer: always the action that a key has."""

from collections.abc import Iterable, Sequence
from functools import partial

from textual.actions import parse
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
from tui_embed.tui.keys import OF_THE_SPACE, ONLY_IN_EXPLORE
from tui_embed.tui.modes import MODES, WHAT
from tui_embed.tui.panes.arithmetic import EXAMPLES, ArithmeticPane
from tui_embed.tui.panes.neighbours import NeighboursPane
from tui_embed.tui.panes.row import RowPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.screens.explore import ExploreScreen
from tui_embed.tui.screens.paned import PanedScreen
from tui_embed.tui.themes import THEMES
from tui_embed.tui.widgets.expression_input import ExpressionInput
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.ranked_list import RankedList
from tui_embed.tui.widgets.row_view import RowView
from tui_embed.tui.widgets.text_box import TextBox
from tui_embed.tui.widgets.token_lines import TokenLines
from tui_embed.tui.widgets.where_line import WhereLine

_HELP = {
    "tokenize": ("Tokenize", "tokenize"),
    "row-pane": ("Row", "row"),
    "neighbours-pane": ("Neighbours", "neighbours"),
    "arithmetic": ("Arithmetic", "arithmetic"),
    "map-pane": ("Map", "map"),
    "points-pane": ("Points", "map-points"),
    "setup": ("Set-up", "train-setup"),
    "progress-pane": ("Progress", "train-progress"),
    "watch": ("Watch", "train-watch"),
    "step": ("Step", "train-step"),
    "prompt-pane": ("Prompt", "model-prompt"),
    "chosen-pane": ("Chosen", "model-chosen"),
    "matrix-pane": ("Matrix", "model-matrix"),
    "params-pane": ("Parameters", "model-params"),
}
"""The title and the help of a pane, by its id: a screen that was never looked at is not imported."""

_SECTIONS: tuple[tuple[str, tuple[type[DOMNode], ...]], ...] = (
    ("Explore", (ExploreScreen,)),
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
    return _HELP[pane.id or ""]


def key_sections(app: App[int]) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """Every key: those that work everywhere, then those of each pane."""
    sections = [("Everywhere", (*_keys_of(type(app)), *_keys_of(PanedScreen), ("Ctrl+P", "Commands")))]
    sections += [
        (title, tuple(key for kind in kinds for key in _keys_of(kind)))
        for title, kinds in (*_SECTIONS, *_map_sections(), *_train_sections(), *_model_sections())
    ]
    return list(sections)


def _map_sections() -> tuple[tuple[str, tuple[type[DOMNode], ...]], ...]:
    # as for training
    from tui_embed.tui.panes.map import MapPane
    from tui_embed.tui.panes.map_points import PointsPane
    from tui_embed.tui.screens.map import MapScreen
    from tui_embed.tui.widgets.heat_view import HeatView
    from tui_embed.tui.widgets.map_view import MapView
    from tui_embed.tui.widgets.matrices import Matrices

    return (
        ("Map", (MapScreen,)),
        ("Map (F2)", (MapView, MapPane, HeatView, Matrices)),
        ("Points (F3)", (PointsPane,)),
    )


def _train_sections() -> tuple[tuple[str, tuple[type[DOMNode], ...]], ...]:
    # a start does not pay for a screen that may never be looked at
    from tui_embed.tui.panes.train_setup import SetupPane
    from tui_embed.tui.panes.train_step import StepPane
    from tui_embed.tui.panes.train_watch import WatchPane
    from tui_embed.tui.screens.train import TrainScreen
    from tui_embed.tui.widgets.form import Form

    return (
        ("Train", (TrainScreen,)),
        ("Set-up (F2)", (Form, SetupPane)),
        ("Watch (F4)", (WatchPane,)),
        ("Step (F5)", (StepPane,)),
    )


def _model_sections() -> tuple[tuple[str, tuple[type[DOMNode], ...]], ...]:
    # as for training
    from tui_embed.tui.panes.model_chosen import ModelChosenPane
    from tui_embed.tui.panes.model_matrix import ModelMatrixPane
    from tui_embed.tui.panes.model_prompt import ModelPromptPane
    from tui_embed.tui.screens.model import ModelScreen
    from tui_embed.tui.widgets.lanes import Lanes
    from tui_embed.tui.widgets.params_table import ParamsTable

    return (
        ("Model", (ModelScreen,)),
        ("Prompt (F2)", (Lanes, ModelPromptPane)),
        ("Chosen (F3)", (ModelChosenPane,)),
        ("Matrix (F4)", (ModelMatrixPane,)),
        ("Parameters (F5)", (ParamsTable,)),
    )


def palette_commands(app: JobsApp) -> Iterable[SystemCommand]:
    """Every action that applies to the screen of panes, every mode, space, example and theme."""
    screen = next((screen for screen in app.screen_stack if isinstance(screen, PanedScreen)), None)
    exploring = isinstance(screen, ExploreScreen)
    for binding in _bindings(type(app)):
        if _is_offered(binding, app, screen):
            yield SystemCommand(binding.description, binding.tooltip, partial(_run, app, binding.action))
    if screen is not None:
        yield from _screen_commands(app, screen)
    for entry in space_entries():
        if entry.here:
            yield SystemCommand(f"Open {entry.name}", entry.what, partial(_open, app, entry.name))
        else:
            cost = f"{entry.what}: {size(entry.size)}, {entry.licence}"
            yield SystemCommand(f"Fetch {entry.name}", cost, partial(_fetch, app, entry.name))
    for expression, what in EXAMPLES if exploring else ():
        yield SystemCommand(f"Example: {expression}", what, partial(_example, app, expression))
    for name in THEMES:
        yield SystemCommand(f"Theme: {name}", "Colours", partial(setattr, app, "theme", name))


def _is_offered(binding: Binding, app: JobsApp, screen: PanedScreen | None) -> bool:
    name = parse(binding.action)[1]
    if name == "stop":
        return bool(app.jobs.running())
    if name == "next_mode":
        # each mode is named instead
        return False
    mode = None if screen is None else screen.MODE
    return mode == "explore" or (
        name not in ONLY_IN_EXPLORE and (mode in ("map", "model") or name not in OF_THE_SPACE)
    )


def _screen_commands(app: JobsApp, screen: PanedScreen) -> Iterable[SystemCommand]:
    for mode in MODES:
        if mode != screen.MODE:
            yield SystemCommand(f"Mode: {mode}", WHAT[mode], partial(_run, app, f"mode({mode!r})"))
    for binding in _bindings(type(screen)):
        title = f"{screen.MODE.capitalize()}: {binding.description.lower()}"
        if _applies(binding, app, screen):
            yield SystemCommand(title, binding.tooltip, partial(_run, app, binding.action, screen))
    for pane in screen.query(Pane):
        title, _ = help_page(pane)
        number = screen.panes.index(pane)
        for named in pane.NAMED:
            command = partial(_go, app, screen, number, named.action)
            yield SystemCommand(f"{title}: {named.name}", named.what, command)
        for binding in _bindings(type(pane)):
            if _applies(binding, app, pane):
                command = partial(_act, app, screen, number, binding.action)
                yield SystemCommand(f"{title}: {binding.description.lower()}", binding.tooltip, command)


def _applies(binding: Binding, app: JobsApp, owner: DOMNode) -> bool:
    """Whether a key of ``owner`` does something now."""
    namespace, action, parameters = parse(binding.action)
    return bool((app if namespace == "app" else owner).check_action(action, parameters))


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


def _go(app: App[int], screen: PanedScreen, number: int, action: str) -> None:
    """Do what a pane is asked for, with the focus on it."""
    screen.action_show_pane(number)
    _run(app, action, screen.pane(number))


def _act(app: App[int], screen: PanedScreen, number: int, action: str) -> None:
    """Do what a pane is asked for, in sight."""
    if screen.pane(number).display:
        _run(app, action, screen.pane(number))
    else:
        _go(app, screen, number, action)


def _open(app: App[int], name: str) -> None:
    app.call_later(app.run_action, f"open_named({name!r})")


def _fetch(app: App[int], name: str) -> None:
    app.call_later(app.run_action, f"fetch({name!r})")


def _example(app: App[int], expression: str) -> None:
    pane = app.get_screen("explore").query_one(ArithmeticPane)
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
