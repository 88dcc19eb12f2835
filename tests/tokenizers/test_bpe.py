"""OpenAI's encodings, with tiktoken's own constructors as the oracle."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st
from tiktoken.load import load_tiktoken_bpe
from tiktoken_ext import openai_public

from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.locations import asset
from tui_embed.tokenizers import bpe
from tui_embed.tokenizers.bpe import BPETokenizer, bpe_tokenizer
from tui_embed.tokenizers.encodings import ENCODINGS

# tiktoken's gpt2 wants two files of its own; it is r50k_base under another name
CONSTRUCTORS = {**openai_public.ENCODING_CONSTRUCTORS, "gpt2": openai_public.r50k_base}


def _ranks_from_assets(address: str, expected_hash: str) -> dict[bytes, int]:
    path = asset("encodings", address.rpartition("/")[2])
    assert hashlib.sha256(path.read_bytes()).hexdigest() == expected_hash
    return load_tiktoken_bpe(str(path))


@cache
def constructor_arguments(name: str) -> dict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", "")
        patch.setattr(openai_public, "load_tiktoken_bpe", _ranks_from_assets)
        return CONSTRUCTORS[name]()


@cache
def oracle(name: str) -> tiktoken.Encoding:
    return tiktoken.Encoding(**constructor_arguments(name))


def ids(tokens):
    return [token.id for token in tokens]


@pytest.mark.parametrize("name", ENCODINGS)
def test_table_is_tiktokens(name):
    theirs, ours = constructor_arguments(name), ENCODINGS[name]
    assert ours.pattern == theirs["pat_str"]
    assert ours.special_tokens == theirs["special_tokens"]
    assert ours.n_vocab == oracle(name).n_vocab == bpe_tokenizer(name).n_vocab
    assert bpe._ranks(ours.ranks) == theirs["mergeable_ranks"]
    assert bpe._SPACE_RUN in ours.pattern


def test_every_encoding_of_tiktoken_is_there():
    assert set(ENCODINGS) == set(openai_public.ENCODING_CONSTRUCTORS)


@pytest.mark.parametrize(
    ("text", "r50k", "cl100k", "o200k"),
    [
        ("strawberry", [301, 1831, 8396], [496, 675, 15717], [302, 1618, 19772]),
        (" strawberry", [41236], [73700], [101830]),
        ("hello world", [31373, 995], [15339, 1917], [24912, 2375]),
        ("猫", [163, 234, 104], [163, 234, 104], [48091]),
    ],
)
def test_published_ids(text, r50k, cl100k, o200k):
    assert ids(bpe_tokenizer("r50k_base").encode(text)) == r50k
    assert ids(bpe_tokenizer("cl100k_base").encode(text)) == cl100k
    assert ids(bpe_tokenizer("o200k_base").encode(text)) == o200k


@pytest.mark.parametrize(("name", "count"), [("r50k_base", 8), ("cl100k_base", 6), ("o200k_base", 4)])
def test_chinese_costs_fewer_tokens_in_newer_encodings(name, count):
    assert len(bpe_tokenizer(name).encode("他很高兴")) == count


def test_solid_gold_magikarp_is_one_token_in_r50k_alone():
    assert ids(bpe_tokenizer("r50k_base").encode(" SolidGoldMagikarp")) == [43453]
    assert len(bpe_tokenizer("cl100k_base").encode(" SolidGoldMagikarp")) == 5
    assert len(bpe_tokenizer("o200k_base").encode(" SolidGoldMagikarp")) == 5


spaces = st.text(st.sampled_from(" \n\r\t\u00a0\u2003\u3000/x!1語'"), max_size=40)
texts = st.one_of(st.text(max_size=60), spaces, st.text(st.sampled_from("aA'sS tTdD.,19\n"), max_size=40))


@pytest.mark.parametrize("name", ENCODINGS)
@settings(deadline=None)
@given(text=texts)
def test_same_ids_as_tiktoken_and_bytes_add_up(name, text):
    tokens = bpe_tokenizer(name).encode(text)
    assert ids(tokens) == oracle(name).encode_ordinary(text)
    assert b"".join(token.bytes for token in tokens) == text.encode()
    assert [token.start for token in tokens] == [0, *(token.end for token in tokens)][: len(tokens)]
    assert all(token.end - token.start == len(token.bytes) for token in tokens)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("length", [*range(998, 1006), 1999, 2000, 2001, 2002, 2003, 5000])
@pytest.mark.parametrize("run", [" ", "\n", "\t \u00a0", "  \n"])
def test_long_white_space_splits_as_tiktoken_splits_it(name, length, run):
    space = (run * length)[:length]
    for text in (
        space,
        space + "x",
        "x" + space,
        "!" + space + "é",
        "/\n" + space + "1\n",
        space + "!\n" + space,
    ):
        assert ids(bpe_tokenizer(name).encode(text)) == oracle(name).encode_ordinary(text)


def test_a_million_spaces_where_tiktoken_panics(capfd):
    text = " " * 1_000_001 + "x"
    with pytest.raises(BaseException, match="StackOverflow"):
        oracle("o200k_base").encode_ordinary(text)
    capfd.readouterr()
    for name in ("r50k_base", "cl100k_base", "o200k_base"):
        in_one_piece = tiktoken.Encoding(**constructor_arguments(name) | {"pat_str": "(?s).+"})
        expected = in_one_piece.encode_ordinary(text[:1_000_000]) + oracle(name).encode_ordinary(" x")
        assert ids(bpe_tokenizer(name).encode(text)) == expected
    assert capfd.readouterr().err == ""


def test_a_panic_is_an_error_in_one_line(monkeypatch):
    class PanicException(BaseException):
        pass

    class Panicking:
        def encode_ordinary(self, text):
            raise PanicException("called `Result::unwrap()` on an `Err` value")

    tokenizer = BPETokenizer("r50k_base", ENCODINGS["r50k_base"])
    monkeypatch.setattr(tokenizer, "_encoding", Panicking())
    with pytest.raises(TuiEmbedError, match="r50k_base cannot split this text of 3 characters"):
        tokenizer.encode("abc")


@pytest.mark.parametrize("name", ENCODINGS)
def test_special_tokens_are_text_unless_asked_for(name):
    tokenizer = bpe_tokenizer(name)
    for special, id_ in ENCODINGS[name].special_tokens.items():
        assert not any(tokenizer.is_special(token.id) for token in tokenizer.encode(special))
        assert ids(tokenizer.encode_special(f"a{special}b"))[1:-1] == [id_]
    tokens = tokenizer.encode_special("語<|endoftext|>")
    assert tokens[-1].bytes == b"<|endoftext|>"
    assert (tokens[-1].start, tokens[-1].end) == (3, 16)


def test_surrogates():
    encode = bpe_tokenizer("cl100k_base").encode
    assert encode("a\ud800b") == encode("a\ufffdb")
    assert encode("\udc80") == encode("\ufffd")
    assert encode("\ud83d\udc4d") == encode("👍")


@pytest.mark.parametrize("name", ENCODINGS)
def test_token_bytes_are_tiktokens(name):
    tokenizer, theirs = bpe_tokenizer(name), oracle(name)
    every = tokenizer.all_token_bytes()
    assert len(every) == tokenizer.n_vocab == len(set(every))
    special_ids = set(ENCODINGS[name].special_tokens.values())
    for id_, spelled in enumerate(every):
        assert tokenizer.token_bytes(id_) == spelled
        assert tokenizer.is_special(id_) == (id_ in special_ids)
        if tokenizer.is_unused(id_):
            with pytest.raises(KeyError):
                theirs.decode_single_token_bytes(id_)
            assert spelled == f"<|no token {id_}|>".encode()
        elif id_ != 200018:  # harmony gives it two names, and tiktoken either one
            assert theirs.decode_single_token_bytes(id_) == spelled


def test_ids_without_a_token():
    unused = [id_ for id_ in range(100277) if bpe_tokenizer("cl100k_base").is_unused(id_)]
    assert unused == [100256, *range(100261, 100276)]
    unused = [id_ for id_ in range(200019) if bpe_tokenizer("o200k_base").is_unused(id_)]
    assert unused == [199998, *range(200000, 200018)]
    assert bpe_tokenizer("o200k_harmony").token_bytes(200018) == b"<|endofprompt|>"


@pytest.mark.parametrize("token_id", [-1, 50257])
def test_an_id_out_of_range(token_id):
    with pytest.raises(UsageError, match="ids run from 0 to 50256"):
        bpe_tokenizer("r50k_base").token_bytes(token_id)


def test_threads_share_one_instance(monkeypatch):
    bpe._build.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(bpe_tokenizer, ["p50k_base"] * 4))
    assert all(tokenizer is built[0] for tokenizer in built)


def test_damaged_ranks(monkeypatch, tmp_path: Path):
    (tmp_path / "r50k_base.tiktoken").write_bytes(b"IQ== 0\n")
    monkeypatch.setattr("tui_embed.locations.asset", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(TuiEmbedError, match=r"r50k_base\.tiktoken is damaged"):
        bpe._ranks("r50k_base")


@pytest.mark.parametrize("name", ["r50k_base", "cl100k_base", "o200k_base"])
@pytest.mark.parametrize("char", ["a", "^", "0", "語", "👍", "\u0301", "\n"])
def test_long_runs_add_up(name, char):
    text = char * 200_000
    assert b"".join(token.bytes for token in bpe_tokenizer(name).encode(text)) == text.encode()
