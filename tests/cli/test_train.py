"""``tui-embed train``, as a script uses it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hearing import hearing

import tui_embed
from tui_embed.cli import train
from tui_embed.cli.main import main
from tui_embed.errors import UsageError

SMALL = ["--epochs", "1", "--d-model", "8"]


def test_a_grammar_is_trained_and_its_figures_are_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "toy.npz"
    assert main(["train", "grammar-en", "--out", str(out), "--json", *SMALL]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert captured.err == ""
    for name in ("words_per_second", "loss", "heldout_loss", "n_vocab", "seed", "file"):
        assert name in found
    space = tui_embed.load(out)
    assert (found["n_vocab"], found["file"], found["seed"]) == (len(space), str(out), 1)
    assert space.training is not None
    assert found["heldout_loss"] == space.training.heldout_loss
    assert not out.with_name("toy.npz.checkpoint").exists()
    assert main(["train", "grammar-en", "--out", str(out), *SMALL]) == 2
    assert "--force replaces it" in capsys.readouterr().err
    assert main(["train", "grammar-en", "--out", str(out), "--force", *SMALL]) == 0
    assert "trained here: skip-gram on grammar-en" in capsys.readouterr().out


def test_every_objective_and_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the king rules the land\nthe queen rules the sea\n" * 40)
    runs = {
        "cbow": ["--objective", "cbow", "--unk", "--min-count", "41"],
        "glove": ["--objective", "glove", "--x-max", "10"],
        "lm": ["--objective", "lm", "--n-ctx", "3", "--separate-output", "--body", "attention"],
        "ngrams": ["--ngrams", "2-3", "--buckets", "100", "--rare", "fallback"],
        "softmax": ["--negatives", "0", "--freeze", "king,queen", "--schedule", "constant"],
        "characters": ["--tokens", "characters"],
        "gensim": ["--engine", "gensim", "--min-count", "1"],
    }
    for name, more in runs.items():
        out = tmp_path / f"{name}.npz"
        assert main(["train", str(text), "--out", str(out), *SMALL, *more]) == 0, capsys.readouterr().err
        assert tui_embed.load(out).d_model == 8
    start = ["--start", str(tmp_path / "softmax.npz"), "--freeze", "pretrained"]
    assert main(["train", str(text), "--out", str(tmp_path / "again.npz"), *SMALL, *start]) == 0
    assert "rows were frozen" in capsys.readouterr().out
    np.testing.assert_array_equal(
        tui_embed.load(tmp_path / "again.npz")["king"], tui_embed.load(tmp_path / "softmax.npz")["king"]
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train"], "a CORPUS and --out FILE are needed"),
        (["train", "nowhere", "--out", "x.npz"], "no text or file named 'nowhere'"),
        (["train", "grammar-en", "--out", "nowhere/x.npz"], "no such folder"),
        (["train", "grammar-en", "--out", "x.unknown"], "says no format"),
        (["train", "grammar-en", "--out", "x.npz", "--d-model", "0"], "d_model is 0"),
        (["train", "grammar-en", "--out", "x.npz", "--ngrams", "x"], "are no lengths"),
        (["train", "grammar-en", "--out", "x.npz", "--start", "glove"], "rows of 50 numbers"),
        (["train", "grammar-en", "--out", "x.npz", "--freeze", "kingg"], "“kingg” is not in grammar-en"),
        (["train", "grammar-en", "--out", "x.npz", "--resume"], "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_texts_with_a_name_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--list", "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)["corpora"]]
    assert names[:2] == ["grammar-en", "grammar-zh"]


def command(out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "tui_embed", "train", "grammar-en", "--out", str(out), *SMALL, *more]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_training_that_was_ended_goes_on_to_the_same_matrix(number: signal.Signals, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.npz", tmp_path / "out.npz"
    checkpoint = Path(f"{out}.checkpoint")
    process = subprocess.Popen(
        hearing(command(out, "--checkpoint-seconds", "0.05")),
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not checkpoint.exists():
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, error = process.communicate(timeout=30)
    if number == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 128 + number
        assert f"by {number.name} (--resume goes on from {checkpoint})" in error
    assert not out.exists()
    subprocess.run(command(whole), check=True, timeout=120, stdout=subprocess.DEVNULL)
    subprocess.run(command(out, "--resume"), check=True, timeout=120, stdout=subprocess.DEVNULL)
    np.testing.assert_array_equal(tui_embed.load(whole).vectors, tui_embed.load(out).vectors)
    assert not checkpoint.exists()
    assert out.exists()


def test_from_python() -> None:
    sentences = [["a", "b", "c"], ["b", "c", "d"]] * 50
    space = tui_embed.train(sentences, d_model=4, min_count=1, epochs=1, seed=3)
    assert sorted(space.tokens) == ["a", "b", "c", "d"]
    assert space.training is not None
    assert space.training.settings.seed == 3
    again = tui_embed.train(iter(sentences), d_model=4, min_count=1, epochs=1, seed=3)
    np.testing.assert_array_equal(space.vectors, again.vectors)
    started_there = tui_embed.train(sentences, d_model=4, min_count=1, start=space, freeze="pretrained")
    np.testing.assert_array_equal(space.vectors, started_there.vectors)
    assert tui_embed.train("grammar-zh", "glove", d_model=4, epochs=1).d_model == 4
    with pytest.raises(UsageError, match="window is 0"):
        tui_embed.train(sentences, window=0)


def test_a_signal_before_the_first_step_is_told_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = train.open_corpus

    def read_and_told_to_end(*arguments: object, **options: object) -> object:
        os.kill(os.getpid(), signal.SIGTERM)
        return read(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("tui_embed.cli.train.open_corpus", read_and_told_to_end)
    out = tmp_path / "toy.npz"
    assert main(["train", "grammar-en", "--out", str(out), *SMALL]) == 128 + signal.SIGTERM
    error = capsys.readouterr().err
    assert "stopped at step 0 by SIGTERM (nothing of it was kept)" in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
