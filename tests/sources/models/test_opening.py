"""Checkpoints of every layout that is read: what is opened, and how little of it is read."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy as reference
from checkpoints import (
    BERT_CONFIG,
    BERT_TOKENS,
    CONTEXT,
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
    llama_folder,
    n_tokens,
    wordpiece,
    write_bfloat16,
    write_folder,
    write_shards,
    write_tensor,
)
from contents import same_bits

import tui_embed
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.file import SourceFile
from tui_embed.sources.models.config import Config
from tui_embed.sources.models.input import find_input
from tui_embed.sources.models.opening import open_folder
from tui_embed.sources.models.weights import Weights


def weights(folder):
    return reference.load_file(folder / "model.safetensors")


def test_bert_is_words_positions_types_and_a_norm(tmp_path):
    folder = bert_folder(tmp_path / "small-bert")
    space, stored = open_folder(folder), weights(folder)
    assert space.name == "small-bert"
    assert list(space.tokens) == BERT_TOKENS
    assert same_bits(space.vectors, stored["embeddings.word_embeddings.weight"])
    assert (space.positions.kind, space.positions.n_ctx) == ("learned", CONTEXT)
    row, position = space["king"], space.positions.row(3)
    total = row + position + stored["embeddings.token_type_embeddings.weight"][0]
    wide = total.astype(np.float64)
    normal = (wide - wide.mean()) / np.sqrt(wide.var() + 1e-12)
    expected = normal * stored["embeddings.LayerNorm.weight"] + stored["embeddings.LayerNorm.bias"]
    np.testing.assert_allclose(space.input_layer.embed(row, position), expected, rtol=2e-5, atol=2e-6)
    assert space.model.title == "BERT"
    assert (space.model.n_layers, space.model.n_heads, space.model.output_kind) == (2, 4, "none")
    assert space.model.n_params == sum(array.size for array in stored.values())
    assert [token.bytes for token in space.tokenizer.encode("The kings")] == [b"The", b"king", b"s"]
    assert space.model.special_ids == {0, 1, 2, 3}


def test_gpt2_is_rows_and_positions(tmp_path):
    folder = gpt2_folder(tmp_path / "g")
    space, stored = open_folder(folder), weights(folder)
    assert same_bits(space.vectors, stored["wte.weight"])
    assert same_bits(space.positions.row(5), stored["wpe.weight"][5])
    assert space.input_layer.is_plain
    assert space.model.output_kind == "tied"
    assert " king" in space
    assert [token.bytes for token in space.tokenizer.encode("x king 猫")] == [
        *[b"x", b" king", b" ", b"\xe7", b"\x8c", b"\xab"]
    ]
    assert space.neighbors(" king", 1)[0].token != " king"


@pytest.mark.parametrize("prefix", ["", "transformer.", "bert."])
def test_what_stands_before_the_names_does_not_matter(tmp_path, prefix):
    bert = write_folder(tmp_path / "b", bert_arrays(prefix=prefix), BERT_CONFIG, tokenizer=wordpiece())
    gpt2 = write_folder(tmp_path / "g", gpt2_arrays(40, prefix=prefix), GPT2_CONFIG)
    for folder in (bert, gpt2):
        space = open_folder(folder)
        assert space.positions.kind == "learned"
        assert space.model.load_body is not None, space.model.no_body


@pytest.mark.parametrize("config", [None, {}])
def test_without_a_configuration_the_names_tell(tmp_path, config):
    space = open_folder(write_folder(tmp_path / "b", bert_arrays(), config, tokenizer=wordpiece()))
    assert (space.model.title, space.positions.kind) == ("BERT", "learned")
    assert space.model.load_body is None
    assert "how many heads" in space.model.no_body


@pytest.mark.parametrize("model_type", ["data2vec-text", "longformer", "something-new"])
def test_a_model_that_only_has_the_names_of_another_is_not_run_as_that(tmp_path, model_type):
    config = {**BERT_CONFIG, "model_type": model_type}
    space = open_folder(write_folder(tmp_path / "b", bert_arrays(), config, tokenizer=wordpiece()))
    assert same_bits(space["king"], weights(tmp_path / "b")["embeddings.word_embeddings.weight"][13])
    assert (space.model.title, space.model.load_body) == (model_type, None)
    assert model_type in space.model.no_body
    assert space.input_layer.is_plain
    assert "not known here" in space.positions.note
    assert f"{model_type} is not in the table of models" in space.notes[0]
    assert "its input embeddings are shown as the token rows alone" in space.notes[1]


@pytest.mark.parametrize(
    ("shape", "kind", "said"),
    [
        ((70, D), "separate", "its last 10 rows are left out"),
        ((50, D), "none", "it does not fit, so no probabilities"),
        ((60, D - 4), "none", "it does not fit, so no probabilities"),
    ],
)
def test_output_rows_that_are_not_as_many_as_tokens(tmp_path, shape, kind, said):
    tensors = {**llama_arrays(60), "lm_head.weight": np.ones(shape, np.float32)}
    model = (space := open_folder(write_folder(tmp_path / "l", tensors, LLAMA_CONFIG))).model
    assert model.output_kind == kind
    assert (model.output is None) == (kind == "none")
    if model.output is not None:
        assert model.output.shape == (60, D)
    assert said in " ".join(space.notes)


def without_flag(config):
    return {name: value for name, value in config.items() if name != "tie_word_embeddings"}


def test_the_type_of_a_model_tells_what_its_output_is_by_default(tmp_path):
    own = without_flag(LLAMA_CONFIG)
    bare = open_folder(write_folder(tmp_path / "l", llama_arrays(60, separate=False), own))
    assert (bare.model.output_kind, bare.model.output) == ("none", None)
    tensors = gpt2_arrays(60)
    copied = {**tensors, "lm_head.weight": tensors["wte.weight"]}
    space = open_folder(write_folder(tmp_path / "g", copied, GPT2_CONFIG))
    assert space.model.output_kind == "tied"
    assert space.model.n_params == sum(array.size for array in tensors.values())


def test_output_rows_in_a_shard_that_is_not_here_are_not_taken_from_the_tokens(tmp_path):
    for model_type in ("llama", "novel"):
        config = {**without_flag(LLAMA_CONFIG), "model_type": model_type}
        folder = write_shards(tmp_path / model_type, llama_arrays(80), config, 200)
        index = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
        (folder / index["lm_head.weight"]).unlink()
        space = open_folder(folder)
        assert (space.model.output_kind, space.model.output) == ("unknown", None)
        if model_type == "llama":
            assert "no output rows are in the files that are here: no probabilities" in space.notes


def test_llama_says_that_it_rotates_and_has_output_rows(tmp_path):
    folder = llama_folder(tmp_path / "l")
    space, stored = open_folder(folder), weights(folder)
    assert space.positions.kind == "none"
    assert "RoPE (θ 10,000)" in space.positions.note
    assert space.positions.row(3) is None
    assert space.model.output_kind == "separate"
    ids = np.arange(len(space))
    assert same_bits(space.model.output.take(ids), stored["lm_head.weight"])
    tied = open_folder(llama_folder(tmp_path / "t", tie_word_embeddings=True))
    assert tied.model.output_kind == "tied"
    assert same_bits(tied.model.output.take(ids[:3]), tied.vectors[:3])


@pytest.mark.parametrize(
    ("said", "theta"),
    [
        ({"rope_parameters": {"rope_theta": 5e5, "rope_type": "default"}, "rope_theta": 1e4}, "500,000"),
        ({"rope_scaling": {"rope_theta": 4e5, "type": "default"}, "rope_theta": 1e4}, "400,000"),
        ({"rope_parameters": {"rope_type": "default"}, "rope_theta": 3e4}, "30,000"),
        ({"rope_parameters": None, "rope_theta": 2e4}, "20,000"),
    ],
)
def test_what_a_configuration_says_of_rotation_in_its_own_part_comes_first(tmp_path, said, theta):
    space = open_folder(llama_folder(tmp_path / "l", **said))
    assert f"θ {theta}" in space.positions.note
    assert f"{space.model.load_body().rotation.theta:,.0f}" == theta


def test_gemma_scales_its_rows_and_says_so(tmp_path):
    space = open_folder(llama_folder(tmp_path / "g", model_type="gemma"))
    assert f"√{D} = 4" in " ".join(space.notes)
    np.testing.assert_array_equal(space.input_layer.embed(space[" king"], None), space[" king"] * 4)
    assert [step.short for step in space.input_layer.steps(space[" king"], None)] == ["×4"]
    granite = open_folder(llama_folder(tmp_path / "n", model_type="granite", embedding_multiplier=12.0))
    assert granite.input_layer.scale == 12


@pytest.mark.parametrize(("flag", "scale"), [(True, 4), (False, 1), (None, 1)])
def test_bart_scales_its_rows_where_it_is_told_to(tmp_path, flag, scale):
    names = ("model.shared", "model.encoder.embed_positions")
    tensors = arrays({f"{name}.weight": (40, 16) for name in names})
    config = {"model_type": "mbart", "scale_embedding": flag}
    space = open_folder(write_folder(tmp_path / "m", tensors, config))
    assert space.input_layer.scale == scale
    assert ("multiplies its rows by √16 = 4" in " ".join(space.notes)) == (scale == 4)


def test_the_norm_of_bart_has_the_epsilon_of_its_library(tmp_path):
    name = "model.encoder.layernorm_embedding"
    norm = {f"{name}.weight": np.ones(16, np.float32), f"{name}.bias": np.zeros(16, np.float32)}
    tensors = {**arrays({"model.shared.weight": (40, 16)}), **norm}
    space = open_folder(write_folder(tmp_path / "m", tensors, {"model_type": "bart"}))
    assert space.input_layer.norm.epsilon == 1e-5


@pytest.mark.parametrize(("alibi", "said"), [(True, "ALiBi"), (False, "RoPE"), (None, "RoPE")])
def test_falcon_has_either_way_to_place_tokens(tmp_path, alibi, said):
    tensors = arrays({"transformer.word_embeddings.weight": (40, 8)})
    config = {"model_type": "falcon", "alibi": alibi}
    space = open_folder(write_folder(tmp_path / "m", tensors, config))
    assert space.positions.note.startswith(said)


@pytest.mark.parametrize(
    ("model_type", "names", "offset"),
    [
        ("roberta", ("embeddings.word_embeddings", "embeddings.position_embeddings"), 2),
        ("opt", ("model.decoder.embed_tokens", "model.decoder.embed_positions"), 2),
        ("gpt_neo", ("transformer.wte", "transformer.wpe"), 0),
        (
            "clip_text_model",
            ("text_model.embeddings.token_embedding", "text_model.embeddings.position_embedding"),
            0,
        ),
        ("bart", ("model.shared", "model.encoder.embed_positions"), 2),
    ],
)
def test_learned_positions_by_architecture(tmp_path, model_type, names, offset):
    tensors = arrays({f"{name}.weight": (40, 8) for name in names})
    space = open_folder(write_folder(tmp_path / "m", tensors, {"model_type": model_type}))
    assert space.positions.n_ctx == 40 - offset
    assert same_bits(space.positions.row(1), tensors[f"{names[1]}.weight"][1 + offset])


@pytest.mark.parametrize(
    ("model_type", "name", "said"),
    [
        ("gpt_neox", "gpt_neox.embed_in.weight", "RoPE"),
        ("bloom", "transformer.word_embeddings.weight", "ALiBi"),
        ("t5", "shared.weight", "relative"),
        ("mpt", "transformer.wte.weight", "ALiBi"),
        ("qwen3", "model.embed_tokens.weight", "RoPE"),
        ("internlm2", "model.tok_embeddings.weight", "RoPE"),
        ("modernbert", "model.embeddings.tok_embeddings.weight", "RoPE"),
    ],
)
def test_models_without_position_rows(tmp_path, model_type, name, said):
    tensors = arrays({name: (40, 8)})
    space = open_folder(write_folder(tmp_path / "m", tensors, {"model_type": model_type}))
    assert said in space.positions.note
    assert "no row is added" in space.positions.note
    assert same_bits(space.vectors, tensors[name])


def test_an_unknown_model_is_found_by_its_shape(tmp_path):
    tensors = arrays(
        {
            "net.my_embed.w": (100, 8),
            "net.pos_embed.w": (100, 8),
            "net.layer.w": (120, 8),
            "net.head.b": (100,),
        }
    )
    config = {"model_type": "novel", "vocab_size": 100, "hidden_size": 8}
    space = open_folder(write_folder(tmp_path / "m", tensors, config))
    assert same_bits(space.vectors, tensors["net.my_embed.w"])
    assert "novel is not in the table of models: net.my_embed.w was found by its shape" in space.notes
    with pytest.raises(SourceError, match="no matrix in it is known to be that of the tokens"):
        open_folder(write_folder(tmp_path / "n", arrays({"a.w": (100, 8)}), {"model_type": "novel"}))


def test_the_language_part_of_a_model_of_several_senses(tmp_path):
    tensors = {f"language_model.{name}": array for name, array in llama_arrays(60).items()}
    config = {"model_type": "gemma3", "text_config": {"hidden_size": D, "model_type": "gemma3_text"}}
    space = open_folder(write_folder(tmp_path / "m", tensors, config))
    assert space.input_layer.scale == 4


def test_shards_are_one_checkpoint(tmp_path):
    tokenizer = byte_level()
    tensors = llama_arrays(n_tokens(tokenizer))
    folder = write_shards(tmp_path / "s", tensors, LLAMA_CONFIG, tokenizer=tokenizer)
    space = open_folder(folder)
    assert same_bits(space.vectors, tensors["model.embed_tokens.weight"])
    assert space.model.n_params == sum(array.size for array in tensors.values())
    whole = open_folder(write_folder(tmp_path / "w", tensors, LLAMA_CONFIG, tokenizer=tokenizer))
    one, other = (
        space.model.load_body().run(space.vectors[:5]),
        whole.model.load_body().run(space.vectors[:5]),
    )
    assert same_bits(one.states[-1], other.states[-1])


def test_a_shard_that_is_not_here_yet(tmp_path):
    tensors = llama_arrays(60)
    folder = write_shards(tmp_path / "s", tensors, LLAMA_CONFIG)
    index = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    needed = index["model.embed_tokens.weight"]
    for file in set(index.values()) - {needed}:
        (folder / file).unlink()
    space = open_folder(folder)
    assert same_bits(space.vectors, tensors["model.embed_tokens.weight"])
    assert space.model.n_params is None
    assert "2 of its files are not here" in space.notes[0]


def test_bfloat16_and_float16(tmp_path):
    table = np.random.default_rng(0).normal(size=(70, 8)).astype(np.float32)
    (tmp_path / "b").mkdir()
    worth = write_bfloat16(tmp_path / "b" / "model.safetensors", "model.embed_tokens.weight", table)
    (tmp_path / "b" / "config.json").write_text('{"model_type": "llama"}')
    space = open_folder(tmp_path / "b")
    assert same_bits(space.vectors, worth)
    assert space.model.numbers == "bfloat16"
    half = {"model.embed_tokens.weight": table.astype(np.float16)}
    space = open_folder(write_folder(tmp_path / "h", half, {"model_type": "llama"}))
    assert same_bits(space.vectors, table.astype(np.float16).astype(np.float32))


def test_a_matrix_taller_than_the_vocabulary(tmp_path):
    tokenizer = wordpiece()
    n = len(BERT_TOKENS)
    space = open_folder(write_folder(tmp_path / "t", bert_arrays(n + 6), BERT_CONFIG, tokenizer=tokenizer))
    assert len(space) == n + 6
    assert space.model.unused_ids == set(range(n, n + 6))
    assert space.tokens[n] == f"<|no token {n}|>"
    assert f"6 rows belong to no token: ids {n}, {n + 1}, {n + 2}, …" in space.notes


def test_tokens_that_have_no_row(tmp_path):
    n = len(BERT_TOKENS)
    space = open_folder(write_folder(tmp_path / "t", bert_arrays(n - 2), BERT_CONFIG, tokenizer=wordpiece()))
    assert "2 tokens of the tokenizer have no row" in space.notes
    assert space.tokenizer.encode("猫")[0].id is None


def test_a_file_of_a_checkpoint_opens_as_the_whole(tmp_path):
    folder = bert_folder(tmp_path / "b")
    space = tui_embed.load(folder / "model.safetensors")
    assert (space.name, space.positions.kind) == ("model.safetensors", "learned")
    part = tui_embed.load(f"{folder}/model.safetensors#embeddings.position_embeddings.weight")
    assert (len(part), part.model) == (CONTEXT, None)
    assert tui_embed.load(folder).tokens[4] == "[unused0]"


def test_a_space_of_ours_in_a_folder_with_a_configuration_is_no_checkpoint(tmp_path):
    folder = bert_folder(tmp_path / "b")
    space = tui_embed.load(folder)
    space.save(folder / "saved.safetensors")
    again = tui_embed.load(folder / "saved.safetensors")
    assert again.model is None
    assert same_bits(again.vectors, space.vectors)
    assert list(again.tokens) == BERT_TOKENS


def test_a_hubs_own_cache_says_whose_it_is(tmp_path):
    folder = bert_folder(tmp_path / "models--someone--small-bert" / "snapshots" / "a1b2c3")
    assert open_folder(folder).name == "someone/small-bert"


def test_vocabularies_of_two_files_and_of_lines(tmp_path):
    tokenizer = byte_level()
    folder = write_folder(tmp_path / "g", gpt2_arrays(n_tokens(tokenizer)), GPT2_CONFIG)
    (folder / "vocab.json").write_text(json.dumps(tokenizer["model"]["vocab"]), encoding="utf-8")
    (folder / "merges.txt").write_text(
        "#version: 0.2\n" + "\n".join(tokenizer["model"]["merges"]), encoding="utf-8"
    )
    space = open_folder(folder)
    assert " king" in space
    assert [token.bytes for token in space.tokenizer.encode(" the king")] == [b" the", b" king"]
    folder = write_folder(tmp_path / "b", bert_arrays(), BERT_CONFIG)
    (folder / "vocab.txt").write_text("\n".join(BERT_TOKENS) + "\n", encoding="utf-8")
    space = open_folder(folder)
    assert list(space.tokens) == BERT_TOKENS
    assert [token.bytes for token in space.tokenizer.encode_framed("Kings")] == [
        b"[CLS]",
        b"King",
        b"s",
        b"[SEP]",
    ]


def test_without_any_vocabulary_tokens_are_named_by_id(tmp_path):
    space = open_folder(write_folder(tmp_path / "b", bert_arrays(), BERT_CONFIG))
    assert space.tokens[5] == "#5"
    assert space.tokenizer is None
    assert "tokens are named by id" in space.notes[-1]
    (tmp_path / "b" / "tokenizer.model").write_bytes(b"x")
    assert "tokenizer.model is not read" in open_folder(tmp_path / "b").notes[-1]


def test_only_the_rows_asked_for_are_read(tmp_path, monkeypatch):
    folder = bert_folder(tmp_path / "b")
    space = open_folder(folder, cache=False)
    read = []
    real = SourceFile.read_at

    def counting(self, begin, array, place=""):
        read.append(array.nbytes)
        real(self, begin, array, place)

    monkeypatch.setattr(SourceFile, "read_at", counting)
    space.matrix.row(7)
    assert read == [4 * D]
    read.clear()
    space.matrix.rows.take(np.array([9, 3, 3, 4, 25]))
    assert sum(read) <= 4 * D * 9


def test_a_file_that_is_written_to_is_noticed(tmp_path):
    folder = bert_folder(tmp_path / "b")
    space = open_folder(folder, cache=False)
    before = space["king"]
    path = folder / "model.safetensors"
    path.rename(folder / "old")
    assert same_bits(space["king"], before)
    with (folder / "old").open("r+b") as file:
        file.truncate(path.stat().st_size // 2 if path.exists() else 2000)
    with pytest.raises(SourceError, match="written to since it was opened"):
        space.matrix.row(2)
    os.truncate(folder / "old", 10)
    with pytest.raises(TuiEmbedError):
        space.neighbors("king")


def test_rows_are_kept_on_request_and_found_again(tmp_path):
    from tui_embed.engine.rows import WholeRows
    from tui_embed.sources.models.keeping import keep_rows, with_kept_rows

    folder = bert_folder(tmp_path / "b")
    space = tui_embed.load(folder)
    assert not isinstance(space.matrix.rows, WholeRows)
    nearest = space.neighbors("king", 5)
    kept = with_kept_rows(space)
    assert isinstance(kept.matrix.rows, WholeRows)
    again = tui_embed.load(folder)
    assert isinstance(again.matrix.rows, WholeRows)
    assert again.matrix.known_norms is not None
    assert again.neighbors("king", 5) == nearest
    assert again.input_layer.said == "W_E, token type 0, LayerNorm"
    assert not isinstance(tui_embed.load(folder, cache=False).matrix.rows, WholeRows)
    with pytest.raises(TuiEmbedError, match="lie in the store already"):
        keep_rows(again)
    # a file that has changed since is read again
    changed = weights(folder)
    changed["embeddings.word_embeddings.weight"] = changed["embeddings.word_embeddings.weight"] + 1
    reference.save_file(changed, folder / "model.safetensors")
    fresh = tui_embed.load(folder)
    assert not isinstance(fresh.matrix.rows, WholeRows)
    assert same_bits(fresh["king"], changed["embeddings.word_embeddings.weight"][fresh.id("king")])


@pytest.mark.parametrize("name", ["a#embed.weight", "#.embed.weight", "\ud800.embed.weight"])
def test_a_tensor_whose_name_looks_like_a_part_of_another_file(tmp_path, name):
    """It is looked for in the store and kept there."""
    from tui_embed.engine.rows import WholeRows
    from tui_embed.sources.models.keeping import with_kept_rows

    folder = tmp_path / "m#x" / "y"
    folder.mkdir(parents=True)
    stored = arrays({"embed": (100, 4)})["embed"]
    write_tensor(folder / "model.safetensors", name, stored)
    (folder / "config.json").write_text(json.dumps({"model_type": "odd"}))
    space = tui_embed.load(folder)
    kept = with_kept_rows(space)
    assert isinstance(kept.matrix.rows, WholeRows)
    assert same_bits(tui_embed.load(folder).vectors, stored)


def test_the_root_of_all_files_may_be_a_checkpoint():
    with pytest.raises(SourceError, match="no matrix in it is known"):
        find_input(Weights({}, 0), Config({"model_type": "novel"}), Path("/"))
