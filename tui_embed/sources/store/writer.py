"""A store as it is written: sections one after another, published whole or not at all."""

import errno
import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.sources.store.folder import NotKeptError, PrivateFolder, reasons
from tui_embed.sources.store.layout import SLOT_AT, Directory, Facts, OlderError, Section, closing, slot_of
from tui_embed.sources.store.mapped import MADE_BY, MappedStore
from tui_embed.sources.store.pages import PAGE, DamagedError, Sums, padding, page_sums

_BUFFER_BYTES = 1 << 20
_SPARE_BYTES = 32 << 20
"""Room on the disk that is left to others."""


@dataclass(frozen=True, slots=True)
class Place:
    """Rows within a section: those from ``first`` on."""

    section: str
    first: int


class StoreWriter:
    """Writes the store ``name``: what lies there already stays whole until the new one is.

    As ``Storages`` it gives out storage for rows in the file. NotKeptError where the system refuses anything.
    """

    def __init__(self, folder: PrivateFolder, name: str) -> None:
        self._failed: NotKeptError | None = None
        self._folder = folder
        self._name = name
        self._sections: dict[str, Section] = {}
        self._mapped: dict[str, Floats] = {}
        with reasons():
            self._file = folder.temporary(name)
            try:
                self._stream = _Stream(self._file.descriptor)
            except OSError:
                self._file.discard()
                raise

    def __enter__(self) -> "StoreWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not published is removed."""
        self._file.discard()

    def open(self, name: str, d_model: int, expected: int) -> "SectionRows":
        """Storage for rows, in a section of their own."""
        with self._noticed():
            room = os.fstatvfs(self._file.descriptor)
            if room.f_bavail * room.f_frsize < 4 * d_model * expected + _SPARE_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return SectionRows(self, name, d_model)

    def add(self, name: str, array: NDArray[np.generic]) -> None:
        """A section that is ``array``."""
        begin = self.begin()
        self.write(array)
        self.end(name, Section(begin, array.dtype.str, array.shape))

    def place_of(self, rows: NDArray[np.float32]) -> Place | None:
        """Where ``rows`` lie, if they are rows that were stored here; None for others."""
        address = rows.__array_interface__["data"][0]
        for name, whole in self._mapped.items():
            first, rest = divmod(address - whole.__array_interface__["data"][0], whole.strides[0] or 1)
            alike = rows.strides == whole.strides and rows.shape[1] == whole.shape[1]
            if alike and rest == 0 and 0 <= first <= len(whole) - len(rows):
                return Place(name, first)
        return None

    def check(self) -> None:
        """Raise the NotKeptError that there was, if a reader of a format took it for an error of its own."""
        if self._failed is not None:
            raise self._failed

    def publish(self, facts: Facts, identities: Sequence[object]) -> None:
        """Put the file in its place, to outlive a power cut."""
        slot = slot_of(identities)
        if slot is None:
            raise NotKeptError("it depends on too many files")
        sums = np.concatenate(self._stream.sums)
        directory = Directory(self._sections, sums, {**facts, "made_by": MADE_BY})
        ending, header = closing(self._stream.end, directory)
        with self._noticed():
            self._stream.put(ending)
            descriptor = self._file.descriptor
            put_at(descriptor, slot, SLOT_AT)
            put_at(descriptor, header, 0)
            os.fsync(descriptor)
            self._folder.replace(self._name, self._file.name)
        # the new store is in its place and whole; only a power cut could now bring back the old one
        with suppress(OSError):
            self._folder.sync()

    def written(self) -> MappedStore:
        """What was published, to be read within :func:`reading_back`."""
        return MappedStore(self._file.descriptor)

    def begin(self) -> int:
        """Begin a section; returns where it begins."""
        return self._stream.end

    def write(self, array: NDArray[np.generic]) -> None:
        """Append to the section that was begun."""
        with self._noticed():
            self._stream.write(array)

    def end(self, name: str, section: Section) -> None:
        """End the section that was begun: it was filled as ``section`` says."""
        with self._noticed():
            self._stream.fill_page()
        if name in self._sections or section.end != self._stream.end:
            raise ValueError(f"{name} was not written as one section")
        self._sections[name] = section

    def mapped(self, name: str) -> Floats:
        """The rows of a section that was written, mapped."""
        section = self._sections[name]
        with self._noticed():
            content = mmap.mmap(self._file.descriptor, self._stream.end, mmap.MAP_SHARED, mmap.PROT_READ)
        rows = np.frombuffer(content, np.float32, section.n_bytes // 4, section.offset).reshape(section.shape)
        self._mapped[name] = rows
        return rows

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        try:
            with reasons():
                yield
        except NotKeptError as error:
            self._failed = error
            raise


@contextmanager
def reading_back() -> Iterator[None]:
    """What goes wrong with a store that was just written becomes a NotKeptError."""
    try:
        yield
    except (DamagedError, OlderError, OSError) as error:
        raise NotKeptError("what was written cannot be read back") from error


class SectionRows:
    """Takes blocks of rows into the open section of a store."""

    def __init__(self, writer: StoreWriter, name: str, d_model: int) -> None:
        self._writer = writer
        self._name = name
        self._d_model = d_model
        self._n_rows = 0
        self._begin = writer.begin()

    def append(self, rows: Floats) -> None:
        """Keep a copy of ``rows`` ``(m, d_model) float32``."""
        self._writer.write(rows)
        self._n_rows += len(rows)

    def finish(self) -> Floats:
        """All rows ``(n, d_model) float32``, read-only, mapped."""
        shape = (self._n_rows, self._d_model)
        self._writer.end(self._name, Section(self._begin, "<f4", shape))
        return self._writer.mapped(self._name)


class _Stream:
    """Writes bytes in order behind the first page, which stays empty, and sums up the pages."""

    def __init__(self, descriptor: int) -> None:
        self.end = PAGE
        self.sums: list[Sums] = [np.empty(0, dtype=np.uint64)]
        self._descriptor = descriptor
        self._buffer = np.empty(_BUFFER_BYTES, dtype=np.uint8)
        self._filled = 0
        os.lseek(descriptor, PAGE, os.SEEK_SET)

    def write(self, array: NDArray[np.generic]) -> None:
        content = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        while len(content):
            taken = content[: len(self._buffer) - self._filled]
            self._buffer[self._filled : self._filled + len(taken)] = taken
            self._filled += len(taken)
            content = content[len(taken) :]
            if self._filled == len(self._buffer):
                self._flush()

    def fill_page(self) -> None:
        """Fill the last page with zeros, and write what is left."""
        zeros = padding(self._filled)
        self._buffer[self._filled : self._filled + zeros] = 0
        self._filled += zeros
        self._flush()

    def put(self, content: bytes | memoryview) -> None:
        """Write ``content`` as it is, whatever pages it makes."""
        left = memoryview(content)
        while left:
            left = left[_some(os.write(self._descriptor, left)) :]

    def _flush(self) -> None:
        full = self._buffer[: self._filled]
        self.sums.append(page_sums(full))
        self.put(full.data)
        self.end += self._filled
        self._filled = 0


def put_at(descriptor: int, content: bytes, offset: int) -> None:
    """Write all of ``content`` at ``offset``."""
    left = memoryview(content)
    while left:
        written = _some(os.pwrite(descriptor, left, offset))
        left, offset = left[written:], offset + written


def _some(written: int) -> int:
    if not written:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return written
