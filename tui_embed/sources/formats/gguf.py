"""A matrix of a GGUF file read whole, with the tokens where it is that of the tokens."""

import numpy as np

from tui_embed.engine.rows import rows_per_block
from tui_embed.errors import SourceError, TuiEmbedError
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
_NO_NUMBERS = NumberType("quantised", np.dtype("u1"))
"""For a shape that is only to be checked."""

NUMBERS = {
    0: NumberType("float32", np.dtype("<f4")),
    1: NumberType("float16", np.dtype("<f2")),
    28: NumberType("float64", np.dtype("<f8"), is_exact=False),
    30: BFLOAT16,
}
"""The types of which a number lies on its own, by ggml's number of each."""


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read ``file`` into ``builder``; its ``part`` may name another tensor than the token embeddings."""
    unpacked_only(file)
    with file.raw() as raw:
        header = read_gguf_header(file, raw)
    name = file.part or EMBEDDINGS
    tensor = _tensor(file, header, name)
    matrix = checked_matrix(file, tensor_place(name), tensor.shape, NUMBERS.get(tensor.type_id, _NO_NUMBERS))
    is_of_tokens = name == EMBEDDINGS and header.tokens is not None
    if is_of_tokens and len(header.tokens or ()) != matrix.n_rows:
        what = f"{matrix.n_rows:,} rows for the {len(header.tokens or ()):,} tokens of {TOKENS}"
        raise file.error(what, matrix.place)
    if tensor.type_id in NUMBERS:
        with file.raw() as raw:
            raw.seek(tensor.begin)
            add_rows(builder, ByteStream(file.path, raw, raw, matrix.place), matrix)
    else:
        _add_quantised(builder, tensor, matrix)
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


def _add_quantised(builder: SpaceBuilder, tensor: GgufTensor, matrix: Matrix) -> None:
    """Rows of quantised blocks. SourceError where this installation cannot read them."""
    from tui_embed.sources.models.quantised import QuantisedEncoding, check_quantised
    from tui_embed.sources.models.tensors import StoredTensor, TensorRows

    file, name = builder.file, tensor.type_name
    if tensor.n_bytes is None:
        raise file.error(f"numbers of the {name}, which is not known here", matrix.place)
    try:
        check_quantised(tensor.type_id)
    except TuiEmbedError as error:
        raise SourceError(file.path, error.message, matrix.place, error.hint) from None
    encoding = QuantisedEncoding(tensor.type_id)
    stored = StoredTensor(file, file.part or EMBEDDINGS, tensor.shape, tensor.begin, encoding, name)
    rows, row_bytes = TensorRows(stored), encoding.row_bytes(matrix.d_model)
    builder.start(matrix.d_model, matrix.n_rows)
    step = rows_per_block(matrix.d_model)
    for start in range(0, matrix.n_rows, step):
        block = rows.part(start, start + step)
        builder.add(block)
        builder.report(tensor.begin + (start + len(block)) * row_bytes)
    builder.note(f"quantised ({name}): its rows are near those that were trained; norms are approximate")
