"""The training that was left before its end, to be gone on with."""

from dataclasses import dataclass

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.tui.training_work import TrainingWanted


@dataclass(frozen=True, eq=False, slots=True)
class Unfinished:
    """A training that made ``step`` of ``n_steps`` steps; ``wanted`` goes on with it. ``name`` is text from
    outside.
    """

    name: str
    step: int
    n_steps: int
    wanted: TrainingWanted


def last_unfinished(cancel: CancelToken, progress: Progress) -> Unfinished | None:
    """The one that was left last, or None. SourceError where its checkpoint is damaged."""
    from tui_embed.sources.checkpoints import app_checkpoints, read_checkpoint

    for path in app_checkpoints():
        found = read_checkpoint(path)
        wanted = TrainingWanted(found.source, found.settings, resume=path)
        return Unfinished(path.stem, found.step, found.n_steps, wanted)
    return None
