"""A language model's checkpoint, opened as any other; its tensors stay where they lie in its files."""

from pathlib import Path

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.fetch.folder import Kept
from tui_embed.sources.fetch.kinds import Reading, move_all, provenance_of
from tui_embed.sources.fetch.named import NamedSet


def check_needs() -> None:
    """Nothing but what every installation has."""


def make(brought: Path, made: Path) -> None:
    move_all(brought, made)


def open_kept(entry: NamedSet, found: Kept, reading: Reading) -> EmbeddingSpace:
    """All that a checkpoint folder gives, under the name of the set."""
    from tui_embed.sources.models.opening import open_folder

    space = open_folder(found.folder, name=entry.name, cache=reading.cache)
    space.provenance = provenance_of(entry)
    return space
