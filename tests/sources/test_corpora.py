"""Texts out of files, folders, streams and names, whatever they hold."""

import gzip
import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.grammar import GRAMMARS
from tui_embed.errors import CancelledError, SourceError, UsageError
from tui_embed.sources.corpora import corpus_entries, named, open_corpus, recommended


def spelled(corpus: Corpus) -> list[list[str]]:
    return [[corpus.vocabulary[int(t)] for t in corpus.sentence(n)] for n in range(corpus.n_sentences)]


def test_a_line_is_a_sentence_and_signs_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("The King's well-known HAT.\n\n他很高兴 don’t!\nlast line", encoding="utf-8")
    corpus = open_corpus(path)
    assert spelled(corpus) == [
        ["the", "king's", "well-known", "hat"],
        ["他很高兴", "don’t"],
        ["last", "line"],
    ]
    assert corpus.name == "text"
    assert corpus.notes == ()


def test_characters_and_encodings(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("他 很a\n", encoding="utf-8")
    assert spelled(open_corpus(path, tokens="characters")) == [["他", "很", "a"]]
    [tokens] = spelled(open_corpus(path, tokens="r50k_base"))
    assert "".join(tokens).encode("utf-8", "surrogateescape").decode() == "他 很a"
    with pytest.raises(UsageError, match="is not split into 'syllables'"):
        open_corpus(path, tokens="syllables")


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(b"one two\nthree\n"))
    assert spelled(open_corpus(path)) == [["one", "two"], ["three"]]
    path.write_bytes(gzip.compress(os.urandom(5000).hex().encode())[:-900])
    with pytest.raises(SourceError, match="damaged or cut short"):
        open_corpus(path)


def test_a_folder_is_all_its_texts(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.txt").write_text("second")
    (tmp_path / "1.txt").write_text("first")
    (tmp_path / "3.bin").write_bytes(b"\0\1\2")
    (tmp_path / ".hidden").write_text("hidden")
    corpus = open_corpus(tmp_path)
    assert spelled(corpus) == [["first"], ["second"]]
    assert [("3.bin" in note, "left out" in note) for note in corpus.notes] == [(True, True)]


def test_what_is_no_text_is_one_line(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"text\0more")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("binary", "is no text"),
        ("pipe", "no regular file"),
        ("empty", "there is no text in this folder"),
        ("nothing", "no such file"),
    ):
        with pytest.raises(SourceError, match=said) as caught:
            open_corpus(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_bytes_that_are_not_utf8_are_told_of(tmp_path: Path) -> None:
    path = tmp_path / "latin"
    path.write_bytes(b"caf\xe9 noir\nplain\n")
    corpus = open_corpus(path)
    assert corpus.n_sentences == 2
    assert ["1 line is not UTF-8" in note for note in corpus.notes] == [True]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"a b\nc\n")))
    corpus = open_corpus("-")
    assert (spelled(corpus), corpus.name) == ([["a", "b"], ["c"]], "standard input")


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_embed.sources.corpora.lines.BLOCK_BYTES", 64)
    monkeypatch.setattr("tui_embed.sources.corpora.lines.MOST_LINE", 100)
    path = tmp_path / "long"
    path.write_text("word " * 200)
    corpus = open_corpus(path)
    assert corpus.n_sentences == 10
    assert corpus.n_tokens == 200


def test_reading_says_how_far_it_is_and_stops(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("some words of a line\n" * 200_000)
    seen: list[tuple[int, int]] = []
    open_corpus(path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        open_corpus(path, cancel=cancel, progress=lambda done, total: cancel.cancel())


@pytest.mark.parametrize("name", GRAMMARS)
def test_grammars_have_names(name: str) -> None:
    assert open_corpus(name).n_vocab > 100
    assert {len(token) for token in open_corpus(name, tokens="characters").vocabulary} == {1}
    assert recommended(name, "lm").objective == "lm"


def test_gensims_texts_have_names_and_say_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {entry.name: entry for entry in corpus_entries()}
    assert entries["lee"].here
    lee = open_corpus("lee", min_count=2)
    assert 50_000 < lee.n_read < 70_000
    assert lee.vocabulary.get("australia") is not None
    assert open_corpus("crime-and-punishment").n_tokens > 300
    monkeypatch.setattr(named, "find_spec", lambda package: None)
    assert not {entry.name: entry for entry in corpus_entries()}["lee"].here
    with pytest.raises(Exception, match=r"comes with gensim.*pip install 'tui-embed\[gensim\]'"):
        open_corpus("lee")


def test_a_name_that_is_not_known_offers_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean grammar-en"):
        open_corpus("gramar-en")
