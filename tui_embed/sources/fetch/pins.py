"""What a file has to be: its hash, held against the bytes on the disk."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.errors import TuiEmbedError

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Pin:
    """The hash that a file must have. ``md5`` only where its publisher gives nothing better: nobody can make
    another file with a given md5, but its publisher could have made two of one.
    """

    algorithm: Literal["sha256", "md5"]
    digest: str

    def __str__(self) -> str:
        return f"{self.algorithm} {self.digest}"


def hashes(
    path: Path,
    algorithms: Iterable[str],
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> dict[str, str]:
    """The hashes of the file at ``path``, all of them in one pass."""
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    size, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            if cancel is not None:
                cancel.check()
            for digest in digests.values():
                digest.update(block)
            done += len(block)
            progress(done, size)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def verify(path: Path, pin: Pin, cancel: CancelToken | None = None, progress: Progress = no_progress) -> None:
    """WrongHashError where the file at ``path`` does not have ``pin``."""
    found = hashes(path, [pin.algorithm], cancel, progress)[pin.algorithm]
    if found != pin.digest:
        raise WrongHashError(path.name, Pin(pin.algorithm, found), pin)


class WrongHashError(TuiEmbedError):
    """A file that is not what it has to be."""

    def __init__(self, name: str, found: Pin, wanted: Pin) -> None:
        super().__init__(f"{name} is not the published file: its {found}, published {wanted.digest}")
