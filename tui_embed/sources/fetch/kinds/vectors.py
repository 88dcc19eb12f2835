"""A file of vectors as it was published, opened as any other file."""

from pathlib import Path

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.fetch.folder import Kept
from tui_embed.sources.fetch.kinds import Reading, move_all, provenance_of
from tui_embed.sources.fetch.named import NamedSet
from tui_embed.sources.open import open_file


def check_needs(_: NamedSet) -> None:
    """Nothing but what every installation has."""


def make(brought: Path, made: Path) -> None:
    move_all(brought, made)


def open_kept(entry: NamedSet, found: Kept, reading: Reading) -> EmbeddingSpace:
    """The file as a space under the set's own name."""
    (file,) = found.files
    path = found.folder / file.name
    space = open_file(path, cache=reading.cache, cancel=reading.cancel, progress=reading.progress)
    return EmbeddingSpace(
        name=entry.name,
        vocabulary=space.vocabulary,
        matrix=space.matrix,
        positions=space.positions,
        provenance=provenance_of(entry),
        tokenizer=space.tokenizer,
        notes=space.notes,
        metadata=space.metadata,
        subwords=space.subwords,
    )
