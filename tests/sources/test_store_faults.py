"""The store when something fails: disks that are full, processes that are killed, several at once."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from stored import (
    WRITING,
    assert_same,
    in_memory,
    in_process,
    kill_self,
    on_call,
    opened,
    read,
    read_nothing,
    sample,
    write_source,
)

from tui_embed.sources.store import writer as writer_module
from tui_embed.sources.store.folder import NotKeptError, PrivateFolder
from tui_embed.sources.store.writer import StoreWriter

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of stores, which is not there yet."""
    monkeypatch.setattr("tui_embed.sources.store.folder.cache_folder", lambda: tmp_path / "cache")
    # every block is a call of its own
    monkeypatch.setattr(writer_module, "_BUFFER_BYTES", 16 << 10)
    return tmp_path / "cache" / "spaces"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    write_source(path, *sample(), n_extra=0)
    return path


def change(source: Path, seed: int) -> None:
    write_source(source, *sample(seed))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def calls_of_writing(source: Path) -> list[str]:
    with on_call(-1, lambda name: None) as calls:
        opened(source)
    return calls


def test_the_calls_that_can_fail_are_known(source):
    calls = calls_of_writing(source)
    assert {"write", "pwrite", "fsync", "replace"} <= set(calls)
    assert calls.count("write") > 5
    assert calls.index("replace") > calls.index("fsync") > calls.index("pwrite")


# a disk that is full or broken


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_whatever_call_fails_the_old_state_is_whole_and_the_file_opens(source, spaces, code):
    opened(source)
    before = files(spaces)
    change(source, 1)
    wanted = in_memory(source)

    def fail(name):
        raise OSError(code, os.strerror(code))

    number, reasons = 0, set()
    while True:
        with on_call(number, fail) as calls:
            content = opened(source)
        if len(calls) <= number:
            break
        assert_same(content, wanted, but_notes=True)
        failed = calls[number]
        if files(spaces) == before:
            assert content.notes[:-1] == wanted.notes
            reasons.add(content.notes[-1])
        else:
            # what cannot be opened counts as not there; after the last rename nothing is left to lose
            assert failed == "open" or calls[:number].count("replace")
            assert_same(opened(source, read_nothing), wanted)
            (spaces / next(iter(before))).write_bytes(next(iter(before.values())))
        number += 1
    assert number > 12
    assert reasons == {f"not kept in the store: {os.strerror(code).lower()}"}
    assert files(spaces) != before
    assert content.notes == wanted.notes


@pytest.mark.parametrize("most", [1, 1000, 4097])
def test_short_writes_are_gone_on_with(source, monkeypatch, most):
    for name in ("write", "pwrite"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda to, what, *at, real=real: real(to, what[:most], *at))
    assert_same(opened(source), in_memory(source))
    assert_same(opened(source, read_nothing), in_memory(source))


def test_writes_that_write_nothing_are_a_failure(source, spaces, monkeypatch):
    monkeypatch.setattr(os, "write", lambda to, what: 0)
    assert_same(opened(source), in_memory(source), but_notes=True)
    assert files(spaces) == {}


def test_rows_that_will_not_fit_are_not_begun(source, spaces, monkeypatch):
    class Full:
        f_bavail, f_frsize = 1000, 1024

    monkeypatch.setattr(os, "fstatvfs", lambda descriptor: Full)
    monkeypatch.setattr(os, "write", lambda to, what: pytest.fail("a row was written"))
    assert opened(source).notes[-1] == "not kept in the store: no space left on device"
    assert files(spaces) == {}


def test_a_reader_that_hides_the_failure_changes_nothing(source, monkeypatch):
    def careless(builder):
        try:
            return read(builder)
        except Exception as error:
            raise builder.file.error("something went wrong", "row 1") from error

    def deaf(builder):
        give = builder.storages.open

        def give_deaf(*wanted):
            storage = give(*wanted)
            append = storage.append

            def append_or_not(rows):
                with suppress(NotKeptError):
                    append(rows)

            storage.append = append_or_not
            return storage

        if isinstance(builder.storages, StoreWriter):
            monkeypatch.setattr(builder.storages, "open", give_deaf)
        return read(builder)

    def fail(name):
        raise OSError(errno.ENOSPC, "no space")

    for reader in (careless, deaf):
        with on_call(6, fail) as calls:
            content = opened(source, reader)
        assert calls[6] == "write"
        assert_same(content, in_memory(source), but_notes=True)
        assert content.notes[-1] == "not kept in the store: no space"


# a process that is killed


def test_killed_at_any_call_the_old_or_the_new_store_is_whole(source, spaces):
    n_calls = len(calls_of_writing(source))
    was_new = []
    for number in range(n_calls):
        change(source, 0)
        opened(source)
        before = files(spaces)
        change(source, 1)

        def build(number=number):
            with on_call(number, kill_self):
                opened(source)

        assert in_process(build) == -signal.SIGKILL
        left = {name: content for name, content in files(spaces).items() if name.endswith(".store")}
        assert list(left) == list(before)
        was_new.append(left != before)
        if was_new[-1]:
            assert_same(opened(source, read_nothing), in_memory(source))
        else:
            assert_same(opened(source), in_memory(source))
        if not was_new[-1]:
            # what the dead process left was swept, and no lock of its kept anybody
            assert list(files(spaces)) == list(before)
    assert was_new == sorted(was_new)
    assert {False, True} == set(was_new)


def test_killed_at_any_moment_the_store_is_whole(source, spaces):
    script = (
        "import sys, tui_embed.sources.store.folder as f, pathlib\n"
        "from stored import opened, sample, write_source\n"
        "f.cache_folder = lambda: pathlib.Path(sys.argv[1])\n"
        "path, seed = pathlib.Path(sys.argv[2]), 0\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    seed += 1\n"
        "    write_source(path, *sample(seed % 5, n=20_000))\n"
        "    opened(path)\n"
    )
    delays = np.random.default_rng(0).uniform(0, 0.3, 8)
    for number, delay in enumerate(delays.tolist()):
        command = [sys.executable, "-c", script, str(spaces.parent), str(source)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout.readline() == b"ready\n"
            time.sleep(delay)
            process.kill()
        # the source itself is not written whole or not at all; a new one, so that it must be read
        write_source(source, *sample(10 + number))
        assert_same(opened(source), in_memory(source))
        assert_same(opened(source, read_nothing), in_memory(source))
        assert [path.suffix for path in spaces.iterdir()] == [".store"]


# temporary files


def test_a_temporary_file_of_a_living_process_is_left_alone(source, spaces):
    with PrivateFolder() as folder:
        name = f"{'0' * 32}.store"
        alive, dead = folder.temporary(name), folder.temporary(name)
        dead.close()
        change(source, 1)
        opened(source)
        assert sorted(path.suffix for path in spaces.iterdir()) == [".store", ".tmp"]
        assert (spaces / alive.name).exists()
        alive.close()
        change(source, 2)
        opened(source)
    assert [path.suffix for path in spaces.iterdir()] == [".store"]


def test_a_temporary_file_that_was_taken_for_stale_is_given_up(spaces, monkeypatch):
    """Another process sweeps in the moment between the making of the file and its lock."""
    with PrivateFolder() as folder:
        make = folder.create
        made = []

        def swept(name):
            descriptor = make(name)
            made.append(name)
            if len(made) == 1:
                folder.sweep()
            return descriptor

        monkeypatch.setattr(folder, "create", swept)
        got = folder.temporary(f"{'0' * 32}.store")
        assert len(made) == 2
        assert [path.name for path in spaces.iterdir()] == [got.name]
        got.discard()
    assert list(spaces.iterdir()) == []


def test_nothing_else_in_the_folder_is_touched(source, spaces):
    spaces.mkdir(parents=True, mode=0o700)
    others = [".tmp", "notes.tmp", "0.store", f"{'0' * 32}.store.tmp", f"{'g' * 32}.store"]
    for name in others:
        (spaces / name).write_text("mine")
    opened(source)
    assert {(spaces / name).read_text() for name in others} == {"mine"}


# several processes


def open_when_all_are_ready(source, start, wanted, results):
    start.wait(30)
    try:
        content = opened(source)
        results.put(content.rows.whole().tobytes() == wanted and content.notes == ("read by a test",))
    except BaseException as error:
        results.put(repr(error))
        raise


def test_processes_that_start_together_do_not_harm_each_other(source, spaces):
    rows, tokens = sample(3, n=5000)
    write_source(source, rows, tokens)
    fork = multiprocessing.get_context("fork")
    start, results = fork.Barrier(8), fork.Queue()
    given = (source, start, rows.tobytes(), results)
    children = [fork.Process(target=open_when_all_are_ready, args=given) for _ in range(8)]
    for child in children:
        child.start()
    assert [results.get(timeout=60) for _ in children] == [True] * 8
    for child in children:
        child.join(30)
    assert [path.suffix for path in spaces.iterdir()] == [".store"]
    assert_same(opened(source, read_nothing), in_memory(source))


def test_every_call_is_the_systems_own_again():
    assert all(getattr(os, name).__module__ in ("posix", "os", "nt") for name in WRITING)
