"""Where stores lie: private to the user, or not used at all; and what is kept beside them."""

import errno
import fcntl
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from stored import assert_same, in_memory, opened, read, read_nothing, sample, write_source

from tui_embed.engine.rows import ArrayRows
from tui_embed.sources.store import mapped, writer
from tui_embed.sources.store.derived import derived
from tui_embed.sources.store.folder import NotKeptError, PrivateFolder


@pytest.fixture(autouse=True)
def spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of stores, which is not there yet."""
    monkeypatch.setattr("tui_embed.sources.store.folder.cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "spaces"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_source(tmp_path / "source", *sample())
    return tmp_path / "source"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def note_of(source: Path) -> str:
    """The note of a file that is opened all the same, into memory."""
    content = opened(source)
    assert_same(content, in_memory(source), but_notes=True)
    before, note = content.notes[:-1], content.notes[-1]
    assert before == in_memory(source).notes
    assert note.startswith("not kept in the store: ")
    assert "\n" not in note
    return note.removeprefix("not kept in the store: ")


def test_what_is_kept_is_private(source, spaces):
    before = os.umask(0)
    try:
        opened(source)
        derived(opened(source).rows, "codes", lambda: {"a": np.arange(3)})
    finally:
        os.umask(before)
    assert mode(spaces) == 0o700
    assert [mode(path) for path in spaces.iterdir()] == [0o600, 0o600]
    assert mode(spaces.parent) == 0o700


def test_a_folder_that_others_can_read_is_made_private(source, spaces):
    spaces.mkdir(parents=True)
    spaces.chmod(0o755)
    opened(source)
    assert mode(spaces) == 0o700
    opened(source, read_nothing)


@pytest.mark.parametrize("others", [0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_used(source, spaces, others):
    opened(source)
    spaces.chmod(others)
    assert note_of(source) == f"others can write to {spaces}"
    assert mode(spaces) == others


def test_a_folder_of_somebody_else_is_not_used(source, spaces, monkeypatch):
    opened(source)
    us = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: us + 1)
    assert note_of(source) == f"{spaces} belongs to somebody else"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_somebody_else_planted_is_not_used(source, spaces, tmp_path):
    opened(source)
    (store,) = spaces.iterdir()
    os.chown(store, 65534, -1)
    with PrivateFolder() as folder:
        assert folder.open(store.name) is None
    own = tmp_path / "own"
    spaces.rename(own)
    spaces.symlink_to(own)
    os.chown(spaces, 65534, -1, follow_symlinks=False)
    assert note_of(source) == f"{spaces} belongs to somebody else"


def test_ones_own_link_to_a_folder_elsewhere_is_used(source, spaces, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    spaces.parent.mkdir()
    spaces.symlink_to(elsewhere)
    opened(source)
    assert len(list(elsewhere.iterdir())) == 1
    opened(source, read_nothing)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "writable"])
def test_what_is_no_store_of_ours_is_not_opened(source, spaces, tmp_path, kind):
    opened(source)
    (store,) = spaces.iterdir()
    if kind == "link":
        store.rename(tmp_path / "moved")
        store.symlink_to(tmp_path / "moved")
    elif kind == "writable":
        store.chmod(0o622)
    else:
        store.unlink()
        os.mkfifo(store) if kind == "pipe" else store.mkdir()
    with PrivateFolder() as folder:
        assert folder.open(store.name) is None
    if kind == "folder":
        assert note_of(source) == "is a directory"
    else:
        opened(source)
        opened(source, read_nothing)


def test_a_file_in_the_place_of_the_folder(source, spaces):
    spaces.parent.mkdir()
    spaces.write_text("mine")
    assert note_of(source) == "file exists"
    assert spaces.read_text() == "mine"


def test_a_file_in_the_place_of_the_cache_folder(source, spaces):
    spaces.parent.write_text("mine")
    assert note_of(source) in ("not a directory", "file exists")


def test_a_folder_that_cannot_be_written_to(source, spaces, monkeypatch):
    PrivateFolder().close()

    def refuse(folder, name):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(PrivateFolder, "create", refuse)
    assert note_of(source) == "read-only file system"


def test_a_folder_on_a_disk_without_locks(source, spaces, monkeypatch):
    def refuse(descriptor, how):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    spaces.mkdir(parents=True, mode=0o700)
    left = spaces / f"{'0' * 32}.store.{'0' * 16}.tmp"
    left.touch()
    monkeypatch.setattr(fcntl, "flock", refuse)
    assert note_of(source) == "no locks available"
    assert list(spaces.iterdir()) == [left]


def test_too_many_files_are_not_kept(source, spaces):
    def read_widely(builder):
        for other in others:
            builder.consult(other)
        return read(builder)

    others = [source.with_name(f"other {number}") for number in range(100)]
    for other in others:
        other.touch()
    content = opened(source, read_widely)
    assert content.notes[-1] == "not kept in the store: it depends on too many files"
    assert list(spaces.iterdir()) == []


# what is worked out from rows


class Build:
    """Makes arrays, and counts how often."""

    def __init__(self) -> None:
        self.times = 0
        self.arrays = {
            "codes": np.random.default_rng(0).integers(-127, 128, (700, 24), dtype=np.int8),
            "scales": np.linspace(0, 1, 700, dtype=np.float32),
            "none": np.empty((0, 3), np.float32),
        }

    def __call__(self):
        self.times += 1
        return self.arrays


def assert_kept(found, build: Build) -> None:
    assert list(found) == list(build.arrays)
    for name, array in build.arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert np.array_equal(found[name], array)
        assert not found[name].flags.writeable


def test_derived_arrays_are_built_once(source):
    build = Build()
    for _ in range(3):
        assert_kept(derived(opened(source).rows, "codes", build), build)
    assert build.times == 1
    assert_kept(derived(opened(source).rows, "others", build), build)
    assert build.times == 2


def test_derived_arrays_are_of_one_content(source):
    build = Build()
    old = opened(source).rows
    derived(old, "codes", build)
    source.touch()
    derived(opened(source).rows, "codes", build)
    assert build.times == 1
    write_source(source, *sample(1))
    derived(opened(source).rows, "codes", build)
    assert build.times == 2
    # of the old rows again: no codes of other rows
    derived(old, "codes", build)
    assert build.times == 3


def test_damaged_derived_arrays_are_built_anew(source, spaces):
    build = Build()
    derived(opened(source).rows, "codes", build)
    (path,) = spaces.glob("*.codes.store")
    whole = path.read_bytes()
    for place in (5, 4096, 4096 + 700 * 24 - 1, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        before = build.times
        assert_kept(derived(opened(source).rows, "codes", build), build)
        assert build.times == before + 1


def test_derived_arrays_of_another_version_are_built_anew(source, monkeypatch):
    build = Build()
    derived(opened(source).rows, "codes", build)
    for module in (mapped, writer):
        monkeypatch.setattr(module, "MADE_BY", "another")
    derived(opened(source).rows, "codes", build)
    assert build.times == 2


def test_derived_arrays_that_cannot_be_kept_are_those_that_were_built(source, monkeypatch):
    build = Build()
    rows = opened(source).rows
    assert derived(ArrayRows(rows.whole()), "codes", build) is build.arrays

    def full(descriptor, what):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        assert derived(rows, "codes", build) is build.arrays
    with monkeypatch.context() as patched:
        patched.setattr(PrivateFolder, "_check", lambda folder: (_ for _ in ()).throw(NotKeptError("no")))
        assert derived(rows, "codes", build) is build.arrays
    assert_kept(derived(rows, "codes", build), build)
    assert build.times == 4
