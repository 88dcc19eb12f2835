"""A store that is not what was written: noticed before a wrong number is shown, and mended."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from stored import assert_same, in_memory, opened, read, read_nothing, sample, write_source

from tui_embed.errors import SourceError
from tui_embed.sources.store.contents import CHECKED_AT_ONCE
from tui_embed.sources.store.layout import SLOT_AT, Section, read_directory
from tui_embed.sources.store.pages import PAGE

N_EXTRA = 100
HEADER = 64


@pytest.fixture(autouse=True)
def spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of stores, which is not there yet."""
    monkeypatch.setattr("tui_embed.sources.store.folder.cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "spaces"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    rows, tokens = sample()
    write_source(path, rows, tokens[N_EXTRA:], N_EXTRA)
    return path


@pytest.fixture
def store(source: Path, spaces: Path) -> Path:
    opened(source)
    (path,) = spaces.iterdir()
    return path


def damage_rows_and_columns(store: Path) -> None:
    """Another bit in each page that is not looked at when a store is opened."""
    for name, section in sections(store).items():
        if name not in CHECKED_AT_ONCE:
            for place in range(section.offset, section.offset + section.n_bytes, PAGE):
                flip(store, place, 3)


class Counted:
    """The reader, and how often it was called."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, builder):
        self.times += 1
        return read(builder)


def flip(path: Path, place: int, bit: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))


def sections(path: Path) -> Mapping[str, Section]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return read_directory(descriptor, path.stat().st_size).sections
    finally:
        os.close(descriptor)


def used(path: Path) -> np.ndarray:
    """Which bytes of a store mean something, ``(size,)`` bool: not the zeros that fill up pages, and not the
    rows from which others were made.
    """
    means = np.ones(path.stat().st_size, dtype=bool)
    means[HEADER:PAGE] = False
    for name, section in sections(path).items():
        means[section.offset + section.n_bytes : section.end] = False
        if name == "input":
            width = section.shape[1]
            means[section.offset + 4 * width * N_EXTRA : section.end] = False
    return means


def test_single_bits_are_noticed_wherever_they_flip(source, store):
    """100 bits, one after another, each in the store as it was written; what was read before is the truth."""
    wanted, whole, means = in_memory(source), store.read_bytes(), used(store)
    generator = np.random.default_rng(0)
    noticed = 0
    for place, bit in zip(generator.integers(0, len(whole), 100), generator.integers(0, 8, 100), strict=True):
        store.write_bytes(whole)
        flip(store, int(place), int(bit))
        reader = Counted()
        assert_same(opened(source, reader), wanted)
        assert reader.times == 1 or (not means[place] and reader.times == 0)
        noticed += reader.times
    assert noticed > 40


def test_bits_of_header_directory_and_last_pages_are_noticed(source, store):
    wanted, whole = in_memory(source), store.read_bytes()
    (means,) = np.nonzero(used(store))
    edges = np.flatnonzero(np.diff(means) > 1)
    places = [*range(HEADER), *means[edges], *means[edges + 1], *means[-1:-400:-7]]
    for place in places:
        store.write_bytes(whole)
        flip(store, int(place), int(place) % 8)
        reader = Counted()
        assert_same(opened(source, reader), wanted)
        assert reader.times == 1, place


def test_a_damaged_identity_costs_a_look_at_the_source(source, store, monkeypatch):
    for place in range(SLOT_AT, SLOT_AT + 60, 3):
        flip(store, place, place % 8)
        assert_same(opened(source, read_nothing), in_memory(source))
    write_source(source, *sample(1))
    flip(store, SLOT_AT + 3)
    assert_same(opened(source), in_memory(source))


@pytest.mark.parametrize("part", ["take", "blocks", "part", "whole", "subwords", "texts", "column"])
def test_damage_behind_an_open_space_is_mended(source, store, part):
    """Every byte of the file that was not looked at yet is another now."""
    wanted = in_memory(source)
    reader = Counted()
    content = opened(source, reader)
    subwords, column = content.subwords, content.metadata["number"]
    damage_rows_and_columns(store)
    ids = np.array([7, 599])
    found = {
        "take": lambda: content.rows.take(ids),
        "blocks": lambda: next(content.rows.blocks())[1][ids],
        "part": lambda: content.rows.part(0, 600)[ids],
        "whole": lambda: content.rows.whole()[ids],
        "subwords": lambda: subwords.rows.take(ids[:1]),
        "texts": lambda: np.frombuffer(column.bytes_of(7), np.uint8),
        "column": lambda: column.blob,
    }[part]()
    truth = {
        "subwords": wanted.subwords.rows.take(ids[:1]),
        "texts": np.frombuffer(wanted.metadata["number"].bytes_of(7), np.uint8),
        "column": wanted.metadata["number"].blob,
    }.get(part, wanted.rows.take(ids))
    assert np.array_equal(found, truth)
    assert_same(content, wanted)
    assert reader.times == 1
    assert_same(opened(source, read_nothing), wanted)


def test_damage_is_mended_once_for_all_that_find_it(source, store):
    reader = Counted()
    contents = [opened(source, reader) for _ in range(3)]
    damage_rows_and_columns(store)
    for content in contents:
        assert_same(content, in_memory(source))
    # the first read the source again, the others found what it had put there
    assert reader.times == 1


@pytest.mark.parametrize("what", ["gone", "changed"])
def test_damage_that_cannot_be_mended_is_said_in_one_line(source, store, what):
    content = opened(source, read_nothing)
    damage_rows_and_columns(store)
    if what == "gone":
        source.unlink()
    else:
        write_source(source, *sample(1))
    for _ in range(2):
        with pytest.raises(SourceError) as raised:
            content.rows.take(np.array([0]))
    assert str(raised.value) == (
        f"{source}: its store is damaged and was thrown away, and the file is no longer what was read"
        " (open it again)"
    )
    assert not store.exists()


def test_damage_that_a_full_disk_keeps_from_being_mended_is_mended_in_memory(source, store, monkeypatch):
    reader = Counted()
    content = opened(source, reader)
    damage_rows_and_columns(store)

    def full(descriptor, what):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert_same(content, in_memory(source))
    # once in vain, once into memory, and then no more
    assert reader.times == 2


def test_a_disk_that_forgets_what_it_took_is_not_relied_on(source, monkeypatch):
    put = os.write

    def forget(descriptor, what):
        return put(descriptor, bytes(len(what)))

    monkeypatch.setattr(os, "write", forget)
    content = opened(source)
    assert content.notes[-1] == "not kept in the store: what was written cannot be read back"
    # rows of n-grams that were read back wrong, before the rest was, would be in the rows
    assert np.array_equal(content.rows.whole(), in_memory(source).rows.whole())


@pytest.mark.parametrize("size", [0, 1, 51, 52, 4096, 5000, -1, -100, -PAGE])
def test_a_store_that_is_cut_short_is_made_anew(source, store, size):
    os.truncate(store, size if size >= 0 else store.stat().st_size + size)
    reader = Counted()
    assert_same(opened(source, reader), in_memory(source))
    assert reader.times == 1
    opened(source, read_nothing)


def test_a_store_with_more_at_its_end_is_made_anew(source, store):
    with store.open("ab") as file:
        file.write(b"\0")
    reader = Counted()
    opened(source, reader)
    assert reader.times == 1


def test_anything_in_the_place_of_a_store_is_replaced(source, store):
    for content in (b"", b"x" * 10_000, b"tui-embed store\n" + b"\xff" * 5000):
        store.write_bytes(content)
        assert_same(opened(source), in_memory(source))
        assert_same(opened(source, read_nothing), in_memory(source))
