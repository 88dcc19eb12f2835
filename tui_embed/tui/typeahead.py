"""Keys that come faster than they are acted on, each on what the one before it led to."""

import time
from collections import deque

from textual import events
from textual.app import App
from textual.message import Message

ROUNDS = 2
"""A key may post a message that moves the focus: that message is passed on before the second round ends."""
LOST_SECONDS = 0.5
"""What the next key waits for at most: a widget that is removed answers nothing."""
FRAME_SECONDS = 0.1
"""How often a frame is drawn while keys wait: one for each key would let fast ones pile up."""

Typed = events.Key | events.Paste


class TypeaheadApp(App[int]):
    """An app that hands a key on only once the one before it was acted on.

    Textual sends each key to what has the focus when it arrives, and looks for its binding when it has come
    back up to the app, by the focus of that moment. Of a burst of keys, as over a slow line, those behind one
    that moves the focus or opens a dialog would go to the wrong place, and bindings come behind characters.
    The mouse does not wait for keys: a click is meant for what is seen.
    """

    class Passed(Message):
        """What the key before led to was done, as far as it was known ``rounds`` rounds ago."""

        def __init__(self, typed: Typed, rounds: int) -> None:
            super().__init__()
            self.typed = typed
            self.rounds = rounds

    def __init__(self) -> None:
        super().__init__()
        self._behind: deque[Typed] = deque()
        self._typed: Typed | None = None
        """What is acted on now."""
        self._held = False
        """Whether no frame is drawn for the moment, and since when."""
        self._held_at = 0.0
        self.heard_at = 0.0
        """When a key or the mouse was heard last, on the clock of ``time.monotonic``."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self.heard_at = time.monotonic()
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
        elif self._typed is None:
            await self._hand_on(event)
        else:
            if not self._behind:
                self._hold(True)
                self._wait_for(self._typed)
            self._behind.append(event)

    def on_typeahead_app_passed(self, message: Passed) -> None:
        message.stop()
        if message.typed is self._typed:
            self._follow(message.typed, message.rounds)

    async def _hand_on(self, typed: Typed) -> bool:
        """Let ``typed`` be acted on; whether what is behind it need not wait for that."""
        # before the key is: where it closes what has the focus, nothing more goes through that
        target = self.focused or self.screen
        if self._is_of_a_text(typed):
            await super().on_event(typed)
            return True
        self._typed = typed
        await super().on_event(typed)
        if not target.post_message(self.Passed(typed, 1)):
            self._follow(typed, 1)
        return False

    def _is_of_a_text(self, typed: Typed) -> bool:
        """Whether what has the focus takes this as a character, and keeps the focus."""
        return (
            isinstance(typed, events.Key)
            and self.focused is not None
            and self.focused.check_consume_key(typed.key, typed.character)
        )

    def _follow(self, typed: Typed, rounds: int) -> None:
        """Send the next round after a key, or the next key."""
        if self._exit:
            return
        target = self.focused or self.screen
        if rounds == ROUNDS or not target.post_message(self.Passed(typed, rounds + 1)):
            # behind the calls that the key led to
            self.call_later(self._next, typed)

    def _wait_for(self, typed: Typed) -> None:
        self.set_timer(LOST_SECONDS, lambda: self.call_later(self._next, typed))

    async def _next(self, typed: Typed) -> None:
        """Hand on what came behind ``typed``, unless that was done already."""
        if typed is not self._typed:
            return
        if self._held and time.monotonic() - self._held_at > FRAME_SECONDS:
            # who holds a key down sees where it leads
            self._hold(False)
            self._wait_for(typed)
            self.call_after_refresh(self.call_later, self._next, typed)
            return
        self._typed = None
        while self._behind:
            following = self._behind.popleft()
            if not await self._hand_on(following):
                break
        self._hold(bool(self._behind))
        if self._behind:
            self._wait_for(following)

    def _hold(self, held: bool) -> None:
        """Draw no frames until further notice, or again."""
        if held and not self._held:
            self._held_at = time.monotonic()
            self._begin_batch()
        elif self._held and not held:
            self._end_batch()
        self._held = held
