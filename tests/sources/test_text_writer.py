"""Text that is written is read again to the bit, or refused by the token that it cannot hold."""

from pathlib import Path

import numpy as np
import pytest
from contents import content, rows_of, tokens_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import nasty_tokens, small_space, token_bytes

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import Distribution, DrawnRows, Floats
from tui_embed.engine.vocabulary import encode_token
from tui_embed.errors import CancelledError, TuiEmbedError
from tui_embed.sources.formats.text import read
from tui_embed.sources.writers import text
from tui_embed.sources.writers.text import TEXT_KINDS, TextKind, write

any_tokens = st.one_of(
    nasty_tokens.map(encode_token),
    token_bytes,
    st.sampled_from(
        [b"new york", b"at 5", b"top 10", b"a\t1", b"b .5", b" ", b"\t", b"\r", b"60", b"-1.5", b"nan"]
    ),
    st.sampled_from(
        [b"\xef\xbb\xbfa", b"<html>", b"<head> x", b"\xff\xfe", b"<<<<<<< HEAD", b"{", b"\xc2\xa0"]
    ),
)
any_rows = st.tuples(st.integers(1, 6), st.integers(1, 4)).flatmap(
    lambda shape: hnp.arrays(np.float32, shape, elements=st.floats(width=32))
)


def split(content: bytes, kind: TextKind, d_model: int) -> tuple[list[bytes], Floats]:
    """Tokens and rows by the rule that readers go by: the last ``d_model`` fields are numbers."""
    lines = content.removesuffix(b"\n").split(b"\n")
    if kind == "word2vec":
        assert lines.pop(0).split() == [b"%d" % len(lines), b"%d" % d_model]
    fields = [line.rsplit(b" ", d_model) for line in lines]
    rows = np.array([[float(number) for number in row[1:]] for row in fields])
    return [row[0] for row in fields], rows.astype(np.float32)


@given(any_rows, st.data(), st.sampled_from(TEXT_KINDS))
def test_what_was_written_is_read_to_the_bit_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: Floats, data: st.DataObject, kind: TextKind
) -> None:
    tokens = data.draw(st.lists(any_tokens, min_size=len(rows), max_size=len(rows)))
    path = tmp_path_factory.mktemp("text") / "v.txt"
    try:
        write(small_space(rows, tokens), path, kind)
    except TuiEmbedError as error:
        line = str(error)
        assert (f"{path}: token " in line, "\n" in line, path.exists()) == (True, False, False)
        return
    found = content(path, read)
    assert tokens_of(found) == tokens
    back = rows_of(found)
    same = (back.view(np.uint32) == rows.view(np.uint32)) | (np.isnan(back) & np.isnan(rows))
    assert same.all()


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1), min_size=2, max_size=9
    ),
    st.sampled_from(TEXT_KINDS),
)
def test_words_are_never_refused(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], kind: TextKind
) -> None:
    words[0] = "the"
    path = tmp_path_factory.mktemp("text") / "v.txt"
    write(small_space(np.ones((len(words), 2)), words), path, kind)
    assert split(path.read_bytes(), kind, 2)[0] == [word.encode() for word in words]


def test_the_two_kinds() -> None:
    assert TEXT_KINDS == ("glove", "word2vec")


def test_how_it_looks(tmp_path: Path) -> None:
    space = small_space(np.array([[0.5, -0.0], [1e-7, 3]]), ["new york", "é"])
    write(space, tmp_path / "v.txt", "glove")
    assert (tmp_path / "v.txt").read_text(encoding="utf-8") == "new york 0.5 -0\né 1e-07 3\n"
    write(space, tmp_path / "v.vec", "word2vec")
    assert (tmp_path / "v.vec").read_text(encoding="utf-8") == "2 2\nnew york 0.5 -0\né 1e-07 3\n"


@pytest.mark.parametrize(
    ("kind", "tokens", "why"),
    [
        ("word2vec", [b"a", b""], "token '' (id 1) is empty, and a line of text begins with a token"),
        ("word2vec", [b"a", b"New 0.5"], "token 'New 0.5' (id 1) ends with a number, which would be taken"),
        ("glove", [b"<html>", b"b"], "token '<html>' (id 0) cannot come first in GloVe's text"),
        ("glove", [b"a", b"b" * (1 + (1 << 20))], f"token '{'b' * 40}…' (id 1) has over 1,048,576 bytes"),
        ("glove", [b"a", b"b\nc"], "token 'b\\nc' (id 1) holds a newline, which ends a line of text"),
        ("glove", [b"\xef\xbb\xbfa", b"b"], "token '\\ufeffa' (id 0) cannot come first in GloVe's text"),
        ("glove", [b"at 5", b"b"], "token 'at 5' (id 0) ends with a number, and no header says"),
        ("glove", [b"a -nan", b"b"], "token 'a -nan' (id 0) ends with a number, and no header says"),
        ("word2vec", [b"x" * 90 + b"\n", b"b"], f"token '{'x' * 40}…' (id 0) holds a newline"),
    ],
)
def test_a_token_that_no_line_can_hold_is_refused_by_name(
    tmp_path: Path, kind: TextKind, tokens: list[bytes], why: str
) -> None:
    path = tmp_path / "v.txt"
    path.write_bytes(b"before")
    with pytest.raises(TuiEmbedError) as caught:
        write(small_space(np.eye(2), tokens), path, kind)
    assert str(caught.value).startswith(f"{path}: {why}")
    assert caught.value.hint
    assert path.read_bytes() == b"before"


def test_a_first_line_that_reads_as_a_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    with pytest.raises(TuiEmbedError, match="cannot come first in GloVe's text"):
        write(small_space(np.array([[8.0], [0.5]]), ["60", "b"]), path, "glove")
    write(small_space(np.array([[0.5], [8.0]]), ["60", "60"]), path, "glove")
    write(small_space(np.array([[8.0], [0.5]]), ["60", "b"]), path, "word2vec")
    assert path.read_text() == "2 1\n60 8\nb 0.5\n"


def test_a_number_behind_a_blank_is_doubtful_only_where_rows_are_counted(tmp_path: Path) -> None:
    tokens = [*(f"w{i}" for i in range(64)), "at 5"]
    write(small_space(np.ones((65, 2)), tokens), tmp_path / "v.txt", "glove")
    assert tokens_of(content(tmp_path / "v.txt", read))[-1] == b"at 5"


def test_rows_that_are_drawn_are_written_by_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "NUMBERS_AT_ONCE", 7)
    monkeypatch.setattr("tui_embed.engine.rows.BLOCK_BYTES", 60)
    drawn = DrawnRows((23, 3), Distribution("normal", 0.02), seed=4)
    space = small_space(EmbeddingMatrix(drawn))
    told: list[tuple[int, int]] = []
    write(space, tmp_path / "v.txt", "word2vec", progress=lambda done, total: told.append((done, total)))
    tokens, rows = split((tmp_path / "v.txt").read_bytes(), "word2vec", 3)
    assert tokens == [b"t%d" % i for i in range(23)]
    np.testing.assert_array_equal(rows, drawn.take(np.arange(23)))
    assert told == [(5, 23), (10, 23), (15, 23), (20, 23), (23, 23)]


def test_it_stops_when_it_is_cancelled_and_leaves_nothing(tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        write(small_space(np.eye(2)), tmp_path / "v.txt", "glove", cancel=token)
    assert list(tmp_path.iterdir()) == []
