"""Work shared out among the processor's cores: NumPy lets go of the interpreter while it computes."""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.rows import Floats, PartRows, Rows, rows_per_block

Item = TypeVar("Item")
Worker = Callable[[Item], int]
"""Does one item, and returns how much that was."""

MOST_THREADS = 8
"""More than these would wait for memory, and for each other."""

BLOCKS_AT_ONCE = 4
"""Fewer would cost turns of the interpreter; more would leave a core without work at the end."""


def threads(parts: int) -> int:
    """How many threads are worth starting for work in so many parts, at least 1."""
    if sys.platform == "linux":
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min(MOST_THREADS, cores, parts))


def share_out(
    items: Iterable[Item],
    workers: Sequence[Worker[Item]],
    cancel: CancelToken | None = None,
    report: Callable[[int], None] | None = None,
) -> None:
    """Give each item, in order, to the worker that is free: each has a thread, the first the caller's.

    ``report`` is told, in the caller's thread, how much is done, at the end all of it. The first error of a
    worker ends all of them and is raised here; CancelledError where ``cancel`` is raised between two items.
    """
    queue = _Queue(items)

    def run(worker: Worker[Item], report: Callable[[int], None] | None = None) -> None:
        try:
            for item in queue:
                if cancel is not None:
                    cancel.check()
                done = queue.add(worker(item))
                if report is not None:
                    report(done)
        except BaseException as error:  # noqa: BLE001 (raised below, in the caller's thread)
            queue.fail(error)

    others = [threading.Thread(target=run, args=(worker,), daemon=True) for worker in workers[1:]]
    for other in others:
        other.start()
    run(workers[0], report)
    for other in others:
        other.join()
    if queue.error is not None:
        raise queue.error
    if others and report is not None:
        report(queue.done)


def each_block(
    rows: Rows,
    work: Callable[[int, Floats], int],
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
    at_once: int = BLOCKS_AT_ONCE,
) -> None:
    """``work(start, block)`` for all rows, which returns how many they are: on all cores, by ``at_once``
    blocks, where any stretch of rows can be had; one after another where they are drawn.
    """
    n_rows, width = rows.shape

    def report(done: int) -> None:
        progress(done, n_rows)

    if not isinstance(rows, PartRows):
        share_out(rows.blocks(), [lambda block: work(*block)], cancel, report)
        return
    blocks = n_rows // rows_per_block(width)
    n_threads = threads(blocks)
    step = max(1, -(-n_rows // max(n_threads, blocks // at_once)))

    def work_on(start: int) -> int:
        return work(start, rows.part(start, min(start + step, n_rows)))

    share_out(range(0, n_rows, step), [work_on] * n_threads, cancel, report)


class _Queue(Generic[Item]):
    """What is left to do, how much is done and what went wrong, for several threads."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = iter(items)
        self._lock = threading.Lock()
        self.done = 0
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        with self._lock:
            if self.error is not None:
                raise StopIteration
            return next(self._items)

    def add(self, amount: int) -> int:
        with self._lock:
            self.done += amount
            return self.done

    def fail(self, error: BaseException) -> None:
        with self._lock:
            self.error = self.error or error
