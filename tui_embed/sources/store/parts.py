"""Rows and columns of text in a store: each page checked when it is first used, and mended if it must be."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.rows import Floats, Ids, WholeRows, checked_ids, rows_per_block
from tui_embed.sources.builder import Content
from tui_embed.sources.store.pages import Bytes, DamagedError, Pages


@dataclass(frozen=True)
class Home:
    """The store that rows come from: its name, a hash of what it was made of, and which file that was."""

    name: str
    digest: str
    path: str
    part: str


@dataclass(eq=False)
class Healer:
    """Makes the content of a damaged store again, once, whoever finds the damage."""

    remake: Callable[[], Content]
    _content: Content | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def content(self) -> Content:
        """The same content, whole. SourceError where it cannot be had any more."""
        with self._lock:
            if self._content is None:
                self._content = self.remake()
            return self._content


class StoredRows:
    """Rows of a store, from byte ``begin`` of ``pages`` on; ``again`` has them where those are damaged, and
    ``let_go`` gives back the memory of those that were looked at.
    """

    def __init__(
        self,
        pages: Pages,
        begin: int,
        shape: tuple[int, int],
        home: Home,
        again: Callable[[], WholeRows],
        let_go: Callable[[], None],
    ) -> None:
        self.shape = shape
        self.home = home
        self.let_go = let_go
        self._pages = pages
        self._begin = begin
        self._row_bytes = 4 * shape[1]
        self._array = self._rows(pages.unchecked[begin : begin + shape[0] * self._row_bytes])
        self._again = again
        self._healed: WholeRows | None = None

    def take(self, ids: Ids) -> Floats:
        ids = checked_ids(ids, self.shape[0])
        if self._healed is None:
            try:
                begins = self._begin + ids.astype(np.int64) * self._row_bytes
                self._pages.check(begins, self._row_bytes)
                return np.asarray(self._array[ids])
            except DamagedError:
                self._healed = self._again()
        return self._healed.take(ids)

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        step = rows_per_block(self.shape[1])
        for start in range(0, self.shape[0], step):
            yield start, self.part(start, start + step)

    def part(self, start: int, stop: int) -> Floats:
        if self._healed is None:
            begin, end = (self._begin + min(row, self.shape[0]) * self._row_bytes for row in (start, stop))
            try:
                return self._rows(self._pages.between(begin, end))
            except DamagedError:
                self._healed = self._again()
        return self._healed.part(start, stop)

    def whole(self) -> Floats:
        if self._healed is None:
            try:
                return self._rows(self._pages.between(self._begin, self._begin + self._array.nbytes))
            except DamagedError:
                self._healed = self._again()
        return self._healed.whole()

    def _rows(self, content: Bytes) -> Floats:
        rows: Floats = content.view(np.float32).reshape(-1, self.shape[1])
        return rows


class StoredColumn(TextColumn):
    """A column of ``n`` texts in a store. One text reads a page or two, a search all of them."""

    def __init__(self, blob: Pages, offsets: Pages, again: Callable[[], TextColumn]) -> None:
        self._n = len(offsets.unchecked) // 8 - 1
        self._blob = blob
        self._offsets = offsets
        self._again = again

    def __len__(self) -> int:
        return self._n

    @cached_property
    def blob(self) -> Bytes:  # type: ignore[override]  # once set, as there
        try:
            return self._blob.whole()
        except DamagedError:
            return self._again().blob

    @cached_property
    def offsets(self) -> NDArray[np.uint64]:  # type: ignore[override]  # once set, as there
        try:
            return self._offsets.whole().view(np.uint64)
        except DamagedError:
            return self._again().offsets

    def bytes_of(self, row: int) -> bytes:
        if not 0 <= row < self._n:
            raise IndexError(f"row {row} of a column of {self._n}")
        try:
            begin, end = self._offsets.between(8 * row, 8 * row + 16).view(np.uint64).tolist()
            return self._blob.between(begin, end).tobytes()
        except DamagedError:
            return self._again().bytes_of(row)
