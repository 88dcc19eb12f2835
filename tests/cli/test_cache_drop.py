"""``tui-embed cache drop``: rows are found whether or not their space opens, and nothing is read for it."""

import fcntl
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoints import LLAMA_CONFIG, gpt2_arrays, gpt2_folder, llama_arrays, write_folder, write_shards
from stored import opened, sample, write_source

from tui_embed.sources.fetch.folder import fetched_folder
from tui_embed.sources.store.derived import derived
from tui_embed.sources.store.folder import store_folder
from tui_embed.sources.store.origins import hash_at


@pytest.fixture
def model(run, tmp_path: Path) -> Path:
    """A checkpoint whose rows are in the store."""
    folder = gpt2_folder(tmp_path / "models" / "mine")
    assert run("cache", "keep", str(folder)).status == 0
    return folder


def stores() -> list[str]:
    return sorted(path.name for path in store_folder().iterdir())


def tuned(folder: Path) -> None:
    write_folder(folder, {name: array + 1 for name, array in gpt2_arrays(292).items()})


@pytest.mark.parametrize("spelled", ["{}", "{}/", "{}/../mine", "{}/model.safetensors", "{}/config.json"])
@pytest.mark.parametrize("happened", [None, tuned, shutil.rmtree])
def test_rows_are_dropped_whatever_became_of_their_source(run, model, spelled, happened):
    if happened is not None:
        happened(model)
    ran = run("cache", "drop", spelled.format(model), "--json")
    assert (ran.status, len(ran.json["removed"]), stores()) == (0, 1, [])
    assert ran.json["space"] in ("mine", "model.safetensors")


def test_rows_are_dropped_by_what_the_list_calls_them(run, model):
    (entry,) = run("cache", "--json").json["entries"]
    assert run("cache", "drop", entry["source"].replace("wte", "wpe")).status == 2
    assert run("cache", "drop", entry["source"]).status == 0
    assert stores() == []


def test_rows_are_dropped_from_the_folder_that_one_is_in(run, model, monkeypatch):
    monkeypatch.chdir(model)
    told = run("cache", "drop", ".").out
    assert told.startswith("the rows of mine are no longer in the store: 1 file, ")
    assert stores() == []


def test_rows_are_dropped_through_a_link(run, model, tmp_path):
    (tmp_path / "link").symlink_to(model)
    assert run("cache", "drop", str(tmp_path / "link")).status == 0
    assert stores() == []


@pytest.mark.parametrize("how", ["flag", "environment", "file"])
def test_rows_are_dropped_with_the_cache_switched_off(run, model, own_settings, monkeypatch, how):
    given = ["--no-cache"] if how == "flag" else []
    if how == "environment":
        monkeypatch.setenv("TUI_EMBED_CACHE", "false")
    if how == "file":
        (own_settings / "config.toml").write_text("cache = false\n")
    ran = run(*given, "cache", "drop", str(model))
    assert (ran.status, stores()) == (0, [])


@pytest.mark.parametrize("gone", [False, True])
def test_rows_of_a_fetched_space_are_dropped_by_its_name(run, gone):
    folder = gpt2_folder(fetched_folder() / "minilm")
    assert run("cache", "keep", str(folder)).status == 0
    if gone:
        shutil.rmtree(folder)
    assert run("cache", "drop", "minilm", "--json").json["space"] == "minilm"
    assert stores() == []


def test_rows_that_are_being_written_stay(run, model):
    (name,) = stores()
    writing = store_folder() / f"{name}.{'0' * 16}.tmp"
    with writing.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert run("cache", "drop", str(model), "--json").json["removed"] == [name]
        assert stores() == [writing.name]
        assert run("cache", "drop", str(model)).status == 2


def test_all_that_was_kept_of_shards_goes(run, tmp_path):
    folder = write_shards(tmp_path / "s", llama_arrays(80), LLAMA_CONFIG)
    assert run("cache", "keep", str(folder)).status == 0
    shutil.rmtree(folder)
    assert run("cache", "drop", str(folder)).status == 0
    assert stores() == []


def test_other_rows_stay(run, model, tmp_path):
    other = gpt2_folder(tmp_path / "models" / "other")
    assert run("cache", "keep", str(other)).status == 0
    (model / "words.txt").write_text("a 1 2\nb 3 4\n")
    assert run("info", str(model / "words.txt")).status == 0
    assert run("cache", "drop", str(model)).status == 0
    sources = {entry["source"] for entry in run("cache", "--json").json["entries"]}
    assert sources == {f"{other}/model.safetensors#wte.weight", f"{model}/words.txt"}
    for name in (tmp_path / "models", "glove", "gpt2-init", "minilm", "nosuch", "a\0b"):
        ran = run("cache", "drop", str(name))
        assert (ran.status, ran.err.count("\n"), len(stores())) == (2, 1, 2)
        assert "'tui-embed cache prune' removes what is of no use" in ran.err


def test_a_file_that_was_never_kept_is_not_read(run, tmp_path, monkeypatch):
    path = tmp_path / "words.txt"
    path.write_text("a 1 2\nb 3 4\n")

    def reads(*_: object, **__: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr("tui_embed.sources.open.open_file", reads)
    ran = run("cache", "drop", str(path))
    assert (ran.status, ran.out, store_folder().exists()) == (2, "", False)
    assert "no rows of words.txt are in the store" in ran.err


def test_a_damaged_store_of_a_file_is_dropped(run, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("a 1 2\nb 3 4\n")
    assert run("info", str(path)).status == 0
    (name,) = stores()
    (store_folder() / name).write_bytes(b"damaged")
    assert run("cache", "drop", str(path), "--json").json["removed"] == [name]


def test_no_other_source_is_read(run, model, tmp_path, monkeypatch):
    write_source(tmp_path / "large", *sample(1))
    opened(tmp_path / "large")
    # it looks as if it had been written to: only its hash tells that it was not
    os.utime(tmp_path / "large")
    hashed = []

    def hashes(path: str, *given: object) -> str:
        hashed.append(path)
        return hash_at(path, *given)

    monkeypatch.setattr("tui_embed.sources.store.freshness.hash_at", hashes)
    assert run("cache", "keep", str(model)).status == 0
    assert run("cache", "drop", str(model)).status == 0
    assert str(tmp_path / "large") not in hashed
    assert run("cache").status == 0
    assert str(tmp_path / "large") in hashed


def test_what_was_worked_out_of_rows_goes_with_them(run, tmp_path):
    write_source(tmp_path / "one", *sample(1))
    derived(opened(tmp_path / "one").rows, "codes", lambda: {"a": np.arange(5)})
    assert len(stores()) == 2
    assert run("cache", "drop", str(tmp_path / "one")).status == 0
    assert stores() == []
