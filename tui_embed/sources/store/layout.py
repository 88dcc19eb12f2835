"""The bytes of a store: a page of header, the sections, their checksums, and a directory at the end.

Header (little-endian): the magic, the version of this layout, a CRC-32 of what follows it, where the
checksums and the directory lie. The CRC-32 of each is in the header, so that every byte that is not checked
page by page is checked when a store is opened. The second half of the first page is the one place that is
ever written to again: the identities of the source files, with a CRC-32 of their own.
"""

import json
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_embed.sources.store.pages import PAGE, Bytes, DamagedError, Pages, Sums, padding

MAGIC = b"tui-embed store\n"
LAYOUT = 1
SLOT_AT = 1024
"""Where the part of the first page begins that may be renewed."""

MOST_DIRECTORY = 64 << 20

_START = struct.Struct("<16sII")
_PLACES = struct.Struct("<QQIQQI")
_SLOT = struct.Struct("<II")


class OlderError(Exception):
    """A store of another version of the program."""


@dataclass(frozen=True, slots=True)
class Section:
    """An array in the file: where its bytes begin (a whole page), its dtype and its shape."""

    offset: int
    dtype: str
    shape: tuple[int, ...]

    @property
    def n_bytes(self) -> int:
        n_bytes = np.dtype(self.dtype).itemsize
        for length in self.shape:
            n_bytes *= length
        return n_bytes

    @property
    def end(self) -> int:
        """Where the next section can begin."""
        return self.offset + self.n_bytes + padding(self.n_bytes)


Facts = Mapping[str, Any]
"""What a store says beside its arrays, as JSON has it."""


@dataclass(frozen=True)
class Directory:
    """The arrays of a store by name, the checksums of all their pages in order, and the facts."""

    sections: Mapping[str, Section]
    sums: Sums
    facts: Facts

    def pages(self, name: str, content: Bytes) -> Pages:
        """The section ``name`` of the mapped file ``content``. DamagedError where there is none."""
        section = self.sections.get(name)
        if section is None:
            raise DamagedError
        sums = self.sums[section.offset // PAGE - 1 : section.end // PAGE - 1]
        return Pages(content[section.offset : section.end], sums, section.n_bytes)


def closing(end: int, directory: Directory) -> tuple[bytes, bytes]:
    """What is written at the end of the sections, ``end``, and then, last, at the start of the file."""
    listed = {name: (part.offset, part.dtype, part.shape) for name, part in directory.sections.items()}
    text = json.dumps({"sections": listed, "facts": directory.facts}).encode("ascii")
    sums = directory.sums.tobytes()
    places = _PLACES.pack(end, len(sums), zlib.crc32(sums), end + len(sums), len(text), zlib.crc32(text))
    return sums + text, _START.pack(MAGIC, LAYOUT, zlib.crc32(places)) + places


def read_directory(descriptor: int, size: int) -> Directory:
    """The directory of the open file. OlderError for a store of another layout, DamagedError for a file that
    is not as it was written; OSError where it cannot be read.
    """
    header = os.pread(descriptor, _START.size + _PLACES.size, 0)
    if len(header) < _START.size + _PLACES.size or not header.startswith(MAGIC):
        raise DamagedError
    _, layout, crc = _START.unpack_from(header)
    if layout != LAYOUT:
        raise OlderError
    places = header[_START.size :]
    if zlib.crc32(places) != crc:
        raise DamagedError
    sums_at, sums_length, sums_crc, text_at, text_length, text_crc = _PLACES.unpack(places)
    if sums_at + sums_length != text_at or text_at + text_length != size or text_length > MOST_DIRECTORY:
        raise DamagedError
    ending = os.pread(descriptor, sums_length + text_length, sums_at)
    sums, text = ending[:sums_length], ending[sums_length:]
    if zlib.crc32(sums) != sums_crc or zlib.crc32(text) != text_crc:
        raise DamagedError
    found = json.loads(text)
    listed = found["sections"].items()
    sections = {name: Section(at, dtype, tuple(shape)) for name, (at, dtype, shape) in listed}
    return Directory(sections, np.frombuffer(sums, dtype=np.uint64), found["facts"])


def slot_of(values: Sequence[object]) -> bytes | None:
    """``values`` as the part of the first page that may be renewed; None where they do not fit in it."""
    text = json.dumps(values).encode("ascii")
    slot = _SLOT.pack(len(text), zlib.crc32(text)) + text
    return slot if len(slot) <= PAGE - SLOT_AT else None


def read_slot(descriptor: int) -> list[Any] | None:
    """What :func:`slot_of` was given; None where it is not whole."""
    slot = os.pread(descriptor, PAGE - SLOT_AT, SLOT_AT)
    if len(slot) < _SLOT.size:
        return None
    length, crc = _SLOT.unpack_from(slot)
    text = slot[_SLOT.size : _SLOT.size + length]
    if len(text) != length or zlib.crc32(text) != crc:
        return None
    found = json.loads(text)
    return found if isinstance(found, list) else None
