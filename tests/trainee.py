"""The Train screen driven by keys, while a training runs as much as when none does."""

import asyncio

import numpy as np
from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, key_to_character

from tui_embed.engine.training.explanation import Gap
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.tui.messages import StepAsked
from tui_embed.tui.training_work import TrainingAsked, TrainingWanted
from tui_embed.tui.widgets.form import Form

ENDLESS = 100_000
"""Epochs of a training that ends only when it is told to."""

SECONDS = 60


class Trainee:
    """The app on the Train screen."""

    def __init__(self, driver) -> None:
        self.driver, self.app = driver, driver.app

    @property
    def form(self) -> Form:
        return self.app.screen.query_one(Form)

    @property
    def view(self):
        return self.app.training

    @property
    def state(self) -> str:
        snapshot = None if self.view is None else self.view.snapshot
        return "" if snapshot is None else snapshot.state

    @property
    def step(self) -> int:
        return self.view.snapshot.step

    @property
    def seen(self) -> str:
        return self.driver.seen

    @property
    def notices(self) -> list[str]:
        return self.driver.notices

    @property
    def facts(self) -> str:
        """What is said of the training in the place of the form."""
        return self.app.screen.query_one("#training-facts").text

    async def until(self, holds) -> None:
        """Wait until ``holds()``, a minute at most. A pilot would wait for the process to be idle, which it
        is not while it trains.
        """
        async with asyncio.timeout(SECONDS):
            while not holds():
                await asyncio.sleep(0.005)

    async def press(self, *keys: str) -> None:
        """Press keys, and let each be acted on."""
        for key in keys:
            self.send(key)
            await self.acted()

    def send(self, *keys: str) -> None:
        """Press keys ahead of what they do, as over a slow line."""
        for key in keys:
            event = events.Key(key, key_to_character(REPLACED_KEYS.get(key, key)))
            event.set_sender(self.app)
            self.app._driver.send_message(event)

    async def acted(self) -> None:
        """Let what was posted be handled, by the app, the screen, and the widget that has the focus."""
        for _ in range(3):
            for pump in (self.app, self.app.screen, self.app.focused):
                if pump is not None and pump.is_running:
                    handled = asyncio.Event()
                    pump.call_later(handled.set)
                    async with asyncio.timeout(SECONDS):
                        while not handled.is_set() and pump.is_running:
                            await asyncio.sleep(0.002)

    async def go_to(self, name: str) -> None:
        """Make the field of that name the current one."""
        await self.press("home")
        for _ in range(40):
            if self.form.current.name == name:
                return
            await self.press("down")
        raise AssertionError(f"there is no field {name}")

    async def fill(self, **values) -> None:
        """Type values into fields by their names."""
        for name, value in values.items():
            await self.go_to(name)
            await self.press(*map(_character_to_key, str(value)))

    async def choose(self, name: str, value: str) -> None:
        """Go through the choices of a field to ``value``."""
        await self.go_to(name)
        for _ in range(20):
            if self.form.values[name] == value:
                return
            await self.press("right")
        raise AssertionError(f"{name} cannot be {value}")

    async def start(self, **values) -> None:
        """Fill in the form, and start; returns when the first moment is shown."""
        await self.fill(**values)
        await self.press("enter")
        await self.until(lambda: self.state)

    async def end(self) -> None:
        """Wait until it is over, and a space."""
        await self.until(lambda: self.view is not None and self.view.space is not None)

    async def pause(self) -> None:
        await self.press("space")
        await self.until(lambda: self.state == "paused")

    def ask(self, corpus: str, **settings) -> None:
        """Ask for a training without the form."""
        wanted = TrainingWanted(corpus, TrainingSettings(min_count=1, **settings))
        self.app.post_message(TrainingAsked(wanted))

    def ask_step(self, apply: bool) -> Gap:
        """Ask for a step on the second word of the first sentence."""
        first, second, third = self.view.corpus.sentence(0)[:3].tolist()
        gap = Gap((first,), (third,), second)
        self.app.screen.post_message(StepAsked(gap, apply))
        return gap


def rows_of(what) -> np.ndarray:
    """The rows of a space, or of a snapshot."""
    return what.matrix.rows.take(np.arange(what.matrix.rows.shape[0]))
