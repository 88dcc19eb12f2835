"""word2vec's binary format, with a newline behind each row as word2vec.c writes it."""

import re
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.formats.records import MOST_TOKEN
from tui_embed.sources.writers.blocks import Block, blocks, refused
from tui_embed.sources.writers.packed import output
from tui_embed.sources.writers.text import ANY_TOKEN

_UNFIT = re.compile(rb"[\x00-\x20\x7f]")


def write(
    space: EmbeddingSpace, path: Path, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> None:
    """Write tokens and rows of ``space``, to the bit.

    TuiEmbedError, in one line, for a token with a space, which would end it, or a control character, which
    is what a reader tells damaged files by; and where the file cannot be written. CancelledError where
    ``cancel`` is raised: a file from before is then as it was. ``progress`` counts rows.
    """
    with output(path) as file:
        file.write(b"%d %d\n" % (len(space), space.d_model))
        for block in blocks(space, cancel, progress):
            _check(path, block)
            file.write(_records(block))


def _check(path: Path, block: Block) -> None:
    """TuiEmbedError for the first token that the format cannot hold."""
    for row, token in enumerate(block.tokens):
        if _UNFIT.search(token):
            why = "holds a space or a control character, which word2vec's binary format has no room for"
            hint = ANY_TOKEN if b"\n" in token else "text formats hold it"
            raise refused(path, block, row, why, hint)
        if len(token) > MOST_TOKEN:
            raise refused(path, block, row, f"has over {MOST_TOKEN:,} bytes", ANY_TOKEN)


def _records(block: Block) -> bytes:
    content = block.rows.astype("<f4", copy=False).tobytes()
    size = 4 * block.rows.shape[1]
    pieces: list[bytes] = []
    for row, token in enumerate(block.tokens):
        pieces += (token, b" ", content[row * size : (row + 1) * size], b"\n")
    return b"".join(pieces)
