"""The unpacked content of a file, read in order, with what goes wrong in it said in one line."""

import lzma
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from tui_embed.errors import SourceError

MOST_TIMES, ALLOWED = 300, 256 << 20
"""Vectors pack to a half or a third. What swells this many times, beyond so many bytes, is a bomb."""

UNPACK_ERRORS = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, OSError)


class ByteStream:
    """``content`` read in order; ``raw`` is the packed file below it (the same object where none packs it).

    Every failure is a SourceError that names the file, the byte and, where it is one of several in the file,
    the ``part`` ("member x").
    """

    def __init__(self, path: Path, raw: BinaryIO, content: BinaryIO, part: str = "") -> None:
        self.path = path
        self._within = f"{part}, " if part else ""
        self.position = 0
        """Bytes of content that were read."""
        self._raw = raw
        self._content = content

    def __enter__(self) -> "ByteStream":
        return self

    def __exit__(self, *error: object) -> None:
        if self._content is not self._raw:
            self._content.close()
        self._raw.close()

    @property
    def done(self) -> int:
        """Bytes of the file on the disk that were used."""
        return self._raw.tell()

    def read(self, n: int) -> bytes:
        """The next ``n`` bytes; fewer only at the end of the content."""
        pieces: list[bytes] = []
        while n > 0:
            piece = self._read(n)
            if not piece:
                break
            pieces.append(piece)
            n -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readinto(self, buffer: memoryview) -> int:
        """Fill ``buffer`` and return how many bytes came; fewer than it holds only at the end."""
        filled = 0
        while filled < len(buffer):
            # in pieces, so that a buffer of gigabytes is filled as fast as the bomb check allows
            piece = self._read(min(len(buffer) - filled, 1 << 20))
            if not piece:
                break
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled

    def read_exactly(self, n: int, what: str) -> bytes:
        """``n`` bytes, or a SourceError that says where the file ends inside of ``what``."""
        found = self.read(n)
        if len(found) < n:
            raise self.ends_early(what)
        return found

    def ends_early(self, what: str) -> SourceError:
        return SourceError(
            self.path, f"the file ends inside of {what}", f"{self._within}byte {self.position}"
        )

    def _read(self, n: int) -> bytes:
        try:
            piece = self._content.read(n)
        except UNPACK_ERRORS as error:
            packed = self._content is not self._raw
            what = "the packed data is damaged or cut short" if packed else "cannot be read"
            raise SourceError(self.path, what, f"{self._within}byte {self.done}", _reason(error)) from None
        self.position += len(piece)
        if self.position > ALLOWED and self.position > MOST_TIMES * self.done:
            what = f"swells to over {MOST_TIMES} times its size"
            raise SourceError(self.path, what, f"{self._within}byte {self.done}", "no vectors do")
        return piece


def _reason(error: BaseException) -> str:
    """What a library says, as a part of a line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())[:120]
