"""The layers of a language model, and what runs through them."""

from dataclasses import dataclass
from typing import Protocol

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.rows import Floats


@dataclass(frozen=True, eq=False, slots=True)
class Trace:
    """What became of ``n`` tokens: ``states[0]`` is the input embedding and ``states[i]`` what layer ``i``
    gives, ``(n, d_model)`` each; ``attention[i]`` ``(n_heads, n, n)`` is who looks at whom in layer i + 1.
    """

    states: tuple[Floats, ...]
    attention: tuple[Floats, ...]

    @property
    def n_layers(self) -> int:
        return len(self.attention)


class Body(Protocol):
    """All layers between the input embedding and the scores."""

    @property
    def n_layers(self) -> int: ...

    @property
    def n_heads(self) -> int: ...

    @property
    def is_causal(self) -> bool:
        """Whether no token sees what comes after it: such a model says what comes next."""
        ...

    def run(
        self, inputs: Floats, cancel: CancelToken | None = None, progress: Progress = no_progress
    ) -> Trace:
        """Send input embeddings ``(n, d_model)`` through all layers. SourceError where a layer cannot be
        read; ValueError where its parts do not fit together.
        """
        ...

    def finish(self, states: Floats) -> Floats:
        """``states`` ``(n, d_model)`` of any layer, as they are before the scores: a last normalisation."""
        ...
