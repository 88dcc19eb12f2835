"""The hash of a file's bytes, taken beside the reading of it."""

import hashlib
import threading
from types import TracebackType
from typing import BinaryIO

from tui_embed.engine.cancel import CancelToken, Progress, no_progress

_PIECE = 1 << 20


def hash_of(raw: BinaryIO, cancel: CancelToken | None = None, progress: Progress = no_progress) -> str:
    """The sha256 of all bytes of ``raw``, which is closed; ``progress`` counts. OSError, CancelledError."""
    digest = hashlib.sha256()
    with raw:
        size = raw.seek(0, 2)
        raw.seek(0)
        done = 0
        while piece := raw.read(_PIECE):
            if cancel is not None:
                cancel.check()
            digest.update(piece)
            done += len(piece)
            progress(done, size)
    return digest.hexdigest()


class Hashing:
    """The hash of ``raw``, found in a thread of its own: hashing lets go of the interpreter."""

    def __init__(self, raw: BinaryIO) -> None:
        self._stop = CancelToken()
        self._found: str | BaseException = ""
        self._thread = threading.Thread(target=self._run, args=(raw,), daemon=True)
        self._thread.start()

    def __enter__(self) -> "Hashing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.cancel()
        self._thread.join()

    def result(self) -> str:
        """The hash, when it is done. OSError."""
        self._thread.join()
        if isinstance(self._found, BaseException):
            raise self._found
        return self._found

    def _run(self, raw: BinaryIO) -> None:
        try:
            self._found = hash_of(raw, self._stop)
        except BaseException as error:  # noqa: BLE001 (raised where the result is asked for)
            self._found = error
