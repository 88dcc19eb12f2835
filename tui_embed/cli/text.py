"""A text that a verb is given: as an argument, or on standard input."""

import sys

from tui_embed.errors import UsageError
from tui_embed.tokenizers.wellformed import wellformed

REPLACED = "what was no UTF-8 is read as U+FFFD"


def text_given(given: str) -> tuple[str, list[str]]:
    """The text, that of standard input for ``-``, and what had to be done to it."""
    if given != "-":
        return text_as_given(given)
    if sys.stdin is None:
        raise UsageError("standard input is closed", "give the text itself instead of -")
    read = sys.stdin.buffer.read()
    text = read.decode("utf-8", "replace")
    return text, [REPLACED] if text.encode() != read else []


def text_as_given(given: str) -> tuple[str, list[str]]:
    """The same of an argument that is never standard input."""
    text = wellformed(given)
    return text, [REPLACED] if text != given else []
