"""What lies in the store, of what use it still is, and the removal of what is of none."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.store.contents import CHECKED_AT_ONCE
from tui_embed.sources.store.folder import TEMPORARY, NotKeptError, PrivateFolder, store_folder
from tui_embed.sources.store.freshness import digest_of, hashed, present
from tui_embed.sources.store.layout import OlderError
from tui_embed.sources.store.mapped import MappedStore, open_store
from tui_embed.sources.store.pages import DamagedError

State = Literal[
    "current", "source changed", "source gone", "older version", "damaged", "being written", "left over"
]

OF_USE: tuple[State, ...] = ("current", "being written")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the store, its bytes, and which source it holds what of, as far as that can be read."""

    name: str
    state: State
    size: int
    used: float
    """When it was used last, in seconds since 1970."""
    source: str = ""
    kind: str = ""
    """The format of the source, or what was worked out from its rows."""
    n_vocab: int | None = None
    d_model: int | None = None


def entries(cancel: CancelToken | None = None) -> list[Entry]:
    """Everything in the store, what was used last first. A source that looks different is hashed to know.
    TuiEmbedError where the folder is not the user's own.
    """
    if not store_folder().exists():
        return []
    with _opened() as folder:
        looked = [_look(folder, name, cancel) for name in folder.names()]
    found = [one for one in looked if one is not None]
    homes = {one.digest: one.entry.state for one in found if not one.derived}
    listed = [
        replace(one.entry, state=homes.get(one.digest, "left over")) if one.derived else one.entry
        for one in found
    ]
    return sorted(listed, key=lambda entry: -entry.used)


def of_no_use(found: list[Entry], unused_days: float | None = None) -> list[Entry]:
    """Those that no opening would read again, and those that were not used for so many days."""
    oldest = -float("inf") if unused_days is None else time.time() - unused_days * 86_400
    return [entry for entry in found if entry.state not in OF_USE or entry.used < oldest]


def remove(chosen: list[Entry]) -> list[Entry]:
    """Remove files of the store; returns those that are gone: what a process is writing stays. TuiEmbedError
    where the system refuses it.
    """
    if not chosen:
        return []
    with _opened() as folder:
        return [entry for entry in chosen if _remove(folder, entry)]


def _opened() -> PrivateFolder:
    try:
        return PrivateFolder()
    except NotKeptError as error:
        raise TuiEmbedError(f"the store cannot be used: {error}") from None


def _remove(folder: PrivateFolder, entry: Entry) -> bool:
    try:
        if TEMPORARY.fullmatch(entry.name):
            return folder.remove_stale(entry.name)
        folder.remove(entry.name)
    except OSError as error:
        raise TuiEmbedError(f"{folder.path / entry.name}: {(error.strerror or str(error)).lower()}") from None
    return True


@dataclass(frozen=True, slots=True)
class _Looked:
    """An entry and, where it can be read, which store it is or belongs to, with the hash of its files."""

    entry: Entry
    digest: tuple[str, str] = ("", "")
    derived: bool = False


def _look(folder: PrivateFolder, name: str, cancel: CancelToken | None) -> _Looked | None:
    """None for what went away meanwhile."""
    try:
        status = folder.status(name)
    except OSError:
        return None
    bare = Entry(name, "damaged", status.st_size, status.st_mtime)
    if TEMPORARY.fullmatch(name):
        return _Looked(replace(bare, state="left over" if folder.is_stale(name) else "being written"))
    try:
        store = open_store(folder, name)
        return _Looked(bare) if store is None else _described(bare, store, cancel)
    except (OlderError, KeyError, TypeError):
        return _Looked(replace(bare, state="older version"))
    except (DamagedError, OSError):
        return _Looked(bare)


def _described(bare: Entry, store: MappedStore, cancel: CancelToken | None) -> _Looked:
    facts = store.facts
    key = bare.name.split(".", maxsplit=1)[0]
    source = f"{facts['path']}#{facts['part']}" if facts["part"] else str(facts["path"])
    if "derived" in facts:
        return _Looked(replace(bare, source=source, kind=facts["derived"]), (key, facts["of"]), derived=True)
    n_vocab, d_model = facts["rows"]["shape"]
    entry = replace(bare, source=source, kind=facts["format"], n_vocab=n_vocab, d_model=d_model)
    return _Looked(replace(entry, state=_state(store, cancel)), (key, digest_of(hashed(store))))


def _state(store: MappedStore, cancel: CancelToken | None) -> State:
    try:
        for name in CHECKED_AT_ONCE:
            store.array(name)
    except DamagedError:
        return "damaged"
    if present(store, cancel) is not None:
        return "current"
    return "source changed" if Path(store.facts["path"]).exists() else "source gone"
