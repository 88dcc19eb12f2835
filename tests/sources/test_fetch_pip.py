"""Wheels that pip brings: from an index on the disk, and by commands that behave badly in its place."""

import os
import sys
import threading
from pathlib import Path

import pytest
import wheels
from wheels import use_as_index, write_source_archive, write_wheel

from tui_embed.engine.cancel import CancelToken, no_progress
from tui_embed.errors import CancelledError, TuiEmbedError
from tui_embed.sources.fetch import pip_transport
from tui_embed.sources.fetch.named import Wheel
from tui_embed.sources.fetch.pins import verify
from tui_embed.sources.fetch.pip_transport import download_wheel
from tui_embed.sources.fetch.wheels import extract

DATA = {"rows.npy": bytes(range(256)) * 4000, "words.txt": b"king queen"}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    use_as_index(folder, monkeypatch)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def instead_of_pip(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Run this program in pip's place; its argument is the folder for what it brings."""
    monkeypatch.setattr(
        pip_transport, "_command", lambda wheel, folder: [sys.executable, "-c", program, str(folder)]
    )


def refused(wheel: Wheel, work: Path, stall: float = 30.0) -> TuiEmbedError:
    with pytest.raises(TuiEmbedError) as caught:
        download_wheel(wheel, work, CancelToken(), no_progress, stall)
    line = str(caught.value)
    assert len(line) < 300
    assert "\n" not in line
    return caught.value


def test_a_wheel_comes_as_it_was_published(index, work):
    wheel = write_wheel(index, DATA)
    path = download_wheel(wheel, work, CancelToken(), no_progress)
    verify(path, wheel.pin)
    unpacked = work / "unpacked"
    unpacked.mkdir()
    extract(path, wheel.members, unpacked, CancelToken())
    assert {file.name: file.read_bytes() for file in unpacked.iterdir()} == DATA


def test_what_has_come_is_counted(work, monkeypatch):
    counted: list[tuple[int, int]] = []
    program = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
for size in (1000, 2000):
    (folder / "big").write_bytes(bytes(size))
    while not (folder / f"seen {size}").exists():
        time.sleep(0.01)
"""

    def count(done: int, total: int) -> None:
        counted.append((done, total))
        (work / "brought" / f"seen {done}").touch()

    instead_of_pip(monkeypatch, program)
    download_wheel(Wheel("x==1", "big", 2000, "", ()), work, CancelToken(), count)
    assert counted == [(1000, 2000), (2000, 2000)]


def test_nothing_of_a_wheel_is_run_or_installed(index, work, tmp_path):
    marker = tmp_path / "ran"
    wheel = write_wheel(index, DATA, init=f"open({str(marker)!r}, 'w')")
    download_wheel(wheel, work, CancelToken(), no_progress)
    assert not marker.exists()
    with pytest.raises(ModuleNotFoundError):
        __import__(wheels.PACKAGE)


def test_a_source_archive_is_not_built(index, work, tmp_path):
    marker = tmp_path / "ran"
    write_source_archive(index, f"open({str(marker)!r}, 'w')")
    wheel = Wheel(f"{wheels.NAME}=={wheels.VERSION}", wheels.FILE, 1000, "", ())
    assert "No matching distribution" in refused(wheel, work).message
    assert not marker.exists()


def test_a_pip_in_the_current_folder_is_not_run(index, work, tmp_path, monkeypatch):
    here, marker = tmp_path / "here", tmp_path / "ran"
    here.mkdir()
    (here / "pip.py").write_text(f"open({str(marker)!r}, 'w')")
    monkeypatch.chdir(here)
    download_wheel(write_wheel(index, DATA), work, CancelToken(), no_progress)
    assert not marker.exists()


def test_settings_that_would_be_in_the_way_are_not(index, work, monkeypatch):
    for name in ("PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_HASHES"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_NO_BINARY", ":all:")
    monkeypatch.setenv("PIP_DEST", str(work / "elsewhere"))
    assert download_wheel(write_wheel(index, DATA), work, CancelToken(), no_progress).is_file()
    assert not (work / "elsewhere").exists()


def test_nothing_is_left_in_the_temporary_folder_of_others(index, work, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    download_wheel(write_wheel(index, DATA), work, CancelToken(), no_progress)
    assert list(temporary.iterdir()) == []


def test_a_package_that_no_index_has_is_one_line(index, work):
    error = refused(Wheel("no-such-package==1.0", "x.whl", 10, "", ()), work)
    assert error.message.startswith("pip cannot bring no-such-package==1.0: No matching distribution")
    assert "network" in error.hint


def test_no_pip_says_what_to_do(work, monkeypatch):
    monkeypatch.setattr(pip_transport, "find_spec", lambda name: None)
    error = refused(Wheel("x==1", "x.whl", 10, "", ()), work)
    assert "pip is not installed" in error.message
    assert "ensurepip" in error.hint


def test_another_file_than_the_wheel_is_said(work, monkeypatch):
    instead_of_pip(monkeypatch, "import pathlib, sys; (pathlib.Path(sys.argv[1]) / 'other.whl').touch()")
    assert "brought other.whl in place of x.whl" in refused(Wheel("x==1", "x.whl", 9, "", ()), work).message


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit(3)", "it says nothing"),
        ("import sys; sys.stderr.write('ERROR: one\\nmore\\n'); sys.exit(1)", "one"),
        ("import sys; sys.stderr.write('x' * 10_000_000 + '\\nthe end\\n'); sys.exit(1)", "the end"),
        ("import sys; sys.stderr.buffer.write(b'\\xff\\xfe!\\n'); sys.exit(1)", "\ufffd\ufffd!"),
    ],
)
def test_the_last_words_of_pip_are_passed_on(work, monkeypatch, program, said):
    instead_of_pip(monkeypatch, program)
    error = refused(Wheel("x==1", "x.whl", 9, "", ()), work)
    assert error.message == f"pip cannot bring x==1: {said}"


def test_silence_ends_in_a_line(work, monkeypatch):
    instead_of_pip(monkeypatch, "import time; time.sleep(600)")
    assert "brought nothing for 0.3 s" in refused(Wheel("x==1", "x.whl", 9, "", ()), work, stall=0.3).message


def test_a_flood_is_stopped(work, monkeypatch):
    program = """
import pathlib, sys
with (pathlib.Path(sys.argv[1]) / "big").open("wb") as file:
    while True:
        file.write(bytes(1000))
        file.flush()
"""
    monkeypatch.setattr(pip_transport, "SPARE_BYTES", 10_000)
    instead_of_pip(monkeypatch, program)
    assert "far more than the 9 bytes" in refused(Wheel("x==1", "x.whl", 9, "", ()), work).message


@pytest.mark.parametrize("deaf", [False, True], ids=["listens", "deaf"])
def test_cancelling_ends_the_process(work, monkeypatch, deaf):
    program = f"""
import os, pathlib, signal, sys, time
if {deaf}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
(pathlib.Path(sys.argv[1]) / "pid").write_text(str(os.getpid()))
time.sleep(600)
"""
    monkeypatch.setattr(pip_transport, "END_SECONDS", 0.2)
    instead_of_pip(monkeypatch, program)
    cancel, came = CancelToken(), threading.Event()

    def stop() -> None:
        came.wait(30)
        cancel.cancel()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(CancelledError):
        download_wheel(Wheel("x==1", "x.whl", 9, "", ()), work, cancel, lambda *_: came.set())
    thread.join()
    pid = int((work / "brought" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("wrong", ["size", "sha256", "path"])
def test_a_member_that_is_not_what_it_has_to_be(tmp_path, wrong):
    from dataclasses import replace

    wheel = write_wheel(tmp_path, DATA)
    change = {"size": 100, "sha256": "0" * 64, "path": "elsewhere/rows.npy"}[wrong]
    member = replace(wheel.members[0], **{wrong: change})
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(TuiEmbedError) as caught:
        extract(tmp_path / wheel.file, [member], out, CancelToken())
    assert "rows.npy" in str(caught.value)
    if wrong == "size":
        assert (out / "rows.npy").stat().st_size <= 100


@pytest.mark.parametrize("keep", [0, 100, 2000])
def test_an_archive_that_is_cut_is_one_line(tmp_path, keep):
    wheel = write_wheel(tmp_path, DATA)
    path = tmp_path / wheel.file
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(TuiEmbedError, match="cannot be unpacked"):
        extract(path, wheel.members, tmp_path, CancelToken())
