"""How many threads matrix products take."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_limits: list[AbstractContextManager[object]] = []
_inside = 0


@contextmanager
def blas_threads(n: int) -> Iterator[None]:
    """Within this, products are computed by ``n`` threads, in the whole process; where that is so already, by
    as many as were asked for first.

    Products of small matrices gain little from a second thread where a core is free, and where none is the
    two wait for each other: steps of a training were seen to take thirty times as long beside other work. One
    thread also adds up in one order, so that a seed gives the same matrix to the bit.
    """
    global _inside  # noqa: PLW0603 (the threads are the process's)
    with _lock:
        if not _inside:
            _limits.append(_controller().limit(limits=n, user_api="blas"))
            _limits[-1].__enter__()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _limits.pop().__exit__(None, None, None)


@cache
def _controller() -> Any:
    """Looking for the libraries that compute takes longer than some of what they do."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
