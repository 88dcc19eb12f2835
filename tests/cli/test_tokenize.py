"""``tokenize``: the table of REFERENCE, standard input, and text that is no text."""

import io
import sys

import pytest

TABLE = [
    ("strawberry", "r50k_base", [301, 1831, 8396]),
    ("strawberry", "cl100k_base", [496, 675, 15717]),
    ("strawberry", "o200k_base", [302, 1618, 19772]),
    (" strawberry", "r50k_base", [41236]),
    (" strawberry", "cl100k_base", [73700]),
    (" strawberry", "o200k_base", [101830]),
    ("hello world", "r50k_base", [31373, 995]),
    ("hello world", "cl100k_base", [15339, 1917]),
    ("hello world", "o200k_base", [24912, 2375]),
    ("猫", "r50k_base", [163, 234, 104]),
    ("猫", "cl100k_base", [163, 234, 104]),
    ("猫", "o200k_base", [48091]),
    (" SolidGoldMagikarp", "r50k_base", [43453]),
]
N_VOCAB = {"r50k_base": 50257, "cl100k_base": 100277, "o200k_base": 200019}


@pytest.mark.parametrize(("text", "encoding", "ids"), TABLE)
def test_reference_ids(run, text, encoding, ids):
    (split,) = run("tokenize", text, "--encoding", encoding, "--json").json["encodings"]
    assert [token["id"] for token in split["tokens"]] == ids
    assert (split["encoding"], split["n_vocab"], split["count"]) == (encoding, N_VOCAB[encoding], len(ids))
    assert b"".join(bytes.fromhex(token["bytes"]) for token in split["tokens"]) == text.encode()


def test_encodings_side_by_side_in_the_order_asked_for(run):
    names = ["r50k_base", "cl100k_base", "o200k_base"]
    found = run("tokenize", "他很高兴", *(f"--encoding={name}" for name in names), "--json").json
    assert [(split["encoding"], split["count"]) for split in found["encodings"]] == [
        ("r50k_base", 8), ("cl100k_base", 6), ("o200k_base", 4),
    ]  # fmt: skip


def test_offsets_are_bytes_and_text_of_a_part_is_replaced(run):
    (split,) = run("tokenize", "猫", "--encoding", "r50k_base", "--json").json["encodings"]
    assert [(token["bytes"], token["start"], token["end"]) for token in split["tokens"]] == [
        ("e7", 0, 1), ("8c", 1, 2), ("ab", 2, 3),
    ]  # fmt: skip
    assert {token["text"] for token in split["tokens"]} == {"\ufffd"}


def test_a_person_sees_counts_ids_and_spaces(run):
    assert run("tokenize", " strawberry", "--encoding", "r50k_base", "--encoding", "words").out == (
        "r50k_base: 1 token, 11 characters, 11.00 characters per token\n"
        "  ␣strawberry 41236\n"
        "words: 1 token, 11 characters, 11.00 characters per token\n"
        "  strawberry 13216\n"
    )


def test_cl100k_unless_told_otherwise(run):
    (split,) = run("tokenize", "x", "--json").json["encodings"]
    assert split["encoding"] == "cl100k_base"


def test_words_are_those_of_the_space(run):
    (split,) = run("tokenize", "The king zzzqqy", "--encoding", "words", "--json").json["encodings"]
    assert [token["id"] for token in split["tokens"]] == [0, 691, None]
    (split,) = run(
        "tokenize", "The king", "--encoding", "words", "--space", "gpt2-init", "--json"
    ).json["encodings"]  # fmt: skip
    assert split["encoding"] == "r50k_base"
    ran = run("tokenize", "king", "--encoding", "words", "--space", "bert-base-init")
    assert ran.status == 2
    assert "bert-base-init comes without a tokenizer" in ran.err


def test_special_tokens_are_text_unless_asked_for(run):
    plain = run("tokenize", "a<|endoftext|>", "--encoding", "r50k_base", "--json").json["encodings"][0]
    special = run("tokenize", "a<|endoftext|>", "--encoding", "r50k_base", "--special", "--json").json
    assert 50256 not in [token["id"] for token in plain["tokens"]]
    assert [token["id"] for token in special["encodings"][0]["tokens"]] == [64, 50256]
    assert run("tokenize", "a", "--encoding", "words", "--special").status == 2


def test_an_empty_text_has_no_tokens(run):
    assert run("tokenize", "", "--json").json["encodings"][0]["tokens"] == []
    assert run("tokenize", "").out == "cl100k_base: 0 tokens, 0 characters\n"


@pytest.mark.parametrize(
    ("given", "text", "noted"), [(b"hi\n", "hi\n", False), (b"a\xffb", "a\ufffdb", True), (b"", "", False)]
)
def test_standard_input(run, monkeypatch, given, text, noted):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    found = run("tokenize", "-", "--json").json
    assert found["text"] == text
    assert bool(found["notes"]) is noted


def test_standard_input_closed(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    ran = run("tokenize", "-")
    assert (ran.status, ran.out) == (2, "")
    assert "standard input is closed" in ran.err


def test_an_argument_that_is_no_utf8(run):
    found = run("tokenize", "a\udcffb", "--json").json
    assert found["text"] == "a\ufffdb"
    assert found["notes"]


def test_escapes_never_reach_the_terminal(run):
    ran = run("tokenize", "\x1b[31mred\x1b[0m\r\n\u202e")
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "␛" in ran.out


def test_an_unknown_encoding(run):
    ran = run("tokenize", "x", "--encoding", "cl100k")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "did you mean cl100k_base?" in ran.err


def test_a_tokenizer_json(run, tmp_path):
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    built = Tokenizer(WordLevel({"[UNK]": 0, "king": 1, "queen": 2}, unk_token="[UNK]"))
    built.pre_tokenizer = Whitespace()
    built.save(str(tmp_path / "tokenizer.json"))

    (split,) = run(
        "tokenize", "king queen", "--encoding", str(tmp_path / "tokenizer.json"), "--json"
    ).json["encodings"]  # fmt: skip
    assert [token["id"] for token in split["tokens"]] == [1, 2]
