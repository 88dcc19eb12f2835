"""Pickles, which are refused: reading one runs whatever program is written in it.

gensim's own ``.kv`` and ``.model``, joblib's files, ``torch.save``'s in both of its forms, and any other.
"""

import re
import zlib
from typing import NoReturn

from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.packing import pickle_member

_BINARY = re.compile(rb"\x80[\x02-\x05][()\]}BCFGIJKLMNPSTUVXc\x82-\x84\x88-\x8f\x95-\x97]")
"""Protocols 2 to 5: their mark, then an operation that can come first."""

_NAME = rb"[A-Za-z_][\w.]*\n"
_NUMBERED = rb"(p\d+\n|q[\0\1][^ \t\n])"
_IN_LETTERS = re.compile(
    b"|".join(
        [
            b"c" + 2 * _NAME + b"(%b|\\()" % _NUMBERED,  # a class by the name of its module
            b"\\(i" + 2 * _NAME,  # an object by the name of its class
            b"\\([dlt]" + _NUMBERED,  # a dictionary, a list or a tuple
            b"[\\]})]" + _NUMBERED,
        ]
    )
)
"""Protocols 0 and 1, which have no mark; the first thing in them is given a number."""

_WHAT = "a pickle, which can run programs when it is read, and is never opened"
_GENSIM = "save it in word2vec format: KeyedVectors.save_word2vec_format"
_TORCH = "save the tensor as .safetensors or .npy"
_ANY = f"{_TORCH}, or with gensim in word2vec format: KeyedVectors.save_word2vec_format"


def is_pickle(head: bytes) -> bool:
    """Whether a content that begins with ``head`` is a pickle, also one that joblib packed."""
    return bool(_BINARY.match(head) or _IN_LETTERS.match(head) or _BINARY.match(_inflated(head)))


def read(file: SourceFile, _: SpaceBuilder) -> NoReturn:
    """SourceError, whatever ``file`` holds: how its vectors can be saved instead."""
    with file.raw() as raw:
        member = pickle_member(raw)
    if member is not None:
        raise file.error(_WHAT, f"member {member}", _TORCH)
    head = _inflated(file.head) or file.head
    hint = _GENSIM if b"gensim" in head else _TORCH if b"torch" in head else _ANY
    raise file.error(_WHAT, "byte 0", hint)


def _inflated(head: bytes) -> bytes:
    """The beginning of what joblib packed with zlib; nothing where it did not."""
    if head[:1] != b"x":
        return b""
    try:
        return zlib.decompressobj().decompress(head, 4096)
    except zlib.error:
        return b""
