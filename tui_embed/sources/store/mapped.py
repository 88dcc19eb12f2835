"""A store as it is read: its directory checked, its arrays mapped, nothing else read yet."""

import mmap
import os
import sys
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed import __version__
from tui_embed.sources.store.folder import PrivateFolder
from tui_embed.sources.store.layout import Directory, OlderError, read_directory, read_slot
from tui_embed.sources.store.pages import Pages

MADE_BY = f"{__version__} {sys.byteorder}"
"""Another version of the program may read the same file otherwise: what that one stored is read again."""


class MappedStore:
    """The store in an open file, which may then be closed, removed, or replaced by another under its name.

    OlderError for one of another version, DamagedError for one that is not as it was written, as far as its
    header and directory tell; OSError where it cannot be read.
    """

    def __init__(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        self.file = (status.st_dev, status.st_ino)
        self.size = status.st_size
        self.used = status.st_mtime
        self._directory = _directory(descriptor, self.size)
        self.slot = read_slot(descriptor)
        self._mapped = mmap.mmap(descriptor, self.size, mmap.MAP_SHARED, mmap.PROT_READ)
        self._content = np.frombuffer(self._mapped, dtype=np.uint8)
        self._pages: dict[str, Pages] = {}

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self._directory.facts)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its arrays."""
        return tuple(self._directory.sections)

    def let_go(self) -> None:
        """Give back the memory of what was looked at: when it is next used it comes from the system's own
        cache, or the disk.
        """
        if hasattr(mmap, "MADV_DONTNEED"):
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def pages(self, name: str) -> Pages:
        """The bytes of an array, checked as they are used. DamagedError where there is no such array."""
        if name not in self._pages:
            self._pages[name] = self._directory.pages(name, self._content)
        return self._pages[name]

    def array(self, name: str) -> NDArray[Any]:
        """An array, all of it checked. DamagedError where it is not what was written."""
        whole = self.pages(name).whole()
        section = self._directory.sections[name]
        array: NDArray[Any] = whole.view(section.dtype).reshape(section.shape)
        return array


def open_store(folder: PrivateFolder, name: str) -> MappedStore | None:
    """The store ``name``; None where there is none. OlderError, DamagedError, OSError."""
    descriptor = folder.open(name)
    if descriptor is None:
        return None
    try:
        return MappedStore(descriptor)
    finally:
        os.close(descriptor)


def _directory(descriptor: int, size: int) -> Directory:
    try:
        directory = read_directory(descriptor, size)
        made_by = directory.facts["made_by"]
    except (ValueError, KeyError, TypeError, AttributeError):
        # checksums agree, so it was written so: by a program whose version told nothing
        raise OlderError from None
    if made_by != MADE_BY:
        raise OlderError
    return directory
