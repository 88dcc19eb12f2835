"""The folder of stores: the user's own, and nobody else's to read or to write."""

import errno
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tui_embed.locations import cache_folder

NAME = "spaces"
STORE = re.compile(r"[0-9a-f]{32}(?:\.[a-z]+)?\.store")
TEMPORARY = re.compile(r"[0-9a-f]{32}(?:\.[a-z]+)?\.store\.[0-9a-f]{16}\.tmp")

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class NotKeptError(Exception):
    """Why something cannot be kept in the store: a part of a line."""


def store_folder() -> Path:
    """Where stores lie."""
    return cache_folder() / NAME


@contextmanager
def reasons() -> Iterator[None]:
    """What the system refuses becomes a NotKeptError."""
    try:
        yield
    except OSError as error:
        raise NotKeptError((error.strerror or str(error)).lower()) from error


class PrivateFolder:
    """The folder, open: what is done is done in this very folder, whatever is put in its path meanwhile.

    NotKeptError where it cannot be used: it cannot be made or opened, or others own it or can write to it.
    """

    def __init__(self) -> None:
        self.path = store_folder()
        with reasons():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with reasons():
                self._check()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "PrivateFolder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        os.close(self._descriptor)

    def open(self, name: str, flags: int = os.O_RDONLY) -> int | None:
        """A descriptor of a regular file of ours; None where there is no such file."""
        try:
            safely = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            found = os.open(name, flags | safely, dir_fd=self._descriptor)
        except OSError:
            return None
        status = os.fstat(found)
        ours = status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_WRITE
        if stat.S_ISREG(status.st_mode) and ours:
            return found
        os.close(found)
        return None

    def names(self) -> list[str]:
        """The names of stores and of temporary files, and of nothing else that may lie here."""
        with os.scandir(self._descriptor) as entries:
            names = [entry.name for entry in entries]
        return sorted(name for name in names if STORE.fullmatch(name) or TEMPORARY.fullmatch(name))

    def temporary(self, name: str) -> "Temporary":
        """A new file that can take the place of ``name``. OSError where it cannot be made."""
        while True:
            made = Temporary(self, f"{name}.{secrets.token_hex(8)}.tmp")
            if made.is_ours():
                return made
            made.discard()

    def replace(self, name: str, by: str) -> None:
        os.replace(by, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        try:
            os.unlink(name, dir_fd=self._descriptor)
        except FileNotFoundError:
            return

    def status(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def touch(self, name: str) -> None:
        """Say, by its times, that a file was used now."""
        with suppress(OSError):
            os.utime(name, dir_fd=self._descriptor, follow_symlinks=False)

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def sweep(self) -> None:
        """Remove the temporary files of processes that ended before they were done. NotKeptError."""
        with reasons():
            for name in self.names():
                if TEMPORARY.fullmatch(name):
                    self.remove_stale(name)

    def is_stale(self, name: str) -> bool:
        """Whether the temporary file belongs to no living process."""
        return self._if_free(name, lambda: True)

    def remove_stale(self, name: str) -> bool:
        """Remove a temporary file unless a living process writes it; says whether it did."""

        def remove() -> bool:
            self.remove(name)
            return True

        return self._if_free(name, remove)

    def create(self, name: str) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(name, flags, 0o600, dir_fd=self._descriptor)

    def _if_free(self, name: str, act: Callable[[], bool]) -> bool:
        descriptor = self.open(name)
        if descriptor is None:
            return False
        free = False
        try:
            # of a file that cannot be locked nobody can tell: it stays
            with suppress(OSError):
                free = _lock(descriptor)
            return free and act()
        finally:
            os.close(descriptor)

    def _check(self) -> None:
        status = os.fstat(self._descriptor)
        if status.st_uid != os.geteuid() or os.lstat(self.path).st_uid != os.geteuid():
            raise NotKeptError(f"{self.path} belongs to somebody else")
        if status.st_mode & _OTHERS_WRITE:
            raise NotKeptError(f"others can write to {self.path}")
        if status.st_mode & _OTHERS:
            os.fchmod(self._descriptor, 0o700)


@dataclass
class Temporary:
    """A file being written, locked as long as its process lives, by which others know that it is alive."""

    folder: PrivateFolder
    name: str

    def __post_init__(self) -> None:
        self.descriptor = self.folder.create(self.name)

    def is_ours(self) -> bool:
        """Whether it is locked for this process, and nobody took it for stale in the moment before that."""
        try:
            locked = _lock(self.descriptor)
            return locked and os.fstat(self.descriptor).st_nlink > 0
        except OSError:
            self.discard()
            raise

    def close(self) -> None:
        """Let go of it; what took another name stays there."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1

    def discard(self) -> None:
        """Remove it, unless it took another name. What cannot be removed now is swept another time."""
        with suppress(OSError):
            self.folder.remove(self.name)
        self.close()


def _lock(descriptor: int) -> bool:
    """Lock the open file if nobody else has it locked; says whether that worked."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True
