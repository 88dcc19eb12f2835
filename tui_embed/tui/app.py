"""The app: the one owner of the space and the selection."""

import asyncio
import signal
import sys
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.neighbors import METRICS
from tui_embed.engine.positions import LAST_POSITION
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import percent
from tui_embed.locations import pictures_folder
from tui_embed.printable import printable
from tui_embed.settings import Settings
from tui_embed.sources.catalog import Drawing, open_space
from tui_embed.tui.commands import help_page, key_sections, palette_commands
from tui_embed.tui.jobs import JobCancelled, JobDropped, JobFailed, JobFinished, JobProgress, JobsApp
from tui_embed.tui.messages import CopyRequested, PositionPicked, TokenPicked
from tui_embed.tui.panes.row import RowPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.screens.explore import ExploreScreen
from tui_embed.tui.state import History, Selection
from tui_embed.tui.themes import THEMES

BEHIND_DIALOGS = frozenset(
    ("help_pane", "keys", "position", "find", "history_back", "history_forward", "spaces", "encodings")
)
START_TEXT = "Strawberry fields for the king"
START_EXPRESSION = "king - man + woman"


class ExplorerApp(JobsApp):
    """The explorer. ``space`` and ``selection`` are written here and nowhere else; screens watch them."""

    TITLE = "tui-embed"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help_pane", "Help", key_display="F1", tooltip="Help for the pane that has the focus"),
        Binding("question_mark", "keys", "Keys", key_display="?", show=False, tooltip="Every key"),
        Binding(
            "left_square_bracket", "position(-1)", "Position", key_display="[ ]", tooltip="One position less"
        ),
        Binding(
            "right_square_bracket",
            "position(1)",
            "Position up",
            key_display="]",
            show=False,
            tooltip="One position more",
        ),
        Binding("slash", "find", "Find", key_display="/", tooltip="Look a token up (Ctrl+F while typing)"),
        # Priority: a line of input has a use of its own for this key.
        Binding("ctrl+f", "find", "Find", key_display="^f", priority=True),
        Binding(
            "backspace,alt+left",
            "history_back",
            "Back",
            key_display="⌫",
            tooltip="The selection before this one",
        ),
        Binding(
            "shift+backspace,alt+right",
            "history_forward",
            "Forward",
            show=False,
            tooltip="The selection after this one",
        ),
        Binding("ctrl+o", "spaces", "Open", key_display="^o", priority=True, tooltip="Open another space"),
        Binding(
            "ctrl+e",
            "encodings",
            "Encodings",
            key_display="^e",
            priority=True,
            tooltip="Choose the encodings that are compared",
        ),
        Binding("f8", "picture", "Picture", show=False, tooltip="Save a picture of the screen (SVG)"),
        Binding("f9", "next_theme", "Theme", show=False, tooltip="Dark, light or high contrast"),
        Binding("escape", "stop", "Stop", show=False, tooltip="Stop what runs"),
        Binding("ctrl+q", "quit", "Quit", key_display="^q", priority=True, tooltip="Leave"),
    ]

    space: reactive[EmbeddingSpace | None] = reactive(None)
    selection: reactive[Selection | None] = reactive(None)

    def __init__(self, space: EmbeddingSpace, settings: Settings, text: str | None = None) -> None:
        super().__init__()
        for theme in THEMES.values():
            self.register_theme(theme)
        if settings.theme not in THEMES:
            raise UsageError(f"there is no theme {settings.theme!r}", f"themes are {', '.join(THEMES)}")
        metric = next((known for known in METRICS if known == settings.metric), None)
        if metric is None:
            raise UsageError(f"there is no metric {settings.metric!r}", f"metrics are {', '.join(METRICS)}")
        self.theme = settings.theme
        self.history = History()
        self._drawing = Drawing(settings.seed, "uniform" if settings.init == "uniform" else "normal")
        self.explore = ExploreScreen(
            START_TEXT if text is None else text, START_EXPRESSION, settings.encodings, metric, settings.k
        )
        self._enter(space)

    def on_mount(self) -> None:
        self.push_screen(self.explore)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, partial(self._leave, number))

    def _leave(self, number: int) -> None:
        """End as the signal asks, with the terminal as it was."""
        self.jobs.stop()
        self.exit(return_code=128 + number)

    def on_token_picked(self, message: TokenPicked) -> None:
        if self.space is None or message.token_id >= len(self.space):
            return
        left = self.selection
        position = message.position
        if position is None:
            position = 0 if left is None else left.position
        chosen = Selection(message.token_id, self._within(position), message.origin)
        typing = left is not None and left.origin == message.origin == "text"
        if not typing and left is not None and left.token_id != chosen.token_id:
            self.history.visit(left)
        self.selection = chosen

    def on_position_picked(self, message: PositionPicked) -> None:
        self._move_to(message.position)

    def on_copy_requested(self, message: CopyRequested) -> None:
        self.copy_to_clipboard(message.text)
        self.notify(f"Copied: {message.what}", markup=False)

    def on_job_progress(self, message: JobProgress) -> None:
        if message.job.stale:
            return
        share = percent(message.done / message.total) if message.total else ""
        self.explore.show_busy(f"{message.job.title} {share} · Esc stops")

    def on_job_finished(self, message: JobFinished) -> None:
        self.explore.show_busy("")
        if isinstance(message.result, EmbeddingSpace) and not message.job.stale:
            self._enter(message.result)
        elif message.job.kind == "neighbours":
            self.explore.query_one(RowPane).refresh_row()

    def on_job_failed(self, message: JobFailed) -> None:
        self.explore.show_busy("")
        if message.job.target is self:
            # a pane says what failed for it in its own place
            self.notify(printable(str(message.error)), severity="error", markup=False)

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self.explore.show_busy("")

    def on_job_dropped(self, message: JobDropped) -> None:
        self.explore.show_busy("")

    async def action_quit(self) -> None:
        self.jobs.stop()
        await super().action_quit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dialog is answered or closed before what lies under it is acted on, or another is opened."""
        return self.screen is self.explore or action not in BEHIND_DIALOGS

    def action_position(self, step: int) -> None:
        if self.selection is not None:
            self._move_to(self.selection.position + step)

    def action_history_back(self) -> None:
        self._travel(self.history.back(self.selection))

    def action_history_forward(self) -> None:
        self._travel(self.history.forward(self.selection))

    def action_find(self) -> None:
        from tui_embed.tui.screens.find import FindDialog

        def picked(token_id: int | None) -> None:
            if token_id is not None:
                self.post_message(TokenPicked(token_id, "find"))

        if self.space is not None:
            self.push_screen(FindDialog(self.space), picked)

    def action_spaces(self) -> None:
        from tui_embed.tui.screens.spaces import Choice, SpacesDialog

        def chosen(choice: Choice | None) -> None:
            if choice is not None:
                name, self._drawing = choice
                self.action_open_named(name)

        self.push_screen(SpacesDialog(self._drawing), chosen)

    def action_encodings(self) -> None:
        from tui_embed.tui.screens.encodings import EncodingsDialog

        pane = self.explore.query_one(TokenizePane)

        def chosen(names: tuple[str, ...] | None) -> None:
            if names is not None:
                pane.encodings = names

        self.push_screen(EncodingsDialog(pane.encodings), chosen)

    def action_help_pane(self) -> None:
        from tui_embed.tui.screens.help import HelpDialog

        self.push_screen(HelpDialog(*help_page(self.explore.current_pane)))

    def action_keys(self) -> None:
        from tui_embed.tui.screens.help import KeysDialog

        self.push_screen(KeysDialog(key_sections(self)))

    def action_picture(self) -> None:
        name = f"tui-embed-{datetime.now():%Y-%m-%d-%H%M%S}.svg"
        try:
            path = self.save_screenshot(name, path=str(pictures_folder()))
        except OSError as error:
            self.notify(printable(f"The picture was not saved: {error}"), severity="error", markup=False)
        else:
            self.notify(printable(f"Saved {path}"), markup=False)

    def action_next_theme(self) -> None:
        names = list(THEMES)
        at = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[at % len(names)]

    def action_stop(self) -> None:
        if self.jobs.stop():
            self.notify("Stopped", markup=False)

    def action_open_named(self, name: str) -> None:
        """Open a space in a job; what is shown stays until it is there."""

        def work(cancel: CancelToken, progress: Progress) -> EmbeddingSpace:
            return open_space(name, self._drawing)

        self.jobs.start("open", work, self, f"opening {printable(name)}")

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return palette_commands(self)

    def _enter(self, space: EmbeddingSpace) -> None:
        """Make ``space`` the open one, with the same token selected if it has it."""
        token = None
        if self.space is not None and self.selection is not None:
            token = self.space.vocabulary[self.selection.token_id]
        position = 0 if self.selection is None else self.selection.position
        self.history.clear()
        self.selection = None
        self.space = space
        found = _counterpart(space, token)
        if found is None and space.tokenizer is None and len(space):
            found = 0
        if found is not None:
            self.selection = Selection(found, self._within(position))

    def _travel(self, target: Selection | None) -> None:
        if target is not None:
            self.selection = target

    def _move_to(self, position: int) -> None:
        if self.selection is not None:
            self.selection = self.selection.at(self._within(position))

    def _within(self, position: int) -> int:
        """The nearest position that the space has."""
        n_ctx = self.space.positions.n_ctx if self.space is not None else None
        last = n_ctx - 1 if n_ctx is not None else LAST_POSITION
        return min(max(position, 0), last)


def run_app(settings: Settings, text: str | None = None) -> int:
    """Open the space that ``settings`` name and run the app on it; returns the exit status.

    TuiEmbedError where the space cannot be opened.
    """
    space = open_space(
        settings.space, Drawing(settings.seed, "uniform" if settings.init == "uniform" else "normal")
    )
    app = ExplorerApp(space, settings, text)
    # Textual draws on the real standard error, whose blocks come out as escapes in another encoding.
    if sys.__stderr__ is not None:
        sys.__stderr__.reconfigure(encoding="utf-8")
    app.run()
    return app.return_code or 0


def _counterpart(space: EmbeddingSpace, token: str | None) -> int | None:
    """The id in ``space`` of a token of another space, with or without the space before it."""
    if token is None:
        return None
    for form in (token, f" {token}", token.strip(), token.strip().lower()):
        found = space.vocabulary.get(form) if form else None
        if found is not None:
            return found
    return None
