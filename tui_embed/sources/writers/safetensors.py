"""A whole space as a .safetensors file: see :mod:`tui_embed.sources.bundle`.

Tokens are tensors too, rather than text in the header, which would not hold bytes that are not UTF-8 and
which every reader parses whole before it can read a row; and rather than a file of their own, which gets
lost. Any reader of the format has the matrix as ``embeddings``.
"""

import json
import struct
from pathlib import Path
from typing import Any

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.bundle import FLOAT32, INT64, UINT8, Part, parts_of
from tui_embed.sources.writers.atomic import atomic
from tui_embed.sources.writers.counting import Counting

_NAMES = {FLOAT32: "F32", INT64: "I64", UINT8: "U8"}
_ALIGNED = 8


def write(
    space: EmbeddingSpace, path: Path, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> None:
    """Write all of ``space``, so that reading it gives the same space.

    TuiEmbedError, in one line, where it cannot be written. CancelledError where ``cancel`` is raised: a file
    from before is then as it was. ``progress`` counts rows.
    """
    # the widest numbers first: each tensor then begins at a multiple of what its numbers take
    parts = sorted(parts_of(space), key=lambda part: -part.dtype.itemsize)
    counting = Counting(parts, len(space), cancel, progress)
    with atomic(path) as file:
        file.write(_header(parts))
        for part in parts:
            for block in counting.blocks(part):
                file.write(block)


def _header(parts: list[Part]) -> bytes:
    tensors: dict[str, Any] = {}
    at = 0
    for part in parts:
        offsets = [at, at + part.n_bytes]
        tensors[part.name] = {"dtype": _NAMES[part.dtype], "shape": part.shape, "data_offsets": offsets}
        at += part.n_bytes
    text = json.dumps(tensors, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % _ALIGNED)
    return struct.pack("<Q", len(text)) + text
