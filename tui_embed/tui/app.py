"""The app: the one owner of the space and the selection."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.reactive import reactive
from textual.screen import Screen

from tui_embed.engine.positions import LAST_POSITION
from tui_embed.engine.scan import METRICS
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.figures import percent
from tui_embed.printable import printable
from tui_embed.settings import Settings
from tui_embed.sources.catalog import can_keep
from tui_embed.tui.commands import RecentFiles, palette_commands
from tui_embed.tui.ending import end_with_signals
from tui_embed.tui.jobs import Job, JobCancelled, JobDropped, JobFailed, JobFinished, JobProgress
from tui_embed.tui.keys import BEHIND_DIALOGS, EVERYWHERE, OF_THE_SPACE, ONLY_IN_EXPLORE
from tui_embed.tui.messages import MapAsked, PositionPicked, TokenPicked, WordPicked
from tui_embed.tui.modes import Mode
from tui_embed.tui.opener import Opener
from tui_embed.tui.opening import Opened, Wanted, drawing_of, first_of
from tui_embed.tui.panes.row import RowPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.screens.explore import ExploreScreen
from tui_embed.tui.screens.paned import PanedScreen
from tui_embed.tui.state import History, Origin, Selection, counterpart
from tui_embed.tui.styles_cache import let_go
from tui_embed.tui.themes import THEMES
from tui_embed.tui.tidying import tidy_when_quiet
from tui_embed.tui.training_app import TrainingApp

NOTICE_SECONDS = 8
START_TEXT = "Strawberry fields for the king"
START_EXPRESSION = "king - man + woman"


class ExplorerApp(TrainingApp):
    """The explorer. ``space`` and ``selection`` are written here and nowhere else; screens watch them."""

    TITLE = "tui-embed"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = EVERYWHERE
    COMMANDS = TrainingApp.COMMANDS | {RecentFiles}

    space: reactive[EmbeddingSpace | None] = reactive(None)
    selection: reactive[Selection | None] = reactive(None)

    def __init__(self, start: EmbeddingSpace | Wanted, settings: Settings, text: str | None = None) -> None:
        """Begin with an open space, or with one that takes its time and is opened in sight."""
        let_go()
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
        self.explore = ExploreScreen(
            START_TEXT if text is None else text, START_EXPRESSION, settings.encodings, metric, settings.k
        )
        self.opener = Opener(self, self.show_opening, drawing_of(settings), settings.cache)
        self._start = start
        if isinstance(start, EmbeddingSpace):
            self._enter(start)

    def on_mount(self) -> None:
        self.install_screen(self.explore, self.explore.MODE)
        self.push_screen(self.explore.MODE)
        if isinstance(self._start, Wanted):
            self.opener.open(self._start)
        end_with_signals(self)
        tidy_when_quiet(self)

    def on_token_picked(self, message: TokenPicked) -> None:
        if self.space is not None and message.token_id < len(self.space):
            if message.text is not None:
                self.explore.query_one(TokenizePane).show_text(message.text)
            self._choose(message.token_id, message.origin, message.position)

    def on_word_picked(self, message: WordPicked) -> None:
        # a vector means nothing in a space that was opened meanwhile
        if message.space is self.space:
            self._choose(message.composed, "text", message.position)

    def _choose(self, what: Chosen, origin: Origin, position: int | None) -> None:
        left = self.selection
        if position is None:
            position = 0 if left is None else left.position
        chosen = Selection(what, self._within(position), origin)
        typing = left is not None and left.origin == origin == "text"
        if not typing and left is not None and left.key != chosen.key:
            self.history.visit(left)
        self.selection = chosen

    def on_position_picked(self, message: PositionPicked) -> None:
        self._move_to(message.position)

    def on_map_asked(self, message: MapAsked) -> None:
        from tui_embed.tui.screens.map import MapScreen

        self.action_mode("map")
        screen = self.get_screen("map")
        if isinstance(screen, MapScreen):
            screen.ask(message.wanted)

    def on_job_progress(self, message: JobProgress) -> None:
        if message.job.stale or self.opener.progressed(message):
            return
        share = percent(message.done / message.total) if message.total else ""
        self.show_busy(f"{message.job.title} {share} · Esc stops")

    def on_job_finished(self, message: JobFinished) -> None:
        self._ended(message.job)
        if isinstance(message.result, Opened) and not message.job.stale:
            self._enter(message.result.space)
            if message.result.notice:
                self.notify(message.result.notice, markup=False, timeout=NOTICE_SECONDS)
        elif message.job.kind == "neighbours":
            self.explore.query_one(RowPane).refresh_row()

    def on_job_failed(self, message: JobFailed) -> None:
        wanted = self._ended(message.job)
        if wanted is not None:
            self._not_opened(wanted, message.error)
        elif message.job.target is self:
            # a pane says what failed for it in its own place
            self.notify(printable(str(message.error)), severity="error", markup=False)

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._ended(message.job)

    def on_job_dropped(self, message: JobDropped) -> None:
        self._ended(message.job)

    def on_progress_line_stopped(self) -> None:
        self.action_stop()

    def _ended(self, job: Job) -> Wanted | None:
        """Say no longer that ``job`` runs; what it was to open, if that was what it did."""
        self.show_busy("")
        return self.opener.ended(job)

    def _not_opened(self, wanted: Wanted, error: TuiEmbedError) -> None:
        if self.space is None and wanted is self._start:
            # as any command that was given a broken file: its one line stays in the terminal
            self.failure = error
            self.exit(return_code=error.exit_status)
            return
        still = "" if self.space is None else f"{printable(self.space.name)} is still open."
        self.opener.tell_failed(wanted, error, still)

    async def action_quit(self) -> None:
        self.jobs.stop_all()
        await super().action_quit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dialog is answered or closed before what lies under it is acted on, or another is opened."""
        if not isinstance(self.screen, PanedScreen):
            return action not in BEHIND_DIALOGS and self.training_allows(action)
        if action == "keep_rows":
            return self.space is not None and can_keep(self.space)
        if action in ONLY_IN_EXPLORE and self.screen is not self.explore:
            return False
        if action in OF_THE_SPACE and self.screen.MODE == "train":
            return False
        return self.training_allows(action)

    def action_position(self, step: int) -> None:
        if self.selection is not None:
            self._move_to(self.selection.position + step)

    def action_history_back(self) -> None:
        left = self.selection
        if left is not None and left.origin == "model" and self.screen is self.explore:
            # it was followed from there; the next step goes on to what was selected before
            self.selection = replace(left, origin="start")
            self.action_mode("model")
        else:
            self._travel(self.history.back(left))

    def action_history_forward(self) -> None:
        self._travel(self.history.forward(self.selection))

    def action_find(self) -> None:
        from tui_embed.tui.screens.find import FindDialog

        space = self.space

        def picked(token_id: int | None) -> None:
            # an id means nothing in a space that was opened meanwhile
            if token_id is not None and self.space is space:
                self.post_message(TokenPicked(token_id, "find"))

        if space is not None:
            self.push_screen(FindDialog(space), picked)

    def action_open(self) -> None:
        self.opener.ask()

    def action_open_named(self, name: str) -> None:
        self.opener.open(Wanted("space", name))

    def action_open_file(self, spec: str) -> None:
        self.opener.open(Wanted("file", spec))

    def action_fetch(self, name: str) -> None:
        self.opener.open(Wanted("fetch", name))

    def action_keep_rows(self) -> None:
        if self.space is not None:
            self.opener.keep(self.space)

    def action_about(self) -> None:
        from tui_embed.tui.screens.about import AboutDialog

        if self.space is not None:
            self.push_screen(AboutDialog(self.space))

    def action_encodings(self) -> None:
        from tui_embed.tui.screens.encodings import EncodingsDialog

        pane = self.explore.query_one(TokenizePane)

        def chosen(names: tuple[str, ...] | None) -> None:
            if names is not None:
                pane.encodings = names

        self.push_screen(EncodingsDialog(pane.encodings), chosen)

    def make_screen(self, mode: Mode) -> PanedScreen:
        if mode == "map":
            from tui_embed.tui.screens.map import MapScreen

            return MapScreen()
        if mode == "train":
            from tui_embed.tui.screens.train import TrainScreen

            return TrainScreen()
        if mode == "model":
            from tui_embed.tui.screens.model import ModelScreen

            return ModelScreen(self.explore.query_one(TokenizePane).text)
        return self.explore

    def action_training_open(self) -> None:
        if self.training is not None and self.training.space is not None:
            self._enter(self.training.space)
            self.action_mode("explore")

    def action_stop(self) -> None:
        if self.jobs.stop():
            self.notify("Stopped", markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return palette_commands(self)

    def _enter(self, space: EmbeddingSpace) -> None:
        """Make ``space`` the open one, with the same token selected if it has it."""
        left = self.selection or Selection(0)
        token = None
        if self.space is not None and self.selection is not None:
            token = self.space.spelled(left.chosen)
        self.history.clear()
        self.selection = None
        self.space = space
        found = counterpart(space, token)
        if found is None and space.tokenizer is None and len(space):
            found = 0
        if found is not None:
            # a token of the text gives way to what the new space makes of the text
            # and there is no way back to where a token of the old space was followed from
            origin: Origin = "start" if left.origin == "model" else left.origin
            self.selection = Selection(found, self._within(left.position), origin)

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
    app = ExplorerApp(first_of(settings.space, drawing_of(settings)), settings, text)
    # Textual draws on the real standard error, whose blocks come out as escapes in another encoding.
    if sys.__stderr__ is not None:
        sys.__stderr__.reconfigure(encoding="utf-8")
    app.run()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
