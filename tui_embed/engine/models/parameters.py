"""The parameters of a model, wherever they lie."""

from typing import Protocol

from tui_embed.engine.rows import Floats


class Parameters(Protocol):
    """Arrays by name."""

    def __contains__(self, name: object) -> bool: ...

    def __getitem__(self, name: str) -> Floats:
        """All of an array, read-only. KeyError where there is none; SourceError where it cannot be read."""
        ...
