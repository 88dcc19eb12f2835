"""The list of recent files: bounded, private, and unharmed by whatever lies in its place."""

import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.recent import MOST, MOST_BYTES, RecentFile, recent_files, remember


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr("tui_embed.recent.state_folder", lambda: tmp_path / "state")
    return tmp_path / "state"


def test_nothing_was_opened():
    assert recent_files() == []


def test_the_newest_is_first_and_each_file_is_there_once(folder):
    for name in ("/a", "/b#part", "/c"):
        remember(RecentFile(name, 3, 2))
    remember(RecentFile("/a", 4, 2))
    assert recent_files() == [RecentFile("/a", 4, 2), RecentFile("/c", 3, 2), RecentFile("/b#part", 3, 2)]


def test_the_list_is_bounded():
    for number in range(MOST + 5):
        remember(RecentFile(f"/{number}", 1, 1))
    assert [file.spec for file in recent_files()] == [f"/{MOST + 4 - i}" for i in range(MOST)]


def test_it_is_the_users_own_and_leaves_nothing_beside_it(folder):
    remember(RecentFile("/a", 1, 1))
    (written,) = folder.iterdir()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("spec", ["/\udcff\udc80", "/a\nb", "/[/]\x1b[31m", "/" + "長" * 1000])
def test_any_name_is_kept_as_it_is(spec):
    remember(RecentFile(spec, 1, 1))
    assert recent_files() == [RecentFile(spec, 1, 1)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"files": 3}',
        b'{"files": ["/a", null, 3, [], {}]}',
        b'{"files": [{"spec": "relative", "n_vocab": 1, "d_model": 1}]}',
        b'{"files": [{"spec": "/a\\u0000b", "n_vocab": 1, "d_model": 1}]}',
        b'{"files": [{"spec": "/a", "n_vocab": -1, "d_model": 1}]}',
        b'{"files": [{"spec": "/a", "n_vocab": 1e400, "d_model": 1}]}',
        b'{"files": [{"spec": "/a", "n_vocab": "1", "d_model": 1}]}',
        b'{"files": [{"spec": ["/a"], "n_vocab": 1, "d_model": 1}]}',
        b"[" * 100_000,
        b'{"files": [' + b" " * MOST_BYTES + b"]}",
        b'{"files": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_damaged_list_is_an_empty_one_and_is_written_anew(folder, content):
    folder.mkdir()
    (folder / "recent.json").write_bytes(content)
    assert recent_files() == []
    remember(RecentFile("/a", 1, 1))
    assert recent_files() == [RecentFile("/a", 1, 1)]


def test_a_folder_in_its_place_is_an_error_and_stays(folder):
    (folder / "recent.json").mkdir(parents=True)
    assert recent_files() == []
    with pytest.raises(OSError, match="directory"):
        remember(RecentFile("/a", 1, 1))
    assert [entry.name for entry in folder.iterdir()] == ["recent.json"]


def test_a_full_disk_leaves_the_list_as_it_was(folder, monkeypatch):
    remember(RecentFile("/a", 1, 1))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        remember(RecentFile("/b", 1, 1))
    assert recent_files() == [RecentFile("/a", 1, 1)]
    assert [entry.name for entry in folder.iterdir()] == ["recent.json"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["files", "spec", "n_vocab", "d_model"]), inner, max_size=4)
    ),
)


@given(JSON)
def test_no_json_is_an_error(tmp_path_factory, found):
    folder = tmp_path_factory.mktemp("state")
    (folder / "recent.json").write_text(json.dumps({"files": [found]}))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tui_embed.recent.state_folder", lambda: folder)
        assert all(file.spec.startswith("/") and file.n_vocab > 0 for file in recent_files())
