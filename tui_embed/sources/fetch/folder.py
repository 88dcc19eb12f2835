"""Where fetched sets lie: a folder each, there as a whole or not at all, with a receipt of what is in it."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.errors import TuiEmbedError
from tui_embed.locations import data_folder
from tui_embed.sources.fetch.named import NamedSet
from tui_embed.sources.fetch.pins import Pin, WrongHashError, hashes, verify

RECEIPT = "fetched.json"
SPARE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a fetched set, as it was when it was kept."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A fetched set; ``pin`` is of the file that was fetched, ``files`` are what was made of it."""

    folder: Path
    pin: Pin
    files: tuple[KeptFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def whole(self, cancel: CancelToken, progress: Progress) -> bool:
        """Whether every file still has the hash that it was kept with; reads all of them."""
        before = 0

        def of_all(done: int, _: int) -> None:
            progress(before + done, self.size)

        for file in self.files:
            try:
                verify(self.folder / file.name, Pin("sha256", file.sha256), cancel, of_all)
            except (OSError, WrongHashError):
                return False
            before += file.size
        return True


def fetched_folder() -> Path:
    return data_folder() / "fetched"


def kept(entry: NamedSet) -> Kept | None:
    """What is here of ``entry``: None unless the receipt is of the file that the table pins, and every file
    has its size. Reads the receipt alone.
    """
    folder = fetched_folder() / entry.name
    try:
        receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
        files = tuple(KeptFile(str(f["name"]), int(f["size"]), str(f["sha256"])) for f in receipt["files"])
        found = Kept(folder, Pin(**receipt["pin"]), files)
        sizes = [(folder / file.name).stat().st_size for file in files]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    right = found.pin == entry.place.pin and sizes == [file.size for file in files]
    names = {file.name for file in files}
    return found if right and files and names >= entry.kept_names else None


def keep(entry: NamedSet, made: Path, cancel: CancelToken) -> Kept:
    """Put the files of the folder ``made`` in their place, in one step; what lay there goes."""
    files = []
    for path in sorted(made.iterdir()):
        files.append(KeptFile(path.name, path.stat().st_size, hashes(path, ["sha256"], cancel)["sha256"]))
        _sync(path)
    receipt = {"pin": asdict(entry.place.pin), "site": entry.place.site, "files": [asdict(f) for f in files]}
    (made / RECEIPT).write_text(json.dumps(receipt, indent=1), encoding="utf-8")
    _sync(made / RECEIPT)
    _sync(made)
    folder = fetched_folder() / entry.name
    if folder.exists():
        # a folder with something in it cannot be replaced, only moved out of the way
        folder.rename(made.with_name("before"))
    made.rename(folder)
    _sync(folder.parent)
    return Kept(folder, entry.place.pin, tuple(files))


@contextmanager
def working_folder(entry: NamedSet) -> Iterator[Path]:
    """An empty folder to prepare ``entry`` in, on the disk where it will lie and for this process alone; it
    goes at the end. TuiEmbedError where another process fetches the same, or the disk is too full.
    """
    home = fetched_folder()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = home / f"{entry.name}.work"
    with _alone(home / f"{entry.name}.lock"):
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def check_space(needed: int) -> None:
    """TuiEmbedError where the disk has no room for ``needed`` bytes more."""
    free = shutil.disk_usage(fetched_folder()).free
    if free < needed + SPARE_BYTES:
        raise TuiEmbedError(
            f"{needed / 1e6:,.0f} MB of disk are needed, {free / 1e6:,.0f} MB are free",
            f"make room on the disk of {fetched_folder()}",
        )


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    import fcntl

    # the file stays: one that is removed while another process waits for it would be locked twice
    with lock.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TuiEmbedError("another process is fetching it", "wait until that is done") from None
        yield


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
