"""How long work in the engine is stopped from outside, and how it says how far it is."""

import threading
from collections.abc import Callable

from tui_embed.errors import CancelledError

Progress = Callable[[int, int], None]
"""Called with (done, total) in units of rows or questions."""


def no_progress(done: int, total: int) -> None:
    """The progress of work that nobody watches."""


class CancelToken:
    """A flag that one thread raises and another looks at between blocks of work."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Let ``seconds`` go by; raise CancelledError as soon as the work is no longer wanted."""
        if self._event.wait(seconds):
            raise CancelledError

    def check(self) -> None:
        """Raise CancelledError if the work is no longer wanted."""
        if self._event.is_set():
            raise CancelledError
