"""The process behind a session, whatever becomes of whoever started it."""

import asyncio
import sys

import pytest

pytest.importorskip("textual_serve")

from tui_embed.cli.serving.session import Session


class Connected(Session):
    """A session of some program that is slow to be there."""

    def __init__(self, program):
        super().__init__([], write_bytes=None, write_str=None, close=None, download_manager=None)
        self._arguments = [sys.executable, "-c", program]
        self.spawned = asyncio.Event()

    async def _open_app_process(self, width=80, height=24):
        process = await super()._open_app_process(width, height)
        self.spawned.set()
        await asyncio.sleep(0.1)
        return process


async def test_a_start_that_is_cancelled_leaves_no_process():
    session = Connected("import sys; sys.stdin.read(1)")
    starting = asyncio.create_task(session.start(80, 24))
    await session.spawned.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with asyncio.timeout(10):
        await session.stop()
    assert session._process.returncode is not None


async def test_an_app_that_does_not_start_is_told_and_over(capfd):
    session = Connected("import sys; print('no'); sys.exit('a secret')")
    async with asyncio.timeout(10):
        await session.start(80, 24)
        await session.ended()
        await session.stop()
    said, told = capfd.readouterr()
    assert said == ""
    assert told == "tui-embed: the app of a session did not start: tui-embed without a verb may say why\n"


async def test_an_app_that_does_not_listen_is_ended():
    """However much was typed that it never read."""
    session = Connected("import os, time\nos.write(1, b'__GANGLION__\\n')\ntime.sleep(60)")
    async with asyncio.timeout(20):
        await session.start(80, 24)
        typing = asyncio.create_task(session.send_bytes(bytes(1 << 20)))
        await asyncio.sleep(0.2)
        await session.stop()
        await typing
    assert session._process.returncode is not None
