"""The number of threads for products is limited while anybody asks for that, and as it was afterwards."""

import threading

from threadpoolctl import threadpool_info

from tui_embed.engine.blas import blas_threads


def threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_one_within_another_leaves_what_was():
    before = threads()
    with blas_threads(1):
        assert set(threads()) == {1}
        with blas_threads(2):
            assert set(threads()) == {1}
        assert set(threads()) == {1}
    assert threads() == before


def test_those_that_overlap_in_time_leave_what_was():
    before = threads()
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with blas_threads(1):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with blas_threads(1):
        leave.set()
        thread.join(10)
        assert set(threads()) == {1}
    assert threads() == before
