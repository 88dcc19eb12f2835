"""The training that the app runs: begun, followed, asked of, ended."""

from collections.abc import Callable
from dataclasses import replace

from textual.message import Message

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.control import Control
from tui_embed.engine.training.explanation import ExplainedStep, Gap
from tui_embed.engine.training.trainer import Trainer
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.printable import fit
from tui_embed.tui.jobs import Job, JobsApp
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.training_work import Asked, Trained, TrainingBegan, TrainingMoved, TrainingWanted, train

NAME_CELLS = 40


class StepExplained(Message):
    """What was asked of the training about a step on a gap: the answer, or why there is none."""

    def __init__(self, answer: ExplainedStep | TuiEmbedError) -> None:
        super().__init__()
        self.answer = answer


class TrainingSession:
    """The one training of ``app``; ``show`` is told of each moment, as another view."""

    def __init__(self, app: JobsApp, show: Callable[[TrainingView | None], None]) -> None:
        self._app = app
        self._show = show
        self._view: TrainingView | None = None
        self._job: Job | None = None
        self._control = Asked()
        self._has_begun = False

    @property
    def view(self) -> TrainingView | None:
        return self._view

    @property
    def running(self) -> bool:
        """Whether a training is under way, paused or not."""
        return self._job is not None and self._job.running

    @property
    def control(self) -> Control:
        """What the running training is asked through."""
        return self._control

    def begin(self, wanted: TrainingWanted) -> None:
        """Start a training. UsageError while another one is under way."""
        if self.running:
            raise UsageError("a training is under way", "stop it first")
        self._control = control = Asked()
        self._has_begun = False

        def work(cancel: CancelToken, progress: Progress) -> Trained | None:
            return train(self._app, wanted, control, cancel, progress)

        title = f"training on {fit(wanted.corpus.rpartition('/')[2], NAME_CELLS)}"
        self._job = self._app.jobs.start("training", work, self._app, title, lasting=True)

    def began(self, message: TrainingBegan) -> None:
        if message.asked_by is self._control:
            self._has_begun = True
            self._tell(message.view)

    def moved(self, message: TrainingMoved) -> None:
        if message.asked_by is self._control and self._view is not None:
            self._tell(replace(self._view, snapshot=message.snapshot))

    def finished(self, job: Job, result: Trained) -> None:
        if job is self._job and self._view is not None:
            self._tell(replace(self._view, snapshot=result.snapshot, space=result.space))

    def failed(self, job: Job) -> None:
        """Take in that the training ended with an error, which is said elsewhere."""
        if job is self._job and self._view is not None and self._view.snapshot is not None:
            self._tell(replace(self._view, snapshot=replace(self._view.snapshot, state="stopped")))

    def drop(self) -> None:
        """End the training, and forget what was trained: at once, or after the step that is being made."""
        self._control.drop()
        if not self._has_begun:
            self._app.jobs.drop("training", self._app)
            self.dropped(self._job)

    def dropped(self, job: Job | None) -> None:
        """Take in that a training is over of which nothing is kept."""
        if job is self._job:
            self._control = Asked()
            self._job = None
            self._view = None
            self._show(None)

    def explained(self, answer: ExplainedStep) -> None:
        if self._view is not None:
            self._tell(replace(self._view, explained=answer))

    def ask_step(self, gap: Gap, apply: bool) -> None:
        """Have a step on ``gap`` explained, and made where ``apply`` says so; :class:`StepExplained` comes
        of it. UsageError where there is nothing to ask.
        """
        view = self._view
        if view is None or view.snapshot is None:
            raise UsageError("nothing is being trained", "start a training (F2)")
        rate = self._control.learning_rate or view.snapshot.learning_rate
        seed = view.snapshot.step
        if self.running:
            self._control.ask(lambda trainer: self._answer(trainer, gap, rate, apply, seed))
        elif apply:
            raise UsageError("this training is over: its rows are fixed", "Enter shows what a step would do")
        elif view.space is not None:
            self._explain_over(view.space, gap, rate, seed)

    def _answer(self, trainer: Trainer, gap: Gap, rate: float, apply: bool, seed: int) -> None:
        """In the thread of the training, between two steps."""
        from tui_embed.engine.training.explain import explain_gap
        from tui_embed.engine.training.model import model_in

        try:
            answer: ExplainedStep | TuiEmbedError = explain_gap(model_in(trainer), gap, rate, apply, seed)
        except TuiEmbedError as error:
            answer = error
        self._app.post_message(StepExplained(answer))

    def _explain_over(self, space: EmbeddingSpace, gap: Gap, rate: float, seed: int) -> None:
        def work(cancel: CancelToken, progress: Progress) -> None:
            from tui_embed.engine.training.explain import explain_gap
            from tui_embed.engine.training.model import model_of

            self._app.post_message(StepExplained(explain_gap(model_of(space), gap, rate, False, seed)))

        self._app.jobs.start("step", work, self._app, "explaining a step")

    def _tell(self, view: TrainingView) -> None:
        self._view = view
        self._show(view)
