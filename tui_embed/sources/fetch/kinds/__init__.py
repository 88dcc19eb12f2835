"""What is kept of a fetched set, and how that is opened; each module has the functions of ``Kind``."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.sources.fetch.folder import Kept
from tui_embed.sources.fetch.named import NamedSet


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read that take time, as for :func:`tui_embed.sources.open.open_file`."""

    cache: bool = True
    cancel: CancelToken | None = None
    progress: Progress = no_progress


class Kind(Protocol):
    """A module of this package."""

    def check_needs(self, entry: NamedSet) -> None:
        """TuiEmbedError where a package is missing that making or opening it will need: said before the
        download.
        """
        ...

    def make(self, brought: Path, made: Path) -> None:
        """Put what is to be kept of the files in the folder ``brought`` into the empty folder ``made``."""
        ...

    def open_kept(self, entry: NamedSet, found: Kept, reading: Reading) -> EmbeddingSpace:
        """The space of what was kept. OSError or ValueError for files that are damaged."""
        ...


def kind_of(entry: NamedSet) -> Kind:
    """The module of the kind of ``entry``, imported now."""
    return cast(Kind, import_module(f"tui_embed.sources.fetch.kinds.{entry.kind}"))


def move_all(brought: Path, made: Path) -> None:
    """Keep every file as it came."""
    for path in brought.iterdir():
        path.rename(made / path.name)


def provenance_of(entry: NamedSet) -> Provenance:
    """Where the numbers of a set come from."""
    return Provenance(True, entry.origin, entry.licence, f"{entry.what}, {entry.place.site}")
