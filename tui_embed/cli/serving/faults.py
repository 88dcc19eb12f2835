"""What the server says of faults: never a traceback, never a request, which may hold the token."""

import logging

from aiohttp.http_exceptions import HttpProcessingError

from tui_embed.bug_reports import write_report
from tui_embed.cli import streams

LOGGERS = ("aiohttp", "asyncio", "textual-serve")


class OneLine(logging.Handler):
    """Turns a record into one line that names the kind of error alone, and a report."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        # what is no HTTP anybody may send, and lines break: neither is a fault of this program
        if isinstance(error, HttpProcessingError | ConnectionError):
            return
        path = None if error is None else write_report(error, "serving")
        where = "" if path is None else f" (a report for whoever mends it: {path})"
        streams.say_error(f"serving failed: {record.name if error is None else type(error).__name__}{where}")


def say_in_one_line() -> None:
    """Take over what the libraries of the server would log on standard error."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [OneLine(logging.ERROR)], False
