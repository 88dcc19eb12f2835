"""How far a training is, and how it goes."""

from textual.app import ComposeResult
from textual.widget import Widget

from tui_embed.engine.training.curve import LossCurve
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.loss_chart import LossChart
from tui_embed.tui.widgets.training_figures import TrainingFigures
from tui_embed.tui.widgets.training_pane import TrainingPane


class ProgressPane(TrainingPane):
    """The loss curve, and the figures of the moment under it."""

    TITLE = "Progress"

    def compose(self) -> ComposeResult:
        yield LossChart(id="loss")
        yield TrainingFigures(id="figures")

    @property
    def main(self) -> Widget:
        return self.query_one(TrainingFigures)

    def watch_training(self, training: TrainingView | None) -> None:
        if not self.is_mounted:
            return
        snapshot = None if training is None else training.snapshot
        self.query_one(TrainingFigures).show(snapshot)
        if snapshot is None:
            self.query_one(LossChart).show(LossCurve.empty())
            self.retitle(self.TITLE)
            return
        self.query_one(LossChart).show(snapshot.curve)
        self.retitle(f"Progress ─ {snapshot.state}", "loss · smoothed · ◆ held out")
