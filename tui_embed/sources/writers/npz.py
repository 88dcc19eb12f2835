"""A whole space as a .npz file, which ``numpy.load`` reads: see :mod:`tui_embed.sources.bundle`."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.sources.bundle import Part, parts_of
from tui_embed.sources.writers.atomic import atomic
from tui_embed.sources.writers.counting import Counting

_SAME_DAY = (1980, 1, 1, 0, 0, 0)
"""The same space always gives the same bytes."""


def write(
    space: EmbeddingSpace, path: Path, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> None:
    """Write all of ``space``, so that reading it gives the same space.

    TuiEmbedError, in one line, where it cannot be written. CancelledError where ``cancel`` is raised: a file
    from before is then as it was. ``progress`` counts rows.
    """
    parts = parts_of(space)
    counting = Counting(parts, len(space), cancel, progress)
    # numbers as good as random hardly pack: they are stored as they are, which is quick to read
    with atomic(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            header = _header(part)
            info = zipfile.ZipInfo(f"{part.name}.npy", _SAME_DAY)
            info.file_size = len(header) + part.n_bytes
            with archive.open(info, "w") as member:
                member.write(header)
                for block in counting.blocks(part):
                    member.write(block)


def _header(part: Part) -> bytes:
    header = BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": part.dtype.str, "fortran_order": False, "shape": part.shape}
    )
    return header.getvalue()
