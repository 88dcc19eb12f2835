"""Vectors as text: GloVe's, and word2vec's with a header, which fastText's ``.vec`` is too."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.ragged import not_utf8
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.numbers import NUMBER
from tui_embed.sources.writers.blocks import Block, blocks, refused
from tui_embed.sources.writers.decimals import decimals
from tui_embed.sources.writers.packed import output

TextKind = Literal["glove", "word2vec"]
TEXT_KINDS: tuple[TextKind, ...] = get_args(TextKind)

NUMBERS_AT_ONCE = 1 << 14
"""What is written out of them then stays in the cache."""

ANY_TOKEN = "an .npz file holds any token"
_HEADED = "word2vec's text, which has a header, holds it"

MOST_TOKEN = 1 << 20
"""Bytes of a token: a reader that meets a line of many megabytes takes it for another kind of file."""

FIRST_ROWS = 64
"""Without a header these rows show a reader how many numbers a row has."""

_HEADER = re.compile(rb"[ \t]*[-+]?\d+[ \t]+[-+]?\d+")
_OTHER_CONTENT = re.compile(
    rb"\xef\xbb\xbf|\s*<(!doctype|html|head|\?xml)|version https://git-lfs|[<=>]{7} |GGUF|PAR1", re.IGNORECASE
)
"""What begins another kind of file, or the mark of UTF-8, which belongs to no token. All others begin with
control characters or what is not UTF-8.
"""
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_LAST_FIELD = re.compile(rb"[ \t]([^ \t]*)\Z")


def write(
    space: EmbeddingSpace,
    path: Path,
    kind: TextKind,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> None:
    """Write tokens and rows of ``space``, numbers as the shortest decimals that give the same float32 back.

    A row a line: the token, a space, the numbers with spaces between them; NaN is ``nan`` whatever its bits.
    TuiEmbedError, in one line, for a token that such a file cannot hold, and where it cannot be written.
    CancelledError where ``cancel`` is raised: a file from before is then as it was. ``progress`` counts rows.
    """
    with output(path) as file:
        if kind == "word2vec":
            file.write(b"%d %d\n" % (len(space), space.d_model))
        for block in blocks(space, cancel, progress):
            _check(path, block)
            if kind == "glove" and block.start < FIRST_ROWS:
                _check_first(path, block)
            file.writelines(_lines(block))


def _lines(block: Block) -> Iterator[bytes]:
    """The lines of a block, as many at once as are quickly made."""
    step = max(1, NUMBERS_AT_ONCE // block.rows.shape[1])
    for start in range(0, len(block.tokens), step):
        part = slice(start, start + step)
        numbers, lengths = decimals(block.rows[part])
        pieces: list[bytes] = []
        at = 0
        for token, length in zip(block.tokens[part], lengths.tolist(), strict=True):
            pieces += (token, numbers[at : at + length], b"\n")
            at += length
        yield b"".join(pieces)


def _check(path: Path, block: Block) -> None:
    """TuiEmbedError for the first token that no line can hold."""
    for row, token in enumerate(block.tokens):
        if not token:
            raise refused(path, block, row, "is empty, and a line of text begins with a token", ANY_TOKEN)
        if b"\n" in token:
            raise refused(path, block, row, "holds a newline, which ends a line of text", ANY_TOKEN)
        if len(token) > MOST_TOKEN:
            raise refused(path, block, row, f"has over {MOST_TOKEN:,} bytes", ANY_TOKEN)
        last = _last_number(token)
        if last is not None and b"." in last:
            raise refused(
                path, block, row, "ends with a number, which would be taken for the row's", ANY_TOKEN
            )


def _check_first(path: Path, block: Block) -> None:
    """TuiEmbedError for tokens by which a reader of GloVe's text, which has no header, would go wrong."""
    for row, token in enumerate(block.tokens[: FIRST_ROWS - block.start]):
        if _last_number(token) is not None:
            raise refused(
                path, block, row, "ends with a number, and no header says how many are the row's", _HEADED
            )
    if not block.start and _begins_otherwise(block):
        raise refused(
            path, block, 0, "cannot come first in GloVe's text: it reads as no token there", _HEADED
        )


def _begins_otherwise(block: Block) -> bool:
    """Whether a file that begins with this block and has no header would be taken for something else."""
    token = block.tokens[0]
    line = next(_lines(Block(0, block.rows[:1], [token]))).removesuffix(b"\n")
    if _HEADER.fullmatch(line) or _OTHER_CONTENT.match(line) or _CONTROL.search(token):
        return True
    return bool(not_utf8(np.frombuffer(token, dtype=np.uint8), np.array([len(token)])))


def _last_number(token: bytes) -> bytes | None:
    """What stands behind the last blank of a token, where that is a number."""
    last = _LAST_FIELD.search(token)
    return last[1] if last and NUMBER.fullmatch(last[1]) else None
