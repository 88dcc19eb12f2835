"""Garbage is collected when nobody types."""

import gc

import pytest

from tui_embed.tui import tidying


@pytest.fixture
def collected(monkeypatch):
    """The generations that were collected."""
    before, found = gc.get_threshold(), []

    def seen(phase, info):
        if phase == "start":
            found.append(info["generation"])

    monkeypatch.setattr(tidying, "LOOK_SECONDS", 0.01)
    gc.callbacks.append(seen)
    yield found
    gc.callbacks.remove(seen)
    gc.set_threshold(*before)


async def test_all_of_it_is_looked_at_once_nobody_types(explore, collected, monkeypatch):
    monkeypatch.setattr(tidying, "QUIET_SECONDS", 3600)
    async with explore() as driver:
        assert gc.get_threshold()[2] == tidying.AT_LAST
        await driver.press("f3", "right")
        while gc.get_count()[2] < tidying.ENOUGH:
            gc.collect(1)
        collected.clear()
        await driver.pilot.pause(0.1)
        assert 2 not in collected
        monkeypatch.setattr(tidying, "QUIET_SECONDS", 0)
        await driver.until(lambda: 2 in collected)
        collected.clear()
        await driver.pilot.pause(0.1)
        # there is little new to look at
        assert collected.count(2) <= 1
