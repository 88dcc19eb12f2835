"""How many threads matrix products take."""

from contextlib import AbstractContextManager


def blas_threads(n: int) -> AbstractContextManager[object]:
    """Within this, products are computed by ``n`` threads, in the whole process.

    The products of a step are so small that a second thread gains little where a core is free, and where none
    is the two wait for each other: steps were seen to take thirty times as long beside other work. One thread
    also adds up in one order, so that a seed gives the same matrix to the bit.
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(n, user_api="blas")
    return limits
