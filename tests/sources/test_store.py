"""The store: what is kept comes back bit for bit, as long as the file is what it was."""

import os
import shutil
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import assert_same, in_memory, in_process, opened, read, read_nothing, sample, write_source
from strategies import matrices, token_bytes

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import CancelledError, SourceError
from tui_embed.sources.file import Identity
from tui_embed.sources.store import contents, freshness, hashing, kept, layout, mapped, origins, writer
from tui_embed.sources.store.parts import StoredRows


@pytest.fixture(autouse=True)
def spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of stores, which is not there yet."""
    monkeypatch.setattr("tui_embed.sources.store.folder.cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "spaces"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    write_source(folder / "source", *sample())
    return folder / "source"


@pytest.fixture
def settled(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled as soon as the kernel's clock has ticked, which the source's has."""
    time.sleep(0.05)
    monkeypatch.setattr(origins, "COARSEST_TICK_NS", origins.FINE_TICK_NS // 2)


@pytest.fixture
def no_hashing(settled: None, monkeypatch: pytest.MonkeyPatch):
    """From when it is called on, a file's hash is asked of nobody."""

    def forbid():
        def hash_at(*arguments):
            raise AssertionError("a file was hashed")

        monkeypatch.setattr(freshness, "hash_at", hash_at)

    return forbid


def put_back_times(path: Path, before: os.stat_result) -> None:
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


# what comes back


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data(), rows=matrices(max_rows=200, max_width=40), n_extra=st.integers(0, 20))
def test_content_comes_back_bit_for_bit(source, data, rows, n_extra):
    n_extra = min(n_extra, len(rows) - 1)
    n = len(rows) - n_extra
    write_source(source, rows, data.draw(st.lists(token_bytes, min_size=n, max_size=n)), n_extra)
    wanted = in_memory(source)
    assert_same(opened(source), wanted)
    assert_same(opened(source, read_nothing), wanted)


def test_numbers_that_are_none_come_back(source):
    rows = np.array([[np.nan, -np.nan], [np.inf, -0.0], [1e-45, 3e38]], np.float32)
    write_source(source, rows, [b"a", b"b", b"c"])
    assert_same(opened(source), in_memory(source))
    assert "NaN or infinite" in opened(source, read_nothing).notes[1]


def test_a_second_opening_reads_the_store_alone(source, no_hashing):
    wanted = in_memory(source)
    assert_same(opened(source), wanted)
    no_hashing()
    for _ in range(3):
        assert_same(opened(source, read_nothing), wanted)


def test_what_was_read_is_mapped_and_cannot_be_written_to(source):
    for content in (opened(source), opened(source, read_nothing)):
        for array in (content.rows.whole(), content.norms, next(content.rows.blocks())[1]):
            assert not array.flags.writeable
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
        own = content.rows.take(np.array([3]))
        own[0] = 1


def test_parts_of_a_file_are_stores_of_their_own(source, spaces):
    opened(source)
    opened(f"{source}#first")
    opened(f"{source}#second")
    assert len(list(spaces.iterdir())) == 3
    opened(f"{source}#second", read_nothing)


def test_a_relative_path_is_the_same_file(source, monkeypatch):
    opened(source)
    monkeypatch.chdir(source.parent)
    opened("source", read_nothing)
    opened(f"../{source.parent.name}/source", read_nothing)


def test_memory_does_not_grow_with_the_matrix(source):
    rows, tokens = sample(n=40_000, d=256)
    write_source(source, rows, tokens)

    def read_piecemeal(builder):
        builder.format = "made for tests"
        builder.start(256)
        for start in range(0, len(rows), 500):
            builder.add(rows[start : start + 500])
        builder.tokens(tokens)
        return builder.finish()

    tracemalloc.start()
    try:
        content = opened(source, read_piecemeal)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < rows.nbytes / 2
    assert np.array_equal(content.rows.whole(), rows)


def test_progress_is_of_the_file_and_cancelling_leaves_nothing(source, spaces):
    cancel = CancelToken()
    seen = []

    def progress(done, total):
        seen.append((done, total))
        if len(seen) == 5:
            cancel.cancel()

    with pytest.raises(CancelledError):
        opened(source, cancel=cancel, progress=progress)
    assert len(seen) == 5
    assert {total for _, total in seen} == {source.stat().st_size}
    assert list(spaces.iterdir()) == []


def test_hashing_can_be_cancelled(source, monkeypatch):
    opened(source)
    monkeypatch.setattr(hashing, "_PIECE", 1000)
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        opened(source, read_nothing, cancel=cancel, progress=lambda done, total: cancel.cancel())


# rows


@pytest.mark.parametrize(("n", "d"), [(1, 1), (700, 24), (40, 3000), (5, 1024), (3000, 7)])
def test_rows_are_the_same_however_they_are_asked_for(source, n, d):
    rows, tokens = sample(n=n, d=d)
    write_source(source, rows, tokens)
    generator = np.random.default_rng(0)
    opened(source)
    for _ in range(5):
        stored = opened(source, read_nothing).rows
        assert isinstance(stored, StoredRows)
        for _ in range(10):
            ids = generator.integers(0, n, generator.integers(0, 2 * n + 1))
            assert np.array_equal(stored.take(ids), rows[ids])
            start, stop = sorted(generator.integers(0, n + 1, 2))
            assert np.array_equal(stored.part(start, stop), rows[start:stop])
        assert np.array_equal(stored.part(n - 1, n + 9), rows[-1:])
    for wrong in (-1, n):
        with pytest.raises(IndexError):
            stored.take(np.array([0, wrong]))


def test_rows_are_checked_by_many_threads(source):
    rows, tokens = sample(n=5000, d=64)
    write_source(source, rows, tokens)
    opened(source)
    stored = opened(source, read_nothing).rows
    start = threading.Barrier(8)

    def take(seed):
        start.wait(10)
        generator = np.random.default_rng(seed)
        for _ in range(20):
            ids = generator.integers(0, len(rows), 50)
            assert np.array_equal(stored.take(ids), rows[ids])
        return np.array_equal(stored.whole(), rows)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(take, range(8)))


# a changed source


@pytest.mark.parametrize("wait", [0, 0.05])
def test_a_change_that_keeps_size_and_mtime_is_noticed(source, settled, wait):
    """Also within one tick of the clock: nothing here waits for it to move, nor does the program's user."""
    for seed in range(6):
        before = source.stat()
        write_source(source, sample(seed)[0], sample()[1])
        put_back_times(source, before)
        time.sleep(wait)
        assert_same(opened(source), in_memory(source))
        assert_same(opened(source, read_nothing), in_memory(source))


def test_a_change_is_noticed_though_the_clock_stands_still(source, monkeypatch):
    """The file system's word is the same before and after: only the hash tells."""
    now = time.time_ns()
    frozen = Identity(1, 2, source.stat().st_size, now, now)
    monkeypatch.setattr(Identity, "of", lambda status: frozen)
    opened(source)
    write_source(source, sample(1)[0], sample()[1])
    assert_same(opened(source), in_memory(source))
    opened(source, read_nothing)


def test_a_replaced_file_is_noticed(source, settled):
    opened(source)
    before = source.stat()
    other = source.with_name("other")
    write_source(other, sample(1)[0], sample()[1])
    put_back_times(other, before)
    other.replace(source)
    assert_same(opened(source), in_memory(source))


def test_an_untouched_copy_in_its_place_is_not_read_again(source, no_hashing):
    opened(source)
    copy = source.with_name("copy")
    shutil.copy(source, copy)
    copy.replace(source)
    time.sleep(0.05)
    opened(source, read_nothing)
    no_hashing()
    opened(source, read_nothing)


def test_a_touched_file_is_hashed_once_and_then_known(source, no_hashing):
    opened(source)
    time.sleep(0.05)
    source.touch()
    time.sleep(0.05)
    opened(source, read_nothing)
    no_hashing()
    opened(source, read_nothing)


def test_a_file_that_was_just_written_is_hashed_until_it_is_settled(source, monkeypatch):
    opened(source)
    hashed = []
    real = freshness.hash_at
    monkeypatch.setattr(freshness, "hash_at", lambda *given: hashed.append(given[0]) or real(*given))
    opened(source, read_nothing)
    assert hashed == [str(source)]
    monkeypatch.setattr(origins, "COARSEST_TICK_NS", 0)
    opened(source, read_nothing)
    assert len(hashed) == 2
    opened(source, read_nothing)
    assert len(hashed) == 2


def test_a_source_that_is_written_to_while_it_is_read_is_not_kept(source, spaces):
    def read_and_change(builder):
        with source.open("r+b") as file:
            file.seek(-4, os.SEEK_END)
            file.write(b"abcd")
        return read(builder)

    with pytest.raises(SourceError, match="changed while it was read"):
        opened(source, read_and_change)
    assert list(spaces.iterdir()) == []


@pytest.mark.parametrize("change", ["truncate", "overwrite", "remove"])
def test_an_open_space_outlives_its_source(source, change):
    wanted = in_memory(source)
    opened(source)

    def use():
        content = opened(source, read_nothing)
        if change == "truncate":
            os.truncate(source, 10)
        elif change == "overwrite":
            source.write_bytes(b"x" * source.stat().st_size)
        else:
            source.unlink()
        assert_same(content, wanted)

    # in a process of its own: what the promise is against would kill it
    assert in_process(use) == 0


def test_files_beside_the_source_are_a_part_of_it(source, no_hashing):
    names = source.with_name("names")
    assert list(opened(source).metadata) == ["number"]
    names.write_text("\n".join(map(str, range(700))))
    assert opened(source).metadata["name"][5] == "5"
    before = names.stat()
    names.write_text("\n".join(map(str, range(699, -1, -1))))
    put_back_times(names, before)
    assert opened(source).metadata["name"][5] == "694"
    names.unlink()
    assert list(opened(source).metadata) == ["number"]
    names.write_text("\n".join(map(str, range(700))))
    opened(source)
    time.sleep(0.05)
    opened(source, read_nothing)
    no_hashing()
    assert opened(source, read_nothing).metadata["name"][5] == "5"


def test_a_link_has_what_lies_beside_the_link(source, tmp_path):
    source.with_name("names").write_text("\n" * 700)
    link = tmp_path / "link"
    link.symlink_to(source)
    assert list(opened(source).metadata) == ["number", "name"]
    assert list(opened(link).metadata) == ["number"]
    assert list(opened(source, read_nothing).metadata) == ["number", "name"]
    assert list(opened(link, read_nothing).metadata) == ["number"]


# other versions


def an_older_layout(monkeypatch):
    monkeypatch.setattr(layout, "LAYOUT", 0)


def an_older_program(monkeypatch):
    for module in (mapped, writer):
        monkeypatch.setattr(module, "MADE_BY", "0.0.1 little")


def other_facts(monkeypatch):
    write = kept.write_content
    monkeypatch.setattr(kept, "write_content", lambda *given: {**write(*given), "subwords": {"least": 3}})
    monkeypatch.setattr(contents, "_read_subwords", lambda *given: None)


@pytest.mark.parametrize("version", [an_older_layout, an_older_program, other_facts])
def test_a_store_of_another_version_is_made_anew(source, monkeypatch, version):
    with monkeypatch.context() as patched:
        version(patched)
        opened(source)
        opened(source, read_nothing)
    with pytest.raises(AssertionError, match="read again"):
        opened(source, read_nothing)
    assert_same(opened(source), in_memory(source))
    opened(source, read_nothing)
