"""Bytes of a mapped file that are held against their checksums, page by page, before they are used."""

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.parallel import share_out, threads

PAGE = 4096
"""Bytes that have a checksum of their own. So few, that looking at one row reads little else."""

Bytes = NDArray[np.uint8]
Sums = NDArray[np.uint64]

_WORDS = PAGE // 8
_AT_ONCE = 256
"""Pages that are checked in one step."""

_WORTH_A_THREAD = 16
"""Steps for which it pays to start a thread."""


class DamagedError(Exception):
    """What lies on the disk is not what was written there."""


def page_sums(content: Bytes) -> Sums:
    """The checksum of each page of ``content``, whole pages ``(n · PAGE,)``: ``(n,)``.

    It is the sum of the page's 64-bit words modulo 2⁶⁴, which any one flipped bit changes and which costs no
    more than to read the page.
    """
    return np.asarray(np.add.reduce(content.view(np.uint64).reshape(-1, _WORDS), axis=1))


def padding(n_bytes: int) -> int:
    """How many zero bytes make whole pages of ``n_bytes``."""
    return -n_bytes % PAGE


class Pages:
    """The first ``n_bytes`` of ``content``, which is whole pages of a mapped file whose ``sums`` are known.

    Threads may use one object: at worst two of them check the same page.
    """

    def __init__(self, content: Bytes, sums: Sums, n_bytes: int) -> None:
        if len(content) != n_bytes + padding(n_bytes) or len(sums) * PAGE != len(content):
            raise DamagedError
        self.unchecked = content[:n_bytes]
        """For whoever calls ``check`` before looking."""
        self._pages = content.view(np.uint64).reshape(-1, _WORDS)
        self._sums = sums
        self._checked = np.zeros(len(sums), dtype=bool)
        self._all_checked = False

    def whole(self) -> Bytes:
        """All bytes, read-only. DamagedError where they are not what was written."""
        whole = self.between(0, len(self.unchecked))
        self._all_checked = True
        return whole

    def between(self, begin: int, end: int) -> Bytes:
        """Bytes ``begin`` … ``end`` − 1, read-only. DamagedError where they are not what was written."""
        if not self._all_checked:
            self._check_range(begin // PAGE, -(-end // PAGE))
        return self.unchecked[begin:end]

    def check(self, begins: NDArray[np.int64], length: int) -> None:
        """Check the bytes from each of ``begins`` on, ``length`` of each, which must lie inside. DamagedError
        where they are not what was written.
        """
        if self._all_checked or not len(begins) or not length:
            return
        first, last = begins // PAGE, (begins + (length - 1)) // PAGE
        for further in range(int((last - first).max()) + 1):
            pages = np.minimum(first + further, last)
            pages = np.unique(pages[~self._checked[pages]])
            for start in range(0, len(pages), _AT_ONCE):
                self._check(pages[start : start + _AT_ONCE])

    def _check_range(self, first: int, end: int) -> None:
        if self._checked[first:end].all():
            return
        starts = range(first, end, _AT_ONCE)

        def work(start: int) -> int:
            self._check(slice(start, min(start + _AT_ONCE, end)))
            return _AT_ONCE

        share_out(starts, [work] * threads(len(starts) // _WORTH_A_THREAD))

    def _check(self, pages: slice | NDArray[np.int64]) -> None:
        found = np.add.reduce(self._pages[pages], axis=1)
        if not np.array_equal(found, self._sums[pages]):
            raise DamagedError
        self._checked[pages] = True
