"""Whether a store is of the files as they are now."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.sources.store.folder import PrivateFolder
from tui_embed.sources.store.layout import SLOT_AT, slot_of
from tui_embed.sources.store.mapped import MappedStore
from tui_embed.sources.store.origins import Origin, hash_at, is_same, look
from tui_embed.sources.store.writer import put_at

Hashed = Sequence[tuple[str, str]]
"""The files that a content comes from: absolute path and sha256, which is empty where there was no file."""


def hashed(store: MappedStore) -> Hashed:
    """The files that a store was made of."""
    return [(path, digest) for path, digest in store.facts["origins"]]


def digest_of(origins: Hashed) -> str:
    """One hash of all their contents."""
    return hashlib.sha256(json.dumps([digest for _, digest in origins]).encode()).hexdigest()


def present(
    store: MappedStore, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> list[Origin] | None:
    """The files of a store as they are now; None where their content is another than it was. They are read
    only where the file system's word is no proof. CancelledError.
    """
    origins = hashed(store)
    found = []
    for (path, digest), seen in zip(origins, store.slot or [None] * len(origins), strict=True):
        before = None if seen is None else Origin.of_json(path, seen)
        now = look(path)
        same = None if before is None else is_same(before, now)
        if same is None:
            # looked at once more: what was hashed is what was looked at
            same = hash_at(path, cancel, progress) == digest and look(path).identity == now.identity
        elif before is not None:
            now = before
        if not same:
            return None
        found.append(now)
    return found


def renew(folder: PrivateFolder, name: str, store: MappedStore, origins: list[Origin]) -> None:
    """Write down how the files were seen last, if that is new. Where it fails they are hashed again."""
    values = [origin.json() for origin in origins]
    slot = slot_of(values)
    if slot is None or values == store.slot:
        return
    descriptor = folder.open(name, os.O_RDWR)
    if descriptor is None:
        return
    try:
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) == store.file:
            with suppress(OSError):
                put_at(descriptor, slot, SLOT_AT)
    finally:
        os.close(descriptor)
