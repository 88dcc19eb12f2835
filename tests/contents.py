"""What a reader makes of a file, and of every file that is cut short."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_embed.errors import TuiEmbedError
from tui_embed.sources.builder import Content, SpaceBuilder
from tui_embed.sources.file import SourceFile

Read = Callable[[SourceFile, SpaceBuilder], None]


def content(path: Path, read: Read) -> Content:
    """Everything in ``path``, without the store."""
    with SourceFile(path) as file:
        builder = SpaceBuilder(file)
        read(file, builder)
        return builder.finish()


def content_of(whole: bytes, path: Path, read: Read) -> Content:
    """Everything in a file of these bytes."""
    path.write_bytes(whole)
    return content(path, read)


def rows_of(found: Content) -> NDArray[np.float32]:
    """All its rows."""
    return found.rows.take(np.arange(found.rows.shape[0]))


def tokens_of(found: Content) -> list[bytes]:
    """All its tokens, as bytes."""
    return [found.vocabulary.token_bytes(token_id) for token_id in range(len(found.vocabulary))]


def cut_everywhere(whole: bytes, path: Path, read: Read) -> Iterator[tuple[int, Content | str]]:
    """The content of the first ``n`` bytes, for every ``n``, or the line that says why there is none."""
    for size in range(1, len(whole)):
        try:
            yield size, content_of(whole[:size], path, read)
        except TuiEmbedError as error:
            yield size, str(error)


def same_bits(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Whether all numbers are the same to the bit, the sign of a zero and what kind of NaN among it."""
    return a.shape == b.shape and bool((a.view(np.uint32) == b.view(np.uint32)).all())
