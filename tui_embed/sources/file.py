"""A file as it lies on the disk: what it is, what packs it, and its content as a stream."""

import errno
import os
import re
import stat
from dataclasses import dataclass
from functools import cached_property
from io import SEEK_SET
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tui_embed.errors import SourceError
from tui_embed.sources.packing import PACKINGS, Packing
from tui_embed.sources.stream import ByteStream

HEAD_BYTES = 1 << 16
"""How much of a content is looked at to recognise it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the file system says of a file; any write to it changes at least ``ctime_ns``."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class SourceFile:
    """A regular file that may be packed (gz, bz2, xz, zst, or a zip with one member).

    ``path#part`` names a part of a file that holds several: a tensor, an array, a zip's member, a column;
    where ``part`` is given, ``spec`` is the path and no more. SourceError for what does not exist, is no
    regular file, cannot be read, or is empty.
    """

    def __init__(self, spec: str | Path, part: str | None = None) -> None:
        self._descriptor = -1
        self.path, self.part = split_part(spec) if part is None else (Path(spec), part)
        self._descriptor = _open_regular(self.path)
        try:
            self.identity = Identity.of(os.fstat(self._descriptor))
            if not self.identity.size:
                raise SourceError(self.path, "the file is empty")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "SourceFile":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __del__(self) -> None:
        # a checkpoint's file is open as long as its rows may be asked for
        self.close()

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    @property
    def size(self) -> int:
        """Bytes on the disk, packed."""
        return self.identity.size

    @property
    def spec(self) -> str:
        """The path, with the part if there is one."""
        return f"{self.path}#{self.part}" if self.part else str(self.path)

    @cached_property
    def packing(self) -> Packing | None:
        """What packs the content, recognised by its first bytes."""
        with self.raw() as raw:
            start = raw.read(16)
            return next((packing for packing in PACKINGS if packing.packs(start, raw)), None)

    @cached_property
    def head(self) -> bytes:
        """The first HEAD_BYTES of the content, unpacked. SourceError where that fails."""
        with self.stream() as stream:
            return stream.read(HEAD_BYTES)

    def raw(self) -> BinaryIO:
        """The bytes on the disk from the start, seekable; each call has a place of its own. SourceError where
        the system opens no more files.
        """
        try:
            # By the descriptor's own path: another file may lie at ``path`` by now.
            return (_DESCRIPTORS / str(self._descriptor)).open("rb") if _HAS_PROC else self._raw_by_path()
        except OSError as error:
            raise _not_opened(self.path, error) from None

    def stream(self) -> ByteStream:
        """The content from the start, unpacked."""
        raw = self.raw()
        try:
            content = self.packing.unpack(raw, self.path, self.part) if self.packing else raw
        except BaseException:
            raw.close()
            raise
        return ByteStream(self.path, raw, content)

    def read_at(self, begin: int, array: NDArray[Any], place: str = "") -> None:
        """The bytes of the disk from ``begin`` on into all of ``array``, which lies in one piece; by several
        threads at once if they like. SourceError where they end, and where the file was written to.
        """
        content = array.reshape(-1).view(np.uint8).data
        try:
            now = Identity.of(os.fstat(self._descriptor))
            if (now.size, now.mtime_ns) != (self.identity.size, self.identity.mtime_ns):
                raise self.error("the file was written to since it was opened", place, "open it again")
            while content and (n := os.preadv(self._descriptor, [content[:_MOST_AT_ONCE]], begin)):
                begin += n
                content = content[n:]
        except OSError as error:
            raise self.error((error.strerror or "cannot be read").lower(), place) from None
        if content:
            raise self.error(f"the file ends inside of it, at byte {begin:,}", place)

    def error(self, what: str, place: str = "", hint: str = "") -> SourceError:
        """An error about this file."""
        return SourceError(self.path, what, place, hint)

    def check_unchanged(self) -> None:
        """SourceError if the file was written to since it was opened: what was read is of no one version."""
        if Identity.of(os.fstat(self._descriptor)) != self.identity:
            raise self.error("the file was changed while it was read", hint="open it again")

    def _raw_by_path(self) -> BinaryIO:
        raw = self.path.open("rb")
        raw.seek(0, SEEK_SET)
        if Identity.of(os.fstat(raw.fileno())) != self.identity:
            raw.close()
            raise self.error("the file was replaced while it was opened", hint="open it again")
        return raw


_MOST_AT_ONCE = 1 << 30
"""Bytes that one call reads: the system takes no more than two gigabytes."""

_DESCRIPTORS = Path("/proc/self/fd")
_HAS_PROC = _DESCRIPTORS.is_dir()


def split_part(spec: str | Path) -> tuple[Path, str]:
    """The path and the part of ``path#part``; a file whose own name has a ``#`` is a path."""
    text = os.fspath(spec)
    found = re.fullmatch(r"(.+)#([^#/]+(?:/[^#]*)?)", text, re.DOTALL)
    if found and not os.path.lexists(text):
        return Path(found[1]), found[2]
    return Path(text), ""


def _not_opened(path: Path, error: OSError) -> SourceError:
    hint = "more are allowed after: ulimit -n 4096" if error.errno == errno.EMFILE else ""
    return SourceError(path, (error.strerror or "cannot be opened").lower(), hint=hint)


def _open_regular(path: Path) -> int:
    try:
        # Without blocking: a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SourceError(path, "there is no such file") from None
    except OSError as error:
        raise _not_opened(path, error) from None
    except ValueError:
        raise SourceError(repr(str(path)), "no file has such a name") from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    raise SourceError(path, "is a directory" if stat.S_ISDIR(mode) else "is no regular file")
