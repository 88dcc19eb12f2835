"""The verbs for checkpoints: info, statistics, undertrained, compare, and keeping rows."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoints import (
    GPT2_CONFIG,
    LLAMA_CONFIG,
    bert_folder,
    byte_level,
    gpt2_arrays,
    llama_arrays,
    llama_folder,
    n_tokens,
    write_folder,
    write_shards,
)

import tui_embed
from tui_embed.sources.models.opening import open_folder


def test_info_and_row_of_a_checkpoint(run, bert):
    found = run("info", bert, "--json").json
    assert (found["n_vocab"], found["positions"]["kind"]) == (26, "learned")
    assert "BERT, float32 in safetensors" in run("info", bert).out
    row = run("row", "king", "--space", bert, "--position", "2", "--json").json
    space = open_folder(Path(bert))
    expected = space.input_layer.embed(space["king"], space.positions.row(2))
    np.testing.assert_allclose(row["input_embedding"], expected, rtol=1e-6)
    np.testing.assert_allclose(row["sum"], space["king"] + space.positions.row(2), rtol=1e-6)
    assert row["input_layer"] == "W_E, token type 0, LayerNorm"
    assert (
        "input embedding: W_E, token type 0, LayerNorm"
        in run("row", "king", "--space", bert, "--position", "2").out
    )


def test_info_names_the_model_its_tensors_and_whether_texts_go_through(run, bert, gpt2, tmp_path):
    model = run("info", bert, "--json").json["model"]
    assert (model["title"], model["n_layers"], model["n_heads"], model["output"]) == ("BERT", 2, 4, "none")
    assert model["why_no_layers"] is None
    assert [tensor["part"] for tensor in model["tensors"]] == ["W_E", "W_P", "token type", "LayerNorm"]
    assert model["tensors"][1] == {
        "part": "W_P",
        "name": "embeddings.position_embeddings.weight",
        "shape": [32, 16],
        "numbers": "float32",
    }
    told = run("info", bert).out
    assert "7.6 % of the model's 5,440" in told
    assert f"yes: tui-embed forward TEXT --space {bert}" in told
    assert "tied: W_E itself" in run("info", gpt2).out
    gemma = str(llama_folder(tmp_path / "g", model_type="gemma2"))
    assert "no forward pass for Gemma (gemma2) here: there is one for BERT" in run("info", gemma).out
    assert run("info", gemma, "--json").json["model"]["tensors"][-1]["name"] == "lm_head.weight"
    assert run("info", "glove", "--json").json["model"] is None


def test_what_a_terminal_shows_is_wrapped_between_words(run, tmp_path, monkeypatch):
    folder = str(llama_folder(tmp_path / "g", model_type="gemma2"))
    assert max(map(len, run("info", folder).out.splitlines())) > 80
    monkeypatch.setattr("tui_embed.cli.output.is_terminal", lambda stream: True)
    lines = [line for line in run("info", folder).out.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 80
    assert "DistilBERT, GPT-2, Llama, Mistral and Qwen2" in " ".join(" ".join(lines).split())


def test_rows_of_a_rotating_model_have_no_position(run, tmp_path):
    folder = str(llama_folder(tmp_path / "l"))
    assert "no position row: RoPE" in run("row", " king", "--space", folder, "--position", "2").out


def test_tokens_are_found_by_id_text_and_pattern(run, gpt2):
    assert run("row", "--id", "65", "--space", gpt2, "--json").json["token"] == "A"
    assert run("row", "#65", "--space", gpt2, "--json").json["id"] == 65
    assert run("neighbors", " king", "--space", gpt2).status == 0
    found = run("find", "^ ki", "--regex", "--space", gpt2, "--json").json
    assert {token["token"] for token in found["tokens"]} >= {" ki", " king"}
    split = run("tokenize", " the 猫", "--encoding", "words", "--space", gpt2, "--json").json["encodings"][0]
    assert [token["bytes"] for token in split["tokens"]] == ["20746865", "20", "e7", "8c", "ab"]
    assert run("calc", '" king" - #65 + #66', "--space", gpt2).status == 0


def test_statistics(run, bert):
    found = run("statistics", "--space", bert, "--json").json
    assert found["n_vocab"] == sum(found["norms"]["counts"]) == 26
    assert 0 < found["share_of_model"] < 1
    assert sum(found["variance"]) == pytest.approx(1)
    assert found["quantised"] is None
    told = run("statistics", "--space", bert).out
    for said in ("effective rank", "anisotropy", "norms over the vocabulary", "mean norm along the ids"):
        assert said in told


def test_rows_that_are_not_finite_are_counted_and_left_out(run, tmp_path):
    path = tmp_path / "odd.txt"
    path.write_text("a 3 4\nb nan 1\nc 6 8\n")
    found = run("statistics", "--space", str(path), "--json").json
    assert (found["norms"]["least"], found["norms"]["greatest"]) == (5, 10)
    assert (found["norms"]["not_finite"], sum(found["norms"]["counts"])) == (1, 2)
    assert "1 rows not finite" in run("statistics", "--space", str(path)).out


@pytest.mark.parametrize(("rows", "norms"), [("a 3 4\nb nan 1\nc inf 8\n", 5), ("a nan 4\nb nan 1\n", None)])
def test_norms_that_are_not_finite_are_no_figures(run, tmp_path, rows, norms):
    path = tmp_path / "odd.txt"
    path.write_text(rows)
    found = run("info", str(path), "--json").json["norms"]
    assert found == (None if norms is None else dict.fromkeys(("min", "median", "mean", "max"), norms))
    assert "nan" not in run("info", str(path)).out.partition("note:")[0]


def test_spaces_without_a_cosine_are_told_in_one_line(run, tmp_path):
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("a nan 4\nb nan 1\nc 6 8\n")
    other.write_text("a 3 4\nb 1 1\nc nan 8\n")
    for arguments in ((), ("--align", "none"), ("--align", "rotation")):
        ran = run("compare", str(one), str(other), *arguments)
        assert ran.status == 1
        assert "no token that one.txt and other.txt share has finite rows in both" in ran.err
        assert ran.err.count("\n") == 1


def test_undertrained(run, bert):
    found = run("undertrained", "--space", bert, "-k", "5", "--json").json
    assert found["indicator"] == "cosine"
    assert found["reference"]["what"] == "8 placeholders such as [unused0]"
    assert "Magikarp" in found["paper"]
    assert [token["rank"] for token in found["tokens"]] == [1, 2, 3, 4, 5]
    assert bytes.fromhex(found["tokens"][0]["bytes"]).decode() == found["tokens"][0]["token"]
    told = run("undertrained", "--space", bert, "--indicator", "norm").out
    assert "length of the row" in told
    assert "note: without an output matrix of its own" in told
    named = run("undertrained", "--space", bert, "--unused", "king", "--json").json
    assert named["reference"]["count"] == 1
    assert named["tokens"][0]["token"] == "king"
    assert run("undertrained", "--space", bert, "--unused", "nosuch").status == 2
    assert run("undertrained", "--space", "glove", "--indicator", "cosine").status == 2
    assert run("undertrained", "--space", bert, "-k", "0").status == 2


def test_what_explains_a_token_fits_the_terminal(run, gpt2):
    told = run("undertrained", gpt2, "-k", "300").out
    lines = told.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1:4] == [
        "  lowest     cosine distance of the row to the mean row of unused tokens",
        "  after      Land and Bartolo 2024, “Fishing for Magikarp”",
        "  unused     13 placeholders such as ⟨C0⟩; 4 of the 13 lowest are theirs",
    ]
    head = next(line for line in lines if "what it is" in line)
    assert head.split() == ["token", "id", "cosine", "norm", "what", "it", "is", "bytes"]
    assert any(line.split()[-2:] == ["unused", "C0"] for line in lines)
    drawn = run("undertrained", "gpt2-init", "-k", "1")
    assert "note: its rows are random numbers, which tell nothing of its tokens" in drawn.out
    by_norm = run("undertrained", gpt2, "-k", "2", "--indicator", "norm").out
    assert by_norm.count(" norm") == 1
    assert "unused     none known by name; --unused names some" in run("undertrained", "glove", "-k", "2").out


def test_verbs_take_the_space_as_their_argument(run, bert):
    for verb in ("statistics", "undertrained"):
        assert run(verb, bert, "--json").json == run(verb, "--space", bert, "--json").json
        ran = run(verb, bert, "--space", bert)
        assert (ran.status, "SPACE and --space are both given" in ran.err) == (2, True)


def test_compare(run, bert, tmp_path):
    other = bert_folder(tmp_path / "tuned")
    found = run("compare", bert, str(other), "--json").json
    assert (found["alignment"], found["equal"], found["shared"]) == ("none", 26, 26)
    assert found["mean_cosine"] == pytest.approx(1)
    with_words = run("compare", bert, "glove", "-k", "3", "--json").json
    assert with_words["alignment"] == "rotation"
    assert len(with_words["most_moved"]) == 3
    assert with_words["only_second"]["count"] > 99_000
    told = run("compare", bert, "glove", "-k", "2").out
    for said in ("orthogonal Procrustes", "moved most", "moved least", "only here", "only there"):
        assert said in told
    assert run("compare", bert, "glove", "--align", "none").status == 2


def test_rows_are_kept_on_request(run, bert):
    assert run("cache", "keep").status == 2
    assert run("cache", "prune", "--space", bert).status == 2
    kept = run("cache", "keep", "--space", bert, "--json").json
    assert (kept["n_vocab"], kept["d_model"]) == (26, 16)
    listed = run("cache", "--json").json["entries"]
    assert [entry["source"].rpartition("#")[2] for entry in listed] == ["embeddings.word_embeddings.weight"]
    told = run("cache", "keep", "--space", bert)
    assert (told.status, "lie in the store already" in told.out) == (0, True)
    assert run("cache", "keep", "--space", bert, "--json").json["already"] is True
    assert "#embeddings.word_embeddings.weight\n" in told.out
    assert f"remove   tui-embed cache drop {bert}\n" in told.out
    assert "norms" in run("info", bert).out
    assert run("cache", "keep", "--space", "glove").status == 2


@pytest.mark.parametrize("beside", [{}, {"vocab.txt": "a\n" * 292}, {"vocab.txt": "a\n"}])
def test_what_is_odd_in_rows_is_told_when_they_are_kept(run, tmp_path, beside):
    tokenizer = byte_level()
    tensors = gpt2_arrays(n_tokens(tokenizer))
    tensors["wte.weight"][3] = np.nan
    folder = write_folder(tmp_path / "odd", tensors, GPT2_CONFIG, tokenizer=tokenizer)
    for name, content in beside.items():
        (folder / name).write_text(content)
    said = "1 row holds NaN or infinite numbers, left out of answers: row 4"
    # the first time they are read, and then found
    for already in (False, True):
        found = run("cache", "keep", str(folder), "--json").json
        assert (found["already"], said in found["notes"]) == (already, True)
        assert f"note: {said}\n" in run("cache", "keep", str(folder)).out
        assert not [note for note in found["notes"] if "vocab.txt" in note or "tokenizer.json" in note]


def test_notes_of_a_file_of_vectors_are_told_once(run, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("a 1 2\nb nan 4\n")
    found = run("cache", "keep", str(path), "--json").json
    assert found["notes"] == list(tui_embed.load(path).notes)
    assert len(found["notes"]) == 1


def test_kept_rows_are_dropped_again(run, gpt2):
    kept = run("cache", "keep", "--space", gpt2, "--json").json
    assert run("cache", "drop", gpt2, "--space", gpt2).status == 2
    assert run("cache", "list", gpt2).status == 2
    found = run("cache", "drop", gpt2, "--json").json
    assert (found["removed"], found["freed"] > 0) == (kept["files"], True)
    assert gpt2 not in run("cache").out
    ran = run("cache", "drop", "--space", gpt2)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "no rows of small-gpt2 are in the store" in ran.err
    assert run("neighbors", " king", "--space", gpt2).status == 0


def test_rows_that_cannot_be_kept_are_not_said_to_be(run, gpt2, monkeypatch, tmp_path):
    monkeypatch.setattr("tui_embed.sources.store.folder.cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "spaces").write_text("a file where the folder should be")
    ran = run("cache", "keep", "--space", gpt2)
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "the rows of small-gpt2 are not kept in the store: " in ran.err


def test_a_checkpoint_that_is_none_is_one_line(run, tmp_path):
    (tmp_path / "empty").mkdir()
    ran = run("info", str(tmp_path / "empty"))
    assert ran.status == 1
    assert ran.err.count("\n") == 1
    assert "no checkpoint" in ran.err


def test_json_is_one_object_a_line(run, bert):
    for verb in (["statistics"], ["undertrained"], ["forward", "the king"]):
        out = run(*verb, "--space", bert, "--json").out
        assert out.count("\n") == 1
        json.loads(out)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_what_describes_a_checkpoint_stands_for_its_folder(run, bert, name):
    found = run("info", f"{bert}/{name}", "--json").json
    assert (found["space"], found["n_vocab"], found["tokenizer"]["n_vocab"]) == ("small-bert", 26, 26)


def test_an_index_stands_for_its_folder_too(run, tmp_path):
    tokenizer = byte_level()
    folder = write_shards(
        tmp_path / "s", llama_arrays(n_tokens(tokenizer)), LLAMA_CONFIG, tokenizer=tokenizer
    )
    assert run("info", str(folder / "model.safetensors.index.json"), "--json").json["space"] == "s"


def test_a_description_without_weights_is_one_line(run, bert, tmp_path):
    shutil.copy(f"{bert}/config.json", tmp_path)
    ran = run("info", str(tmp_path / "config.json"))
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert f"{tmp_path}: no checkpoint: neither model.safetensors" in ran.err


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_description_is_known_by_whatever_key_is_far_behind(run, bert, tmp_path, name):
    folder = shutil.copytree(bert, tmp_path / "far")
    said = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({"id2label": {str(i): "x" * 20 for i in range(4000)}, **said}))
    assert run("info", str(folder / name), "--json").json["space"] == "far"


def test_lines_of_vectors_with_such_a_column_are_vectors(run, tmp_path):
    lines = [{"model_type": kind, "word": kind, "vector": [1, 2]} for kind in ("bert", "gpt2")]
    nested = [{"word": word, "vector": [1, 2], "more": {"weight_map": 1}} for word in "ab"]
    for name, rows in (("config.json", lines), ("model.safetensors.index.json", nested)):
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        assert run("info", str(tmp_path / name), "--json").json["n_vocab"] == 2
        assert run("check", str(tmp_path / name)).status == 0


def test_vectors_that_are_called_like_a_description_are_vectors(run, tmp_path):
    (tmp_path / "config.json").write_text(
        '{"word": "a", "vector": [1, 2]}\n{"word": "b", "vector": [3, 4]}\n'
    )
    assert run("info", str(tmp_path / "config.json"), "--json").json["n_vocab"] == 2


def test_a_shard_without_the_tokens_leads_to_its_folder(run, tmp_path):
    tokenizer = byte_level()
    folder = write_shards(
        tmp_path / "s", llama_arrays(n_tokens(tokenizer)), LLAMA_CONFIG, tokenizer=tokenizer
    )
    shards = sorted(folder.glob("model-*"))
    errors = {path.name: run("info", str(path)).err for path in shards}
    (holder,) = (name for name, err in errors.items() if not err)
    others = [err for err in errors.values() if err]
    assert all("it is one file of several: open its folder" in err for err in others)
    (folder / holder).unlink()
    ran = run("info", str(folder))
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert f"not in the files that are here: {holder} is missing" in ran.err


def test_one_file_of_several_is_not_taken_for_the_model(run, tmp_path):
    tokenizer = byte_level()
    tensors = llama_arrays(n_tokens(tokenizer))
    folder = write_shards(tmp_path / "s", tensors, LLAMA_CONFIG, 200, tokenizer=tokenizer)
    index = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    shard = str(folder / index["model.embed_tokens.weight"])
    found = run("info", shard, "--json").json
    assert found["notes"][0] == "this is one file of several: open its folder for the whole model"
    model = found["model"]
    assert (model["n_params"], model["share_of_model"], model["output"]) == (None, None, "unknown")
    assert model["why_no_layers"] == "its layers are not all in this one file of several: open its folder"
    told = run("info", shard).out
    assert "output      not known: not all files of the model were opened" in told
    assert "note: this is one file of several: open its folder" in told
    figures = run("statistics", shard, "--json").json
    assert (figures["n_params"], figures["share_of_model"]) == (None, None)
    assert "share           not known: not all files" in run("statistics", shard).out
    assert 0 < run("statistics", str(folder), "--json").json["share_of_model"] < 1


def test_a_file_beside_the_index_of_others_is_whole(run, tmp_path):
    tokenizer = byte_level()
    tensors = llama_arrays(n_tokens(tokenizer))
    folder = write_shards(tmp_path / "s", tensors, LLAMA_CONFIG, tokenizer=tokenizer)
    write_folder(folder, tensors)
    for index in (None, "{", '{"weight_map": 1}'):
        if index is not None:
            (folder / "model.safetensors.index.json").write_text(index)
        model = run("info", str(folder / "model.safetensors"), "--json").json["model"]
        assert model["n_params"] == sum(array.size for array in tensors.values())


def test_a_folder_without_the_tokens_is_not_asked_for_an_index_beside_it(run, tmp_path):
    write_shards(tmp_path, llama_arrays(80), LLAMA_CONFIG)
    write_folder(tmp_path / "inner", {"some.weight": np.ones((3, 4), np.float32)}, {"model_type": "novel"})
    ran = run("info", str(tmp_path / "inner"))
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "no matrix in it is known to be that of the tokens" in ran.err
    assert "one file of several" not in ran.err


def test_what_only_one_of_two_has_is_shown_once_and_in_a_line(run, bert, gpt2):
    told = run("compare", bert, gpt2, "-k", "1").out
    (line,) = (line for line in told.splitlines() if line.startswith("  only there"))
    assert line.startswith("  only there  291: ␀, ␁")
    assert len(line) <= 80
    assert "cosine  token  id here  id there" in told


def test_a_folder_is_no_file_to_check(run, bert):
    for path in (bert, f"{bert}/config.json", f"{bert}/tokenizer.json"):
        ran = run("check", path)
        assert (ran.status, ran.err.count("\n")) == (1, 1)
        assert "such as model.safetensors" in ran.err
