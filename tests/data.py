"""Test data out of packages: fetched once with pip, held to hashes, kept in the user's cache folder."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

FETCH_SECONDS = 300


class PackageDataError(Exception):
    """One line: which file could not be had, and why."""


@dataclass(frozen=True)
class Wheel:
    """A wheel to read files from, never to install; ``target`` makes every machine fetch this very one."""

    requirement: str
    sha256: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A file inside a wheel."""

    wheel: Wheel
    path: str
    sha256: str


GENSIM = Wheel(
    "gensim==4.4.0",
    "91a7fa5e814e7b1bad4b2dffa8d62c1e55410d5cbdf930714c1997ffb4404db8",
    ("--platform", "manylinux_2_28_x86_64", "--implementation", "cp", "--python-version", "311"),
)

FILES = {
    # the Google analogies: 19,544 lines of four words in 14 sections
    "questions-words.txt": Member(
        GENSIM,
        "gensim/test/test_data/questions-words.txt",
        "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    ),
    # pairs of words with how similar people found them
    "wordsim353.tsv": Member(
        GENSIM,
        "gensim/test/test_data/wordsim353.tsv",
        "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
    ),
    "simlex999.txt": Member(
        GENSIM,
        "gensim/test/test_data/simlex999.txt",
        "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
    ),
}


def package_file(name: str) -> Path:
    """The path of a verified file of ``FILES``.

    Raises KeyError for a name that the table does not have, PackageDataError when the file cannot be had: a
    test that needs it then fails, for a skipped oracle checks nothing.
    """
    member = FILES[name]
    cache = user_cache_path("tui-embed") / "test-data"
    path = cache / name
    if not path.is_file() or _sha256(path.read_bytes()) != member.sha256:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            _extract(_fetch(member.wheel, Path(folder)), member.wheel, Path(folder), cache)
    return path


def _fetch(wheel: Wheel, folder: Path) -> Path:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input")
    only = ("--no-deps", "--only-binary", ":all:", *wheel.target, "--dest", str(folder), wheel.requirement)
    try:
        subprocess.run((*pip, *only), capture_output=True, text=True, check=True, timeout=FETCH_SECONDS)
    except subprocess.CalledProcessError as error:
        raise PackageDataError(
            f"{wheel.requirement}: pip: {' '.join(error.stderr.split())[-300:]}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PackageDataError(f"{wheel.requirement}: pip took over {FETCH_SECONDS} s") from error
    (path,) = folder.glob("*.whl")
    if (actual := _sha256(path.read_bytes())) != wheel.sha256:
        raise PackageDataError(f"{path.name}: sha256 is {actual}, expected {wheel.sha256}")
    return path


def _extract(archive: Path, wheel: Wheel, folder: Path, cache: Path) -> None:
    """Every file that the table wants of this wheel; the rename makes parallel test runs safe."""
    with zipfile.ZipFile(archive) as opened:
        for name, member in FILES.items():
            if member.wheel != wheel:
                continue
            content = opened.read(member.path)
            if (actual := _sha256(content)) != member.sha256:
                raise PackageDataError(f"{member.path}: sha256 is {actual}, expected {member.sha256}")
            (folder / name).write_bytes(content)
            (folder / name).replace(cache / name)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
