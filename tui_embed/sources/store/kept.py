"""Content from the store: found there, or read from its file and put there."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.errors import SourceError
from tui_embed.sources.builder import Content, SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.store.contents import read_content, write_content
from tui_embed.sources.store.folder import NotKeptError, PrivateFolder
from tui_embed.sources.store.freshness import Hashed, digest_of, hashed, present, renew
from tui_embed.sources.store.hashing import Hashing
from tui_embed.sources.store.layout import OlderError
from tui_embed.sources.store.mapped import MappedStore, open_store
from tui_embed.sources.store.origins import Watch, absolute, hash_at
from tui_embed.sources.store.pages import DamagedError
from tui_embed.sources.store.parts import Healer, Home
from tui_embed.sources.store.writer import StoreWriter, reading_back

Read = Callable[[SpaceBuilder], Content]
"""Reads the builder's file, whatever its format."""


def from_store(
    file: SourceFile, read: Read, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> Content:
    """The content of ``file``, mapped from the store where it is there and the file is still the same; read
    and put there where not. What cannot be kept is in memory, and one of its notes says why.

    ``progress`` counts bytes of the file. SourceError for a file that cannot be read; CancelledError.
    """
    try:
        with PrivateFolder() as folder:
            found = _find(folder, file, read, cancel, progress)
            return _read_into(folder, file, read, cancel, progress) if found is None else found
    except NotKeptError as error:
        reason = str(error)
    # not in the handler, whose traceback holds on to what was read so far
    content = read(SpaceBuilder(file, cancel=cancel, progress=progress))
    return replace(content, notes=(*content.notes, f"not kept in the store: {reason}"))


def found_in_store(file: SourceFile, read: Read) -> Content | None:
    """The content of ``file`` where the store has it of the file as it is now; nothing is read for it."""
    try:
        with PrivateFolder() as folder:
            return _find(folder, file, read, None, no_progress)
    except NotKeptError:
        return None


def store_name(path: Path, part: str) -> str:
    """The name of a store: one for each part of each path."""
    # the name of a tensor, which JSON can write with half of a surrogate pair
    key = os.fsencode(absolute(path)) + b"\0" + part.encode("utf-8", "surrogatepass")
    return f"{hashlib.sha256(key).hexdigest()[:32]}.store"


def _find(
    folder: PrivateFolder, file: SourceFile, read: Read, cancel: CancelToken | None, progress: Progress
) -> Content | None:
    """The content in the store; None where there is none, or none that is whole, ours, and of the file."""
    name = store_name(file.path, file.part)
    try:
        store = open_store(folder, name)
        if store is None:
            return None
        content = _content(store, name, file, read)
        origins = present(store, cancel, progress)
    except (OlderError, DamagedError, OSError):
        # it is made anew
        return None
    if origins is None:
        return None
    renew(folder, name, store, origins)
    folder.touch(name)
    return content


def _read_into(
    folder: PrivateFolder, file: SourceFile, read: Read, cancel: CancelToken | None, progress: Progress
) -> Content:
    """Read the file into a new store, and put that in the place of the old one. NotKeptError where that
    fails: the old one is then still there.
    """
    folder.sweep()
    name = store_name(file.path, file.part)
    watch = Watch(file)
    with StoreWriter(folder, name) as writer, Hashing(file.raw()) as hashing:
        builder = SpaceBuilder(file, storages=writer, cancel=cancel, progress=progress, consult=watch.consult)
        try:
            content = read(builder)
        except Exception:
            writer.check()
            raise
        writer.check()
        origins = _hashes(watch, hashing, cancel)
        facts = write_content(writer, content)
        facts |= {"path": str(file.path.absolute()), "part": file.part, "origins": origins}
        writer.publish(facts, [origin.json() for origin in watch.origins()])
        with reading_back():
            return _content(writer.written(), name, file, read)


def _hashes(watch: Watch, hashing: Hashing, cancel: CancelToken | None) -> Hashed:
    first, *consulted = watch.origins()
    try:
        digests = [hashing.result()]
    except OSError as error:
        raise NotKeptError("the file cannot be read twice") from error
    digests += [hash_at(origin.path, cancel) for origin in consulted]
    return [(origin.path, digest) for origin, digest in zip([first, *consulted], digests, strict=True)]


def _content(store: MappedStore, name: str, file: SourceFile, read: Read) -> Content:
    """What is in the store of ``file``; DamagedError where it is not as it was written.

    Damage in what is looked at only later is mended then: the file is read again.
    """
    origins = hashed(store)
    path, part = file.path.absolute(), file.part
    home = Home(name, digest_of(origins), str(path), part)

    def remake() -> Content:
        _throw_away(name, store)
        if any(hash_at(origin) != digest for origin, digest in origins):
            what = "its store is damaged and was thrown away, and the file is no longer what was read"
            raise SourceError(path, what, hint="open it again")
        with SourceFile(path, part) as again:
            return from_store(again, read)

    return read_content(store, home, Healer(remake))


def _throw_away(name: str, store: MappedStore) -> None:
    """Remove a damaged store, unless another has taken its place already."""
    with suppress(NotKeptError, OSError), PrivateFolder() as folder:
        status = folder.status(name)
        if (status.st_dev, status.st_ino) == store.file:
            folder.remove(name)
