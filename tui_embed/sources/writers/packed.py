"""A file that is packed where its name says so: ``.gz``, ``.bz2``, ``.xz`` or ``.zst``."""

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from tui_embed.optional import require
from tui_embed.sources.writers.atomic import atomic


def packing_of(path: Path) -> str:
    """What packs a file of this name, empty where nothing does."""
    packing = path.suffix.lower().removeprefix(".")
    return packing if packing in _PACKINGS else ""


@contextmanager
def output(path: Path) -> Iterator[BinaryIO]:
    """As :func:`tui_embed.sources.writers.atomic.atomic`, packed as the name of ``path`` says; a packed file
    can tell its position but not seek.
    """
    packing = packing_of(path)
    with atomic(path) as file:
        if not packing:
            yield file
            return
        with _PACKINGS[packing](file) as packed:
            yield packed


def _gz(file: BinaryIO) -> BinaryIO:
    # without a name and a time in it: the same content gives the same bytes
    return cast(BinaryIO, gzip.GzipFile("", "wb", fileobj=file, mtime=0))


def _bz2(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, bz2.BZ2File(file, "wb"))


def _xz(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, lzma.LZMAFile(file, "wb"))


def _zst(file: BinaryIO) -> BinaryIO:
    zstd: Any = require("backports.zstd", "zst")
    return cast(BinaryIO, zstd.ZstdFile(file, "wb"))


_PACKINGS: dict[str, Callable[[BinaryIO], BinaryIO]] = {"gz": _gz, "bz2": _bz2, "xz": _xz, "zst": _zst}
