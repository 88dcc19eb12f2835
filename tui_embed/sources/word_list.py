"""A list of words from a file: one a line."""

from tui_embed.errors import SourceError
from tui_embed.locations import at_home

LARGEST = 64 << 20
"""Bytes of a list."""


def read_words(path: str) -> list[str]:
    """The lines of a file that hold something, without the space around them; bytes that are no UTF-8 stay,
    as lone surrogates. SourceError for what is no regular file, cannot be read, or is too large.
    """
    file = at_home(path)
    try:
        if not file.is_file():
            raise SourceError(path, "is no file" if file.exists() else "there is no such file")
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise SourceError(path, (error.strerror or str(error)).lower()) from None
    if len(content) > LARGEST:
        raise SourceError(path, f"over {LARGEST >> 20} MB of words")
    return words_of_lines(content)


def words_of_lines(content: bytes) -> list[str]:
    """The words of such a content, one a line."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return [line.strip() for line in text.split("\n") if line.strip()]
