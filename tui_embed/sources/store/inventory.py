"""What lies in the store, of what use it still is, and the removal of what is of none."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.file import split_part
from tui_embed.sources.store.contents import CHECKED_AT_ONCE
from tui_embed.sources.store.folder import TEMPORARY, NotKeptError, PrivateFolder, store_folder
from tui_embed.sources.store.freshness import digest_of, hashed, present
from tui_embed.sources.store.kept import store_name
from tui_embed.sources.store.layout import OlderError
from tui_embed.sources.store.mapped import MappedStore, open_store
from tui_embed.sources.store.origins import absolute
from tui_embed.sources.store.pages import DamagedError

State = Literal[
    "current", "source changed", "source gone", "older version", "damaged", "being written", "left over"
]

OF_USE: tuple[State, ...] = ("current", "being written")


WEIGHTS = (".safetensors", ".gguf")
"""What the files of a checkpoint are called: of such a folder no other file's rows are meant."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the store, and its bytes."""

    name: str
    size: int


S = TypeVar("S", bound=Stored)


@dataclass(frozen=True, slots=True)
class Entry(Stored):
    """The same, and which source it holds what of, as far as that can be read."""

    state: State
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


def kept_as(name: str) -> list[Stored]:
    """The store ``name`` and what was worked out from its rows. TuiEmbedError as for :func:`entries`."""
    return _of_keys({_key(name)})


def kept_of(path: Path) -> list[Stored]:
    """What is kept of a file, of a ``#part`` of one, or of the checkpoint in a folder, whether or not that is
    still there and still the same: no source is read. TuiEmbedError as for :func:`entries`.
    """
    if not store_folder().exists():
        return []
    named, part = split_part(path)
    # by the key too: what is damaged does not say whose it is
    keys = {_key(store_name(path, "")), _key(store_name(named, part))}
    with _opened() as folder:
        for name in folder.names():
            if _key(name) not in keys and _is_of(folder, name, path, named, part):
                keys.add(_key(name))
    return _of_keys(keys)


def of_no_use(found: list[Entry], unused_days: float | None = None) -> list[Entry]:
    """Those that no opening would read again, and those that were not used for so many days."""
    oldest = -float("inf") if unused_days is None else time.time() - unused_days * 86_400
    return [entry for entry in found if entry.state not in OF_USE or entry.used < oldest]


def remove(chosen: Sequence[S]) -> list[S]:
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


def _key(name: str) -> str:
    """With what the name of a store begins, and of all that was worked out from it."""
    return name.partition(".")[0]


def _of_keys(keys: set[str]) -> list[Stored]:
    found = []
    if store_folder().exists():
        with _opened() as folder:
            for name in folder.names():
                if _key(name) in keys:
                    # it may go away meanwhile
                    with suppress(OSError):
                        found.append(Stored(name, folder.status(name).st_size))
    return found


def _is_of(folder: PrivateFolder, name: str, path: Path, named: Path, part: str) -> bool:
    """Whether the store ``name`` is of ``path``, or of the ``part`` of what is ``named``, by what it says."""
    try:
        store = None if TEMPORARY.fullmatch(name) else open_store(folder, name)
        if store is None:
            return False
        source, of = Path(store.facts["path"]), store.facts["part"]
    except (OlderError, DamagedError, OSError, KeyError, TypeError):
        return False
    if _is_same(path, source) or (_is_same(named, source) and part in ("", of)):
        return True
    return bool(of) and source.suffix in WEIGHTS and _is_same(path / source.name, source)


def _is_same(one: Path, other: Path) -> bool:
    # a link may be gone that the other's path led through
    return absolute(one) == absolute(other) or one.absolute() == other


def _remove(folder: PrivateFolder, entry: Stored) -> bool:
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
    bare = Entry(name, status.st_size, "damaged", status.st_mtime)
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
    key = _key(bare.name)
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
