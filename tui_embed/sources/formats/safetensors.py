"""A matrix among the tensors of a .safetensors file; only its own bytes are read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.bundle import EMBEDDINGS
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrays import (
    BFLOAT16,
    Entry,
    NumberType,
    add_rows,
    checked_matrix,
    chosen,
    unpacked_only,
)
from tui_embed.sources.formats.beside import TOKENIZER_NOTE, name_rows
from tui_embed.sources.formats.bundles import read_bundle, read_facts
from tui_embed.sources.safetensors_header import Tensor, read_safetensors_header, tensor_place
from tui_embed.sources.stream import ByteStream

NUMBERS = {
    "F64": NumberType("float64", np.dtype("<f8"), is_exact=False),
    "F32": NumberType("float32", np.dtype("<f4")),
    "F16": NumberType("float16", np.dtype("<f2")),
    "BF16": BFLOAT16,
    "I64": NumberType("int64", np.dtype("<i8"), is_exact=False),
    "U64": NumberType("uint64", np.dtype("<u8"), is_exact=False),
    "I32": NumberType("int32", np.dtype("<i4"), is_exact=False),
    "U32": NumberType("uint32", np.dtype("<u4"), is_exact=False),
    "I16": NumberType("int16", np.dtype("<i2")),
    "U16": NumberType("uint16", np.dtype("<u2")),
    "I8": NumberType("int8", np.dtype("i1")),
    "U8": NumberType("uint8", np.dtype("u1")),
    "BOOL": NumberType("bool", np.dtype("?")),
}
"""The types that are read, by the names that the format gives them."""

MATRICES = (
    *("embeddings", "embedding", "vectors", "emb", "wte.weight", "wte", "shared.weight"),
    *("word_embeddings.weight", "embed_tokens.weight", "tok_embeddings.weight", "token_embd.weight"),
    *("tokens_embed.weight", "embed_in.weight", "token_embedding.weight", "word_embedding.weight"),
    *("embeddings.weight", "embedding.weight", "wte.embedding", "embedding.embedding"),
)
"""What the token embedding matrix is called, behind whatever a model has before it, the best name first."""


class Tensors:
    """The tensors of a file, by the header."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        with file.raw() as raw:
            self._tensors = read_safetensors_header(file.path, raw, file.size).tensors
        self.entries: Mapping[str, Entry] = {
            name: Entry(tensor_place(name), tensor.shape, NUMBERS.get(tensor.dtype))
            for name, tensor in self._tensors.items()
        }

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[name]

    @contextmanager
    def open(self, name: str) -> Iterator[ByteStream]:
        """The bytes of a tensor, from the first on."""
        with self.file.raw() as raw:
            raw.seek(self._tensors[name].begin)
            yield ByteStream(self.file.path, raw, raw, tensor_place(name))


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read ``file`` into ``builder``."""
    unpacked_only(file)
    tensors = Tensors(file)
    facts = read_facts(tensors) if file.part in ("", EMBEDDINGS) else None
    if facts is not None:
        read_bundle(builder, tensors, facts)
        return
    name = _matrix_name(builder, tensors)
    entry = tensors.entries[name]
    if entry.numbers is None:
        raise file.error(f"numbers of the type {tensors[name].dtype}, which is not read", entry.place)
    matrix = checked_matrix(file, entry.place, entry.shape, entry.numbers)
    with tensors.open(name) as stream:
        add_rows(builder, stream, matrix)
    if not name_rows(builder, matrix.d_model):
        _note_tokenizer(builder)


def _note_tokenizer(builder: SpaceBuilder) -> None:
    path = builder.file.path.with_name("tokenizer.json")
    builder.consult(path)
    if path.is_file():
        builder.note(TOKENIZER_NOTE)


def _matrix_name(builder: SpaceBuilder, tensors: Tensors) -> str:
    shapes = {name: entry.shape for name, entry in tensors.entries.items()}
    ranks = {name: rank for name in shapes if (rank := _rank(name)) is not None}
    return chosen(builder, shapes, ranks, "tensor")


def _rank(name: str) -> int | None:
    """The place of a tensor's name among MATRICES; whole words of it count, from the end."""
    for rank, known in enumerate(MATRICES):
        if name == known or name.endswith(f".{known}"):
            return rank
    return None
