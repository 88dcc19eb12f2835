"""Waiting for what cannot be interrupted, and leaving it at once all the same."""

import threading
from collections.abc import Generator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

from tui_embed.engine.cancel import CancelToken

T = TypeVar("T")

AHEAD = 8
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


def interruptible(blocking: Generator[T, None, None], cancel: CancelToken) -> Generator[T, None, None]:
    """The items of ``blocking``, which runs in a thread of its own, at most AHEAD items ahead. What it raises
    is raised here. CancelledError as soon as nobody wants the items: a name that is looked up or a server
    that is silent cannot be interrupted, so the thread is left behind, and closes ``blocking`` when it
    wakes; it never keeps the program from ending.
    """
    ready: SimpleQueue[T | _End] = SimpleQueue()
    room = threading.Semaphore(AHEAD)
    left = threading.Event()

    def run() -> None:
        error: BaseException | None = None
        try:
            for item in blocking:
                ready.put(item)
                room.acquire()
                if left.is_set():
                    break
        except BaseException as raised:  # noqa: BLE001 — it is raised where the items are taken
            error = raised
        finally:
            blocking.close()
            ready.put(_End(error))

    threading.Thread(target=run, daemon=True, name="interruptible").start()
    try:
        while True:
            item = _next(ready, cancel)
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            room.release()
            yield item
    finally:
        left.set()
        room.release()


def _next(ready: "SimpleQueue[T | _End]", cancel: CancelToken) -> T | _End:
    while True:
        cancel.check()
        try:
            return ready.get(timeout=POLL_SECONDS)
        except Empty:
            continue
