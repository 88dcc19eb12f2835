"""One browser's session: the app in a process of its own, which is gone when the session is."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from textual_serve.app_service import AppService

LEAVE_SECONDS, END_SECONDS = 3.0, 2.0
"""How long the app may take to leave when it is asked to, and when it is told to."""


class Session(AppService):
    """An :class:`AppService` whose process is started without a shell and never outlives :meth:`stop`."""

    def __init__(self, arguments: Sequence[str], **connection: Any) -> None:
        super().__init__("", **connection)
        self._arguments = [sys.executable, "-P", "-m", "tui_embed.cli.serving.child", *arguments]

    async def _open_app_process(self, width: int = 80, height: int = 24) -> asyncio.subprocess.Process:
        environment = self._build_environment(width=width, height=height)
        environment["TUI_EMBED_SERVER"] = str(os.getpid())
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._stdin = self._process.stdin
        return self._process

    async def stop(self) -> None:
        """Ask the app to leave, then tell it to, then end it."""
        task, process = self._task, self._process
        if task is None or process is None:
            return
        self._task = None
        await self.send_meta({"type": "quit"})
        for seconds, number in ((LEAVE_SECONDS, signal.SIGTERM), (END_SECONDS, signal.SIGKILL)):
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), seconds)
                break
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        await process.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
