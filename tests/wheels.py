"""Wheels and source archives made for a test, and an index of them that needs no network."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tui_embed.sources.fetch.named import Member, Wheel

NAME, VERSION = "tui-embed-test-vectors", "1.0"
PACKAGE = "tui_embed_test_vectors"
FILE = f"{PACKAGE}-{VERSION}-py3-none-any.whl"


def write_wheel(folder: Path, files: dict[str, bytes], init: str = "") -> Wheel:
    """A wheel in ``folder`` with these data files, and the line of a table that pins it."""
    info = f"{PACKAGE}-{VERSION}.dist-info"
    content = {
        f"{PACKAGE}/__init__.py": init.encode(),
        **{f"{PACKAGE}/data/{name}": data for name, data in files.items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*content, f"{info}/RECORD"]).encode()
    with zipfile.ZipFile(folder / FILE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in {**content, f"{info}/RECORD": record}.items():
            archive.writestr(path, data)
    members = tuple(Member(f"{PACKAGE}/data/{name}", len(data), sha256(data)) for name, data in files.items())
    packed = (folder / FILE).read_bytes()
    return Wheel(f"{NAME}=={VERSION}", FILE, len(packed), sha256(packed), members)


def write_source_archive(folder: Path, setup: str) -> None:
    """The same version as a source archive, which cannot be had without running its ``setup.py``."""
    root = f"{PACKAGE}-{VERSION}"
    with tarfile.open(folder / f"{root}.tar.gz", "w:gz") as archive:
        for path, text in (
            (f"{root}/setup.py", setup),
            (f"{root}/PKG-INFO", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n"),
        ):
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))


def use_as_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on pip finds what is in ``folder`` and asks nobody."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
