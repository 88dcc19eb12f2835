"""Fits of other libraries, in a process of their own: they cannot be interrupted, and it can be ended."""

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.rows import Floats
from tui_embed.errors import TuiEmbedError

WORKER = "tui_embed.engine.maps.fit_worker"
LOOK_SECONDS = 0.05
"""How long a cancel token may stay raised before it is seen."""

Parameters = Mapping[str, float | int | str]


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """Numbers of a fit, ``(n, k)`` or ``(n,)``, at some moment of it or at its end; ``loss`` as far as the
    library says it.
    """

    array: NDArray[np.generic]
    done: int
    total: int
    loss: float | None
    last: bool


def fit(
    what: str,
    rows: Floats,
    parameters: Parameters,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
    frame: Callable[[Frame], None] | None = None,
) -> Frame:
    """Fit ``rows`` ``(n, d) float32`` by one of the worker's fits; each moment of it that the library shows
    is given to ``frame``, the last one is returned.

    TuiEmbedError where a package is missing, or the fit fails; CancelledError within 50 ms of ``cancel``,
    with the process ended. What is fitted and how far it is cannot outlive this process by more than one
    message: a worker that nobody listens to ends.
    """
    rows = np.ascontiguousarray(rows, dtype=np.float32)
    asked = {"what": what, "shape": rows.shape, "parameters": dict(parameters)}
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as said, os.fdopen(reading, "rb", buffering=0) as answers:
        process = subprocess.Popen(
            # -P: what lies in the current folder is not imported
            [sys.executable, "-P", "-m", WORKER, str(writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            pass_fds=[writing],
        )
        os.close(writing)
        try:
            return _exchange(
                process, answers.fileno(), json.dumps(asked).encode(), rows, cancel, progress, frame
            )
        except (BrokenPipeError, EOFError):
            process.wait()
            said.seek(0)
            last = said.read()[-2000:].decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise TuiEmbedError(f"{what} ended without an answer: {last or process.returncode}") from None
        finally:
            process.kill()
            process.wait()
            _close(process.stdin)


def _exchange(
    process: "subprocess.Popen[bytes]",
    descriptor: int,
    asked: bytes,
    rows: Floats,
    cancel: CancelToken | None,
    progress: Progress,
    frame: Callable[[Frame], None] | None,
) -> Frame:
    assert process.stdin is not None
    process.stdin.write(asked + b"\n")
    process.stdin.write(rows.data)
    process.stdin.flush()
    answers = _Reader(descriptor, cancel)
    while True:
        head = json.loads(answers.line())
        if "error" in head:
            raise TuiEmbedError(str(head["error"]), str(head["hint"]))
        done, total = int(head["done"]), int(head["total"])
        progress(done, total)
        if "dtype" not in head:
            continue
        dtype = np.dtype(str(head["dtype"]))
        shape = tuple(int(side) for side in head["shape"])
        content = answers.exactly(int(np.prod(shape)) * dtype.itemsize)
        found = Frame(np.frombuffer(content, dtype).reshape(shape), done, total, head["loss"], head["last"])
        if found.last:
            return found
        if frame is not None:
            frame(found)


class _Reader:
    """Bytes from a pipe. CancelledError when they are no longer wanted, EOFError when there are no more."""

    def __init__(self, descriptor: int, cancel: CancelToken | None) -> None:
        self._descriptor = descriptor
        self._cancel = cancel
        self._held = b""

    def line(self) -> bytes:
        while b"\n" not in self._held:
            self._held += self._more()
        line, _, self._held = self._held.partition(b"\n")
        return line

    def exactly(self, count: int) -> bytes:
        pieces, length = [self._held], len(self._held)
        while length < count:
            pieces.append(self._more())
            length += len(pieces[-1])
        content = b"".join(pieces)
        self._held = content[count:]
        return content[:count]

    def _more(self) -> bytes:
        while True:
            if self._cancel is not None:
                self._cancel.check()
            if select.select([self._descriptor], [], [], LOOK_SECONDS)[0]:
                break
        read = os.read(self._descriptor, 1 << 20)
        if not read:
            raise EOFError
        return read


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except BrokenPipeError:
        return  # what was still to be written is for nobody
