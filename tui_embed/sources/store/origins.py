"""The files that a content was read from, and whether they are still what they were.

The file system's word for it is a file's identity: whatever writes to it changes its ctime, also where size
and mtime are put back. But a clock has ticks. A file that was written to just before it was looked at may be
written to again within the same tick, and look the same (as git says of its index, it is racy): then only the
hash of its bytes tells.
"""

import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.sources.file import Identity, SourceFile
from tui_embed.sources.store.hashing import hash_of

COARSEST_TICK_NS = 2_000_000_000
"""FAT keeps even seconds, the coarsest of all file systems in use."""

FINE_TICK_NS = 20_000_000
"""More than a tick of the clock by which a kernel stamps files."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A file, by its absolute path, as it was when it was looked at; without an identity it was not there.

    ``settled``: nothing can have been written to it since without another identity.
    """

    path: str
    identity: Identity | None
    settled: bool

    def json(self) -> list[object]:
        """All but the path, as :meth:`of_json` reads it."""
        found = self.identity
        if found is None:
            return [self.settled]
        return [self.settled, found.device, found.inode, found.size, found.mtime_ns, found.ctime_ns]

    @classmethod
    def of_json(cls, path: str, values: Sequence[int]) -> "Origin":
        settled, *identity = values
        return cls(path, Identity(*identity) if identity else None, bool(settled))


def look(path: str) -> Origin:
    """The regular file at ``path`` as it is now."""
    now = time.time_ns()
    try:
        status = Path(path).stat()
    except OSError:
        return Origin(path, None, settled=True)
    if not stat.S_ISREG(status.st_mode):
        return Origin(path, None, settled=True)
    return _seen(path, Identity.of(status), now)


def look_at(file: SourceFile) -> Origin:
    """The open ``file`` as it is now. SourceError where it is no longer what was opened."""
    now = time.time_ns()
    file.check_unchanged()
    return _seen(absolute(file.path), file.identity, now)


def absolute(path: Path) -> str:
    """``path`` from the root, in the real folder of its last name, which itself may be a link: what is looked
    for beside it is looked for there.
    """
    # not Path.resolve, which raises where links go round in a circle
    return str(Path(os.path.realpath(path.absolute().parent)) / path.name)


def is_same(before: Origin, now: Origin) -> bool | None:
    """Whether the content is surely the same, or surely another; None where only its hash tells."""
    if before.identity is None or now.identity is None:
        return before.identity == now.identity
    if before.identity.size != now.identity.size:
        return False
    return True if before.settled and before.identity == now.identity else None


def hash_at(path: str, cancel: CancelToken | None = None, progress: Progress = no_progress) -> str:
    """The sha256 of the file at ``path``, empty where there is none that can be read."""
    try:
        return hash_of(Path(path).open("rb"), cancel, progress)
    except OSError:
        return ""


class Watch:
    """Looks at a file and at those that its reader consults, before they are read and after."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._seen = {"": look_at(file)}
        _let_tick_pass(self._seen[""])

    def consult(self, path: Path) -> None:
        """Another file will be read, or is not there."""
        whole = absolute(path)
        if whole not in self._seen:
            self._seen[whole] = look(whole)
            _let_tick_pass(self._seen[whole])

    def origins(self) -> list[Origin]:
        """All of them, the file first. SourceError where what was read is of no one moment."""
        self._file.check_unchanged()
        first, *consulted = self._seen.values()
        for before in consulted:
            if look(before.path).identity != before.identity:
                raise self._file.error(f"{before.path} was changed while it was read", hint="open it again")
        return [first, *consulted]


def _seen(path: str, identity: Identity, now: int) -> Origin:
    settled = max(identity.mtime_ns, identity.ctime_ns) < now - COARSEST_TICK_NS
    return Origin(path, identity, settled)


def _let_tick_pass(origin: Origin) -> None:
    """Wait until a write to the file would show: then it cannot change unseen while it is read."""
    if origin.identity is not None and not origin.settled:
        age = time.time_ns() - origin.identity.ctime_ns
        if 0 <= age < FINE_TICK_NS:
            time.sleep((FINE_TICK_NS - age) / 1e9)
