"""The token embedding matrix and the tokens of a GGUF file, where the matrix is not quantised."""

import numpy as np

from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrays import (
    BFLOAT16,
    Matrix,
    NumberType,
    add_rows,
    checked_matrix,
    unpacked_only,
)
from tui_embed.sources.formats.beside import name_rows
from tui_embed.sources.gguf_header import TOKENS, GgufHeader, GgufTensor, read_gguf_header, tensor_place
from tui_embed.sources.stream import ByteStream

EMBEDDINGS = "token_embd.weight"
MOST_LISTED = 6

NUMBERS = {
    0: NumberType("float32", np.dtype("<f4")),
    1: NumberType("float16", np.dtype("<f2")),
    28: NumberType("float64", np.dtype("<f8"), is_exact=False),
    30: BFLOAT16,
}
"""The types that are read, by ggml's number of each."""


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read ``file`` into ``builder``; its ``part`` may name another tensor than the token embeddings."""
    unpacked_only(file)
    with file.raw() as raw:
        header = read_gguf_header(file, raw)
    name = file.part or EMBEDDINGS
    tensor = _tensor(file, header, name)
    matrix = _matrix(file, name, tensor)
    is_of_tokens = name == EMBEDDINGS and header.tokens is not None
    if is_of_tokens and len(header.tokens or ()) != matrix.n_rows:
        what = f"{matrix.n_rows:,} rows for the {len(header.tokens or ()):,} tokens of {TOKENS}"
        raise file.error(what, matrix.place)
    with file.raw() as raw:
        raw.seek(tensor.begin)
        add_rows(builder, ByteStream(file.path, raw, raw, matrix.place), matrix)
    if header.tokens is not None and is_of_tokens:
        builder.tokens(header.tokens)
    else:
        name_rows(builder, matrix.d_model)


def _tensor(file: SourceFile, header: GgufHeader, name: str) -> GgufTensor:
    if name not in header.tensors:
        matrices = [name for name, tensor in header.tensors.items() if len(tensor.shape) == 2]
        listed = ", ".join(name[:40] for name in matrices[:MOST_LISTED])
        hint = f"open {file.path.name}#NAME with one of {listed}" if matrices else ""
        raise file.error("there is no such tensor", tensor_place(name), hint)
    return header.tensors[name]


def _matrix(file: SourceFile, name: str, tensor: GgufTensor) -> Matrix:
    if tensor.type_id not in NUMBERS:
        what = f"quantised ({tensor.type_name}): comes with the checkpoint reader"
        raise file.error(what, tensor_place(name))
    return checked_matrix(file, tensor_place(name), tensor.shape, NUMBERS[tensor.type_id])
