"""The header of NumPy's .npy format (NEP 1, versions 1 to 3), read by a grammar of its own.

NumPy's reader evaluates the header as a Python literal, which takes megabytes of nesting, warns on standard
error, and differs from version to version. All that writers write is a dictionary of three keys.
"""

import re
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_embed.errors import SourceError
from tui_embed.sources.formats.arrays import said
from tui_embed.sources.stream import ByteStream

MAGIC = b"\x93NUMPY"
MOST_HEADER = (1 << 16) - 1
MOST_DIMENSIONS = 64

_LENGTHS = {1: struct.Struct("<H"), 2: struct.Struct("<I"), 3: struct.Struct("<I")}
"""Each version's length of the header."""

_ITEM = re.compile(
    r"\s*(?P<quote>['\"])(?P<key>descr|fortran_order|shape)(?P=quote)\s*:\s*"
    r"(?P<value>'[^'\\]*'|\"[^\"\\]*\"|True|False|\([\d\sL,]*\)|\[.*\])\s*(?P<end>,\s*\}|,|\})",
    re.DOTALL,
)
_DTYPE = re.compile(r"[<>|=]?[biufcSUOVMm?]\d{0,9}(\[\w{1,9}\])?")


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """``dtype`` is None for records and whatever else is no plain type; ``size`` is the header's bytes."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    is_fortran: bool
    size: int

    @property
    def n_items(self) -> int:
        n_items = 1
        for length in self.shape:
            n_items *= length
        return n_items

    @property
    def is_pickle(self) -> bool:
        """Whether its items are Python objects, which only a pickle can bring back."""
        return self.dtype is not None and self.dtype.hasobject

    def __str__(self) -> str:
        name = "records" if self.dtype is None else "objects" if self.is_pickle else self.dtype.name
        return f"{said(self.shape)} {name}"


def read_npy_header(stream: ByteStream, place: str) -> NpyHeader:
    """The header at the beginning of ``stream``. SourceError at ``place`` for one that is none."""

    def error(what: str, hint: str = "") -> SourceError:
        return SourceError(stream.path, what, place, hint)

    def take(n: int) -> bytes:
        found = stream.read(n)
        if len(found) < n:
            raise error("the file ends inside of its header")
        return found

    begin = stream.position
    start = take(len(MAGIC) + 2)
    version = start[len(MAGIC)]
    if not start.startswith(MAGIC):
        raise error("this is no .npy array")
    if version not in _LENGTHS:
        raise error(f"version {version} of the .npy format is not known")
    packed = _LENGTHS[version]
    (length,) = packed.unpack(take(packed.size))
    if length > MOST_HEADER:
        raise error(f"a header of {length:,} bytes")
    items = _items(take(length).decode("utf-8" if version == 3 else "latin-1", "replace"))
    if items is None:
        raise error("the header is no dictionary of descr, fortran_order and shape")
    shape = _shape(items["shape"])
    if shape is None:
        raise error(f"{items['shape'][:40]} is no shape")
    return NpyHeader(shape, _dtype(items["descr"]), items["fortran_order"] == "True", stream.position - begin)


def _items(text: str) -> dict[str, str] | None:
    """The three values as they are written; None where they are not all there, or more than they."""
    text = text.strip()
    at, items = 1, {}
    while text.startswith("{") and (found := _ITEM.match(text, at)):
        if found["key"] in items:
            return None
        items[found["key"]] = found["value"]
        at = found.end()
        if found["end"].endswith("}"):
            return items if at == len(text) and _are_of_their_kinds(items) else None
    return None


def _are_of_their_kinds(items: dict[str, str]) -> bool:
    starts = {key: value[0] for key, value in items.items()}
    return (
        len(items) == 3
        and starts["descr"] in "'\"["
        and starts["fortran_order"] in "TF"
        and starts["shape"] == "("
    )


def _shape(text: str) -> tuple[int, ...] | None:
    """``(60, 8)``, ``(60L, 8L)`` as Python 2 wrote it, ``(60,)`` or ``()``."""
    lengths = [length.strip().removesuffix("L") for length in text[1:-1].split(",")]
    if not lengths[-1]:
        lengths.pop()
    if len(lengths) > MOST_DIMENSIONS or not all(re.fullmatch(r"\d{1,19}", length) for length in lengths):
        return None
    return tuple(map(int, lengths))


def _dtype(descr: str) -> np.dtype[Any] | None:
    if not _DTYPE.fullmatch(descr[1:-1]) or descr[0] == "[":
        return None
    try:
        return np.dtype(descr[1:-1])
    except (TypeError, ValueError):
        return None
