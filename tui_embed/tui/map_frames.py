"""Maps that are still being made, on their way from a job's thread to the pane."""

import time

from textual.message import Message
from textual.message_pump import MessagePump

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.maps.point_map import PointMap

FRAME_SECONDS = 0.2
"""A map that moves is drawn so often at most: a slow line keeps up."""


class MapFrame(Message):
    """A map that is still being made, as it is by now."""

    def __init__(self, drawn: PointMap, cancel: CancelToken) -> None:
        super().__init__()
        self.drawn = drawn
        self.cancel = cancel

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, MapFrame)


class Frames:
    """Passes frames on from a job's thread: the first and what is no frame at once, others in their time."""

    def __init__(self, pane: MessagePump, cancel: CancelToken) -> None:
        self._pane = pane
        self._cancel = cancel
        self._last = 0.0

    def __call__(self, drawn: PointMap) -> None:
        now = time.monotonic()
        if drawn.layout.finished or now - self._last >= FRAME_SECONDS:
            self._last = now
            self._pane.post_message(MapFrame(drawn, self._cancel))
