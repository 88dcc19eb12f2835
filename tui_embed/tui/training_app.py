"""The part of the app that trains: it owns the training, and does what the Train screen's keys ask."""

from textual.reactive import reactive

from tui_embed.errors import TuiEmbedError
from tui_embed.figures import score
from tui_embed.printable import fit, printable
from tui_embed.sources.made_here import remember
from tui_embed.tui.jobs import JobFailed, JobFinished
from tui_embed.tui.messages import StepAsked
from tui_embed.tui.tools_app import ToolsApp
from tui_embed.tui.training import StepExplained, TrainingSession
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.training_work import Trained, TrainingAsked, TrainingBegan, TrainingMoved

RATE_STEP = 1.5
"""One key changes the learning rate by this factor."""

NAME_CELLS = 40


class TrainingApp(ToolsApp):
    """An app with a training. ``training`` is written here and nowhere else; the Train screen watches it."""

    training: reactive[TrainingView | None] = reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self.session = TrainingSession(self, self._show_training)

    def on_training_asked(self, message: TrainingAsked) -> None:
        try:
            self.session.begin(message.wanted)
        except TuiEmbedError as error:
            self._say_error(error)
        self.refresh_bindings()

    def on_training_began(self, message: TrainingBegan) -> None:
        self.session.began(message)

    def on_training_moved(self, message: TrainingMoved) -> None:
        self.session.moved(message)

    def on_step_asked(self, message: StepAsked) -> None:
        try:
            self.session.ask_step(message.gap, message.apply)
        except TuiEmbedError as error:
            self._say_error(error)

    def on_step_explained(self, message: StepExplained) -> None:
        if isinstance(message.answer, TuiEmbedError):
            self._say_error(message.answer)
        else:
            self.session.explained(message.answer)

    def on_job_finished(self, message: JobFinished) -> None:
        if isinstance(message.result, Trained) and not message.job.stale:
            remember(message.result.space)
            self.session.finished(message.job, message.result)
            self._say_trained(message.result)
        elif message.job.kind == "training" and message.result is None:
            self.session.dropped(message.job)

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job.kind == "training":
            self.session.failed(message.job)
            self.refresh_bindings()

    def action_training_pause(self) -> None:
        control = self.session.control
        if control.paused:
            control.resume()
        else:
            control.pause()

    def action_training_step(self) -> None:
        self.session.control.step_once()

    def action_training_keep(self) -> None:
        self.session.control.keep_now()
        self.notify("A checkpoint is written after this step", markup=False)

    def action_training_rate(self, direction: int) -> None:
        view, control = self.training, self.session.control
        if view is None or view.snapshot is None:
            return
        rate = (control.learning_rate or view.snapshot.learning_rate) * RATE_STEP**direction
        control.set_learning_rate(rate)
        self.notify(f"Learning rate {score(rate)} from the next step on", markup=False)

    def action_training_stop(self) -> None:
        from tui_embed.tui.screens.stop_training import StopTrainingDialog

        def answered(answer: str | None) -> None:
            if answer == "keep":
                self.session.control.stop()
            elif answer == "drop":
                self.session.drop()

        self.push_screen(StopTrainingDialog(), answered)

    def action_training_save(self) -> None:
        from tui_embed.tui.screens.save_space import SaveSpaceDialog

        view = self.training
        if view is not None and view.space is not None:
            self.push_screen(SaveSpaceDialog(view.space))

    def training_allows(self, action: str) -> bool:
        """Whether an action makes sense at this moment: its key is shown only then."""
        view = self.training
        if action in ("training_pause", "training_step", "training_keep", "training_rate"):
            return view is not None and self.session.running
        if action in ("training_save", "training_open"):
            return view is not None and view.space is not None
        if action == "training_stop":
            return self.session.running
        return True

    def _show_training(self, view: TrainingView | None) -> None:
        self.training = view

    def _say_trained(self, result: Trained) -> None:
        name, snapshot = fit(result.space.name, NAME_CELLS), result.snapshot
        if snapshot.message:
            self.notify(printable(snapshot.message), severity="error", markup=False, timeout=10)
            return
        how = "is trained" if snapshot.state == "finished" else f"was stopped at step {snapshot.step:,}"
        self.notify(f"{name} {how} and is among the spaces now: o opens it in Explore", markup=False)

    def _say_error(self, error: TuiEmbedError) -> None:
        self.notify(printable(str(error)), severity="error", markup=False)
