"""Lines of text out of files, folders and streams, whatever they are."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.errors import SourceError
from tui_embed.sources.file import SourceFile

BLOCK_BYTES = 1 << 20
MOST_LINE = 1 << 20
"""A line that is longer is cut into lines of so many bytes: no text of one line fills the memory."""

NOT_TEXT = (0, 8)
"""A file whose first bytes have these is no text: NUL, backspace."""


@dataclass(eq=False)
class TextReader:
    """Reads lines, and remembers what was odd. ``progress`` counts bytes on the disk."""

    cancel: CancelToken | None = None
    progress: Progress = no_progress
    notes: list[str] = field(default_factory=list)
    _done: int = 0
    _total: int = 0
    _odd: int = 0

    def file(self, path: Path) -> Iterator[str]:
        """The lines of a file, which may be packed. SourceError where it cannot be read or is no text."""
        self._total = self._total or _size(path)
        with SourceFile(path) as file:
            if any(byte in file.head for byte in NOT_TEXT):
                raise file.error("is no text: it has bytes that text never has", "its beginning")
            with file.stream() as stream:
                before = self._done
                for line in self._lines(stream.read):
                    self._done = before + stream.done
                    yield line
                self._done = before + file.size
        self._say_odd(str(path))

    def folder(self, path: Path) -> Iterator[str]:
        """The lines of all texts in a folder and those below it, by name; hidden ones are left out, and
        those that are no text are noted. SourceError where there is none.
        """
        paths = [found for found in _walk(path) if not found.name.startswith(".")]
        self._total = sum(map(_size, paths))
        n_read, skipped = 0, []
        for found in paths:
            try:
                yield from self.file(found)
                n_read += 1
            except SourceError as error:
                skipped.append(error.message)
        if not n_read:
            raise SourceError(path, "there is no text in this folder")
        if skipped:
            more = "" if len(skipped) == 1 else f" and {len(skipped) - 1:,} more"
            self.notes.append(f"left out: {skipped[0]}{more}")

    def stream(self, stream: BinaryIO, name: str) -> Iterator[str]:
        """The lines of a stream that is open."""
        yield from self._lines(stream.read)
        self._say_odd(name)

    def _lines(self, read: Callable[[int], bytes]) -> Iterator[str]:
        rest = b""
        while block := read(BLOCK_BYTES):
            if self.cancel is not None:
                self.cancel.check()
            *lines, rest = (rest + block).split(b"\n")
            while len(rest) > MOST_LINE:
                lines.append(rest[:MOST_LINE])
                rest = rest[MOST_LINE:]
            for line in lines:
                yield self._decoded(line)
            self.progress(min(self._done, self._total), self._total)
        if rest:
            yield self._decoded(rest)

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self._odd += 1
            return line.decode("utf-8", "replace")

    def _say_odd(self, name: str) -> None:
        if self._odd:
            lines = "line is" if self._odd == 1 else "lines are"
            self.notes.append(f"{name}: {self._odd:,} {lines} not UTF-8; what is not stands as �")
            self._odd = 0


def _walk(path: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise SourceError(error.filename or path, (error.strerror or str(error)).lower()) from None

    for root, folders, names in os.walk(path, onerror=refuse):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        yield from (Path(root) / name for name in sorted(names))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
