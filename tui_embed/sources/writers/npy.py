"""The rows of a space as a .npy file, its tokens as a JSON list beside it.

JSON because it holds every token: a file of lines could hold none with a line end, and would leave room for
doubt about whatever looks like a count or a heading. ``json.load`` gives the list back, in id order.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.formats.beside import vocabulary_path
from tui_embed.sources.writers.atomic import atomic

TOKENS_AT_ONCE = 1 << 14


def write(
    space: EmbeddingSpace, path: Path, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> None:
    """Write the rows to ``path`` and the tokens to its :func:`vocabulary_path`, where they are found first.

    Neither takes its place before both are written. TuiEmbedError, in one line, where they cannot be.
    CancelledError where ``cancel`` is raised: files from before are then as they were. ``progress`` counts
    rows.
    """
    with ExitStack() as stack:
        matrix = stack.enter_context(atomic(path))
        # it takes its place before the matrix, which is never there without its tokens
        tokens = stack.enter_context(atomic(vocabulary_path(path)))
        for text in _json_list(space):
            tokens.write(text.encode("ascii"))
        header = {"descr": "<f4", "fortran_order": False, "shape": space.matrix.rows.shape}
        np.lib.format.write_array_header_1_0(matrix, header)
        for start, block in space.matrix.rows.blocks():
            if cancel is not None:
                cancel.check()
            matrix.write(block.astype("<f4", copy=False).tobytes())
            progress(start + len(block), len(space))


def _json_list(space: EmbeddingSpace) -> Iterator[str]:
    """A token a line; bytes that are not UTF-8 as the lone surrogates that stand for them."""
    for start in range(0, len(space), TOKENS_AT_ONCE):
        tokens = space.vocabulary[start : start + TOKENS_AT_ONCE]
        yield "[\n" if not start else ",\n"
        yield ",\n".join(map(json.dumps, tokens))
    yield "\n]\n"
