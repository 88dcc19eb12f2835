"""Standard output and error: never a crash for an encoding, a reader that left, or a full disk."""

import io
import os
import sys
from typing import TextIO

from tui_embed.errors import ExpressionError, TuiEmbedError
from tui_embed.printable import printable


def make_safe() -> None:
    """UTF-8 whatever the locale says; what has no UTF-8 form is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def flush() -> None:
    """Write what is still held. BrokenPipeError or another OSError where that fails."""
    for stream in _open_streams():
        stream.flush()


def discard_output() -> None:
    """Send all further output to nowhere, so that Python's own flush at the end cannot fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in _open_streams():
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads or writes there; a closed stream is None."""
    return stream is not None and stream.isatty()


def say_error(line: str) -> None:
    """One line on standard error, safe to show."""
    _say(f"tui-embed: error: {printable(line)}\n")


def say(line: str) -> None:
    """One line of a remark, already printable, on standard error: it is no part of the answer."""
    _say(f"tui-embed: {line}\n")


def say_stopped() -> None:
    """That Ctrl+C ended it, for a person alone, over the ^C that a terminal shows of the key."""
    if is_terminal(sys.stderr):
        _say("\r\x1b[Ktui-embed: stopped by Ctrl+C\n")


def say_failure(error: TuiEmbedError) -> None:
    """The error's line and, on a terminal, the expression with a mark under the place."""
    say_error(str(error))
    if isinstance(error, ExpressionError) and is_terminal(sys.stderr):
        _say(_pointed(error))


def _pointed(error: ExpressionError) -> str:
    from rich.cells import cell_len

    before = cell_len(printable(error.text[: error.column]))
    return f"  {printable(error.text)}\n  {' ' * before}^\n"


def _say(text: str) -> None:
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        # nobody is left to read it
        discard_output()


def _open_streams() -> list[TextIO]:
    """Python has None in place of a stream that was closed before it started."""
    streams: list[TextIO | None] = [sys.stdout, sys.stderr]
    return [stream for stream in streams if stream is not None]
