"""Long work that Ctrl+C ends at once, though it is in the middle of one long product of matrices."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def waited(work: Callable[[], T]) -> T:
    """What ``work()`` gives or raises, from a thread of its own: Python hears Ctrl+C between two steps of its
    main thread only, and a library's step may take many seconds. An interrupted thread is left behind, and
    does not keep the program from ending.
    """
    ended: SimpleQueue[tuple[T, None] | tuple[None, BaseException]] = SimpleQueue()

    def run() -> None:
        try:
            ended.put((work(), None))
        except BaseException as error:  # noqa: BLE001 — it is raised where the result is waited for
            ended.put((None, error))

    threading.Thread(target=run, daemon=True, name="waited").start()
    found, error = ended.get()
    if error is not None:
        raise error
    return found  # type: ignore[return-value]
