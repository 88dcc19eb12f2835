"""What is waited for in a thread of its own."""

import threading
from collections.abc import Generator

import pytest

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import CancelledError
from tui_embed.sources.fetch.interruptible import AHEAD, interruptible


def test_all_items_come_in_order():
    assert list(interruptible((i for i in range(1000)), CancelToken())) == list(range(1000))


def test_what_is_raised_there_is_raised_here():
    def failing() -> Generator[int, None, None]:
        yield 1
        raise KeyError("there")

    items = interruptible(failing(), CancelToken())
    assert next(items) == 1
    with pytest.raises(KeyError, match="there"):
        next(items)


def test_cancelling_ends_the_wait_though_the_wait_goes_on():
    over = threading.Event()

    def silent() -> Generator[int, None, None]:
        over.wait()
        yield 1

    cancel = CancelToken()
    items = interruptible(silent(), cancel)
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(CancelledError):
        next(items)
    assert not over.is_set()
    over.set()


def test_leaving_early_closes_the_source_which_never_ran_far_ahead():
    closed, produced = threading.Event(), []

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                produced.append(len(produced))
                yield produced[-1]
        finally:
            closed.set()

    items = interruptible(endless(), CancelToken())
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    items.close()
    assert closed.wait(30)
    assert len(produced) <= 3 + AHEAD + 2
