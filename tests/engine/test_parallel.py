"""Work shared out among threads."""

import threading
from collections.abc import Callable, Iterator

import pytest

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.parallel import MOST_THREADS, share_out, threads
from tui_embed.errors import CancelledError


def collector(into: list[int]) -> Callable[[int], int]:
    def work(item: int) -> int:
        into.append(item)
        return item

    return work


@pytest.mark.parametrize("n_workers", [1, 2, 5])
def test_every_item_is_done_once_and_the_end_is_reported(n_workers: int) -> None:
    done: list[list[int]] = [[] for _ in range(n_workers)]
    reports: list[int] = []
    share_out(range(100), [collector(own) for own in done], report=reports.append)
    assert sorted(item for own in done for item in own) == list(range(100))
    assert all(own == sorted(own) for own in done)
    assert reports == sorted(reports)
    assert reports[-1] == sum(range(100))


def test_workers_work_at_the_same_time_and_reports_come_from_the_caller() -> None:
    together = threading.Barrier(3, timeout=10)
    reporters: set[threading.Thread] = set()

    def wait(_item: int) -> int:
        together.wait()
        return 1

    share_out(range(9), [wait] * 3, report=lambda _done: reporters.add(threading.current_thread()))
    assert reporters == {threading.current_thread()}


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_an_error_of_one_worker_ends_all_and_is_raised(failing: int) -> None:
    started = threading.Barrier(3, timeout=10)
    taken: list[int] = []

    def many() -> Iterator[int]:
        for item in range(1_000_000):
            taken.append(item)
            yield item

    def worker(number: int) -> Callable[[int], int]:
        waited = False

        def work(item: int) -> int:
            nonlocal waited
            if not waited:
                waited = True
                started.wait()
            if number == failing:
                raise LookupError(f"worker {number}")
            return item

        return work

    with pytest.raises(LookupError, match=f"worker {failing}"):
        share_out(many(), [worker(number) for number in range(3)])
    assert 3 <= len(taken) < 1_000_000


@pytest.mark.parametrize("n_workers", [1, 3])
def test_an_error_of_the_items_is_raised(n_workers: int) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("torn")

    with pytest.raises(OSError, match="torn"):
        share_out(items(), [lambda item: item] * n_workers)


@pytest.mark.parametrize("n_workers", [1, 3])
def test_a_raised_cancel_token_stops_all(n_workers: int) -> None:
    raised = threading.Event()
    cancel = CancelToken()
    done: list[int] = []

    def work(item: int) -> int:
        done.append(item)
        if item == 5:
            cancel.cancel()
            raised.set()
        if item > 5:
            assert raised.wait(10)
        return 1

    with pytest.raises(CancelledError):
        share_out(range(1000), [work] * n_workers, cancel)
    assert len(done) < 6 + n_workers


def test_threads_are_as_many_as_are_of_use() -> None:
    assert [threads(parts) for parts in (0, 1)] == [1, 1]
    assert 1 <= threads(1000) <= MOST_THREADS
