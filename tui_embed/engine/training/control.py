"""What a person may ask of a running training, from any thread."""

import threading
from collections import deque
from collections.abc import Callable

from tui_embed.engine.training.trainer import Trainer

Request = Callable[[Trainer], None]


class Control:
    """Wishes, which the loop fulfils between two steps."""

    def __init__(self, paused: bool = False) -> None:
        self._changed = threading.Condition()
        self._paused = paused
        self._stopped = False
        self._steps = 0
        self._learning_rate: float | None = None
        self._keep = False
        self._requests: deque[Request] = deque()

    def pause(self) -> None:
        with self._changed:
            self._paused = True
            self._changed.notify_all()

    def resume(self) -> None:
        with self._changed:
            self._paused = False
            self._steps = 0
            self._changed.notify_all()

    def stop(self) -> None:
        """End after this step, and keep what was trained."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def step_once(self) -> None:
        """Make one step, and pause after it."""
        with self._changed:
            self._paused = True
            self._steps += 1
            self._changed.notify_all()

    def set_learning_rate(self, rate: float | None) -> None:
        """Use ``rate`` from the next step on; None is what the schedule says."""
        with self._changed:
            self._learning_rate = rate
            self._changed.notify_all()

    def keep_now(self) -> None:
        """Write a checkpoint after this step."""
        with self._changed:
            self._keep = True
            self._changed.notify_all()

    def ask(self, request: Request) -> None:
        """Call ``request`` with the trainer between two steps, in its thread, also while it is paused."""
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def stopped(self) -> bool:
        return self._stopped

    @property
    def learning_rate(self) -> float | None:
        return self._learning_rate

    def take_keep(self) -> bool:
        """Whether a checkpoint was asked for since this was last called."""
        with self._changed:
            keep, self._keep = self._keep, False
            return keep

    def take_requests(self) -> list[Request]:
        """The requests since this was last called, in order."""
        if not self._requests:
            return []
        with self._changed:
            taken = list(self._requests)
            self._requests.clear()
            return taken

    def take_step(self) -> bool:
        """Whether the next step may be made now."""
        if not self._paused:
            return True
        with self._changed:
            if self._paused and self._steps:
                self._steps -= 1
                return True
            return not self._paused

    def wait(self, seconds: float) -> None:
        """Let time go by until something is asked for, at most ``seconds``."""
        with self._changed:
            if not (self._requests or self._steps or self._stopped or self._keep or not self._paused):
                self._changed.wait(seconds)
