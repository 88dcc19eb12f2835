"""Vocabularies beside checkpoints that are pipes, devices, folders or bombs; and ids that are no ids."""

import json
import os
import subprocess
import sys
import tracemalloc

import pytest
from checkpoints import (
    BERT_CONFIG,
    BERT_TOKENS,
    GPT2_CONFIG,
    bert_arrays,
    byte_level,
    gpt2_arrays,
    n_tokens,
    write_folder,
)

from tui_embed.errors import TuiEmbedError
from tui_embed.sources.models import config, vocabulary
from tui_embed.sources.models.opening import open_folder

OPEN_AND_SPLIT = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.models.opening import open_folder
try:
    open_folder(Path(sys.argv[1]), cache=False).tokenizer.encode("the king")
except TuiEmbedError as error:
    print(error)
"""


def line_of(folder):
    """What is said of a folder, by a process that may neither wait nor take much memory."""
    made = subprocess.run(
        [sys.executable, "-c", OPEN_AND_SPLIT, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert made.stdout.count("\n") == 1
    return made.stdout


def make_odd(path, kind):
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()


def bert_by_lines(folder):
    write_folder(folder, bert_arrays(), BERT_CONFIG)
    (folder / "vocab.txt").write_text("\n".join(BERT_TOKENS) + "\n", encoding="utf-8")
    return folder


def gpt2_by_pairs(folder, merges=None):
    tokenizer = byte_level()
    write_folder(folder, gpt2_arrays(n_tokens(tokenizer)), GPT2_CONFIG)
    (folder / "vocab.json").write_text(json.dumps(tokenizer["model"]["vocab"]), encoding="utf-8")
    lines = "#version: 0.2\n" + "\n".join(tokenizer["model"]["merges"]) + "\n"
    (folder / "merges.txt").write_bytes(lines.encode() if merges is None else merges)
    return folder


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
@pytest.mark.parametrize(
    ("make", "name"),
    [(bert_by_lines, "vocab.txt"), (gpt2_by_pairs, "merges.txt"), (gpt2_by_pairs, "vocab.json")],
)
def test_what_is_no_file_is_not_waited_for(tmp_path, make, name, kind):
    folder = make(tmp_path / "m")
    make_odd(folder / name, kind)
    line = line_of(folder)
    assert f"{name}: is " in line
    assert "regular file" in line or "directory" in line


@pytest.mark.parametrize("name", ["vocab.txt", "vocab.json"])
def test_a_vocabulary_that_became_a_pipe_is_not_waited_for(tmp_path, name):
    """The library reads nothing itself: it would wait and hold up all else."""
    folder = bert_by_lines(tmp_path / "m") if name == "vocab.txt" else gpt2_by_pairs(tmp_path / "m")
    space = open_folder(folder, cache=False)
    make_odd(folder / name, "pipe")
    with pytest.raises(TuiEmbedError, match="is no regular file"):
        space.tokenizer.encode("the king")


def test_lists_longer_than_any_are_refused(tmp_path, monkeypatch):
    folder = bert_by_lines(tmp_path / "b")
    monkeypatch.setattr(vocabulary, "MOST_LINES", 3)
    with pytest.raises(TuiEmbedError, match=r"vocab\.txt: over 3 lines"):
        open_folder(folder)
    monkeypatch.setattr(vocabulary, "MOST_LINES_BYTES", 10)
    with pytest.raises(TuiEmbedError, match=r"vocab\.txt: .* are no such file"):
        open_folder(folder)


@pytest.mark.parametrize(
    ("merges", "said"),
    [
        (b"a b\nabc\n", "line 2: “abc” is no pair of tokens"),
        (b"\xff \xfe\n", "it is not UTF-8"),
        (b"a zz\n", "does not take it"),
        (b"", "empty"),
    ],
)
def test_merges_that_are_none(tmp_path, merges, said):
    space = open_folder(gpt2_by_pairs(tmp_path / "g", merges))
    with pytest.raises(TuiEmbedError, match=said) as caught:
        space.tokenizer.encode("the king")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("vocab", [{"\ud800": 0}, {"a": -1}, {"a": 2**40}])
def test_a_vocabulary_that_the_library_does_not_take(tmp_path, vocab):
    folder = gpt2_by_pairs(tmp_path / "g")
    (folder / "vocab.json").write_text(json.dumps(vocab))
    with pytest.raises(TuiEmbedError, match=r"vocab\.json: the tokenizers package") as caught:
        open_folder(folder).tokenizer.encode("a")
    assert "\n" not in str(caught.value)


def test_half_a_surrogate_pair_is_a_token_as_any(tmp_path):
    tokenizer = byte_level()
    token_id = n_tokens(tokenizer)
    added = {**tokenizer["added_tokens"][0], "id": token_id, "content": "\ud800"}
    tokenizer["model"]["vocab"]["\ud800"] = token_id
    tokenizer["added_tokens"].append(added)
    folder = write_folder(tmp_path / "g", gpt2_arrays(token_id + 1), GPT2_CONFIG, tokenizer=tokenizer)
    assert len(open_folder(folder)) == token_id + 1


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "vocab.json"])
def test_more_values_than_any_such_file_has(tmp_path, monkeypatch, name):
    """``[],`` takes 27 times its bytes."""
    folder = gpt2_by_pairs(tmp_path / "g")
    (folder / name).write_text('{"model": {"vocab": {}}, "x": [' + "[]," * 300_000 + "0]}")
    monkeypatch.setattr(config, "MOST_VALUES", 500_000)
    tracemalloc.start()
    with pytest.raises(TuiEmbedError, match=rf"{name}: over 500,000 values"):
        open_folder(folder)
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_a_vocabulary_as_large_as_the_largest_is_read(tmp_path):
    """Of 262,144 tokens and 580,000 merges, each written as a pair."""
    letters = {chr(0x4E00 + number): number for number in range(1000)}
    pairs = [[left, right] for left in letters for right in letters][:580_000]
    vocab = letters | {left + right: 1000 + number for number, (left, right) in enumerate(pairs[:261_144])}
    found = {"model": {"type": "BPE", "vocab": vocab, "merges": pairs}}
    (tmp_path / "tokenizer.json").write_text(
        json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8"
    )
    tokens = vocabulary.tokens_of_json(tmp_path / "tokenizer.json", 262_144)
    assert not tokens.unused
