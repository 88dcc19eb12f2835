"""The named sets in the list of spaces, and opening those that were fetched."""

from dataclasses import dataclass
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.figures import size
from tui_embed.sources.fetch.folder import fetched_folder, kept
from tui_embed.sources.fetch.kinds import Reading, kind_of
from tui_embed.sources.fetch.named import NAMED_SETS, NamedSet


@dataclass(frozen=True, slots=True)
class NamedState:
    """A set of the table, and whether it is here."""

    entry: NamedSet
    here: bool


def entries() -> list[NamedState]:
    """All named sets, in the order of the table."""
    return [NamedState(entry, kept(entry) is not None) for entry in NAMED_SETS.values()]


def open_fetched(
    name: str,
    *,
    cache: bool = True,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> EmbeddingSpace | None:
    """The fetched space ``name``; None where the table has no such name. ``cache`` is as for
    :func:`tui_embed.sources.open.open_file`.

    TuiEmbedError, which says how to fetch it, for one that is not here or cannot be opened.
    """
    entry = NAMED_SETS.get(name)
    return None if entry is None else open_set(entry, Reading(cache, cancel, progress))


def fetched_path(name: str) -> Path | None:
    """Where the fetched space ``name`` lies, or would lie: its folder, or the one file of it; None where the
    table has no such name.
    """
    entry = NAMED_SETS.get(name)
    if entry is None:
        return None
    found = kept(entry)
    if found is None or len(found.files) != 1:
        return fetched_folder() / name
    return found.folder / found.files[0].name


def open_set(entry: NamedSet, reading: Reading) -> EmbeddingSpace:
    """As :func:`open_fetched`, for a set that need not be in the table."""
    found = kept(entry)
    if found is None:
        cost = f"{size(entry.size)}, {entry.licence}"
        raise TuiEmbedError(f"{entry.name} is not here yet", f"tui-embed fetch {entry.name}: {cost}")
    try:
        return kind_of(entry).open_kept(entry, found, reading)
    except (SourceError, OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:120]
        hint = f"tui-embed fetch {entry.name} mends it where it is damaged"
        if isinstance(error, SourceError) and error.hint.startswith("pip install"):
            # nothing is damaged: a package is not there
            reason, hint = error.message, error.hint
        raise TuiEmbedError(f"{entry.name} cannot be opened: {reason}", hint) from None
