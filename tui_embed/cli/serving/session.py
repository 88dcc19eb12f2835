"""One browser's session: the app in a process of its own, which is gone when the session is."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from textual_serve.app_service import AppService

from tui_embed.cli import streams

LEAVE_SECONDS, END_SECONDS = 3.0, 2.0
"""How long the app may take to leave when it is asked to, and when it is told to."""
GREETING = b"__GANGLION__\n"
"""What Textual says once an app is there."""


class Session(AppService):
    """An :class:`AppService` whose process is started without a shell and never outlives :meth:`stop`."""

    def __init__(self, arguments: Sequence[str], **connection: Any) -> None:
        super().__init__("", **connection)
        self._arguments = [sys.executable, "-P", "-m", "tui_embed.cli.serving.child", *arguments]
        self._starting: asyncio.Task[None] | None = None

    async def start(self, width: int, height: int) -> None:
        """Start the app; OSError where the system has no process left. Whoever is cancelled meanwhile still
        has all of it to :meth:`stop`.
        """
        self._starting = asyncio.create_task(super().start(width, height))
        await asyncio.shield(self._starting)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> asyncio.subprocess.Process:
        environment = self._build_environment(width=width, height=height)
        environment["TUI_EMBED_SERVER"] = str(os.getpid())
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # nothing of a session may reach the server's terminal, or wait in memory
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Pass on what the app draws until no more comes: a browser that reads slowly holds the app up."""
        assert self._process is not None
        assert self._process.stdout is not None
        reader = self._process.stdout
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            if await reader.readline() != GREETING:
                streams.say("the app of a session did not start: tui-embed without a verb may say why")
                return
            while True:
                kind, *size = await reader.readexactly(5)
                payload = await reader.readexactly(int.from_bytes(bytes(size), "big"))
                if kind == ord("D"):
                    await self.on_data(payload)
                elif kind == ord("M"):
                    await self.on_meta(payload)

    async def ended(self) -> None:
        """Wait until nothing more comes of the app, however it ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def stop(self) -> None:
        """Ask the app to leave, then tell it to, then end it."""
        if self._starting is not None:
            await asyncio.wait([self._starting])
        task, process = self._task, self._process
        if task is None or process is None:
            return
        self._task = None
        task.cancel()
        await asyncio.wait([task])
        # asyncio says that a process has ended only after all that it wrote was read
        rest = asyncio.create_task(_discard(process.stdout))
        steps = ((self._leave, LEAVE_SECONDS, signal.SIGTERM), (process.wait, END_SECONDS, signal.SIGKILL))
        for wait, seconds, number in steps:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(wait(), seconds)
                break
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        await process.wait()
        await rest

    async def _leave(self) -> None:
        assert self._process is not None
        # an app that does not listen may not even take this
        await self.send_meta({"type": "quit"})
        await self._process.wait()


async def _discard(reader: asyncio.StreamReader | None) -> None:
    while reader is not None and await reader.read(1 << 16):
        pass
