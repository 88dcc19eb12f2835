"""``tui-embed forward``: what it tells of a text, and why it ends where it does."""

import io
from pathlib import Path

import numpy as np
import pytest
from checkpoints import (
    BERT_CONFIG,
    BERT_TOKENS,
    GPT2_CONFIG,
    LLAMA_CONFIG,
    bert_arrays,
    byte_level,
    gpt2_arrays,
    llama_arrays,
    llama_folder,
    n_tokens,
    wordpiece,
    write_folder,
)

from tui_embed.cli.forward import _json
from tui_embed.cli.looked import Found, Looked
from tui_embed.engine.models.forward import forward, neighbors_at, next_tokens
from tui_embed.sources.models.opening import open_folder


def test_forward_of_an_encoder(run, bert):
    found = run("forward", "The king", "--against", "A king sat", "--space", bert, "--json").json
    assert [token["token"] for token in found["tokens"]] == ["[CLS]", "the", "king", "[SEP]"]
    assert (found["place"], found["layer"], found["layers"], found["heads"]) == (2, 2, 2, 4)
    assert len(found["attention"]) == 4
    assert sum(found["attention"]) == pytest.approx(1, abs=1e-5)
    assert found["next"] is None
    space = open_folder(Path(bert))
    np.testing.assert_allclose(found["vector"], forward(space, "The king").state(2, 2), rtol=1e-6)
    shared = {token["token"]: token for token in found["against"]["tokens"]}
    assert set(shared) == {"[CLS]", "king", "[SEP]"}
    assert len(shared["king"]["cosine_by_layer"]) == 3
    told = run(
        "forward", "The king", "--against", "A king sat", "--space", bert, "--layer", "1", "--head", "3"
    ).out
    for said in ("after layer 1 of 2", "head 3 of layer 1 looks at", "similarity of the two texts"):
        assert said in told


def test_forward_of_a_decoder(run, gpt2):
    found = run("forward", " the king", "--space", gpt2, "-k", "3", "--json").json
    space = open_folder(Path(gpt2))
    expected = next_tokens(forward(space, " the king"), 1, k=3)
    assert [token["id"] for token in found["next"]["tokens"]] == [token for token, _ in expected.best]
    assert found["next"]["searched"] == len(space)
    assert "next token after it" in run("forward", " the king", "--space", gpt2, "--token", " the").out


def test_forward_that_ends_early_says_why(run):
    found = run("forward", "the king", "--space", "glove", "--json").json
    assert (found["layers"], found["attention"], found["sentence_vector"]) == (0, None, None)
    assert "static vectors" in found["why_no_layers"]
    told = run("forward", "the king", "--space", "glove").out
    assert "the way ends at the input embeddings: these are static vectors" in told
    assert "for a model with layers: tui-embed fetch minilm" in told
    for option in ("--layer", "--head"):
        ran = run("forward", "the king", "--space", "glove", option, "1")
        assert (ran.status, ran.err.count("\n")) == (2, 1)
        assert "glove-6B-50d has no layers here (these are static vectors" in ran.err
    drawn = run("forward", "the king", "--space", "gpt2-init", "--json").json["why_no_layers"]
    assert drawn == "a matrix was drawn here, and no layers with it"


def test_forward_of_a_kind_without_a_pass_names_it_and_what_to_do(run, tmp_path):
    folder = str(llama_folder(tmp_path / "l", model_type="llama4"))
    told = run("forward", " the king", "--space", folder).out
    assert "no forward pass for Llama (llama4) here: there is one for BERT" in told
    assert "note: row, neighbors, find, calc, statistics and undertrained need none" in told


def test_forward_without_a_tokenizer_says_what_is_missing(run, tmp_path):
    folder = write_folder(tmp_path / "n", llama_arrays(100), LLAMA_CONFIG)
    ran = run("forward", "the king", "--space", str(folder))
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "no text can be split (put its tokenizer.json beside the weights)" in ran.err


def test_forward_without_the_package_that_splits_says_which(run, bert, monkeypatch):
    monkeypatch.setattr("tui_embed.sources.models.files.find_spec", lambda name: None)
    ran = run("forward", "the king", "--space", bert)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "pip install 'tui-embed[hf]'" in ran.err
    assert "no: nothing here splits texts for it" in run("info", bert).out


def test_forward_finds_a_token_as_people_write_it(run, gpt2):
    found = run("forward", " the king the", "--token", "the", "--space", gpt2, "--json").json
    assert (found["place"], found["tokens"][0]["token"]) == (0, " the")
    told = run("forward", " the king the", "--token", "the", "--space", gpt2).out
    assert "the token stands at 2 too" in told
    assert (
        "its tokens are “ the”, “ king”" in run("forward", " the king", "--token", "x", "--space", gpt2).err
    )
    assert run("forward", " the king", "--token", "", "--space", gpt2).status == 2


def test_forward_says_which_of_two_texts_has_no_token(run, gpt2):
    ran = run("forward", " the king", "--against", "", "--space", gpt2)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("tui-embed: error: --against: no token of the text has a row")


def test_forward_reads_standard_input(run, gpt2, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b" the king\n")))
    found = run("forward", "-", "--space", gpt2, "--json").json
    assert [token["token"] for token in found["tokens"]] == [" the", " king"]


def test_the_other_text_is_never_standard_input(run, bert, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"the king\n")))
    found = run("forward", "-", "--against", "the - king", "--space", bert, "--json").json
    assert [token["token"] for token in found["tokens"]] == ["[CLS]", "the", "king", "[SEP]"]
    for text in ("the king", "-"):
        monkeypatch.setattr("sys.stdin", None if text != "-" else io.TextIOWrapper(io.BytesIO(b"the king")))
        found = run("forward", text, "--against", "-", "--space", bert, "--json").json
        # of "-" BERT has the frame and an unknown token
        assert [token["token"] for token in found["against"]["tokens"]] == ["[CLS]", "[SEP]"]


def test_what_was_no_utf8_is_noted_for_a_script_too(run, bert, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"the king \xff\n")))
    found = run("forward", "-", "--against", "a \udcff king", "--space", bert, "--json").json
    said = "what was no UTF-8 is read as U+FFFD"
    assert found["notes"] == [said, f"--against: {said}"]
    assert f"note: --against: {said}\n" in run("forward", "a", "--against", "\udcff", "--space", bert).out
    assert run("forward", "a", "--space", bert, "--json").json["notes"] == []


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_layers_that_give_no_finite_numbers_are_null_or_one_line(run, tmp_path, value):
    tokenizer = byte_level()
    tensors = gpt2_arrays(n_tokens(tokenizer))
    tensors["h.1.mlp.c_fc.weight"][:] = value
    folder = str(write_folder(tmp_path / "odd", tensors, GPT2_CONFIG, tokenizer=tokenizer))
    asked = ("forward", " the king", "--against", " a king", "--space", folder)
    found = run(*asked, "--layer", "1", "--json").json
    assert (found["against"]["sentences"], set(found["sentence_vector"])) == (None, {None})
    (cosines,) = (token["cosine_by_layer"] for token in found["against"]["tokens"])
    assert (cosines[1] is None, cosines[2]) == (False, None)
    assert run(*asked, "--layer", "1").status == 0
    ran = run(*asked, "--json")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "a vector with NaN or infinite numbers has no neighbours" in ran.err


@pytest.mark.parametrize("rows", [slice(7, 8), slice(None)])
def test_probabilities_that_are_not_finite_are_null(run, tmp_path, rows):
    tokenizer = byte_level()
    tensors = llama_arrays(n_tokens(tokenizer))
    tensors["lm_head.weight"][rows] = np.nan
    folder = str(write_folder(tmp_path / "odd", tensors, LLAMA_CONFIG, tokenizer=tokenizer))
    following = run("forward", " the king", "--space", folder, "--json").json["next"]
    assert {token["probability"] for token in following["tokens"]} <= {None}
    assert run("forward", " the king", "--space", folder).status == 0


def test_attention_that_is_not_finite_is_null(run, bert):
    run_ = forward(open_folder(Path(bert)), "the king")
    answer = neighbors_at(run_, 1, 1)
    run_.trace.attention[0][:] = np.nan
    found = _json(Found(run_, Looked(1, 1, None), answer, None, None))
    assert found["attention"] == [None] * 4


def test_a_long_text_is_read_as_far_as_the_model_has_positions(run, gpt2):
    told = run("forward", " the" * 40, "--space", gpt2).out
    assert "note: 8 tokens more left out: 32 are read at most" in told


def test_long_tokens_are_cut_as_they_are_spelled(run, tmp_path):
    tokenizer = byte_level(["responsibilities", "abcdefghijklmn"])
    tensors = llama_arrays(n_tokens(tokenizer))
    folder = str(write_folder(tmp_path / "l", tensors, LLAMA_CONFIG, tokenizer=tokenizer))
    text = " responsibilities abcdefghijklmn"
    told = run("forward", text, "--space", folder, "--place", "0").out
    assert "  [␣responsibili…]  ␣abcdefghijklmn\n" in told
    told = run("forward", text, "--space", folder, "--place", "1").out
    assert "  ␣responsibiliti…  [␣abcdefghijkl…]\n" in told
    assert "⟨U+2423⟩" not in told


def test_wide_tokens_are_cut_by_the_cells_that_they_take(run, tmp_path):
    tokenizer = wordpiece([*BERT_TOKENS, "猫" * 9])
    tokenizer["normalizer"]["handle_chinese_chars"] = False
    tensors = bert_arrays(len(BERT_TOKENS) + 1)
    folder = str(write_folder(tmp_path / "w", tensors, BERT_CONFIG, tokenizer=tokenizer))
    told = run("forward", "猫" * 9 + " king", "--space", folder, "--place", "1").out
    line = next(line for line in told.splitlines() if "[CLS]" in line)
    assert line.split() == ["[CLS]", f"[{'猫' * 6}…]", "king", "[SEP]"]
    told = run("forward", "猫" * 9 + " king", "--space", folder).out
    assert f"{'猫' * 7}…" in told


def test_forward_tells_first_what_is_asked_for_most(run, bert, gpt2):
    told = run("forward", " the king", "--against", " a king", "--space", gpt2).out
    assert "looked at    ␣king, place 1, after layer 2 of 2" in told
    parts = [
        "layers       2, each of 4 heads",
        "text vector  16 numbers",
        "similarity of",
        "next token after",
        "nearest",
    ]
    places = [told.index(part) for part in parts]
    assert places == sorted(places)
    assert "next token   none: it reads the text both ways" in run("forward", "the king", "--space", bert).out


def test_layers_that_have_no_room_are_left_to_json(run, tmp_path, monkeypatch):
    tokenizer = byte_level()
    tensors = llama_arrays(n_tokens(tokenizer), layers=30)
    folder = write_folder(
        tmp_path / "deep", tensors, {**LLAMA_CONFIG, "num_hidden_layers": 30}, tokenizer=tokenizer
    )
    told = run("forward", " the king", "--against", " a king", "--space", str(folder)).out
    assert "after some layers (--json has all)" in told
    (head,) = (line for line in told.splitlines() if "places  input" in line)
    assert head.split()[-1] == "30"
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize(
    "arguments",
    [
        ("--layer", "3"),
        ("--layer", "-1"),
        ("--head", "4"),
        ("--head", "0", "--layer", "0"),
        ("--place", "9"),
        ("--token", "river"),
        ("--token", "nosuch"),
        ("--token", "king", "--place", "1"),
    ],
)
def test_forward_of_what_is_not_there(run, bert, arguments):
    ran = run("forward", "The king", "--space", bert, *arguments)
    assert ran.status == 2
    assert ran.err.startswith("tui-embed: error: ")
