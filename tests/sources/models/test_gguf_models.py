"""GGUF files as checkpoints: quantised rows, tokens, tokenizers; written by the gguf package."""

import tracemalloc

import gguf as package
import numpy as np
import pytest
from checkpoints import WORDS, arrays, byte_level
from contents import same_bits
from gguf import GGMLQuantizationType as Kind
from gguf import GGUFValueType

import tui_embed
from tui_embed.engine.models.forward import forward, next_tokens
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.models import quantised
from tui_embed.sources.models.keeping import with_kept_rows

D, HEADS, LAYERS = 64, 4, 2
KEY_TYPES = {float: GGUFValueType.FLOAT32, bool: GGUFValueType.BOOL, int: GGUFValueType.INT64}
QUANTISED = [Kind.Q8_0, Kind.Q4_0, Kind.Q4_1, Kind.Q5_0, Kind.Q5_1]


def llama_file(path, kind=None, tokenizer=None, extra=None, architecture="llama", **tensors):
    """A Llama of two layers; its token rows are of ``kind``."""
    tokenizer = tokenizer or byte_level()
    ids = tokenizer["model"]["vocab"]
    texts = sorted(ids, key=ids.get)
    shapes = {"token_embd.weight": (len(texts), D), "output_norm.weight": (D,)}
    for layer in range(LAYERS):
        at = f"blk.{layer}."
        shapes |= {f"{at}{part}.weight": (D, D) for part in ("attn_q", "attn_k", "attn_v", "attn_output")}
        shapes |= {f"{at}{part}.weight": (2 * D, D) for part in ("ffn_gate", "ffn_up")}
        shapes |= {
            f"{at}ffn_down.weight": (D, 2 * D),
            f"{at}attn_norm.weight": (D,),
            f"{at}ffn_norm.weight": (D,),
        }
    made = {**arrays(shapes), **tensors}
    writer = package.GGUFWriter(path, architecture)
    writer.add_context_length(32)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(texts)
    writer.add_token_types([3 if text == "<|endoftext|>" else 1 for text in texts])
    writer.add_token_merges(tokenizer["model"]["merges"])
    for add in extra or ():
        add(writer)
    for name, array in made.items():
        if kind is not None and name == "token_embd.weight":
            packed = package.quants.quantize(array, kind)
            writer.add_tensor(name, packed, raw_dtype=kind)
        else:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return made


def test_a_llama_that_is_not_quantised(tmp_path):
    made = llama_file(tmp_path / "m.gguf")
    space = tui_embed.load(tmp_path / "m.gguf")
    assert same_bits(space.vectors, made["token_embd.weight"])
    assert space.provenance.origin == "Llama, float32 in GGUF"
    assert (space.model.n_layers, space.model.output_kind, space.model.is_quantised) == (2, "tied", False)
    assert "RoPE (θ 10,000)" in space.positions.note
    assert " king" in space
    assert space.model.special_ids == {space.id("<|endoftext|>")}
    assert [token.bytes for token in space.tokenizer.encode("the king 猫")] == [
        *[b"t", b"h", b"e", b" king", b" ", b"\xe7", b"\x8c", b"\xab"]
    ]


@pytest.mark.parametrize("kind", QUANTISED)
def test_quantised_rows_are_those_of_the_package(tmp_path, kind):
    made = llama_file(tmp_path / "m.gguf", kind)
    space = tui_embed.load(tmp_path / "m.gguf")
    packed = package.quants.quantize(made["token_embd.weight"], kind)
    expected = package.quants.dequantize(packed, kind)
    assert same_bits(space.vectors, expected)
    assert same_bits(space.matrix.row(7), expected[7])
    assert space.model.is_quantised
    assert space.provenance.origin == f"Llama, {kind.name}, quantised: norms are approximate"
    assert "norms are approximate" in space.notes[0]
    kept = with_kept_rows(space)
    assert same_bits(kept.vectors, expected)
    assert tui_embed.load(tmp_path / "m.gguf").matrix.has_array


def test_the_forward_pass_is_that_of_the_hubs_layout(tmp_path):
    """GGUF has the numbers of a pair side by side, model hubs half a head apart: the same turn."""
    from tui_embed.engine.models.llama import HUB_NAMES, LlamaBody, Rotation

    made = llama_file(tmp_path / "m.gguf")
    space = tui_embed.load(tmp_path / "m.gguf")
    run = forward(space, "the king sat")
    hub = {}
    from tui_embed.engine.models.llama import GGUF_NAMES

    for layer in range(LAYERS):
        for part in set(HUB_NAMES) - {"layer", "last_norm"}:
            names = (
                names[part] if names[part].endswith("weight") else f"{names[part]}.weight"
                for names in (HUB_NAMES, GGUF_NAMES)
            )
            to, source = names
            array = made[GGUF_NAMES["layer"].format(layer) + source]
            if part in ("query", "key"):
                pairs = array.reshape(HEADS, D // HEADS // 2, 2, D)
                array = pairs.swapaxes(1, 2).reshape(D, D)
            hub[HUB_NAMES["layer"].format(layer) + to] = array
    hub["norm.weight"] = made["output_norm.weight"]
    body = LlamaBody(hub, HUB_NAMES, LAYERS, HEADS, HEADS, Rotation(10_000.0, adjacent=False), 1e-6)
    other = body.run(run.inputs)
    np.testing.assert_allclose(run.trace.states[-1], other.states[-1], rtol=1e-4, atol=1e-4)
    assert not np.allclose(run.trace.states[1], made["token_embd.weight"][list(run.ids)])
    found = next_tokens(run, len(run.ids) - 1)
    assert abs(float(found.probabilities.sum()) - 1) < 1e-5


def test_sentencepiece_tokens_and_bytes(tmp_path):
    from tui_embed.tokenizers.gguf import GgufTokens, gguf_tokenizer

    texts = [
        "<unk>",
        "<s>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "▁",
        "t",
        "h",
        "e",
        "k",
        "i",
        "n",
        "g",
    ]
    texts += ["▁t", "he", "▁the", "in", "ing", "king", "▁king"]
    scores = [0.0] * 258 + [-1000.0] * 8 + [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0]
    types = [2, 3, *[6] * 256, *[1] * 15]
    given = GgufTokens("llama", "default", [text.encode() for text in texts], types, scores, [], True, 1)
    tokenizer = gguf_tokenizer("m", given)
    assert [texts[token.id] for token in tokenizer.encode("the king")] == ["▁the", "▁king"]
    assert [texts[token.id] for token in tokenizer.encode_framed("the")] == ["<s>", "▁the"]
    cat = tokenizer.encode("the猫")[1:]
    assert [token.bytes for token in cat] == [b"\xe7", b"\x8c", b"\xab"]
    assert [(token.start, token.end) for token in cat] == [(3, 4), (4, 5), (5, 6)]


def test_a_kind_of_tokenizer_that_is_not_made_is_said(tmp_path):
    def other(writer):
        writer.kv_data[0]["tokenizer.ggml.model"].value = "t5"

    llama_file(tmp_path / "m.gguf", extra=[other])
    space = tui_embed.load(tmp_path / "m.gguf")
    assert space.tokenizer is None
    assert "tokenizer “t5”" in " ".join(space.notes)
    assert len(space) > 256


def test_a_way_of_cutting_that_is_not_known_is_said(tmp_path):
    def other(writer):
        writer.kv_data[0]["tokenizer.ggml.pre"].value = "brand-new"

    llama_file(tmp_path / "m.gguf", extra=[other])
    assert "not as “brand-new” is" in " ".join(tui_embed.load(tmp_path / "m.gguf").notes)


def test_digits_stand_alone_where_the_file_says_so(tmp_path):
    def smol(writer):
        writer.kv_data[0]["tokenizer.ggml.pre"].value = "smollm"

    llama_file(tmp_path / "m.gguf", tokenizer=byte_level([*WORDS, "17"]), extra=[smol])
    space = tui_embed.load(tmp_path / "m.gguf")
    assert [token.bytes for token in space.tokenizer.encode(" 17")] == [b" ", b"1", b"7"]


def words_of(*texts, pre="gpt-2", **given):
    """A byte-level tokenizer of ``texts``, without a merge."""
    from tui_embed.tokenizers.gguf import GgufTokens, gguf_tokenizer

    tokens = [text.encode() for text in texts]
    return gguf_tokenizer("m", GgufTokens("gpt2", pre, tokens, [1] * len(tokens), [], [], **given))


@pytest.mark.parametrize(
    ("pre", "ids"), [("llama-bpe", [3]), ("llama3", [3]), ("qwen2", [0, 1, 2]), ("gpt-2", [0, 1, 2])]
)
def test_a_whole_word_comes_first_in_llama_3(pre, ids):
    assert [token.id for token in words_of("a", "b", "c", "abc", pre=pre).encode("abc")] == ids


@pytest.mark.parametrize(("pre", "begins"), [("llama-bpe", True), ("gpt-2", False)])
def test_a_text_begins_as_llama_cpp_has_it_where_the_file_does_not_say(tmp_path, pre, begins):
    def other(writer):
        writer.kv_data[0]["tokenizer.ggml.pre"].value = pre
        writer.add_bos_token_id(7)

    llama_file(tmp_path / "m.gguf", extra=[other])
    tokens = tui_embed.load(tmp_path / "m.gguf").tokenizer.encode_framed("a")
    assert (tokens[0].id == 7) is begins


def test_the_default_way_of_cutting_is_not_gpt2s(tmp_path):
    def other(writer):
        writer.kv_data[0]["tokenizer.ggml.pre"].value = "default"

    llama_file(tmp_path / "m.gguf", extra=[other])
    assert "not as “default” is" in " ".join(tui_embed.load(tmp_path / "m.gguf").notes)


@pytest.mark.parametrize("text", ["<s>:9x", "$A", "$B:1", "begin", ":", "", "$0"])
def test_the_text_of_the_first_token_is_no_template(text):
    tokenizer = words_of("a", text, "b", bos=1)
    assert [token.id for token in tokenizer.encode_framed("ab")] == [1, 0, 2]
    assert tokenizer.encode_framed("ab")[0].bytes == text.encode()
    assert [token.id for token in tokenizer.encode("ab")] == [0, 2]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.0, True, -1, 1 << 40])
def test_a_first_token_that_is_none_is_as_if_not_said(tmp_path, value):
    def odd(writer):
        writer.add_key_value("tokenizer.ggml.bos_token_id", value, KEY_TYPES[type(value)])
        writer.add_add_bos_token(True)

    llama_file(tmp_path / "m.gguf", extra=[odd])
    tokenizer = tui_embed.load(tmp_path / "m.gguf").tokenizer
    assert [token.bytes for token in tokenizer.encode_framed("a")] == [b"a"]


def pieces_of(texts):
    from tui_embed.tokenizers.gguf import GgufTokens

    tokens = [b"<unk>", *(text.encode() for text in texts)]
    return GgufTokens("llama", "", tokens, [2, *[1] * len(texts)], [0.0] * len(tokens), [], False)


def test_tokens_of_every_length_cost_no_more_than_their_letters():
    from tui_embed.tokenizers.gguf import LONGEST_WHOLE, gguf_tokenizer

    given = pieces_of(["a" * length for length in range(1, 1001)])
    assert given.n_too_long == 1000 - LONGEST_WHOLE
    tracemalloc.start()
    tokenizer = gguf_tokenizer("m", given)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert [token.id for token in tokenizer.encode("aaaa")] == [4]


@pytest.mark.parametrize(
    ("name", "line"), [("MOST_SPLITS", "over 9 letters"), ("MOST_MERGES", "over 9 pairs")]
)
def test_more_pairs_than_any_vocabulary_has(monkeypatch, name, line):
    from tui_embed.tokenizers import gguf

    given = pieces_of(["a" * length for length in range(1, 9)])
    monkeypatch.setattr(gguf, name, 9)
    with pytest.raises(TuiEmbedError, match=line):
        gguf.gguf_tokenizer("m", given)


def test_tokens_that_are_too_long_are_said(tmp_path):
    def pieces(writer):
        writer.kv_data[0]["tokenizer.ggml.model"].value = "llama"

    llama_file(tmp_path / "m.gguf", tokenizer=byte_level(["x" * 140]), extra=[pieces])
    assert "no text is split into 13 of its tokens" in " ".join(tui_embed.load(tmp_path / "m.gguf").notes)


def test_without_the_package_it_says_how_to_get_it(tmp_path, monkeypatch):
    llama_file(tmp_path / "m.gguf", Kind.Q4_0)

    def missing(module, extra):
        raise TuiEmbedError(
            "this needs the package gguf, which is not installed", f"pip install 'tui-embed[{extra}]'"
        )

    quantised._package.cache_clear()
    monkeypatch.setattr(quantised, "require", missing)
    with pytest.raises(SourceError, match=r"tui-embed\[gguf\]"):
        tui_embed.load(tmp_path / "m.gguf")
    quantised._package.cache_clear()


@pytest.mark.parametrize("kind", [Kind.I8, Kind.I32])
@pytest.mark.parametrize("name", ["output.weight", "blk.1.attn_q.weight"])
def test_a_layer_of_a_type_that_is_not_read_is_said_in_one_line(tmp_path, name, kind):
    number = np.int8 if kind == Kind.I8 else np.int32
    whole = llama_file(tmp_path / "whole.gguf")
    shape = whole["token_embd.weight"].shape if name == "output.weight" else whole[name].shape
    llama_file(tmp_path / "m.gguf", **{name: np.ones(shape, number)})
    space = tui_embed.load(tmp_path / "m.gguf")
    with pytest.raises(TuiEmbedError, match=rf"m\.gguf, tensor {name}: quantised as {kind.name}, which"):
        next_tokens(forward(space, "the king"), 0)


def test_a_norm_of_a_type_that_is_not_read_is_said_in_one_line(tmp_path):
    llama_file(tmp_path / "m.gguf", **{"token_embd_norm.weight": np.ones(D, np.int32)})
    with pytest.raises(SourceError, match=r"tensor token_embd_norm\.weight: quantised as I32, which"):
        tui_embed.load(tmp_path / "m.gguf")


def test_scaled_rotations_have_no_pass(tmp_path):
    llama_file(tmp_path / "m.gguf", **{"rope_freqs.weight": np.ones(8, np.float32)})
    assert "rotations are scaled" in tui_embed.load(tmp_path / "m.gguf").model.no_body


def test_an_architecture_that_is_not_known_is_not_said_to_rotate_unless_it_does(tmp_path, monkeypatch):
    llama_file(tmp_path / "turned.gguf", architecture="novel")
    assert "RoPE (θ 10,000)" in tui_embed.load(tmp_path / "turned.gguf").positions.note
    monkeypatch.setattr(package.GGUFWriter, "add_rope_freq_base", lambda *_: None)
    llama_file(tmp_path / "m.gguf", architecture="novel")
    space = tui_embed.load(tmp_path / "m.gguf")
    assert "how this kind of model places tokens is not known here" in space.positions.note
    assert "no forward pass for novel" in space.model.no_body


def test_a_window_that_is_narrower_than_what_is_read_is_refused(tmp_path):
    extra = [lambda writer: writer.add_sliding_window(4)]
    llama_file(tmp_path / "m.gguf", extra=extra)
    assert "a sliding window of 4 tokens" in tui_embed.load(tmp_path / "m.gguf").model.no_body


def test_another_architecture_has_its_own_scale(tmp_path):
    llama_file(tmp_path / "m.gguf", architecture="gemma")
    space = tui_embed.load(tmp_path / "m.gguf")
    assert space.model.title == "Gemma"
    assert space.input_layer.scale == 8
