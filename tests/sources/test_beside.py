"""The vocabulary in a file beside a matrix: which is taken, what it says, and what must not be taken."""

import json
import pickle

import numpy as np
import pytest
from array_files import content_of
from contents import tokens_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import token_bytes

from tui_embed.engine.vocabulary import decode_token
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.open import read

WORDS = [b"the", b"of", b"new york"]


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(12, dtype=np.float32).reshape(3, 4) + 0.5)
    return tmp_path


def taken(folder, name, text, matrix="x.npy"):
    """What is read of the matrix with a file of this name and content beside it."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return content_of(folder / matrix)


def columns(content):
    return {name: [column[row] for row in range(len(column))] for name, column in content.metadata.items()}


@pytest.mark.parametrize(
    "name",
    [
        "x.txt", "x.vocab", "x.vocab.txt", "x_vocab.txt", "x.words", "x.words.txt", "x.tokens.txt",
        "x_labels.tsv", "x.labels", "vocab.txt", "words.txt", "tokens.txt", "labels.txt", "metadata.tsv",
    ],
)  # fmt: skip
def test_names_that_are_looked_for(folder, name):
    content = taken(folder, name, b"the\nof\nnew york\n")
    assert tokens_of(content) == WORDS
    assert content.notes == (f"its tokens are from {name} beside it",)
    assert not content.named_by_number


@pytest.mark.parametrize("matrix", ["m.vectors.npy", "m_embeddings.npy", "m-emb.npy"])
def test_a_name_without_what_says_that_it_holds_vectors(folder, matrix):
    (folder / "x.npy").rename(folder / matrix)
    assert tokens_of(taken(folder, "m.vocab.txt", b"the\nof\nnew york", matrix)) == WORDS


def test_a_file_of_its_own_comes_before_one_for_the_folder(folder):
    taken(folder, "vocab.txt", "a\nb\nc\n")
    assert tokens_of(taken(folder, "x.vocab.txt", "d\ne\nf\n")) == [b"d", b"e", b"f"]
    assert tokens_of(taken(folder, "x.vocab.json", '["g", "h", "i"]')) == [b"g", b"h", b"i"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (b"a\nb\nc", [b"a", b"b", b"c"]),
        (b"a\r\nb\r\nc\r\n", [b"a", b"b", b"c"]),
        (b"a\r\nb\nc\n", [b"a\r", b"b", b"c"]),
        (b"a\nb\nc\n\n\n", [b"a", b"b", b"c"]),
        (b"\n\n\n", [b"", b"", b""]),
        (b"a\n\xc2\xa0b\xe2\x80\xa8\nc d\x0c\n", [b"a", b"\xc2\xa0b\xe2\x80\xa8", b"c d\x0c"]),
        (b"\xef\xbb\xbfa\nb\nc\n", [b"a", b"b", b"c"]),
        (b"word\na\nb\nc\n", [b"a", b"b", b"c"]),
        (b"a\n\t\nb\n", [b"a", b"\t", b"b"]),
        (b"\xff\xfe\n1\n2\n", [b"\xff\xfe", b"1", b"2"]),
        (b"doc 1\ndoc 2\ndoc 3\n", [b"doc 1", b"doc 2", b"doc 3"]),
        (b"Alien 3\nJaws 2\nRocky 4\n", [b"Alien 3", b"Jaws 2", b"Rocky 4"]),
    ],
)
def test_a_token_a_line(folder, text, tokens):
    content = taken(folder, "x.txt", text)
    assert tokens_of(content) == tokens
    assert columns(content) == {}


def test_words_with_their_counts(folder):
    content = taken(folder, "vocab.txt", b"the 1061396\nof 593677\nand 416629\n")
    assert tokens_of(content) == [b"the", b"of", b"and"]
    assert columns(content) == {"count": ["1061396", "593677", "416629"]}


@pytest.mark.parametrize(
    ("text", "metadata"),
    [
        ("a\tx\t1\nb\ty\t2\nc\t\t3\n", {"column 2": ["x", "y", ""], "column 3": ["1", "2", "3"]}),
        ("word\tkind\nA\tx\nB\ty\nC\tz\n", {"kind": ["x", "y", "z"]}),
        ("n\tLabel\n5\tA\n6\tB\n7\tC\n", {"n": ["5", "6", "7"]}),
        ("▁the\t-3.2\n▁of\t-3.4\ns\t-3.6\n", {"column 2": ["-3.2", "-3.4", "-3.6"]}),
        ("word\tx\ty\nA\t.1\t.2\nB\t.2\t.3\nC\t1.\t2.\n", {"x": [".1", ".2", "1."], "y": [".2", ".3", "2."]}),
    ],
)  # fmt: skip
def test_a_table(folder, text, metadata):
    content = taken(folder, "metadata.tsv", text)
    assert not content.named_by_number
    assert columns(content) == metadata
    lines = text.splitlines()[-3:]
    if "Label" not in text:
        assert tokens_of(content) == [line.partition("\t")[0].encode() for line in lines]
    else:
        assert tokens_of(content) == [b"A", b"B", b"C"]


@pytest.mark.parametrize(
    "found",
    [["a", "b\n", "c"], {"c": 2, "a": 0, "b\n": 1}, {"1": "b\n", "2": "c", "0": "a"}],
)
def test_json(folder, found):
    assert tokens_of(taken(folder, "vocab.json", json.dumps(found))) == [b"a", b"b\n", b"c"]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("x.txt", "a\nb\n", "x.txt beside it has 2 lines for 3 rows"),
        ("x.txt", "a\nb\nc\nd\n", "x.txt beside it has 4 lines for 3 rows"),
        ("x.tsv", "a\tx\nb\ty\n", "x.tsv beside it has 2 lines for 3 rows"),
        ("x.tsv", "w\tk\tk\na\t1\tx\nb\t2\ty\nc\t3\tz\n", "x.tsv beside it has two columns of one name"),
        ("x.txt", "the .1 .2 .3 .4\nof .1 .2 .3 .4\nnew york .1 .2 .3 .4\n", "holds vectors"),
        ("x.txt", "the .1 .2 .3\n1990 .1 .2 .3\n, .1 .2 .3\n", "holds vectors, not a vocabulary"),
        ("x.txt", "1 5 6 7 8\n2 5 6 7 8\n3 5 6 7 8\n", "holds vectors, not a vocabulary"),
        ("x.txt", "the 1 2 3 4\nof 1 2 3 4\nand 1 2 3 4\n", "holds vectors, not a vocabulary"),
        ("x.txt", "3 2\nthe 0.1 2\nof 1 2\n", "holds vectors, not a vocabulary"),
        ("x.tsv", "0.1\t0.2\n0.1\t0.2\n0.1\t0.2\n", "holds vectors, not a vocabulary"),
        ("x.tsv", "token\tvector\na\t[1, 2, 3, 4]\nb\t[1, 2, 3, 4]\nc\t[1, 2, 3, 4]\n", "holds vectors"),
        ("x.tsv", "w\ta\tb\tc\td\nA\t1\t2\t3\t4\nB\t1\t2\t3\t4\nC\t1\t2\t3\t4\n", "holds vectors"),
        ("x.json", '["a", "b"]', "x.json beside it has 2 entries for 3 rows"),
        ("x.json", '["a", "b", 3]', "x.json beside it holds more than tokens and their ids"),
        ("x.json", '{"a": 0, "b": 0, "c": 1}', "does not have each id from 0 to 2 once"),
        ("x.json", '{"a": 0, "b": 1, "c": 3}', "does not have each id from 0 to 2 once"),
        ("x.json", '{"a": 0, "b": 1.0, "c": 2}', "does not have each id from 0 to 2 once"),
        ("x.json", '{"a": false, "b": true, "c": 2}', "does not have each id from 0 to 2 once"),
        ("x.json", "[1, 2", "x.json beside it is no JSON"),
        ("x.json", "[" * 100_000, "x.json beside it is no JSON"),
        ("x.json", "[" + "[]," * 2_000_000, "x.json beside it holds far more than 3 tokens"),
        ("x.json", '"abc"', "is neither a list of tokens nor an object"),
        ("x.vocab", pickle.dumps({"a": 0, "b": 1, "c": 2}), "x.vocab beside it is no text"),
        ("x.txt", b"", "x.txt beside it cannot be read"),
        ("x.txt", b"\x1f\x8b\x08\0\0\0\0\0\0\x03cut", "x.txt beside it cannot be read"),
    ],
)
def test_what_must_not_be_taken(folder, name, text, why):
    content = taken(folder, name, text)
    assert content.named_by_number
    assert content.metadata == {}
    assert why in content.notes[0]
    assert "x.vocab.txt beside it, a token a line, would name them" in content.notes[-1]


def test_what_was_passed_over_is_said_where_it_has_the_files_own_name(folder):
    taken(folder, "x.txt", "one\ntwo\n")
    taken(folder, "words.txt", "four\nlines\nnot\nthree\n")
    content = taken(folder, "labels.txt", "the\nof\nnew york\n")
    assert content.notes == (
        "its tokens are from labels.txt beside it",
        "x.txt beside it has 2 lines for 3 rows: it was passed over",
    )


def test_each_place_is_told_before_it_is_looked_at(folder):
    """So that the store notices a vocabulary that comes later."""
    asked = []
    with SourceFile(folder / "x.npy") as file:
        read(SpaceBuilder(file, consult=asked.append))
    names = [path.name for path in asked]
    assert {"x.vocab.txt", "x.txt", "x.json", "vocab.txt", "vocab.json", "metadata.tsv"} < set(names)
    assert len(names) == len(set(names)) < 120
    (folder / "x.vocab.txt").write_text("a\nb\nc\n")
    asked.clear()
    with SourceFile(folder / "x.npy") as file:
        read(SpaceBuilder(file, consult=asked.append))
    assert [path.name for path in asked] == names[: names.index("x.vocab.txt") + 1]


@given(tokens=st.lists(token_bytes, min_size=1, max_size=12))
def test_a_json_list_holds_any_token(tmp_path_factory, tokens):
    folder = tmp_path_factory.mktemp("beside")
    np.save(folder / "x.npy", np.ones((len(tokens), 2), np.float32))
    (folder / "x.json").write_text(json.dumps(list(map(decode_token, tokens))))
    assert tokens_of(content_of(folder / "x.npy")) == tokens


@given(
    words=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\n\r\t\0 \ufeff"), min_size=1, max_size=6),
        min_size=2, max_size=12,
    )
)  # fmt: skip
def test_lines_hold_any_words(tmp_path_factory, words):
    folder = tmp_path_factory.mktemp("beside")
    np.save(folder / "x.npy", np.ones((len(words), 2), np.float32))
    (folder / "x.txt").write_text("".join(f"{word}\n" for word in words), newline="")
    assert list(content_of(folder / "x.npy").vocabulary) == words


@given(st.binary(max_size=200), st.sampled_from(["x.txt", "x.json", "x.tsv"]))
def test_no_file_beside_does_harm(tmp_path_factory, text, name):
    folder = tmp_path_factory.mktemp("beside")
    np.save(folder / "x.npy", np.ones((3, 2), np.float32))
    (folder / name).write_bytes(text)
    assert len(content_of(folder / "x.npy").vocabulary) == 3
