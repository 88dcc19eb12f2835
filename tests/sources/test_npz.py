"""Arrays in a .npz file that NumPy wrote: which is the matrix, which its tokens, and what is refused."""

import io
import re
import struct
import zipfile

import numpy as np
import pytest
from array_files import check_cuts, content_of, refusal, tried
from contents import rows_of, same_bits
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.sources.formats import npz, text_arrays

M = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
WORDS = ["king", "", "naïve", "x y", "王"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.npz"


def columns(content):
    return {name: [column[row] for row in range(len(column))] for name, column in content.metadata.items()}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("names", [("vectors", "words"), ("E", "vocab"), ("anything", "whatever")])
def test_a_matrix_and_its_tokens(path, save, names):
    save(path, **{names[0]: M, names[1]: np.array(WORDS), "note": np.array("about it"), "scale": np.array(2)})
    content = content_of(path)
    assert same_bits(rows_of(content), M)
    assert list(content.vocabulary) == WORDS
    assert content.notes == ()
    assert columns(content) == {}


@pytest.mark.parametrize("dtype", [">f8", "<f2", "<i4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_type_and_order(path, dtype, order):
    array = np.asarray((M * 10).astype(dtype), order=order)
    np.savez_compressed(path, emb=array, tokens=np.array([word.encode() for word in WORDS]))
    content = content_of(path)
    assert same_bits(rows_of(content), array.astype(np.float32))
    assert list(content.vocabulary) == WORDS


def test_other_arrays_of_a_value_for_each_row_are_metadata(path):
    np.savez(
        path, embeddings=M, words=np.array(WORDS), kind=np.array(list("abcab")), year=np.arange(1990, 1995),
        ok=np.array([True, False, True, True, False]), other=np.arange(4), real=np.zeros(5),
    )  # fmt: skip
    assert columns(content_of(path)) == {
        "kind": list("abcab"), "year": ["1990", "1991", "1992", "1993", "1994"],
        "ok": ["1", "0", "1", "1", "0"],
    }  # fmt: skip


def test_the_matrix_is_told_by_shape_then_by_name_then_by_a_person(path):
    np.savez(path, other=np.zeros((4, 9)), Vectors=M)
    content = content_of(path)
    assert same_bits(rows_of(content), M)
    assert "its rows are Vectors, one of 2 matrices in it" in content.notes
    assert rows_of(content_of(f"{path}#other")).shape == (4, 9)
    np.savez(path, one=np.zeros((4, 9)), two=M)
    line = ", its members: 2 matrices, none of a name that says it is the one"
    assert refusal(path).startswith(line)
    assert "open x.npz#NAME with one of one 4 × 9, two 5 × 3" in refusal(path)
    assert same_bits(rows_of(content_of(f"{path}#two")), M)
    line = "member three: there is no such member of numbers (one 4 × 9, two 5 × 3)"
    assert line in refusal(f"{path}#three")


def test_without_tokens_those_beside_it_are_taken(path):
    np.savez(path, M)
    assert content_of(path).named_by_number
    (path.parent / "x.vocab.txt").write_text("\n".join("abcde"))
    assert list(content_of(path).vocabulary) == list("abcde")


def members(**contents: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def npy(array, allow_pickle=False):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), allow_pickle=allow_pickle)
    return file.getvalue()


def objects(*values):
    return npy(np.array(values, dtype=object), allow_pickle=True)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (members(v=npy(M), words=npy(WORDS[:4])), "member words: 4 tokens for the 5 rows of member v"),
        (members(v=npy(M), words=objects(*WORDS)), "member words: its items are Python objects, a pickle"),
        (members(v=objects(*M)), "member v: its items are Python objects, a pickle"),
        (members(v=npy(M[0]), w=npy("x")), "none of them is a matrix of numbers (v 3)"),
        (members(v=npy(M)[:-1]), "says 5 × 3 float32, which take 188 bytes with it, and it has 187"),
        (members(v=npy(M) + b"x"), "member v: its header says 5 × 3 float32"),
        (members(v=b"\x93NUMPY"), "member v: the file ends inside of its header"),
        (members(v=b"no array"), "member v: this is no .npy array"),
        (members(v=npy(M.astype(complex))), "none of them is a matrix of numbers"),
        (members(v=npy(M), words=npy(list("abcde")).replace(b"U1", b"U9")), "member words: its header says"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_refused(path, content, line):
    path.write_bytes(content)
    assert line in refusal(path)


def test_a_pickle_that_nobody_needs_is_left_alone(path):
    path.write_bytes(members(vectors=npy(M), words=npy(WORDS), config=objects({"a": 1})))
    assert content_of(path).notes == ("member config holds Python objects, a pickle, and was not read",)


def test_two_members_of_one_name(path):
    path.write_bytes(members(va=npy(M), vb=npy(M)).replace(b"vb.npy", b"va.npy"))
    assert "member va: there are two members of this name" in refusal(path)


def test_a_member_that_was_changed(path):
    """Its checksum tells; stored, so that any byte can be changed without the packing noticing."""
    np.savez(path, vectors=M, words=np.array(WORDS))
    content = bytearray(path.read_bytes())
    content[content.index(M.tobytes()) + 7] ^= 1
    path.write_bytes(content)
    assert re.search(r"member vectors, byte \d+: the packed data is damaged", refusal(path))


@pytest.mark.parametrize(
    ("offset", "value", "line"), [(8, 1, "it is encrypted"), (10, 99, "it is packed by method 99")]
)
def test_members_that_are_encrypted_or_packed_otherwise(path, offset, value, line):
    np.savez(path, vectors=M)
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\1\2")
    struct.pack_into("<H", content, directory + offset, value)
    path.write_bytes(content)
    assert f"member vectors: {line}" in refusal(path)


@pytest.mark.parametrize("claimed", [3008, 2**32 - 2])
def test_a_directory_that_lies_about_a_size(path, claimed):
    np.savez_compressed(path, vectors=M)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\1\2") + 24, claimed)
    path.write_bytes(content)
    assert "member vectors: " in refusal(path)


def test_a_bomb_is_refused_before_it_is_whole(path, monkeypatch):
    monkeypatch.setattr("tui_embed.sources.stream.ALLOWED", 1 << 20)
    np.savez_compressed(path, vectors=np.zeros((1 << 16, 64), np.float32))
    assert re.search(r"member vectors, byte \d+: swells to over 300 times its size", refusal(path))


def test_a_code_that_is_no_character(path):
    words = npy(np.array(list("abcde")))
    content = bytearray(words)
    content[-8:-4] = b"\xff\xff\xff\xff"
    path.write_bytes(members(vectors=npy(M), words=bytes(content)))
    assert "member words, row 4: a code that is no character" in refusal(path)


def test_too_many_members(path, monkeypatch):
    monkeypatch.setattr(npz, "MOST_MEMBERS", 3)
    np.savez(path, M, M, M, M)
    assert "its members: 4 arrays are no space" in refusal(path)


@given(
    words=st.lists(st.text(max_size=8).map(lambda text: text.rstrip("\0")), min_size=1, max_size=20),
    big=st.booleans(),
)
def test_tokens_are_those_that_numpy_has(tmp_path_factory, words, big):
    path = tmp_path_factory.mktemp("npz") / "x.npz"
    array = np.array(words, dtype=f"{'>' if big else '<'}U8")
    np.savez(path, vectors=np.ones((len(words), 2), np.float32), words=array)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_arrays, "BLOCK_BYTES", 100)
        assert list(content_of(path).vocabulary) == words


def test_cut_anywhere(path):
    np.savez(path, vectors=M, words=np.array(WORDS))
    whole = path.read_bytes()
    assert check_cuts(whole, path, lambda content: False) == 0
    np.savez_compressed(path, vectors=M, words=np.array(WORDS))
    assert check_cuts(path.read_bytes(), path, lambda content: False) == 0


@given(place=st.integers(0, 10**6), value=st.integers(1, 255))
def test_a_byte_that_was_changed_is_noticed_or_changes_nothing_read(tmp_path_factory, place, value):
    """Every byte is in a member, whose checksum tells, or in the zip's own structure."""
    path = tmp_path_factory.mktemp("npz") / "x.npz"
    np.savez_compressed(path, vectors=M, words=np.array(WORDS))
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= value
    path.write_bytes(content)
    found = tried(path)
    if isinstance(found, str):
        assert "\n" not in found
    else:
        assert same_bits(rows_of(found), M)
        assert found.named_by_number or list(found.vocabulary) == WORDS
