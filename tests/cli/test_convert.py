"""``convert``: what is written and said, what is refused, and that nothing is replaced unasked."""

from pathlib import Path

import numpy as np
import pytest

import tui_embed

ROWS = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.npz"
    np.savez(path, vectors=ROWS, words=np.array(["a", "b", "new york"]), kind=np.array(list("xyz")))
    return path


def test_what_was_written_is_said(run, source, tmp_path):
    target = tmp_path / "out.vec"
    ran = run("convert", str(source), str(target))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"{target}: {target.stat().st_size} B",
        "3 rows of 2 numbers, word2vec",
        "note: the metadata (kind) was left out: word2vec cannot hold it",
    ]
    assert tui_embed.load(str(target))["new york"].tolist() == [4, 5]


def test_json(run, source, tmp_path):
    target = tmp_path / "out.npy"
    found = run("convert", str(source), str(target), "--json").json
    assert (found["n_vocab"], found["d_model"], found["format"]) == (3, 2, "npy")
    vocabulary = tmp_path / "out.vocab.json"
    assert found["files"] == [
        {"path": str(path), "bytes": path.stat().st_size} for path in (target, vocabulary)
    ]
    assert found["left_out"] == ["the metadata (kind)"]


def test_nothing_is_replaced_unasked(run, source, tmp_path):
    (tmp_path / "out.vocab.json").write_text("mine")
    ran = run("convert", str(source), str(tmp_path / "out.npy"))
    assert (ran.status, ran.out) == (2, "")
    assert (
        ran.err == f"tui-embed: error: {tmp_path / 'out.vocab.json'} is there already (--force replaces it)\n"
    )
    assert not (tmp_path / "out.npy").exists()
    assert run("convert", str(source), str(tmp_path / "out.npy"), "--force").status == 0
    assert list(tui_embed.load(str(tmp_path / "out.npy")).tokens) == ["a", "b", "new york"]


def test_a_token_that_the_format_cannot_hold_is_named(run, source, tmp_path):
    target = tmp_path / "out.bin"
    ran = run("convert", str(source), str(target))
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "new york" in ran.err
    assert not target.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".tui-embed")] == []


def test_a_space_by_name(run, tmp_path):
    target = tmp_path / "out.safetensors"
    ran = run("convert", "glove", str(target))
    assert ran.status == 0
    assert "note" not in ran.out
    assert tui_embed.load(str(target))["king"].tolist() == tui_embed.load("glove")["king"].tolist()


def test_a_folder_is_for_the_projector(run, source, tmp_path):
    ran = run("convert", str(source), f"{tmp_path / 'out'}/")
    assert ran.status == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "metadata.tsv", "projector_config.json", "projector_config.pbtxt", "vectors.tsv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("{source}",), "the following arguments are required: DST"),
        (("{source}", "x"), "x: the end of its name says no format"),
        (("{source}", "x.npz", "--format", "pickle"), "invalid choice: 'pickle'"),
        (("{source}", "x.npz", "--space", "glove"), "SRC and --space are both given"),
        (("no-such-space", "x.npz"), "no-such-space"),
    ],
)
def test_wrong_usage(run, source, tmp_path, monkeypatch, arguments, line):
    monkeypatch.chdir(tmp_path)
    ran = run("convert", *(argument.format(source=source) for argument in arguments))
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert line in ran.err
    assert not (tmp_path / "x.npz").exists()
