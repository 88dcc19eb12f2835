"""Records one after another, each a token, the byte that ends it, and a fixed number of bytes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ragged import gather
from tui_embed.errors import SourceError
from tui_embed.sources.stream import ByteStream

CHUNK = 1 << 20
MOST_TOKEN = 1 << 17
"""Bytes of a token: what claims to be longer is no token, and no buffer grows for it."""


@dataclass(frozen=True, eq=False, slots=True)
class RecordBlock:
    """``m`` records: the bytes of all tokens in ``blob``, how many each takes in ``lengths`` ``(m,)``, and
    what follows them in ``tails`` ``(m, tail) uint8``.
    """

    blob: NDArray[np.uint8]
    lengths: NDArray[np.int64]
    tails: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.lengths)


class Records:
    """Takes records off ``stream``: a token, the byte ``end``, then ``tail`` bytes (at least one)."""

    def __init__(self, stream: ByteStream, end: bytes, tail: int) -> None:
        self._stream = stream
        self._end = end
        self._tail = tail
        self._buffer = b""
        self._taken = 0

    @property
    def place(self) -> str:
        """Where the first record is that was not taken yet, for errors."""
        return f"row {self._taken + 1}, byte {self.position}"

    @property
    def position(self) -> int:
        """The byte of the content behind the last record that was taken."""
        return self._stream.position - len(self._buffer)

    @property
    def rest(self) -> bytes:
        """What was read behind the last record that was taken; all of it once no record is left."""
        return self._buffer

    def take(self, most: int | None = None) -> RecordBlock:
        """The next records, as many as lie at hand and at most ``most``; none where the content holds no
        whole one any more. SourceError for a token that does not end.
        """
        ends = self._ends(most)
        while not ends and self._fill():
            ends = self._ends(most)
        return self._block(np.array(ends, dtype=np.int64))

    def read_exactly(self, n: int, what: str) -> bytes:
        """The next ``n`` bytes, once no record follows any more; SourceError where the file ends in them."""
        found, self._buffer = self._buffer[:n], self._buffer[n:]
        return found + self._stream.read_exactly(n - len(found), what) if len(found) < n else found

    def _fill(self) -> bool:
        if len(self._buffer) > MOST_TOKEN + self._tail + 1:
            raise self._too_long()
        more = self._stream.read(CHUNK)
        self._buffer += more
        return bool(more)

    def _ends(self, most: int | None) -> list[int]:
        """Where in the buffer the tokens of whole records end.

        A step costs about 0.1 µs, which is what the one thing here that cannot be done for all records at
        once takes: where a record begins depends on the one before it.
        """
        ends: list[int] = []
        if most == 0:
            return ends
        find, end, step = self._buffer.find, self._end, self._tail + 1
        last = len(self._buffer) - step
        at = find(end)
        while 0 <= at <= last:
            ends.append(at)
            if len(ends) == most:
                break
            at = find(end, at + step)
        return ends

    def _block(self, ends: NDArray[np.int64]) -> RecordBlock:
        if not len(ends):
            return RecordBlock(np.empty(0, np.uint8), ends, np.empty((0, self._tail), np.uint8))
        starts = np.append(0, ends[:-1] + self._tail + 1)
        lengths = ends - starts
        if lengths.max() > MOST_TOKEN:
            raise self._too_long()
        content = np.frombuffer(self._buffer, dtype=np.uint8)
        tails = _windows(self._buffer, self._tail)[ends + 1].view(np.uint8).reshape(-1, self._tail)
        block = RecordBlock(gather(content, starts, lengths), lengths, tails)
        self._buffer = self._buffer[int(ends[-1]) + self._tail + 1 :]
        self._taken += len(ends)
        return block

    def _too_long(self) -> SourceError:
        return SourceError(self._stream.path, f"no token within {MOST_TOKEN:,} bytes", self.place)


def _windows(content: bytes, width: int) -> NDArray[np.void]:
    """Every run of ``width`` bytes as one element, so that picking some of them copies each at once."""
    count = len(content) - width + 1
    return np.ndarray((count,), dtype=np.dtype((np.void, width)), buffer=content, strides=(1,))
