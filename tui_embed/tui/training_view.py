"""What the panes of the Train screen are shown: one training at one moment."""

from dataclasses import dataclass

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.explanation import ExplainedStep
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.engine.training.start import Start


@dataclass(frozen=True, eq=False, slots=True)
class TrainingView:
    """A training that runs, pauses or has ended; a newer moment is another object.

    ``corpus`` holds the sentences that are trained on, ``n_parameters`` counts all trained numbers.
    ``explained`` is the step on a gap that was explained last. ``space`` is what was trained, once it ended
    and was kept.
    """

    name: str
    corpus: Corpus
    settings: TrainingSettings
    start: Start
    n_parameters: int
    snapshot: Snapshot | None = None
    explained: ExplainedStep | None = None
    space: EmbeddingSpace | None = None

    @property
    def is_over(self) -> bool:
        """Whether its rows move no more."""
        return self.snapshot is not None and self.snapshot.state in ("finished", "stopped", "diverged")

    @property
    def is_paused(self) -> bool:
        return self.snapshot is not None and self.snapshot.state == "paused"
