"""How the app ends when nobody presses a key for it: by a signal, or since its terminal is gone."""

import asyncio
import select
import signal
import sys
from functools import partial

from tui_embed.tui.jobs import JobsApp

LOOK_SECONDS = 0.5
GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def end_with_signals(app: JobsApp) -> None:
    """Let signals end ``app`` with the terminal as it was, and look whether that is still there: a terminal
    that went away without a signal reads as empty for ever, and would keep a core busy with it.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        loop.add_signal_handler(number, partial(_leave, app, number))
    if not app.is_headless and sys.__stdin__ is not None:
        poll = select.poll()
        poll.register(sys.__stdin__.fileno(), 0)
        app.set_interval(LOOK_SECONDS, partial(_look, app, poll))


def _look(app: JobsApp, poll: select.poll) -> None:
    if any(what & GONE for _, what in poll.poll(0)):
        _leave(app, signal.SIGHUP)


def _leave(app: JobsApp, number: int) -> None:
    app.jobs.stop_all()
    app.exit(return_code=128 + number)
