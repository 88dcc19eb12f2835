"""tokenizer.json files, built here with the library that reads them."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from tui_embed.errors import TuiEmbedError
from tui_embed.tokenizers import hf
from tui_embed.tokenizers.catalog import tokenizer as open_tokenizer
from tui_embed.tokenizers.hf import HFTokenizer
from tui_embed.tokenizers.token_bytes import byte_of_letter


def byte_level() -> Tokenizer:
    built = Tokenizer(models.BPE({**byte_of_letter(), "Ġh": 256, "he": 257}, [("Ġ", "h"), ("h", "e")]))
    built.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    built.decoder = decoders.ByteLevel()
    built.add_special_tokens(["<|end|>"])
    built.add_tokens([AddedToken("<mark>")])
    built.enable_truncation(3)
    built.enable_padding(length=10)
    return built


def word_piece() -> Tokenizer:
    vocabulary = {"[UNK]": 0, "straw": 1, "##berry": 2, "the": 3, "s": 5, "##s": 6}
    built = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    built.normalizer = normalizers.BertNormalizer(lowercase=True)
    built.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    built.decoder = decoders.WordPiece()
    return built


def unigram() -> Tokenizer:
    pieces = [
        ("<unk>", 0.0),
        *((f"<0x{byte:02X}>", -9.0) for byte in range(256)),
        ("▁hello", -1.0),
        ("▁", -2.0),
    ]
    built = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=True))
    built.pre_tokenizer = pre_tokenizers.Metaspace()
    built.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    return built


@pytest.fixture
def saved(tmp_path):
    def save(built: Tokenizer) -> HFTokenizer:
        path = tmp_path / "tokenizer.json"
        built.save(str(path))
        return HFTokenizer.from_file(path)

    return save


def spelled(tokens):
    return [(token.bytes, token.start, token.end) for token in tokens]


def test_byte_level_letters_are_bytes(saved):
    tokens = saved(byte_level()).encode("he hé")
    assert spelled(tokens) == [(b"he", 0, 2), (b" h", 2, 4), (b"\xc3", 4, 5), (b"\xa9", 5, 6)]
    assert [token.id for token in tokens] == [257, 256, 0xC3, 0xA9]


def test_special_tokens_are_text_and_truncation_and_padding_are_off(saved):
    tokenizer = saved(byte_level())
    assert b"".join(token.bytes for token in tokenizer.encode("<|end|>" * 3)) == b"<|end|>" * 3
    assert all(token.id < 258 for token in tokenizer.encode("<|end|>"))
    assert spelled(tokenizer.encode("é<mark>"))[-1] == (b"<mark>", 2, 8)


def test_byte_level_vocabulary_in_id_order(saved):
    tokenizer = saved(byte_level())
    assert tokenizer.n_vocab == 260
    assert tokenizer.all_token_bytes() == [
        *(bytes([byte]) for byte in range(256)),
        b" h",
        b"he",
        b"<|end|>",
        b"<mark>",
    ]


def test_word_piece_takes_the_bytes_of_the_text(saved):
    tokens = saved(word_piece()).encode("The Strawberry 猫\u0301s")
    assert [token.id for token in tokens] == [3, 1, 2, 0, 5]
    assert spelled(tokens)[:3] == [(b"The", 0, 3), (b"Straw", 4, 9), (b"berry", 9, 14)]
    assert tokens[3].bytes == "猫".encode()


def test_word_piece_vocabulary_with_a_gap(saved):
    tokenizer = saved(word_piece())
    assert tokenizer.n_vocab == 7
    assert tokenizer.all_token_bytes() == [
        b"[UNK]",
        b"straw",
        b"##berry",
        b"the",
        b"<|no token 4|>",
        b"s",
        b"##s",
    ]


def test_unigram_fallback_bytes_share_their_character(saved):
    tokenizer = saved(unigram())
    tokens = tokenizer.encode("hello 猫")
    assert spelled(tokens) == [
        (b"hello", 0, 5),
        (b" ", 5, 6),
        (b"\xe7", 6, 7),
        (b"\x8c", 7, 8),
        (b"\xab", 8, 9),
    ]
    assert tokenizer.all_token_bytes()[1:3] == [b"\x00", b"\x01"]
    assert tokenizer.all_token_bytes()[257:] == [b" hello", b" "]


def test_a_vocabulary_that_cannot_spell_the_text(saved):
    tokenizer = saved(Tokenizer(models.WordPiece({"a": 0}, unk_token="[UNK]")))
    with pytest.raises(TuiEmbedError, match=r"tokenizer\.json cannot split this text: "):
        tokenizer.encode("b")


def test_lone_surrogates(saved):
    tokenizer = saved(byte_level())
    assert tokenizer.encode("a\ud800") == tokenizer.encode("a\ufffd")


@pytest.mark.parametrize("built", [byte_level, word_piece, unigram])
def test_a_long_text_is_split_as_a_short_one(saved, built, monkeypatch):
    tokenizer = saved(built())
    texts = ("Strawberry the S 猫", "<|end|> hello  é", "")
    short = [split(text) for text in texts for split in (tokenizer.encode, tokenizer.encode_framed)]
    monkeypatch.setattr(hf, "LONG", -1)
    long = [split(text) for text in texts for split in (tokenizer.encode, tokenizer.encode_framed)]
    assert long == short
    with pytest.raises(TuiEmbedError, match=r"cannot split this text: "):
        saved(Tokenizer(models.WordPiece({"a": 0}, unk_token="[UNK]"))).encode("b")


BYTE_LEVEL = HFTokenizer("byte level", byte_level())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_byte_level_bytes_add_up(text):
    tokens = BYTE_LEVEL.encode(text)
    assert b"".join(token.bytes for token in tokens) == text.encode()
    assert [token.start for token in tokens] == [0, *(token.end for token in tokens)][: len(tokens)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe\x00",
        b'{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}',
        b'{"model": {"type": "Nothing"}}',
        b"[" * 100_000,
        b'{"version": "1.0", "model": {"type": "WordPiece", "vocab": {"a": -1}}}',
    ],
)
def test_broken_files_are_named_in_one_line(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(
        TuiEmbedError, match=r"tokenizer\.json is not a tokenizer\.json that can be read"
    ) as raised:
        open_tokenizer(tmp_path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_the_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(TuiEmbedError, match=r"pip install 'tui-embed\[hf\]'"):
        HFTokenizer.from_file(tmp_path / "tokenizer.json")


def test_larger_than_any_tokenizer(tmp_path, monkeypatch):
    path = tmp_path / "tokenizer.json"
    path.write_text('{"x": [' + "[]," * 60 + "0]}")
    monkeypatch.setattr(hf, "MOST_VALUES", 100)
    with pytest.raises(TuiEmbedError, match="over 100 values: no tokenizer"):
        HFTokenizer.from_file(path)
    monkeypatch.setattr(hf, "MOST_BYTES", 100)
    with pytest.raises(TuiEmbedError, match="is larger than"):
        HFTokenizer.from_file(path)
