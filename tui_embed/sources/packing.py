"""What files come packed in, recognised by content: gz, bz2, xz, zst, and zip."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from tui_embed.errors import SourceError
from tui_embed.optional import require

PIECE = 1 << 16
MOST_MEMORY = 256 << 20
"""What a decompressor may take for its window: a hostile xz or zst file can ask for gigabytes."""


@dataclass(frozen=True, slots=True)
class Packing:
    """``unpack(raw, path, part)`` is the content as a stream; ``packs`` looks at the first bytes."""

    name: str
    packs: Callable[[bytes, BinaryIO], bool]
    unpack: Callable[[BinaryIO, Path, str], BinaryIO]


class _Unpacked(io.RawIOBase):
    """The content of frames one after another, by decompressors with the interface of ``lzma``'s."""

    def __init__(self, raw: BinaryIO, decompressor: Callable[[], Any]) -> None:
        super().__init__()
        self._raw = raw
        self._new = decompressor
        self._frame = decompressor()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._next(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _next(self, most: int) -> bytes:
        while True:
            if self._frame.eof:
                rest = self._frame.unused_data or self._raw.read(PIECE)
                if not rest.strip(b"\0"):
                    return b""
                self._frame = self._new()
                given = rest
            elif self._frame.needs_input:
                given = self._raw.read(PIECE)
                if not given:
                    raise EOFError("it ends before the end of the packed data")
            else:
                given = b""
            piece = self._frame.decompress(given, most)
            if piece:
                return cast(bytes, piece)


def _gz(raw: BinaryIO, path: Path, part: str) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb"))


def _bz2(raw: BinaryIO, path: Path, part: str) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Unpacked(raw, bz2.BZ2Decompressor), PIECE))


def _xz(raw: BinaryIO, path: Path, part: str) -> BinaryIO:
    def frame() -> Any:
        return lzma.LZMADecompressor(memlimit=MOST_MEMORY)

    return cast(BinaryIO, io.BufferedReader(_Unpacked(raw, frame), PIECE))


def _zst(raw: BinaryIO, path: Path, part: str) -> BinaryIO:
    zstd: Any = require("backports.zstd", "zst")
    limit = {zstd.DecompressionParameter.window_log_max: MOST_MEMORY.bit_length() - 1}

    def frame() -> Any:
        return _Zst(zstd, limit)

    return cast(BinaryIO, io.BufferedReader(_Unpacked(raw, frame), PIECE))


class _Zst:
    """A zst frame whose errors are those of the other decompressors."""

    def __init__(self, zstd: Any, limit: dict[Any, int]) -> None:
        self._error = zstd.ZstdError
        self._frame = zstd.ZstdDecompressor(options=limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)

    def decompress(self, data: bytes, most: int) -> bytes:
        try:
            return cast(bytes, self._frame.decompress(data, most))
        except self._error as error:
            raise EOFError(str(error)) from None


def _zip(raw: BinaryIO, path: Path, part: str) -> BinaryIO:
    try:
        archive = zipfile.ZipFile(raw)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceError(
            path, "a zip file that is damaged or cut short", "its end", str(error)[:120]
        ) from None
    members = [
        info
        for info in archive.infolist()
        if not info.filename.endswith("/") and not _is_clutter(info.filename)
    ]
    names = ", ".join(info.filename for info in members[:6])
    chosen = [info for info in members if info.filename == part] if part else members
    if len(chosen) != 1:
        what = f"no member {part!r}" if part else f"{len(members)} members"
        raise SourceError(
            path, f"a zip file with {what}", names and "its members", names and _choose(path, names)
        )
    try:
        return cast(BinaryIO, archive.open(chosen[0]))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise SourceError(path, str(error)[:120], f"member {chosen[0].filename[:80]}") from None


def _choose(path: Path, names: str) -> str:
    return f"open {path.name}#MEMBER with one of {names}"


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _is_zip(start: bytes, raw: BinaryIO) -> bool:
    is_one = start.startswith((b"PK\3\4", b"PK\5\6"))
    return is_one and not is_npz(raw) and pickle_member(raw) is None


def is_npz(raw: BinaryIO) -> bool:
    """Whether a zip file holds arrays and nothing else."""
    names = _names(raw)
    return bool(names) and all(name.endswith(".npy") for name in names)


def pickle_member(raw: BinaryIO) -> str | None:
    """The pickle in a file that ``torch.save`` wrote, which is a zip file; None in any other file."""
    return next((name for name in _names(raw) if name.endswith("/data.pkl")), None)


def _names(raw: BinaryIO) -> list[str]:
    """The members of a zip file; without its directory the first of them, which has its name before it."""
    try:
        with zipfile.ZipFile(raw) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raw.seek(0)
        start = raw.read(30 + 256)
        length = int.from_bytes(start[26:28], "little")
        return [start[30 : 30 + length].decode(errors="replace")] if start.startswith(b"PK\3\4") else []


def _starts(magic: bytes) -> Callable[[bytes, BinaryIO], bool]:
    return lambda start, raw: start.startswith(magic)


PACKINGS = (
    Packing("gz", _starts(b"\x1f\x8b"), _gz),
    Packing("bz2", lambda start, raw: start[:3] == b"BZh" and start[4:10] == b"1AY&SY", _bz2),
    Packing("xz", _starts(b"\xfd7zXZ\0"), _xz),
    Packing("zst", _starts(b"\x28\xb5\x2f\xfd"), _zst),
    Packing("zip", _is_zip, _zip),
)
