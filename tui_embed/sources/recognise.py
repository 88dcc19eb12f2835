"""Which format a file has, by its content and never by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.packing import is_npz, pickle_member

Reader = Callable[[SourceFile, SpaceBuilder], None]
Recogniser = Callable[[bytes, SourceFile], bool]
"""Looks at the first bytes of the content, unpacked, and at the file where they do not suffice."""


@dataclass(frozen=True, slots=True)
class Format:
    """``module`` of ``tui_embed.sources.formats`` has ``read(file, builder)``."""

    title: str
    module: str

    def reader(self) -> Reader:
        """The function that reads it, imported now."""
        return cast(Reader, import_module(f"tui_embed.sources.formats.{self.module}").read)


def recognise(file: SourceFile) -> Format:
    """The format of ``file``. SourceError for content that is no vectors at all."""
    head = file.head
    for format_, has in _TABLE:
        if has(head, file):
            return format_
    raise file.error("this is no file of vectors that is known here", "byte 0")


def _starts(*magic: bytes) -> Recogniser:
    return lambda head, _: head.startswith(magic)


def _by(module: str, name: str) -> Recogniser:
    """The recogniser ``name`` of a format's module, imported when it is needed."""

    def has(head: bytes, _: SourceFile) -> bool:
        recogniser = getattr(import_module(f"tui_embed.sources.formats.{module}"), name)
        return bool(recogniser(head))

    return has


def _is_npz(head: bytes, file: SourceFile) -> bool:
    if not head.startswith(b"PK"):
        return False
    with file.raw() as raw:
        return is_npz(raw)


def _is_pickle(head: bytes, file: SourceFile) -> bool:
    from tui_embed.sources.formats.pickles import is_pickle

    if is_pickle(head):
        return True
    with file.raw() as raw:
        return pickle_member(raw) is not None


def _is_projector_vectors(head: bytes, file: SourceFile) -> bool:
    from tui_embed.sources.formats.projector import is_projector_vectors

    return is_projector_vectors(head, file)


def _is_safetensors(head: bytes, _: SourceFile) -> bool:
    """A length of eight bytes, of which no real one fills all, and a JSON object."""
    return head[8:9] == b"{" and b"\0" in head[:8]


_TABLE: tuple[tuple[Format, Recogniser], ...] = (
    (Format("npy", "npy"), _starts(b"\x93NUMPY")),
    (Format("npz", "npz"), _is_npz),
    (Format("GGUF", "gguf"), _starts(b"GGUF")),
    (Format("Parquet", "tables"), _starts(b"PAR1")),
    (Format("Arrow", "tables"), _starts(b"ARROW1\0\0", b"\xff\xff\xff\xff")),
    (Format("fastText .bin", "fasttext_bin"), _starts(b"\xba\x16\x4f\x2f")),
    (Format("safetensors", "safetensors"), _is_safetensors),
    (Format("pickle", "pickles"), _is_pickle),
    (Format("projector", "projector"), _by("projector_config", "is_projector_config")),
    (Format("JSON lines", "json_lines"), _by("json_lines", "is_json_lines")),
    (Format("word2vec binary", "word2vec_binary"), _by("word2vec_binary", "is_word2vec_binary")),
    (Format("projector vectors", "projector"), _is_projector_vectors),
    (Format("delimited table", "delimited"), _by("delimited", "is_delimited")),
    (Format("text", "text"), lambda *_: True),
)
