"""GGUF files: what the gguf package writes, and headers that lie."""

import struct

import numpy as np
import pytest
from array_files import (
    check_cuts,
    content_of,
    gguf,
    gguf_key,
    gguf_string,
    gguf_tensor,
    gguf_tokens,
    refusal,
    tried,
)
from contents import rows_of, same_bits, tokens_of
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.sources import gguf_header

M = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
WORDS = [b"<s>", b"\xe2\x96\x81the", b"\xff\x00", b""]
NAME = "token_embd.weight"
KEYS = [gguf_key("general.architecture", 8, gguf_string(b"llama")), gguf_tokens(WORDS)]
INFO = gguf_tensor(NAME, [8, 4])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.gguf"


@pytest.mark.parametrize("version", [2, 3])
def test_the_matrix_and_its_tokens(path, version):
    path.write_bytes(gguf(KEYS, [INFO], M.tobytes(), version))
    content = content_of(path)
    assert same_bits(rows_of(content), M)
    assert tokens_of(content) == WORDS


@pytest.mark.parametrize(
    ("type_id", "data", "expected"),
    [
        (1, M.astype("<f2").tobytes(), M.astype("<f2")),
        (28, M.astype("<f8").tobytes(), M),
        (
            30,
            (M.view(np.uint32) >> 16).astype("<u2").tobytes(),
            (M.view(np.uint32) >> 16 << 16).view(np.float32),
        ),
    ],
)
def test_other_types_that_are_not_quantised(path, type_id, data, expected):
    path.write_bytes(gguf(KEYS, [gguf_tensor(NAME, [8, 4], type_id)], data))
    assert same_bits(rows_of(content_of(path)), expected.astype(np.float32))


def test_a_file_of_the_gguf_package(path):
    import gguf as package

    writer = package.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_token_list([word.decode("latin-1") for word in WORDS])
    writer.add_token_scores([0.5, 1.0, -2.0, 0.0])
    writer.add_token_types([1, 1, 6, 1])
    writer.add_token_merges(["a b", "c d"])
    writer.add_array("some.names", ["x", "y"])
    writer.add_bool("some.flag", True)
    writer.add_tensor("blk.0.weight", np.zeros((8, 8), np.float32))
    writer.add_tensor(NAME, M)
    writer.add_tensor("output_norm.weight", np.ones(8, np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    content = content_of(path)
    assert same_bits(rows_of(content), M)
    assert list(content.vocabulary) == [word.decode("latin-1") for word in WORDS]
    assert rows_of(content_of(f"{path}#blk.0.weight")).shape == (8, 8)
    assert "tensor output_norm.weight: quantised" not in refusal(f"{path}#output_norm.weight")
    assert "tensor x: there is no such tensor (open x.gguf#NAME with one of blk.0.weight" in refusal(
        f"{path}#x"
    )


def test_its_own_alignment_counts(path):
    keys = [*KEYS, gguf_key("general.alignment", 4, struct.pack("<I", 4096))]
    path.write_bytes(gguf(keys, [INFO], M.tobytes(), alignment=4096))
    assert same_bits(rows_of(content_of(path)), M)


def test_without_tokens_rows_are_named_by_number(path):
    path.write_bytes(gguf(KEYS[:1], [INFO], M.tobytes()))
    assert content_of(path).named_by_number


def quantised(type_id, n_bytes):
    return gguf(KEYS, [gguf_tensor(NAME, [256, 4], type_id)], bytes(n_bytes))


def key(type_id, value):
    return gguf([gguf_key("k", type_id, value)], [INFO], M.tobytes())


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (quantised(41, 144), f"tensor {NAME}: quantised as Q1_0, which the gguf package does not"),
        (quantised(99, 640), f"tensor {NAME}: numbers of the type 99, which is not known here"),
        (quantised(3, 639), "are not all in a file of"),
        (
            gguf(KEYS, [gguf_tensor(NAME, [8, 16], 3)], bytes(640)),
            "rows of 8 numbers are no whole blocks of Q4_1",
        ),
        (
            gguf(KEYS, [INFO], M.tobytes(), version=1),
            "header, byte 8: version 1 of the format, known are 2 and 3",
        ),
        (b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + bytes(90), "header, byte 8: it is big-endian"),
        (
            b"GGUF" + struct.pack("<IQQ", 3, 2**62, 1) + bytes(90),
            "it claims 4,611,686,018,427,387,904 tensors",
        ),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**62) + bytes(90), "it claims 4,611,686,018,427,387,904 keys"),
        (
            gguf([struct.pack("<Q", 2**40) + bytes(80)], [INFO], b""),
            "it claims a key of 1,099,511,627,776 bytes",
        ),
        (key(8, struct.pack("<Q", 2**40)), "it claims a string of 1,099,511,627,776 bytes"),
        (key(9, struct.pack("<IQ", 8, 2**63)), "it claims 9,223,372,036,854,775,808 values of an array"),
        (key(9, struct.pack("<IQ", 4, 2**62)), "it claims 4,611,686,018,427,387,904 values of an array"),
        (key(9, struct.pack("<IQ", 9, 1) * 5), "a value of the unknown type 9"),
        (key(13, b""), "a value of the unknown type 13"),
        (
            gguf([gguf_key("tokenizer.ggml.tokens", 8, gguf_string(b"x"))], [INFO], M.tobytes()),
            "is no array of strings",
        ),
        (
            gguf([gguf_key("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2**63))], [INFO], M.tobytes()),
            "tokens, and there",
        ),
        (
            gguf([gguf_tokens(WORDS[:3])], [INFO], M.tobytes()),
            "4 rows for the 3 tokens of tokenizer.ggml.tokens",
        ),
        (gguf([KEYS[0], KEYS[0]], [INFO], M.tobytes()), "the key general.architecture stands twice"),
        (
            gguf([gguf_key("general.alignment", 4, struct.pack("<I", 0))], [INFO], M.tobytes()),
            "is no power of 2",
        ),
        (
            gguf([gguf_key("general.alignment", 4, struct.pack("<I", 24))], [INFO], M.tobytes()),
            "is no power of 2",
        ),
        (gguf([gguf_key("general.alignment", 8, gguf_string(b""))], [INFO], M.tobytes()), "is no power of 2"),
        (
            gguf(KEYS, [gguf_tensor(NAME, [8, 4], offset=8)], bytes(200)),
            "its offset 8 is no multiple of the alignment, 32",
        ),
        (gguf(KEYS, [gguf_tensor(NAME, [8, 4], offset=2**60)], M.tobytes()), "are not all in a file of"),
        (gguf(KEYS, [gguf_tensor(NAME, [2**33, 2**31])], M.tobytes()), "numbers are more than any file has"),
        (
            gguf(KEYS, [gguf_tensor(NAME, [2, 2, 2, 2, 2])], M.tobytes()),
            "5 dimensions, at most 4 are possible",
        ),
        (
            gguf(KEYS, [gguf_tensor(NAME, [8, 2, 2])], M.tobytes()),
            "an array of 2 × 2 × 8, which is no matrix",
        ),
        (gguf(KEYS, [gguf_tensor(NAME, [0, 4])], M.tobytes()), "0 numbers a row are no vectors"),
        (gguf(KEYS, [INFO, INFO], M.tobytes()), "there are two tensors of this name"),
        (
            gguf(KEYS, [INFO, gguf_tensor("b", [8, 4], offset=96)], bytes(256)),
            "tensor b: it overlaps the tensor before it",
        ),
        (
            gguf(KEYS, [gguf_tensor("b", [8, 4])], M.tobytes()),
            f"tensor {NAME}: there is no such tensor (open x.gguf#NAME with one of b)",
        ),
        (gguf(KEYS, [], b""), f"tensor {NAME}: there is no such tensor"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_refused(path, content, line):
    path.write_bytes(content)
    assert line in refusal(path)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("MOST_STRINGS", "over 3 strings"),
        ("MOST_TOKENS", "4 tokens, over 3"),
        ("MOST_KEYS", "4 keys, over 3"),
        ("MOST_KEPT", "it has strings of over 0 MB, more than any model's"),
    ],
)
def test_limits(path, monkeypatch, name, line):
    monkeypatch.setattr(gguf_header, name, 3)
    more = [gguf_key(key, 4, bytes(4)) for key in "ab"]
    path.write_bytes(gguf([*KEYS, *more], [INFO], M.tobytes()))
    assert line in refusal(path)


def test_what_is_passed_over_counts_not_as_kept(path, monkeypatch):
    long = struct.pack("<IQ", 8, 9) + gguf_string(b"x" * 100) * 9
    path.write_bytes(gguf([*KEYS, gguf_key("a", 9, long)], [INFO], M.tobytes()))
    monkeypatch.setattr(gguf_header, "MOST_KEPT", 500)
    assert same_bits(rows_of(content_of(path)), M)


def test_cut_anywhere(path):
    """Behind the last tensor's numbers there may be padding, which nobody misses."""
    whole = gguf(KEYS, [INFO], M.tobytes())
    assert check_cuts(whole, path, lambda content: False) == 0
    padded = whole + bytes(32)
    assert check_cuts(padded, path, lambda content: same_bits(rows_of(content), M)) == 32


@given(place=st.integers(0, 10**6), value=st.integers(1, 255))
def test_a_header_with_any_byte_changed_is_read_or_refused(tmp_path_factory, place, value):
    path = tmp_path_factory.mktemp("gguf") / "x.gguf"
    content = bytearray(
        gguf([*KEYS, gguf_key("a", 9, struct.pack("<IQ3f", 6, 3, 1, 2, 3))], [INFO], M.tobytes())
    )
    content[place % (len(content) - M.nbytes)] ^= value
    path.write_bytes(content)
    found = tried(path)
    if isinstance(found, str):
        assert len(found.removeprefix(str(path))) < 300
    else:
        assert rows_of(found).size * 4 <= len(content)


@given(st.binary(max_size=200))
def test_no_header_does_harm(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("gguf") / "x.gguf"
    path.write_bytes(b"GGUF\3\0\0\0" + content)
    assert isinstance(tried(path), str)
