"""A language model's checkpoint, opened as any other; its tensors stay where they lie in its files."""

from pathlib import Path

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.optional import require
from tui_embed.sources.fetch.folder import Kept
from tui_embed.sources.fetch.kinds import Reading, move_all, provenance_of
from tui_embed.sources.fetch.named import NamedSet


def check_needs(entry: NamedSet) -> None:
    """What quantised rows are read with, where it is a GGUF file."""
    if any(name.endswith(".gguf") for name in entry.kept_names):
        require("gguf", "gguf")


def make(brought: Path, made: Path) -> None:
    move_all(brought, made)


def open_kept(entry: NamedSet, found: Kept, reading: Reading) -> EmbeddingSpace:
    """All that a checkpoint folder gives, under the name of the set."""
    from tui_embed.sources.models.opening import open_folder

    space = open_folder(found.folder, name=entry.name, cache=reading.cache)
    space.provenance = provenance_of(entry)
    return space
