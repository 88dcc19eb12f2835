"""A training from its corpus to its space, in the thread of a job."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from textual.message import Message

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.control import Control
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.run import Checkpointing, Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.sizes import count_parameters
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.engine.training.trainer import TrainedParts
from tui_embed.errors import TuiEmbedError
from tui_embed.tui.jobs import JobsApp
from tui_embed.tui.training_view import TrainingView

CHECKPOINT_SECONDS = 30.0
SNAPSHOT_SECONDS = 0.2
"""A picture of the Train screen is some kilobytes: five a second are what a slow line takes."""


@dataclass(frozen=True, eq=False, slots=True)
class TrainingWanted:
    """What is to be trained: ``settings`` on the ``corpus`` of that name or path, which may have been read
    already (``known``), from the rows of ``space`` where settings say so; ``resume`` is a checkpoint to go on
    from, whose settings then count.
    """

    corpus: str
    settings: TrainingSettings
    known: Corpus | None = None
    space: EmbeddingSpace | None = None
    resume: Path | None = None


class TrainingAsked(Message):
    """A training is to be started."""

    def __init__(self, wanted: TrainingWanted) -> None:
        super().__init__()
        self.wanted = wanted


class Asked(Control):
    """What a person asks of a training of this app: besides the wishes of the loop, that nothing is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped = False

    def drop(self) -> None:
        """End, and keep neither rows nor checkpoint."""
        self.dropped = True
        self.stop()


@dataclass(frozen=True, eq=False, slots=True)
class Trained:
    """A training that is over: its last moment, and the space that came of it."""

    snapshot: Snapshot
    space: EmbeddingSpace


class TrainingMessage(Message):
    """News of the training that is asked through ``asked_by``."""

    def __init__(self, asked_by: Control) -> None:
        super().__init__()
        self.asked_by = asked_by


class TrainingBegan(TrainingMessage):
    """The corpus is read and the rows are drawn."""

    def __init__(self, asked_by: Control, view: TrainingView) -> None:
        super().__init__(asked_by)
        self.view = view


class TrainingMoved(TrainingMessage):
    """A newer moment of the training."""

    def __init__(self, asked_by: Control, snapshot: Snapshot) -> None:
        super().__init__(asked_by)
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, TrainingMoved) and message.asked_by is self.asked_by


def train(
    app: JobsApp, wanted: TrainingWanted, control: Asked, cancel: CancelToken, progress: Progress
) -> Trained | None:
    """Train as ``wanted`` says; ``app`` is told of each moment. None where it was dropped. TuiEmbedError,
    CancelledError: when the app ends the checkpoint is what is kept.
    """
    from tui_embed.engine.training.making import make_trainer
    from tui_embed.sources.checkpoints import Checkpointer, app_checkpoint, read_checkpoint, resume
    from tui_embed.sources.trained import space_from

    checkpoint = None if wanted.resume is None else read_checkpoint(wanted.resume)
    settings = wanted.settings if checkpoint is None else checkpoint.settings
    corpus = wanted.known or read_corpus(wanted.corpus, settings, cancel, progress)
    cancel.check()
    if settings.engine == "gensim":
        return _by_gensim(app, wanted, corpus, control, cancel)
    if checkpoint is None:
        trainer = make_trainer(corpus, settings, wanted.space)
    else:
        trainer = resume(checkpoint, corpus)
    name = _name(wanted, settings)
    app.post_message(TrainingBegan(control, _view(name, trainer)))
    keeper = Checkpointer(app_checkpoint(name), trainer.corpus, wanted.corpus)
    told = _Telling(app, control)
    run = Run(
        trainer,
        control,
        told,
        Checkpointing(keeper.write, CHECKPOINT_SECONDS),
        None if checkpoint is None else checkpoint.curve,
        snapshot_seconds=SNAPSHOT_SECONDS,
    )
    last = _gone(run.go, told, cancel)
    if last.state == "finished" or control.dropped:
        keeper.discard()
    cancel.check()
    return None if control.dropped else Trained(last, space_from(trainer, last, name))


def _by_gensim(
    app: JobsApp, wanted: TrainingWanted, corpus: Corpus, control: Asked, cancel: CancelToken
) -> Trained | None:
    from tui_embed.engine.training.gensim_engine import GensimRun
    from tui_embed.engine.training.start import start_of
    from tui_embed.sources.trained import space_from

    settings, told = wanted.settings, _Telling(app, control)
    start = start_of(corpus, settings, wanted.space)
    run = GensimRun(corpus, settings, start, control, told, SNAPSHOT_SECONDS)
    name = _name(wanted, settings)
    app.post_message(TrainingBegan(control, _view(name, run)))
    last = _gone(run.go, told, cancel)
    cancel.check()
    return None if control.dropped else Trained(last, space_from(run, last, name))


class _Telling:
    """Tells ``app`` of each moment of a training, and knows the last."""

    def __init__(self, app: JobsApp, control: Control) -> None:
        self._app = app
        self._control = control
        self.last: Snapshot | None = None

    def __call__(self, snapshot: Snapshot) -> None:
        self.last = snapshot
        self._app.post_message(TrainingMoved(self._control, snapshot))


def _gone(go: Callable[[CancelToken], Snapshot], told: _Telling, cancel: CancelToken) -> Snapshot:
    """The last moment of a training. One that fails on its way stops where it was last seen, and says why."""
    try:
        return go(cancel)
    except Exception as error:
        if told.last is None:
            raise
        why = str(error) if isinstance(error, TuiEmbedError) else f"{type(error).__name__}: {error}"
        return replace(told.last, state="stopped", message=f"it failed after step {told.last.step:,}: {why}")


def _name(wanted: TrainingWanted, settings: TrainingSettings) -> str:
    return f"{Path(wanted.corpus).name}-{settings.objective}"


def _view(name: str, trained: TrainedParts) -> TrainingView:
    settings, corpus = trained.settings, trained.corpus
    n_parameters = count_parameters(settings, corpus.n_vocab)
    return TrainingView(name, corpus, settings, trained.start, n_parameters)


def read_corpus(name: str, settings: TrainingSettings, cancel: CancelToken, progress: Progress) -> Corpus:
    """The corpus ``name`` as settings want it split and counted."""
    from tui_embed.sources.corpora import open_corpus

    return open_corpus(
        name,
        tokens=settings.tokens,
        min_count=settings.min_count,
        unk=settings.unk,
        cancel=cancel,
        progress=progress,
    )
