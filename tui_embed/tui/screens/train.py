"""A training: what is trained, how it goes, what its words mean by now, and one step of it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import reactive

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import percent
from tui_embed.printable import fit
from tui_embed.tui.panes.train_progress import ProgressPane
from tui_embed.tui.panes.train_setup import SetupPane
from tui_embed.tui.panes.train_step import StepPane
from tui_embed.tui.panes.train_watch import WatchPane
from tui_embed.tui.screens.paned import PanedScreen, Tabs, pane_bindings
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.title_bar import TitleBar

PANES: Tabs = (("F2", "Set-up"), ("F3", "Progress"), ("F4", "Watch"), ("F5", "Step"))
NAME_CELLS = 40


class TrainScreen(PanedScreen):
    """Set-up, progress, watched words and the step view of one training."""

    MODE = "train"
    TABS = PANES
    BINDINGS: ClassVar[list[BindingType]] = [
        *pane_bindings(PANES),
        # the app's own key, called by where it goes from here
        Binding("ctrl+t", "next_mode", "Model", key_display="^t", priority=True),
        Binding("space", "app.training_pause", "Pause", key_display="Space", tooltip="Pause, or go on"),
        Binding(
            "full_stop", "app.training_step", "Step", key_display=".", tooltip="Make one step, and pause"
        ),
        Binding("s", "app.training_keep", "Save", tooltip="Save a checkpoint now"),
        Binding(
            "minus", "app.training_rate(-1)", "Rate", key_display="− +", tooltip="Lower the learning rate"
        ),
        Binding(
            "plus,equals_sign",
            "app.training_rate(1)",
            "Rate up",
            show=False,
            tooltip="Raise the learning rate",
        ),
        Binding("escape", "app.training_stop", "Stop", key_display="Esc", tooltip="Stop the training"),
        Binding(
            "o",
            "app.training_open",
            "Open in Explore",
            key_display="o",
            tooltip="Open what was trained in Explore",
        ),
        Binding(
            "w", "app.training_save", "Save file", key_display="w", tooltip="Save what was trained to a file"
        ),
    ]

    space: reactive[EmbeddingSpace | None] = reactive(None)
    training: reactive[TrainingView | None] = reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__(
            (
                SetupPane(id="setup"),
                ProgressPane(id="progress-pane"),
                WatchPane(id="watch"),
                StepPane(id="step"),
            )
        )

    def compose_panes(self) -> ComposeResult:
        with Container(id="train-panes"):
            for pane in self.panes:
                bound = pane.data_bind(training=TrainScreen.training)
                yield bound.data_bind(space=TrainScreen.space) if isinstance(pane, SetupPane) else bound

    def on_mount(self) -> None:
        self.watch(self.app, "space", self._take_space)
        self.watch(self.app, "training", self._take_training)
        self.action_show_pane(0)

    def _take_space(self, space: EmbeddingSpace | None) -> None:
        self.space = space

    def _take_training(self, training: TrainingView | None) -> None:
        before, self.training = self.training, training
        if _stage(before) != _stage(training):
            self.refresh_bindings()
        title = self.query_one(TitleBar)
        if training is None:
            title.show_text("no training yet", " · Enter starts one")
            title.show_right("")
            return
        rows = f" · {training.corpus.n_vocab:,} × {training.settings.d_model:,}"
        snapshot = training.snapshot
        title.show_text(fit(training.name, NAME_CELLS), rows)
        if snapshot is not None:
            share = percent(snapshot.step / snapshot.n_steps) if snapshot.n_steps else ""
            title.show_right(f"{snapshot.state} · step {snapshot.step:,} · {share}")


def _stage(training: TrainingView | None) -> tuple[str, bool]:
    """What decides which keys there are."""
    if training is None:
        return "", False
    return "" if training.snapshot is None else training.snapshot.state, training.space is not None
