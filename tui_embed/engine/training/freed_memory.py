"""Steps that allocate the same arrays again and again, without the system's pages for each."""

import numpy as np

KEPT_BYTES = 16 << 20


def keep_freed_memory() -> None:
    """Let the allocator keep what a step frees for the next one.

    glibc gives a block back to the system when it is freed unless one as large was freed before, and then
    every page of the next is fetched and zeroed anew: a third of a small step's time. So one large block is
    freed here. It is for the whole process, costs at most twice KEPT_BYTES, and does nothing elsewhere.
    """
    np.empty(KEPT_BYTES, dtype=np.uint8)
