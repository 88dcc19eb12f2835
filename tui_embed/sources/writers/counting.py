"""The bytes of arrays to write, and how far that is in rows."""

from collections.abc import Iterator, Sequence

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.sources.bundle import Part


class Counting:
    """Tells ``progress`` how many of ``n_rows`` are done, by the bytes that were taken of all ``parts``."""

    def __init__(
        self, parts: Sequence[Part], n_rows: int, cancel: CancelToken | None, progress: Progress
    ) -> None:
        self._n_bytes = sum(part.n_bytes for part in parts)
        self._n_rows = n_rows
        self._cancel = cancel
        self._progress = progress
        self._done = 0

    def blocks(self, part: Part) -> Iterator[bytes]:
        """The bytes of an array, block by block. CancelledError where nobody wants them any more."""
        for block in part.blocks():
            if self._cancel is not None:
                self._cancel.check()
            content = block.astype(part.dtype, copy=False).tobytes()
            self._done += len(content)
            yield content
            self._progress(self._n_rows * self._done // self._n_bytes, self._n_rows)
