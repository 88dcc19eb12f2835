"""A text of some millions of words: English dictionaries, as Debian packages ship them.

The GNU Collaborative International Dictionary of English, WordNet's definitions and two dictionaries of
computing, a paragraph a line, in lower case, words alone. Packages are fetched by name and version, held to
their hash, and never installed; what is made of them lies in the user's cache folder.
"""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.data import CACHE, PackageDataError
from tui_embed.tokenizers.splitting import split_words

PARAGRAPHS = re.compile(rb"\n\s*\n|\n(?=\S)")
LEAST_WORDS = 4
"""Paragraphs of fewer are headings and references."""


@dataclass(frozen=True, slots=True)
class Package:
    """A Debian package and the dictionary in it."""

    name: str
    version: str
    sha256: str
    member: str


PACKAGES = (
    Package(
        "dict-gcide",
        "0.48.5+nmu2",
        "7b0af5cfde3cbdef5e9d6e78f92ec335ced7c2790f37a40f49bebc6f7347ac0f",
        "usr/share/dictd/gcide.dict.dz",
    ),
    Package(
        "dict-wn",
        "1:3.0-37",
        "ed99e0bf162815dc1cc69de3727eedd7112ddf170badf83dbde26209e0724a8c",
        "usr/share/dictd/wn.dict.dz",
    ),
    Package(
        "dict-foldoc",
        "20230119-1",
        "745cbedb55c2da609cc88ee0284e9d11a67a11ae3709daf7bad0e895ac3294c3",
        "usr/share/dictd/foldoc.dict.dz",
    ),
    Package(
        "dict-jargon",
        "4.4.7-3.1",
        "405f8168d7994ed2cb71407bb95493daec2e9aa66fc0461dafa74a9d6728a8c1",
        "usr/share/dictd/jargon.dict.dz",
    ),
)


def benchmark_text() -> Path:
    """The text, made when it is first asked for."""
    target = CACHE / "dictionaries.txt"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            made = Path(folder) / "text"
            n_words = _write(made, [_dictionary(package, Path(folder)) for package in PACKAGES])
            print(f"made a text of {n_words:,} words", file=sys.stderr)
            made.replace(target)
    return target


def _dictionary(package: Package, folder: Path) -> bytes:
    """The unpacked dictionary of a package."""
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise PackageDataError(f"{package.name} cannot be fetched: there is no {tool} here")
    place = folder / package.name
    place.mkdir()
    wanted = f"{package.name}={package.version}"
    done = subprocess.run(
        ["apt-get", "-q", "download", wanted], cwd=place, capture_output=True, text=True, check=False
    )
    found = list(place.glob("*.deb"))
    if done.returncode or len(found) != 1:
        raise PackageDataError(f"{wanted} cannot be fetched: {done.stderr.strip()[-200:]}")
    digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
    if digest != package.sha256:
        raise PackageDataError(f"{wanted} is not the package that is meant: its sha256 is {digest}")
    subprocess.run(["dpkg-deb", "-x", str(found[0]), str(place)], check=True)
    with gzip.open(place / package.member) as file:
        return file.read()


def _write(target: Path, dictionaries: list[bytes]) -> int:
    n_words = 0
    with target.open("w", encoding="utf-8") as file:
        for dictionary in dictionaries:
            for paragraph in PARAGRAPHS.split(dictionary):
                words = split_words(paragraph.decode("utf-8", "replace"))
                if len(words) >= LEAST_WORDS:
                    file.write(" ".join(words) + "\n")
                    n_words += len(words)
    return n_words


if __name__ == "__main__":
    print(benchmark_text())
