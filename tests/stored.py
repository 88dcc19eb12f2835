"""A format of vectors that only tests know, and what the store makes of files in it."""

import json
import os
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import LearnedPositions, SinusoidalPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.sources.builder import Content, SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.store.kept import from_store

BLOCK = 64
"""Rows that the reader adds at a time."""


def write_source(path: Path, rows: np.ndarray, tokens: list[bytes], n_extra: int = 0) -> None:
    """A line of JSON, then the rows; the first ``n_extra`` of them are of n-grams and have no tokens."""
    head = {"shape": rows.shape, "tokens": [token.hex() for token in tokens], "n_extra": n_extra}
    path.write_bytes(json.dumps(head).encode() + b"\n" + rows.astype("<f4").tobytes())


def sample(seed: int = 0, n: int = 700, d: int = 24) -> tuple[np.ndarray, list[bytes]]:
    """Rows that fill some pages, and a token for each."""
    rows = np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)
    return rows, [f"token {seed} {row}".encode() for row in range(n)]


def read(builder: SpaceBuilder) -> Content:
    """The reader of the format. A file ``names`` beside the source, if there is one, is a column."""
    file = builder.file
    builder.format = "made for tests"
    names = file.path.with_name("names")
    builder.consult(names)
    with file.stream() as stream:
        content = stream.read(file.size)
    line, _, numbers = content.partition(b"\n")
    head = json.loads(line)
    rows = np.frombuffer(numbers, "<f4").reshape(head["shape"])
    n_extra, width = head["n_extra"], rows.shape[1]
    if n_extra:
        # as fastText has it: rows of n-grams and others in one matrix, read back while rows are made of them
        storage = builder.storages.open("input", width, len(rows))
        storage.append(rows)
        builder.subwords = Subwords(3, 6, ArrayRows(storage.finish()[:n_extra]))
        rows = rows[n_extra:]
    builder.start(width, len(rows))
    for start in range(0, len(rows), BLOCK):
        builder.report(len(line) + 4 * width * start)
        builder.add(rows[start : start + BLOCK])
    builder.tokens([bytes.fromhex(token) for token in head["tokens"]])
    builder.metadata["number"] = TextColumn.from_texts(f"{row} of {len(rows)}" for row in range(len(rows)))
    if names.exists():
        builder.metadata["name"] = TextColumn.from_texts(names.read_text().split("\n")[: len(rows)])
    if n_extra:
        builder.positions = LearnedPositions(ArrayRows(rows[:5] * 2), "for tests")
        builder.provenance = Provenance(False, "drawn for tests", source="nowhere")
    elif len(rows) % 2:
        builder.positions = SinusoidalPositions(width, 12)
    builder.note("read by a test")
    file.check_unchanged()
    return builder.finish()


def read_nothing(builder: SpaceBuilder) -> Content:
    """For what must come out of the store."""
    raise AssertionError("the source was read again")


def opened(path: Path | str, reader: Callable[[SpaceBuilder], Content] = read, **options) -> Content:
    with SourceFile(path) as file:
        return from_store(file, reader, **options)


def in_memory(path: Path | str) -> Content:
    with SourceFile(path) as file:
        return read(SpaceBuilder(file))


def assert_same(found: Content, wanted: Content, but_notes: bool = False) -> None:
    """Every number and text of both, bit for bit, asked for in all the ways that there are."""
    rows = wanted.rows.whole()
    ids = np.random.default_rng(1).permutation(len(rows))
    assert found.rows.take(ids).tobytes() == rows[ids].tobytes()
    assert np.concatenate([block for _, block in found.rows.blocks()]).tobytes() == rows.tobytes()
    assert found.rows.part(1, 3).tobytes() == rows[1:3].tobytes()
    assert found.rows.whole().tobytes() == rows.tobytes()
    assert found.rows.shape == rows.shape
    assert found.norms.tobytes() == wanted.norms.tobytes()
    assert [a.tobytes() for a in found.vocabulary.arrays] == [a.tobytes() for a in wanted.vocabulary.arrays]
    assert list(found.metadata) == list(wanted.metadata)
    for name, column in wanted.metadata.items():
        texts = list(map(column.bytes_of, range(len(column))))
        assert list(map(found.metadata[name].bytes_of, range(len(column)))) == texts
        assert [text for _, block in found.metadata[name].blocks() for text in block] == texts
    assert found.provenance == wanted.provenance
    assert type(found.positions) is type(wanted.positions)
    if wanted.positions is not None:
        assert (found.positions.n_ctx, found.positions.note) == (
            wanted.positions.n_ctx,
            wanted.positions.note,
        )
        assert found.positions.row(0).tobytes() == wanted.positions.row(0).tobytes()
    assert (found.format, found.named_by_number) == (wanted.format, wanted.named_by_number)
    if not but_notes:
        assert found.notes == wanted.notes
    assert (found.subwords is None) == (wanted.subwords is None)
    if wanted.subwords is not None:
        assert (found.subwords.minn, found.subwords.maxn) == (wanted.subwords.minn, wanted.subwords.maxn)
        every = np.arange(wanted.subwords.rows.shape[0])
        assert found.subwords.rows.take(every).tobytes() == wanted.subwords.rows.take(every).tobytes()


def in_process(work: Callable[[], None]) -> int:
    """Run ``work`` in a process of its own; returns its exit status, minus the signal that killed it."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


WRITING = ("write", "pwrite", "fsync", "replace", "open", "fstatvfs", "lseek")
"""What the store calls to write."""


@contextmanager
def on_call(number: int, act: Callable[[str], None]):
    """``act`` is called with its name before the call, counted from 0, of a function of WRITING; yields a
    list of the calls until now.
    """
    calls: list[str] = []
    real = {name: getattr(os, name) for name in WRITING}

    def patched(name: str):
        def call(*arguments, **named):
            if name == "open" and "dir_fd" not in named and Path(arguments[0]).name != "spaces":
                # of the source
                return real[name](*arguments, **named)
            calls.append(name)
            if len(calls) == number + 1:
                act(name)
            return real[name](*arguments, **named)

        return call

    try:
        for name in WRITING:
            setattr(os, name, patched(name))
        yield calls
    finally:
        for name in WRITING:
            setattr(os, name, real[name])


def kill_self(name: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
