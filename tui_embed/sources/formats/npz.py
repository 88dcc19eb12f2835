"""Arrays in NumPy's .npz format, a zip file of .npy files: a matrix, its tokens, columns of metadata."""

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, cast

import numpy as np

from tui_embed.engine.metadata import TextColumn
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.bundle import EMBEDDINGS
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrays import (
    Entry,
    NumberType,
    add_rows,
    checked_matrix,
    chosen,
    number_type,
)
from tui_embed.sources.formats.beside import name_rows
from tui_embed.sources.formats.bundles import read_bundle, read_facts
from tui_embed.sources.formats.columns import add_columns, columns_in_memory
from tui_embed.sources.formats.npy import HOW_TO_SAVE, PICKLE
from tui_embed.sources.formats.npy_header import NpyHeader, read_npy_header
from tui_embed.sources.formats.text_arrays import is_column, texts_of, token_array
from tui_embed.sources.stream import UNPACK_ERRORS, ByteStream

MATRICES = (
    *("embeddings", "vectors", "embedding", "vector", "emb", "embs", "vecs", "w_e", "wte", "e", "w", "x"),
    *("matrix", "weights", "features", "syn0", "wv", "data", "arr_0"),
)
"""What the matrix is called where there are several, in any case, the best name first."""

MOST_MEMBERS = 4096
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The two that NumPy writes."""

_ENCRYPTED = 0x1


class Members:
    """The arrays of an open .npz file, their headers read and checked against their sizes."""

    def __init__(self, file: SourceFile, raw: BinaryIO) -> None:
        self.file = file
        self._raw = raw
        self._archive = _archive(file, raw)
        self._infos = self._listed()
        self.headers = {name: self._header(name) for name in self._infos}
        self.entries: Mapping[str, Entry] = {
            name: Entry(place(name), header.shape, _numbers(header), header.is_fortran)
            for name, header in self.headers.items()
        }

    @contextmanager
    def open(self, name: str) -> Iterator[ByteStream]:
        """What a member's array holds, from the first item on."""
        with self._member(name) as stream:
            stream.read(self.headers[name].size)
            yield stream

    @contextmanager
    def _member(self, name: str) -> Iterator[ByteStream]:
        try:
            content = self._archive.open(self._infos[name])
        except (*UNPACK_ERRORS, RuntimeError, ValueError) as error:
            raise self.file.error(f"cannot be read: {str(error)[:80]}", place(name)) from None
        with content:
            yield ByteStream(self.file.path, self._raw, cast(BinaryIO, content), place(name))

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        infos: dict[str, zipfile.ZipInfo] = {}
        listed = self._archive.infolist()
        if len(listed) > MOST_MEMBERS:
            raise self.file.error(f"{len(listed):,} arrays are no space", "its members")
        for info in listed:
            name = info.filename.removesuffix(".npy")
            if name in infos:
                raise self.file.error("there are two members of this name", place(name))
            if info.flag_bits & _ENCRYPTED:
                raise self.file.error("it is encrypted", place(name))
            if info.compress_type not in PACKINGS:
                raise self.file.error(
                    f"it is packed by method {info.compress_type}, not as NumPy does", place(name)
                )
            infos[name] = info
        return infos

    def _header(self, name: str) -> NpyHeader:
        with self._member(name) as stream:
            header = read_npy_header(stream, place(name))
        size = self._infos[name].file_size
        if header.dtype is not None and not header.is_pickle:
            needed = header.size + header.n_items * header.dtype.itemsize
            if size != needed:
                what = f"its header says {header}, which take {needed:,} bytes with it, and it has {size:,}"
                raise self.file.error(what, place(name))
        return header


def place(name: str) -> str:
    """How an error says which array is meant."""
    return f"member {name[:60]}"


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read ``file`` into ``builder``."""
    with file.raw() as raw:
        members = Members(file, raw)
        facts = read_facts(members) if file.part in ("", EMBEDDINGS) else None
        if facts is not None:
            read_bundle(builder, members, facts)
        else:
            _read_others(builder, members)


def _read_others(builder: SpaceBuilder, members: Members) -> None:
    """A file that another program wrote: which array is what is told by shapes and names."""
    name = _matrix_name(builder, members)
    n_rows = members.entries[name].shape[0] if members.entries[name].shape else 0
    tokens = token_array(members.file, members.headers, n_rows, name)
    _add_matrix(builder, members, name)
    if tokens is None:
        name_rows(builder, members.entries[name].shape[1])
    else:
        with members.open(tokens) as stream:
            for texts in texts_of(stream, members.headers[tokens], place(tokens)):
                builder.tokens(texts)
    _add_metadata(builder, members, {name, tokens})


def _matrix_name(builder: SpaceBuilder, members: Members) -> str:
    shapes = {name: entry.shape for name, entry in members.entries.items() if entry.numbers is not None}
    pickles = [name for name, header in members.headers.items() if header.is_pickle]
    is_meant = members.file.part in pickles
    if is_meant or (pickles and not any(len(shape) == 2 for shape in shapes.values())):
        raise members.file.error(PICKLE, place(members.file.part if is_meant else pickles[0]), HOW_TO_SAVE)
    ranks = {name: MATRICES.index(name.lower()) for name in shapes if name.lower() in MATRICES}
    return chosen(builder, shapes, ranks, "member")


def _add_matrix(builder: SpaceBuilder, members: Members, name: str) -> None:
    entry = members.entries[name]
    if entry.numbers is None:
        raise ValueError(f"{name} holds no numbers")
    matrix = checked_matrix(members.file, entry.place, entry.shape, entry.numbers)
    with members.open(name) as stream:
        if entry.is_fortran:
            add_columns(builder, matrix, columns_in_memory(builder, stream, matrix))
        else:
            add_rows(builder, stream, matrix)


def _add_metadata(builder: SpaceBuilder, members: Members, used: set[str | None]) -> None:
    """A text or a whole number for each row is metadata."""
    for name, header in members.headers.items():
        if header.is_pickle:
            builder.note(f"{place(name)} holds Python objects, a pickle, and was not read")
        elif is_column(header, builder.n_rows) and name not in used and name not in builder.metadata:
            with members.open(name) as stream:
                texts = [text for block in texts_of(stream, header, place(name)) for text in block]
            lengths = np.array([len(text) for text in texts], dtype=np.int64)
            builder.metadata[name] = TextColumn.from_blob(b"".join(texts), lengths)


def _archive(file: SourceFile, raw: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(raw)
    except (*UNPACK_ERRORS, ValueError) as error:
        what = "a zip file that is damaged or cut short"
        raise file.error(what, "the list of members at its end", str(error)[:80]) from None


def _numbers(header: NpyHeader) -> NumberType | None:
    return None if header.dtype is None else number_type(header.dtype)
