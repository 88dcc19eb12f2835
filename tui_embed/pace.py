"""How fast long work goes, and how long it will take."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 3.0
LEAST_SECONDS = 0.3
"""Over less than this no rate is named: it would be noise."""


class Pace:
    """Work in bytes: how much is done, how fast it went over the last seconds, when it will be over.

    What was done before the first note, as of a download that goes on, makes no rate.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        self.done = 0
        self.total = 0

    def note(self, done: int, total: int) -> None:
        """``done`` of ``total`` bytes are done now; a total of 0 is not known."""
        now = self._clock()
        if done < self.done:  # another part of the work, which counts from the start
            self._seen.clear()
        self.done, self.total = done, total
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def share(self) -> float | None:
        """The part that is done, 0 … 1; None where the whole is not known."""
        return min(1.0, self.done / self.total) if self.total > 0 else None

    @property
    def rate(self) -> float | None:
        """Bytes a second; None until there is a rate to speak of."""
        if not self._seen:
            return None
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        if ended - began < LEAST_SECONDS or last <= first:
            return None
        return (last - first) / (ended - began)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None where that is not known."""
        rate = self.rate
        if rate is None or self.total <= 0:
            return None
        return max(0, self.total - self.done) / rate
