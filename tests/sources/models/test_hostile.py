"""Checkpoints that lie: each is opened for what it is, or refused in one line, and nothing else happens."""

import json
import random
import shutil
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import safetensors.numpy as reference
from checkpoints import (
    BERT_CONFIG,
    GPT2_CONFIG,
    LLAMA_CONFIG,
    D,
    arrays,
    bert_arrays,
    bert_folder,
    byte_level,
    gpt2_arrays,
    gpt2_folder,
    llama_arrays,
    n_tokens,
    wordpiece,
    write_folder,
    write_shards,
)

import tui_embed
from tui_embed.engine.models.forward import forward, next_tokens
from tui_embed.engine.models.lens import lens
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.models.opening import open_folder


def refused(folder):
    with pytest.raises(TuiEmbedError) as caught:
        open_folder(folder)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line.replace(str(folder), "")) < 320
    return line


def tried(folder):
    """Open, read, search and run: the line that says why that cannot be done, or ""."""
    try:
        space = open_folder(folder, cache=False)
        space.matrix.row(1)
        space.neighbors(space.matrix.row(2), 3)
        forward(space, "the king sat")
    except TuiEmbedError as error:
        return str(error)
    return ""


def shards(tmp_path, change):
    folder = write_shards(tmp_path / "s", llama_arrays(60), LLAMA_CONFIG)
    path = folder / "model.safetensors.index.json"
    index = json.loads(path.read_text())
    path.write_text(json.dumps(change(index)))
    return folder


@pytest.mark.parametrize(
    "name",
    ["../secret.safetensors", "/etc/passwd", "sub/x.safetensors", "..", "x.bin", "a\0.safetensors", ""],
)
def test_an_index_leads_nowhere_else(tmp_path, name):
    folder = shards(tmp_path, lambda index: {"weight_map": {**index["weight_map"], "more": name}})
    assert "is no .safetensors file beside it" in refused(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda index: {}, "weight_map is no object of texts"),
        (lambda index: {"weight_map": 7}, "weight_map is no object of texts"),
        (lambda index: {"weight_map": {"a": 1}}, "weight_map is no object of texts"),
        (lambda index: [], "no JSON object"),
        (lambda index: {"weight_map": {}}, "none of its 0 files"),
        (lambda index: {"weight_map": {f"t{i}": f"{i}.safetensors" for i in range(2000)}}, "2,000 files"),
        (
            lambda index: {
                "weight_map": {**index["weight_map"], "ghost": next(iter(index["weight_map"].values()))}
            },
            "the index has it here, and it is not",
        ),
    ],
)
def test_an_index_that_lies(tmp_path, change, said):
    assert said in refused(shards(tmp_path, change))


@pytest.mark.parametrize("name", ["x" * 300, "猫" * 200, "\ud800"])
def test_a_shard_of_a_name_that_no_file_has_is_not_here(tmp_path, name):
    file = f"{name}.safetensors"
    folder = shards(tmp_path, lambda index: {"weight_map": {**index["weight_map"], "more": file}})
    space = open_folder(folder)
    assert space.notes[0].startswith("1 of its files is not here: ")
    assert len(space.notes[0]) < 120


def test_more_shards_than_files_may_be_open(tmp_path):
    """In a process of its own, whose limit that is."""
    folder = write_shards(tmp_path / "s", llama_arrays(60, layers=8), LLAMA_CONFIG, n_files=60)
    for spare in range(6):  # the limit is met where a header is read, and where a file is opened
        made = subprocess.run(
            [sys.executable, "-c", OPEN_WITH_FEW, str(folder), str(spare)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "too many open files (more are allowed after: ulimit -n" in made.stdout
        assert made.stdout.count("\n") == 1


OPEN_WITH_FEW = """
import os, resource, sys
from pathlib import Path
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.models.opening import open_folder
most = len(os.listdir("/proc/self/fd")) + 20 + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
try:
    open_folder(Path(sys.argv[1]), cache=False)
except TuiEmbedError as error:
    print(error)
"""


def test_a_damaged_shard_is_named(tmp_path):
    folder = write_shards(tmp_path / "s", llama_arrays(60), LLAMA_CONFIG)
    path = sorted(folder.glob("*.safetensors"))[1]
    path.write_bytes(path.read_bytes()[:-5])
    assert path.name in refused(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is no JSON"),
        ("[1]", "no JSON object"),
        ("[" * 100_000, "it is no JSON"),
        ("\udcff".encode("utf-8", "surrogateescape"), "it is no JSON"),
        ("", "empty"),
    ],
)
def test_a_configuration_that_is_none(tmp_path, text, said):
    folder = bert_folder(tmp_path / "b")
    (folder / "config.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert said in refused(folder)


@pytest.mark.parametrize("value", [-1, 0, 2**70, "many", None, [], True, 1.5, float("1e300")])
def test_numbers_without_sense_are_as_if_not_said(tmp_path, value):
    names = ("num_hidden_layers", "num_attention_heads", "hidden_size", "layer_norm_eps", "vocab_size")
    config = {**BERT_CONFIG, **dict.fromkeys(names, value)}
    folder = write_folder(tmp_path / "b", bert_arrays(), config, tokenizer=wordpiece())
    space = open_folder(folder)
    assert space.d_model == D
    if space.model.load_body is None:
        assert space.model.no_body
    else:
        forward(space, "the king")


@pytest.mark.parametrize("kind", [[], 5, {"a": 1}, "x" * 10_000, "bert\x1b[31m"])
def test_a_kind_of_model_that_is_none(tmp_path, kind):
    """A kind that is no text is as if not said; a text that is not known names no model that is."""
    folder = write_folder(
        tmp_path / "b", bert_arrays(), {**BERT_CONFIG, "model_type": kind}, tokenizer=wordpiece()
    )
    title = kind[:40] if isinstance(kind, str) else "BERT"
    assert open_folder(folder).model.title == title
    odd = write_folder(tmp_path / "o", arrays({"my_embed": (100, 4)}), {"model_type": kind})
    assert all(len(note) < 300 for note in open_folder(odd).notes)


def tokenizer_with(vocab, **model):
    made = wordpiece()
    made["model"] = {**made["model"], "vocab": vocab, **model}
    return {**made, "added_tokens": []}


@pytest.mark.parametrize(
    ("tokenizer", "said"),
    [
        ({}, "it has no model"),
        ({"model": 1}, "it has no model"),
        ({"model": {"vocab": 1}}, "neither a map nor a list"),
        ({"model": {"vocab": {"a": "b"}}}, "has no whole number as its id"),
        ({"model": {"vocab": {"a": True}}}, "has no whole number as its id"),
        ({"model": {"vocab": [["a", 1], 7]}}, "has no whole number as its id"),
        ([], "no JSON object"),
    ],
)
def test_a_tokenizer_that_is_none(tmp_path, tokenizer, said):
    folder = write_folder(tmp_path / "b", bert_arrays(), BERT_CONFIG, tokenizer=tokenizer)
    assert said in refused(folder)


def test_ids_beyond_the_rows_take_no_memory(tmp_path):
    vocab = {"a": 0, "b": 10**15, "c": -3, "d": 2, "e": 2}
    folder = write_folder(tmp_path / "b", bert_arrays(6), BERT_CONFIG, tokenizer=tokenizer_with(vocab))
    tracemalloc.start()
    space = open_folder(folder)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    assert list(space.tokens)[:3] == ["a", "<|no token 1|>", "e"]
    assert "2 tokens of the tokenizer have no row" in " ".join(space.notes)


def test_a_tokenizer_that_the_library_cannot_read_is_told_when_it_is_used(tmp_path):
    broken = {"model": {"type": "Nonsense", "vocab": {"a": 0}}}
    folder = write_folder(tmp_path / "b", bert_arrays(4), BERT_CONFIG, tokenizer=broken)
    space = open_folder(folder)
    with pytest.raises(TuiEmbedError, match=r"tokenizer\.json"):
        space.tokenizer.encode("a")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("embeddings.word_embeddings.weight", (8,)),
        ("embeddings.word_embeddings.weight", (2, 3, 4)),
        ("embeddings.word_embeddings.weight", (0, D)),
    ],
)
def test_a_matrix_that_is_none(tmp_path, name, shape):
    tensors = {**bert_arrays(), name: np.zeros(shape, np.float32)}
    refused(write_folder(tmp_path / "b", tensors, BERT_CONFIG))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("embeddings.position_embeddings.weight", (10, D + 1)),
        ("embeddings.position_embeddings.weight", (10,)),
        ("embeddings.token_type_embeddings.weight", (0, D)),
        ("embeddings.token_type_embeddings.weight", (2, 3)),
        ("embeddings.LayerNorm.weight", (3,)),
        ("embeddings.LayerNorm.bias", (2, 2)),
    ],
)
def test_a_part_of_another_shape_is_left_out(tmp_path, name, shape):
    tensors = {**bert_arrays(), name: np.zeros(shape, np.float32)}
    space = open_folder(write_folder(tmp_path / "b", tensors, BERT_CONFIG, tokenizer=wordpiece()))
    assert space.input_layer.embed(space["king"], space.positions.row(0)).shape == (D,)


@pytest.mark.parametrize(
    "name",
    [
        "encoder.layer.1.intermediate.dense.weight",
        "encoder.layer.0.attention.self.key.bias",
        "encoder.layer.1.output.LayerNorm.weight",
    ],
)
def test_layers_that_do_not_fit_are_told_in_one_line(tmp_path, name):
    tensors = {**bert_arrays(), name: np.zeros((3, 5), np.float32)}
    space = open_folder(write_folder(tmp_path / "b", tensors, BERT_CONFIG, tokenizer=wordpiece()))
    with pytest.raises(TuiEmbedError, match="do not fit together") as caught:
        forward(space, "the king")
    assert "\n" not in str(caught.value)
    del tensors[name]
    space = open_folder(write_folder(tmp_path / "c", tensors, BERT_CONFIG, tokenizer=wordpiece()))
    with pytest.raises(TuiEmbedError, match="do not fit together"):
        forward(space, "the king")


@pytest.mark.parametrize("array", [None, np.zeros(3, np.float32)])
def test_a_last_layer_that_does_not_fit_is_told_in_one_line(tmp_path, array):
    tokenizer = byte_level()
    tensors = gpt2_arrays(n_tokens(tokenizer))
    del tensors["ln_f.weight"]
    if array is not None:
        tensors["ln_f.weight"] = array
    run = forward(
        open_folder(write_folder(tmp_path / "g", tensors, GPT2_CONFIG, tokenizer=tokenizer)), " the king"
    )
    for asked in (lambda: next_tokens(run, 1), lambda: run.finished(1, 0), lambda: lens(run)):
        with pytest.raises(TuiEmbedError, match="do not fit together"):
            asked()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_act": "swoosh"}, "its activation swoosh"),
        ({"num_attention_heads": 3}, "3 heads"),
        ({"num_hidden_layers": 12}, "2 of its 12 layers"),
        ({"is_decoder": True}, "is_decoder"),
        ({"position_embedding_type": "relative_key"}, "relative_key"),
    ],
)
def test_a_pass_that_would_be_another_is_not_made(tmp_path, change, said):
    space = open_folder(
        write_folder(tmp_path / "b", bert_arrays(), {**BERT_CONFIG, **change}, tokenizer=wordpiece())
    )
    assert space.model.load_body is None
    assert said in space.model.no_body
    run = forward(space, "the king")
    assert run.trace is None


@pytest.mark.parametrize(
    "change",
    [
        {"rope_scaling": {"rope_type": "llama3", "factor": 8.0}},
        {"rope_scaling": {"type": "linear"}},
        {"head_dim": 3},
    ],
)
def test_scaled_rotations_are_not_taken_for_plain_ones(tmp_path, change):
    space = open_folder(write_folder(tmp_path / "l", llama_arrays(60), {**LLAMA_CONFIG, **change}))
    assert space.model.load_body is None
    assert "changes the pass" in space.model.no_body


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scale_attn_weights": False}, "scale_attn_weights off"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
        ({"activation_function": "swoosh", "hidden_act": "gelu"}, "its activation swoosh"),
        ({"scale_attn_weights": True, "hidden_act": "swoosh", "activation": "swoosh"}, ""),
    ],
)
def test_settings_of_gpt2_that_change_the_pass(tmp_path, change, said):
    space = open_folder(write_folder(tmp_path / "g", gpt2_arrays(60), {**GPT2_CONFIG, **change}))
    assert (space.model.load_body is None) == bool(said)
    assert said in space.model.no_body


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "mistral", "sliding_window": 8}, "a sliding window of 8 tokens"),
        ({"model_type": "mistral", "sliding_window": 0}, "a sliding window of 0 tokens"),
        ({"model_type": "mistral", "sliding_window": 4096}, ""),
        ({"model_type": "mistral", "sliding_window": None}, ""),
        ({"model_type": "qwen2", "sliding_window": 8, "use_sliding_window": False}, ""),
        ({"model_type": "qwen2", "sliding_window": 8}, ""),
        (
            {"model_type": "qwen2", "sliding_window": 8, "use_sliding_window": True},
            "a sliding window of 8 tokens",
        ),
        ({"model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": True}, ""),
        ({"rope_theta": -5}, "a RoPE θ of -5"),
        ({"rope_theta": 0}, "a RoPE θ of 0"),
        ({"rope_theta": float("inf")}, "a RoPE θ of inf"),
        ({"rope_theta": float("nan")}, "a RoPE θ of nan"),
        ({"rope_theta": "many"}, "a RoPE θ of many"),
        ({"rope_parameters": {"rope_theta": 5e5}, "rope_scaling": {"type": "linear", "factor": 4}}, "linear"),
        ({"rope_parameters": {"rope_type": None, "type": "yarn"}}, "yarn"),
        ({"rope_parameters": {"rope_type": "default"}}, ""),
    ],
)
@pytest.mark.filterwarnings("error")
def test_how_far_tokens_look_and_how_they_are_turned(tmp_path, change, said):
    tokenizer = byte_level()
    tensors = llama_arrays(n_tokens(tokenizer))
    folder = write_folder(tmp_path / "l", tensors, {**LLAMA_CONFIG, **change}, tokenizer=tokenizer)
    space = open_folder(folder)
    assert (space.model.load_body is None) == bool(said)
    assert said in space.model.no_body
    run = forward(space, " the king")
    assert (run.trace is None) == bool(said)


def test_rows_that_are_projected_before_the_first_layer_end_there(tmp_path):
    """ELECTRA's rows are often narrower than its layers."""
    wide = bert_arrays(d=2 * D)
    narrow = {name: array for name, array in bert_arrays().items() if name.startswith("embeddings.")}
    projection = arrays({"embeddings_project.weight": (2 * D, D), "embeddings_project.bias": (2 * D,)})
    config = {**BERT_CONFIG, "model_type": "electra", "hidden_size": 2 * D, "embedding_size": D}
    tensors = {**wide, **narrow, **projection}
    space = open_folder(write_folder(tmp_path / "e", tensors, config, tokenizer=wordpiece()))
    assert "its rows are projected to the width of its layers" in space.model.no_body
    run = forward(space, "the king")
    assert (run.trace, run.inputs.shape) == (None, (4, D))


def test_pickles_are_never_opened(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "pytorch_model.bin").write_bytes(b"\x80\x04")
    assert "a pickle, which can run code and is never opened" in refused(tmp_path / "p")
    (tmp_path / "p" / "pytorch_model.bin").unlink()
    assert "no checkpoint: neither" in refused(tmp_path / "p")
    reference.save_file({"a": np.zeros(3)}, tmp_path / "p" / "a.safetensors")
    reference.save_file({"a": np.zeros(3)}, tmp_path / "p" / "b.safetensors")
    assert "2 files of weights in it" in refused(tmp_path / "p")


@pytest.mark.parametrize("name", ["x" * 400, "a\0b", "\ud800"])
def test_a_name_that_no_file_can_have(tmp_path, name):
    with pytest.raises(SourceError, match=r"file name too long|no file has such a name"):
        tui_embed.load(tmp_path / name)


def test_a_folder_that_cannot_be_read(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        open_folder(tmp_path / "nothing")


@pytest.mark.parametrize("make", [bert_folder, gpt2_folder])
def test_changed_bytes_never_do_more_than_an_error(tmp_path, make):
    """Headers, configuration, tokenizer and numbers, one to four bytes at a time."""
    whole = make(tmp_path / "whole")
    names = ["model.safetensors", "config.json", "tokenizer.json"]
    chance = random.Random(7)
    opened = 0
    for number in range(120):
        folder = tmp_path / "x"
        shutil.copytree(whole, folder)
        path = folder / names[number % 3]
        content = bytearray(path.read_bytes())
        reach = len(content) if number % 2 else min(len(content), 400)
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(reach)] = chance.randrange(256)
        path.write_bytes(content[: chance.randrange(1, len(content))] if number % 10 == 9 else content)
        line = tried(folder)
        opened += not line
        assert "\n" not in line
        shutil.rmtree(folder)
    assert opened > 10


def test_numbers_that_are_none_are_left_out_of_answers(tmp_path):
    tokenizer = byte_level()
    tensors = arrays({"wte.weight": (n_tokens(tokenizer), D), "wpe.weight": (8, D)})
    tensors["wte.weight"][5] = np.nan
    tensors["wte.weight"][6, 0] = np.inf
    space = open_folder(write_folder(tmp_path / "g", tensors, GPT2_CONFIG, tokenizer=tokenizer))
    found = {near.id for near in space.neighbors(" king", k=1000)}
    assert not {5, 6} & found
