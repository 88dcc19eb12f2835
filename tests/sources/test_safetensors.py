"""Tensors in a .safetensors file, against the reference implementation, and headers that lie."""

import io
import json
import struct
import tracemalloc

import numpy as np
import pytest
import safetensors.numpy as reference
from array_files import check_cuts, content_of, refusal, tried
from contents import rows_of, same_bits
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.errors import SourceError
from tui_embed.sources import safetensors_header
from tui_embed.sources.safetensors_header import read_safetensors_header

M = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.safetensors"


def of(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(begin, end, shape, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def write(path, **tensors):
    reference.save_file({name: np.ascontiguousarray(array) for name, array in tensors.items()}, path)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"])
def test_every_type_that_the_reference_writes(path, dtype):
    array = (np.abs(M) * 40).astype(dtype)
    write(path, emb=array, bias=np.ones(3, np.float32))
    content = content_of(path)
    assert same_bits(rows_of(content), array.astype(np.float32))
    assert content.named_by_number
    is_rounded = dtype in ("f8", "i4", "i8", "u4", "u8")
    assert any("rounded to float32" in note for note in content.notes) == is_rounded


def test_bfloat16_is_the_upper_half_of_a_float32(path):
    halves = np.arange(65536, dtype="<u2").reshape(256, 256)
    path.write_bytes(of({"e": tensor(0, halves.nbytes, [256, 256], "BF16")}, halves.tobytes()))
    expected = (halves.astype(np.uint32) << 16).view(np.float32)
    assert same_bits(rows_of(content_of(path)), expected)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (("h.0.attn.weight", "wte.weight", "wpe.weight"), "wte.weight"),
        (
            ("model.layers.0.mlp.weight", "model.embed_tokens.weight", "lm_head.weight"),
            "model.embed_tokens.weight",
        ),
        (
            ("embeddings.position_embeddings.weight", "embeddings.word_embeddings.weight", "pooler.weight"),
            "embeddings.word_embeddings.weight",
        ),
        (("decoder.embed_tokens.weight", "encoder.embed_tokens.weight", "shared.weight"), "shared.weight"),
        (("other", "embeddings"), "embeddings"),
    ],
)
def test_the_matrix_of_a_model_is_told_by_its_name(path, names, chosen):
    write(path, **{name: np.full((4, 2), place, np.float32) for place, name in enumerate(names)})
    content = content_of(path)
    assert rows_of(content)[0, 0] == names.index(chosen)
    assert f"its rows are {chosen}, one of {len(names)} matrices in it" in content.notes
    last = content_of(f"{path}#{names[-1]}")
    assert rows_of(last)[0, 0] == len(names) - 1


def test_where_no_name_tells_the_matrices_are_listed(path):
    write(path, a=M, b=M[:2], c=M[0])
    line = ", its tensors: 2 matrices, none of a name that says it is the one"
    assert refusal(path) == f"{line} (open x.safetensors#NAME with one of a 5 × 3, b 2 × 3)"
    assert same_bits(rows_of(content_of(f"{path}#b")), M[:2])
    assert "tensor c: an array of 3, which is no matrix" in refusal(f"{path}#c")
    assert "tensor d: there is no such tensor of numbers (a 5 × 3, b 2 × 3, c 3)" in refusal(f"{path}#d")
    write(path, encoder=M[0])
    assert "its tensors: none of them is a matrix of numbers (encoder 3)" in refusal(path)


def test_a_model_with_two_that_could_be_meant(path):
    write(path, **{"encoder.embed_tokens.weight": M, "decoder.embed_tokens.weight": M})
    assert "2 matrices, none of a name that says it is the one" in refusal(path)


def test_the_vocabulary_beside_it(path):
    write(path, embeddings=M)
    (path.parent / "tokenizer.json").write_text("{}")
    assert (
        "the tokenizer.json beside it may have its tokens: open the folder for them" in content_of(path).notes
    )
    (path.parent / "vocab.json").write_text(json.dumps({"b": 1, "a": 0, "c": 2, "e": 4, "d": 3}))
    content = content_of(path)
    assert list(content.vocabulary) == list("abcde")
    assert content.notes == ("its tokens are from vocab.json beside it",)


E = tensor(0, 60, [5, 3])
D = bytes(60)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (of({"e": E}, D, length=2**63 + 2), "header: a header of 9,223,372,036,854,775,810 bytes in a file"),
        (of({"e": E}, D, length=10_000), "header: a header of 10,000 bytes in a file of "),
        (of(b'{"e": ', D), "header: it is no JSON"),
        (of(b'{"e": 1} x', D), "header: it is no JSON"),
        (of(b'{"e": NaN}', D), "header: it is no JSON: NaN is no number of JSON"),
        (
            of(b'{"e": {"dtype": "F32", "shape": [5, 3], "data_offsets": [0, 60], "dtype": "F32"}}', D),
            "dtype stands twice",
        ),
        (of(b'{"e": {}, "e": {}}', D), "header: the name e stands twice in it"),
        (of(b'{"\xff": {}}', D), "header, byte 10: it is not UTF-8"),
        (of(b'{"a":' + b"[" * 100_000, D), "header: it is no JSON"),
        (of({"e": E, "__metadata__": {"a": 1}}, D), "header: __metadata__ is no object of texts"),
        (of({"e": E, "__metadata__": []}, D), "header: __metadata__ is no object of texts"),
        (of({"e": [5, 3]}, D), "tensor e: not described by a dtype, a shape and data_offsets"),
        (of({"e": {**E, "more": 1}}, D), "tensor e: not described by a dtype, a shape and data_offsets"),
        (of({"e": tensor(0, 60, [5, 3], "F31")}, D), "tensor e: numbers of an unknown type, F31"),
        (of({"e": tensor(0, 60, [5, 3], 32)}, D), "tensor e: numbers of an unknown type, 32"),
        (of({"e": tensor(0, 60, [5.0, 3])}, D), "tensor e: its shape is no list of lengths"),
        (of({"e": tensor(0, 60, [True, 15])}, D), "tensor e: its shape is no list of lengths"),
        (of({"e": tensor(0, 60, [-5, -3])}, D), "tensor e: its shape is no list of lengths"),
        (of({"e": tensor(0, 60, [2**63 - 1] * 65)}, D), "tensor e: its shape is no list of lengths"),
        (of({"e": tensor(0, 60, [2**63 - 1] * 64)}, D), "do not take the 60 bytes"),
        (
            of({"e": tensor(0, 60, [5, 4])}, D),
            "tensor e: 5 × 4 F32 do not take the 60 bytes that its data_offsets give",
        ),
        (of({"e": tensor(0, 60, [2**32, 2**32])}, D), "do not take the 60 bytes"),
        (
            of({"e": tensor(-4, 56, [5, 3])}, D),
            "tensor e: its data_offsets are no beginning and end: [-4, 56]",
        ),
        (of({"e": tensor(60, 0, [5, 3])}, D), "tensor e: its data_offsets are no beginning and end"),
        (
            of({"e": {**E, "data_offsets": [0, 30, 60]}}, D),
            "tensor e: its data_offsets are no beginning and end",
        ),
        (of({"e": E}, D[1:]), "the file is cut short, or its header is wrong"),
        (of({"e": E}, D + b"x"), "header: the last 1 bytes of the file belong to no tensor"),
        (of({"e": E, "f": tensor(64, 76, [3])}, bytes(76)), "tensor f: a hole before it"),
        (of({"e": tensor(4, 64, [5, 3])}, bytes(64)), "tensor e: a hole before it"),
        (of({"e": E, "f": tensor(56, 68, [3])}, bytes(68)), "tensor f: it overlaps the tensor before it"),
        (of({"e": E, "f": E}, D), "tensor f: it overlaps the tensor before it"),
        (
            of({"e": tensor(0, 15, [5, 3], "F8_E4M3")}, D[:15]),
            "numbers of the type F8_E4M3, which is not read",
        ),
        (of({"e": tensor(0, 8, [5, 3], "F4")}, D[:8]), "5 × 3 F4 do not take the 8 bytes"),
        (of({}, b""), "its tensors: none of them is a matrix of numbers"),
        (of({"e": tensor(0, 0, [0, 3])}), "an array of 0 × 3 has no rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_headers_that_are_refused(path, content, line):
    path.write_bytes(content)
    assert line in refusal(path)


def test_packed_is_refused_with_what_to_do(tmp_path):
    import gzip

    path = tmp_path / "x.safetensors.gz"
    path.write_bytes(gzip.compress(of({"e": E}, D)))
    assert (
        refusal(path)
        == ", byte 0: it is packed as gz, and its arrays are read where they lie (unpack it first)"
    )


def test_cut_anywhere(path):
    write(path, embeddings=M, more=M[0])
    assert check_cuts(path.read_bytes(), path, lambda content: False) == 0


def judged(content):
    """Whether our reader takes a header, which the reference must then take too."""
    raw = io.BytesIO(content)
    try:
        return set(read_safetensors_header("x", raw, len(content)).tensors)
    except SourceError as error:
        return str(error)


def judged_by_reference(content):
    from safetensors import SafetensorError, deserialize

    try:
        return {name for name, _ in deserialize(content)}
    except SafetensorError as error:
        return str(error)


offsets = st.integers(-4, 40)


@given(
    tensors=st.dictionaries(
        st.sampled_from("abc"),
        st.fixed_dictionaries(
            {
                "dtype": st.sampled_from(["F32", "F16", "U8", "F64", "BOOL"]),
                "shape": st.lists(st.integers(-1, 5), max_size=3),
                "data_offsets": st.lists(offsets, min_size=2, max_size=2),
            }
        ),
        max_size=3,
    ),
    data=st.integers(0, 40),
)
def test_the_reference_takes_and_refuses_the_same(tensors, data):
    content = of(tensors, bytes(data))
    ours, theirs = judged(content), judged_by_reference(content)
    assert isinstance(ours, str) == isinstance(theirs, str), (ours, theirs)
    if not isinstance(ours, str):
        assert ours == theirs


@st.composite
def laid_out(draw):
    """Tensors that lie one after another, as they should, or nearly."""
    tensors, at = {}, 0
    for name in draw(st.permutations("abc")):
        shape = draw(st.lists(st.integers(0, 3), max_size=3))
        dtype, size = draw(st.sampled_from([("F32", 4), ("F16", 2), ("U8", 1)]))
        end = at + int(np.prod(shape)) * size
        tensors[name] = tensor(at, end + draw(st.sampled_from([0] * 9 + [1])), shape, dtype)
        at = end
    return of(tensors, bytes(at))


@given(laid_out())
def test_files_that_are_nearly_right(content):
    ours, theirs = judged(content), judged_by_reference(content)
    assert isinstance(ours, str) == isinstance(theirs, str), (ours, theirs)


@given(st.binary(max_size=60), st.integers(0, 70))
def test_no_header_does_harm(text, length):
    found = judged(struct.pack("<Q", length) + text)
    assert isinstance(found, str | set)


def test_a_header_of_more_values_than_a_model_has(path, monkeypatch):
    monkeypatch.setattr(safetensors_header, "MOST_VALUES", 100)
    path.write_bytes(of(b'{"a":[' + b"[]," * 60 + b"[]]}"))
    assert "header: over 100 values" in refusal(path)


def test_only_the_chosen_tensor_is_read(tmp_path):
    """Of a sparse file of 4 GB nothing but the header and a small tensor is ever touched."""
    path = tmp_path / "x.safetensors"
    large = 4 << 30
    header = {"blocks": tensor(0, large, [1 << 15, 1 << 15]), "wte.weight": tensor(large, large + 60, [5, 3])}
    begin = of(header)
    with path.open("wb") as file:
        file.write(begin)
        file.seek(len(begin) + large)
        file.write(M.tobytes())
    tracemalloc.start()
    content = tried(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not isinstance(content, str), content
    assert same_bits(rows_of(content), M)
    assert peak < 4 << 20
