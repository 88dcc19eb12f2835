"""A file that is replaced whole or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tui_embed.errors import TuiEmbedError


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A seekable binary file whose content takes the place of ``path`` when the block ends without an error.

    Until then it is a temporary file beside the target, which stays as it is, and which keeps its mode when
    it is replaced; a link is kept and what it leads to is replaced. What was written outlives a power cut:
    file and folder are synced. TuiEmbedError, in one line that names ``path``, where the system refuses
    anything, a full disk among it, and for a target that is no regular file.
    """
    try:
        target = path.resolve()
        mode = _mode_of(path)
        temporary = target.with_name(f".tui-embed-{secrets.token_hex(8)}.tmp")
        descriptor = _create(temporary, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TuiEmbedError(f"{path}: cannot be written: {reason}") from error


def _mode_of(path: Path) -> int | None:
    """The permissions of the file that will be replaced, None where there is none."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise TuiEmbedError(f"{path}: cannot be written: it is there and is no regular file")
    return stat.S_IMODE(mode)


def _create(temporary: Path, mode: int | None) -> int:
    """A new file, open to write; without a ``mode`` to keep it has the one that the umask gives."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    # private from its first moment, in case the mode to keep is
    descriptor = os.open(temporary, flags, 0o666 if mode is None else 0o600)
    if mode is not None:
        os.fchmod(descriptor, mode)
    return descriptor


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
