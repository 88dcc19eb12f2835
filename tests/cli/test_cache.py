"""``tui-embed cache``: what is listed, and what goes when it is pruned."""

import fcntl
import os
import time
from pathlib import Path

import numpy as np
import pytest
from stored import opened, read_nothing, sample, write_source

from tui_embed.sources.store.derived import derived
from tui_embed.sources.store.layout import LAYOUT


@pytest.fixture(autouse=True)
def spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of stores, which is not there yet."""
    monkeypatch.setattr("tui_embed.sources.store.folder.cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "spaces"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    for seed, name in enumerate(("one", "two", "three", "four")):
        write_source(folder / name, *sample(seed, n=500 + seed, d=8))
    return folder


@pytest.fixture
def one_of_each(sources: Path, spaces: Path):
    """A store in each state; yields the name of each state's file."""
    names = {}
    for name, state in (("one", "current"), ("two", "source changed"), ("three", "source gone")):
        opened(sources / name)
        names[state] = newest(spaces, names)
    opened(f"{sources / 'four'}#older")
    names["older version"] = newest(spaces, names)
    opened(f"{sources / 'four'}#damaged")
    names["damaged"] = newest(spaces, names)
    write_source(sources / "two", *sample(9, n=501, d=8))
    (sources / "three").unlink()
    patch(spaces / names["older version"], 16, bytes([LAYOUT + 1]))
    patch(spaces / names["damaged"], 30, b"??")
    left, writing = (f"{letter * 32}.store.{letter * 16}.tmp" for letter in "ab")
    (spaces / left).write_bytes(b"left")
    with (spaces / writing).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        names |= {"left over": left, "being written": writing}
        yield names


def newest(spaces: Path, known: dict[str, str]) -> str:
    (new,) = {path.name for path in spaces.iterdir()} - set(known.values())
    return new


def patch(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def states(entries) -> dict[str, str]:
    return {entry["state"]: entry["name"] for entry in entries}


def test_an_empty_store(run, spaces):
    assert run("cache", "--json").json == {"folder": str(spaces), "bytes": 0, "entries": []}
    assert run("cache").out == f"  folder    {spaces}\n  together  0 B\n"
    assert run("cache", "prune").out == "  removed  0, 0 B\n  kept     0\n"
    assert not spaces.exists()


def test_a_store_is_listed(run, sources, spaces):
    opened(sources / "one")
    (path,) = spaces.iterdir()
    os.utime(path, (1e9, 1e9))
    found = run("cache", "list", "--json").json
    assert found["bytes"] == path.stat().st_size
    assert found["entries"] == [
        {
            "name": path.name,
            "source": str(sources / "one"),
            "kind": "made for tests",
            "n_vocab": 500,
            "d_model": 8,
            "bytes": path.stat().st_size,
            "last_used": "2001-09-09T01:46:40Z",
            "state": "current",
        }
    ]
    out = run("cache").out
    assert "made for tests  500 × 8" in out
    assert "used 2001-09-09  current\n" in out
    assert f"  {sources / 'one'}\n" in out
    assert " in 1 file\n" in out
    assert "remove    tui-embed cache drop SPACE, or cache prune --all\n" in out
    opened(sources / "one", read_nothing)
    assert run("cache", "--json").json["entries"][0]["last_used"] > "2020"


def test_every_state_is_told(run, one_of_each):
    assert states(run("cache", "--json").json["entries"]) == one_of_each
    out = run("cache").out
    for state in one_of_each:
        assert f" {state}\n" in out


def test_prune_takes_what_is_of_no_use(run, one_of_each, spaces):
    kept = {one_of_each["current"], one_of_each["being written"]}
    freed = sum(path.stat().st_size for path in spaces.iterdir() if path.name not in kept)
    found = run("cache", "prune", "--json").json
    assert {path.name for path in spaces.iterdir()} == kept
    assert (found["freed"], found["kept"]) == (freed, 2)
    assert states(found["removed"]).items() == one_of_each.items() - {
        ("current", one_of_each["current"]),
        ("being written", one_of_each["being written"]),
    }
    assert run("cache", "prune").out == "  removed  0, 0 B\n  kept     2\n"


def test_prune_all_leaves_what_is_being_written(run, one_of_each, spaces):
    found = run("cache", "prune", "--all", "--json").json
    assert [path.name for path in spaces.iterdir()] == [one_of_each["being written"]]
    assert (found["kept"], len(found["removed"])) == (1, 6)


def test_prune_takes_what_was_not_used(run, sources, spaces):
    for name in ("one", "two"):
        opened(sources / name)
    long_ago = time.time() - 10 * 86_400
    entries = {entry["source"]: entry["name"] for entry in run("cache", "--json").json["entries"]}
    os.utime(spaces / entries[str(sources / "two")], (long_ago, long_ago))
    assert run("cache", "prune", "--unused-for", "11", "--json").json["removed"] == []
    out = run("cache", "prune", "--unused-for", "9").out
    assert out.endswith("  kept     1\n")
    assert "sources/two\n    made for tests" in out
    assert [path.name for path in spaces.iterdir()] == [entries[str(sources / "one")]]


def test_a_source_that_was_touched_is_still_the_same(run, sources):
    opened(sources / "one")
    (sources / "one").touch()
    assert list(states(run("cache", "--json").json["entries"])) == ["current"]


def test_what_was_worked_out_goes_with_its_rows(run, sources, spaces):
    derived(opened(sources / "one").rows, "codes", lambda: {"a": np.arange(5)})
    kinds = {entry["kind"]: entry["state"] for entry in run("cache", "--json").json["entries"]}
    assert kinds == {"made for tests": "current", "codes": "current"}
    write_source(sources / "one", *sample(5, n=500, d=8))
    kinds = {entry["kind"]: entry["state"] for entry in run("cache", "--json").json["entries"]}
    assert kinds == {"made for tests": "source changed", "codes": "source changed"}
    opened(sources / "one")
    kinds = {entry["kind"]: entry["state"] for entry in run("cache", "--json").json["entries"]}
    assert kinds == {"made for tests": "current", "codes": "left over"}
    run("cache", "prune")
    assert len(list(spaces.iterdir())) == 1


def test_a_store_that_is_open_can_be_removed(run, sources):
    content = opened(sources / "one")
    run("cache", "prune", "--all")
    assert np.array_equal(content.rows.whole(), sample(0, n=500, d=8)[0])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--all",), "for 'cache prune'"),
        (("list", "--unused-for", "3"), "for 'cache prune'"),
        (("prune", "--all", "--unused-for", "3"), "--all removes everything"),
        (("prune", "--unused-for", "-1"), "days are 0 or more"),
        (("prune", "--unused-for", "x"), "no whole number"),
        (("empty",), "invalid choice"),
    ],
)
def test_wrong_usage(run, arguments, says):
    ran = run("cache", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_a_folder_that_is_not_ones_own(run, sources, spaces):
    opened(sources / "one")
    spaces.chmod(0o777)
    for arguments in ((), ("prune", "--all")):
        ran = run("cache", *arguments)
        assert (ran.status, ran.out) == (1, "")
        assert ran.err == f"tui-embed: error: the store cannot be used: others can write to {spaces}\n"
    assert len(list(spaces.iterdir())) == 1
