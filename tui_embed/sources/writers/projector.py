"""A space for the Embedding Projector: vectors, labels with their metadata, and the configuration twice."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.formats.projector import is_blank
from tui_embed.sources.writers.atomic import atomic
from tui_embed.sources.writers.blocks import SHOWN, Block, blocks, refused
from tui_embed.sources.writers.text import ANY_TOKEN
from tui_embed.sources.writers.written_rows import check_finite, utf8, written_rows

VECTORS, METADATA, CONFIG = "vectors.tsv", "metadata.tsv", "projector_config"
TOKEN = "token"

ELSEWHERE = "a Parquet or JSON lines file holds it"
BREAKS = "holds a tab or a line end, which no field of a TSV file can"

_BREAKS = re.compile("[\t\n\r]")


def files(path: Path) -> tuple[Path, ...]:
    """What is written for ``path``: the configuration twice, the labels, the vectors."""
    named = path.suffix in (".pbtxt", ".json")
    folder, config = (path.parent, path.stem) if named else (path, CONFIG)
    return tuple(folder / name for name in (f"{config}.json", f"{config}.pbtxt", METADATA, VECTORS))


def write(
    space: EmbeddingSpace,
    path: Path,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> None:
    """Write four files into the folder ``path``, made if it is missing, or beside a configuration ``path``
    that ends in ``.pbtxt`` or ``.json``. None takes its place before all of them are written.

    Numbers are the shortest decimals of their float32. TuiEmbedError, in one line that names the token, for
    what the projector would misread: tabs and line ends in a text, a blank line, bytes that are no UTF-8,
    numbers that are not finite; and for rows of one number, which it refuses. CancelledError where ``cancel``
    is raised: files from before are then as they were. ``progress`` counts rows.
    """
    paths = files(path)
    folder = paths[0].parent
    _check(space, path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TuiEmbedError(f"{folder}: {(error.strerror or str(error)).lower()}") from error
    with ExitStack() as stack:
        # the last one opened takes its place first: a configuration never names files that are not there
        json_file, text_file, metadata, vectors = (stack.enter_context(atomic(path)) for path in paths)
        if space.metadata:
            metadata.write("\t".join([TOKEN, *space.metadata]).encode() + b"\n")
        for block in blocks(space, cancel, progress):
            check_finite(path, block, "a Parquet or .npz file holds it")
            vectors.write(b"".join(row + b"\n" for row in written_rows(block.rows, b"\t")))
            metadata.write("".join(f"{line}\n" for line in _labels(space, path, block)).encode())
        json_file.write(_json_config(space).encode())
        text_file.write(_text_config(space).encode())


def _check(space: EmbeddingSpace, path: Path) -> None:
    if space.d_model < 2:
        raise TuiEmbedError(f"{path}: the projector takes no rows of one number")
    for name in space.metadata:
        if name == TOKEN:
            raise TuiEmbedError(f"{path}: a column of the metadata is called {TOKEN}, as the tokens' own is")
        if _BREAKS.search(name):
            raise TuiEmbedError(f"{path}: the name of the column {name[:SHOWN]!r} {BREAKS}", ELSEWHERE)


def _labels(space: EmbeddingSpace, path: Path, block: Block) -> Iterator[str]:
    """The line of each row."""
    for row, token in enumerate(utf8(path, block, ANY_TOKEN)):
        if _BREAKS.search(token):
            raise refused(path, block, row, BREAKS, ELSEWHERE)
        texts = [column[block.start + row] for column in space.metadata.values()]
        for name, text in zip(space.metadata, texts, strict=True):
            if _BREAKS.search(text):
                raise refused(path, block, row, f"has a “{name[:SHOWN]}” that {BREAKS}", ELSEWHERE)
        line = "\t".join([token, *texts])
        if is_blank(line):
            raise refused(path, block, row, "is blank, and the projector passes over blank lines", ELSEWHERE)
        if block.start + row == 0 and not texts and token.startswith("\ufeff"):
            raise refused(path, block, row, "begins with U+FEFF, which the start of a file loses", ELSEWHERE)
        yield line


def _json_config(space: EmbeddingSpace) -> str:
    embedding = {
        "tensorName": _name(space),
        "tensorShape": [len(space), space.d_model],
        "tensorPath": VECTORS,
        "metadataPath": METADATA,
    }
    return json.dumps({"embeddings": [embedding]}, indent=2) + "\n"


def _text_config(space: EmbeddingSpace) -> str:
    return (
        "embeddings {\n"
        f"  tensor_name: {json.dumps(_name(space))}\n"
        f"  tensor_shape: {len(space)}\n"
        f"  tensor_shape: {space.d_model}\n"
        f'  tensor_path: "{VECTORS}"\n'
        f'  metadata_path: "{METADATA}"\n'
        "}\n"
    )


def _name(space: EmbeddingSpace) -> str:
    """The space's name in characters that every reader of a configuration takes."""
    return re.sub(r"[^ -~]|[\"\\]", "_", space.name)
