"""word2vec's binary format: read, told from text, written, and what gives a wrong header away."""

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from contents import content, content_of, cut_everywhere, rows_of, same_bits, tokens_of
from data import package_file
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import small_space

from tui_embed.engine.rows import Floats
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.formats import records
from tui_embed.sources.formats.word2vec_binary import is_word2vec_binary, read
from tui_embed.sources.writers import text, word2vec_binary

any_number = hnp.from_dtype(np.dtype(np.float32))
any_rows = st.tuples(st.integers(1, 9), st.integers(1, 5)).flatmap(
    lambda shape: hnp.arrays(np.float32, shape, elements=any_number)
)
fitting_tokens = st.one_of(
    st.text(st.characters(exclude_characters=" \x7f", exclude_categories=["Cs", "Cc"]), max_size=6).map(
        str.encode
    ),
    st.binary(max_size=6).map(lambda token: re.sub(rb"[\x00-\x20\x7f]", b"\xff", token)),
)


def written(tokens: list[bytes], rows: Floats, newline: bool = True, header: bytes | None = None) -> bytes:
    """A file as other programs write it."""
    end = b"\n" if newline else b""
    records = [
        token + b" " + row.astype("<f4").tobytes() + end for token, row in zip(tokens, rows, strict=True)
    ]
    return (header or b"%d %d\n" % rows.shape) + b"".join(records)


def words(n: int) -> list[bytes]:
    return [b"w" * (1 + i % 7) + b"%d" % i for i in range(n)]


def some_rows(n: int, d: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def refused(whole: bytes, folder: Path) -> str:
    path = folder / "v.bin"
    with pytest.raises(SourceError) as caught:
        content_of(whole, path, read)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line.replace(str(path), "")) < 250
    return line.removeprefix(str(path))


def test_it_is_what_other_software_wrote() -> None:
    path = package_file("high_precision.kv.bin")
    found = content(path, read)
    lines = package_file("high_precision.kv.txt").read_text().splitlines()[1:]
    assert tokens_of(found) == [line.split()[0].encode() for line in lines]
    # the numbers of the binary file were rounded to half precision before they were written
    expected = np.array([line.split()[1:] for line in lines], dtype=np.float64)
    np.testing.assert_allclose(rows_of(found), expected, rtol=1e-3)
    assert found.notes == ()

    path = package_file("euclidean_vectors.bin")
    found = content(path, read)
    assert is_word2vec_binary(path.read_bytes()[: 1 << 16])
    assert (found.rows.shape, tokens_of(found)[:3], found.notes) == ((2747, 10), [b"the", b"to", b"of"], ())


@given(any_rows, st.data(), st.booleans(), st.integers(1, 300))
def test_what_was_written_is_read_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, rows: Floats, data: st.DataObject, newline: bool, chunk: int
) -> None:
    tokens = data.draw(st.lists(fitting_tokens, min_size=len(rows), max_size=len(rows)))
    folder = tmp_path_factory.mktemp("w2v")
    word2vec_binary.write(small_space(rows, tokens), folder / "written.bin")
    assert (folder / "written.bin").read_bytes() == written(tokens, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "CHUNK", chunk)
        found = content_of(written(tokens, rows, newline), folder / "v.bin", read)
    assert tokens_of(found) == tokens
    assert same_bits(rows_of(found), rows)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_packed_or_not(tmp_path: Path, pack) -> None:
    rows = some_rows(50, 9)
    found = content_of(pack(written(words(50), rows)), tmp_path / "v.bin", read)
    assert tokens_of(found) == words(50)
    assert same_bits(rows_of(found), rows)


@pytest.mark.parametrize("newline", [True, False])
def test_a_file_cut_anywhere_is_refused_with_row_and_byte(tmp_path: Path, newline: bool) -> None:
    rows = some_rows(4, 3)
    whole = written(words(4), rows, newline)
    for size, found in cut_everywhere(whole, tmp_path / "v.bin", read):
        if newline and size == len(whole) - 1:
            assert not isinstance(found, str)
            assert same_bits(rows_of(found), rows)
        else:
            assert isinstance(found, str), size
            assert re.search(r"row \d+, byte \d+|header|byte \d+", found), found


def test_the_row_and_byte_where_a_file_ends(tmp_path: Path) -> None:
    tokens = [b"x" * 30] * 6
    whole = written(tokens, some_rows(6, 3))
    row = len(tokens[0]) + 1 + 12 + 1
    at = f", row 6, byte {3 + 5 * row}: "
    assert refused(whole[:-5], tmp_path).startswith(
        f"{at}the file ends inside of this row; the header claims 6 rows"
    )
    assert refused(whole[:-row], tmp_path).startswith(f"{at}the file ends after 5 of 6 rows")


def test_rows_beyond_the_header_are_read_and_told_of(tmp_path: Path) -> None:
    rows = some_rows(6, 4)
    for newline in (True, False):
        found = content_of(written(words(6), rows, newline, b"4 4\n"), tmp_path / "v.bin", read)
        assert same_bits(rows_of(found), rows)
        assert found.notes == ("the header says 4 rows, the file has 6: all of them were read",)


@settings(derandomize=True, max_examples=300)
@given(st.integers(0, 1 << 30), st.integers(2, 30), st.integers(1, 12), st.integers(1, 16), st.booleans())
def test_a_wrong_number_of_dimensions_is_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int, n: int, d: int, claimed: int, newline: bool
) -> None:
    if d == claimed:
        return
    rows = np.round(some_rows(n, d, seed), seed % 7)
    header = b"%d %d\n" % (n, claimed)
    line = refused(written(words(n), rows, newline, header), tmp_path_factory.mktemp("wrong"))
    assert re.match(r", (header|row \d+(, byte \d+)?): ", line)


def test_a_newline_inside_of_a_token_gives_a_wrong_header_away_at_once(tmp_path: Path) -> None:
    line = refused(written(words(900), some_rows(900, 8), True, b"900 7\n"), tmp_path)
    assert line.startswith(", row 2: a newline in its token (a row has not 7 numbers as the header says")


def test_bytes_of_numbers_are_no_tokens(tmp_path: Path) -> None:
    """Rows of three numbers that, taken for rows of one, fill the file to its last byte."""
    whole = b"3000 1\n" + b"".join(b"ab " + b"\0\0\0\0" + b"\1\2\3 " + b"\0\0\0\0" for _ in range(1500))
    line = refused(whole, tmp_path)
    assert line.startswith(", row 2: its token looks like bytes of numbers")


def test_a_few_odd_tokens_are_kept(tmp_path: Path) -> None:
    tokens = [b"a\x01", b"b", b"\xffc", b"d\x1b[31m", b"e", b"f", b"g"]
    found = content_of(written(tokens, some_rows(7, 3)), tmp_path / "v.bin", read)
    assert tokens_of(found) == tokens
    assert found.notes == ("1 token is not UTF-8 and kept as bytes: row 3",)
    korean = [word.encode("euc-kr") for word in ("한국어", "서울", "고양이")]
    assert tokens_of(content_of(written(korean, some_rows(3, 3)), tmp_path / "k.bin", read)) == korean


def test_rows_that_are_not_finite_are_told_of(tmp_path: Path) -> None:
    rows = some_rows(5, 3)
    rows[3, 1] = np.nan
    found = content_of(written(words(5), rows), tmp_path / "v.bin", read)
    assert same_bits(rows_of(found), rows)
    assert any("row 4" in note and "NaN" in note for note in found.notes)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (
            b"1099511627776 300\n",
            ", header: 1,099,511,627,776 rows of 300 numbers take 1,320,513,464,958,994 bytes",
        ),
        (b"3 4294967296\n", ", header: 4,294,967,296 numbers a row are no vectors"),
        (b"3 0\n", ", header: 0 numbers a row are no vectors"),
        (b"3 x\n", ", header: no number of rows and of numbers a row"),
        (b"3 3 3\n", ", header: no number of rows and of numbers a row"),
        (b"3" * 100, ", header: no number of rows and of numbers a row"),
    ],
)
def test_a_header_that_cannot_be_is_refused(tmp_path: Path, header: bytes, line: str) -> None:
    whole = written(words(3), some_rows(3, 3), True, header)
    assert refused(whole, tmp_path).startswith(line)
    assert refused(gzip.compress(whole), tmp_path)


def test_a_packed_bomb_of_a_header_takes_no_room(tmp_path: Path) -> None:
    whole = gzip.compress(written(words(3), some_rows(3, 300), True, b"1099511627776 300\n"))
    assert ": the file ends after 3 of 1,099,511,627,776 rows" in refused(whole, tmp_path)


def test_a_token_without_an_end_is_refused(tmp_path: Path) -> None:
    assert ", row 1, byte 4: no token within 131,072 bytes" in refused(b"2 2\n" + b"x" * 3_000_000, tmp_path)
    long = written([b"a" * 131_073, b"b"], some_rows(2, 2))
    assert ", row 1, byte 4: no token within 131,072 bytes" in refused(long, tmp_path)


@given(any_rows, st.data())
def test_text_is_not_taken_for_it(
    tmp_path_factory: pytest.TempPathFactory, rows: Floats, data: st.DataObject
) -> None:
    token = st.binary(min_size=1, max_size=6).filter(lambda token: b"\n" not in token)
    tokens = data.draw(st.lists(token, min_size=len(rows), max_size=len(rows)))
    path = tmp_path_factory.mktemp("text") / "v.vec"
    try:
        text.write(small_space(rows, tokens), path, "word2vec")
    except TuiEmbedError:
        reject()  # a token that no line can hold
    assert not is_word2vec_binary(path.read_bytes())


@given(st.integers(2, 9), st.integers(1, 40), st.sampled_from(["king", "new york", "é", "\x07"]))
def test_text_is_not_taken_for_it_where_its_first_line_is_cut(d: int, cut: int, token: str) -> None:
    line = token.encode() + b" 0.25" * d + b"\n"
    assert not is_word2vec_binary(b"9 %d\n" % d + line[: len(token.encode()) + 5 + cut])


@given(st.integers(0, 1 << 30), st.integers(2, 30), st.integers(2, 400), st.booleans())
def test_it_is_told_from_text(seed: int, n: int, d: int, newline: bool) -> None:
    whole = written(words(n), some_rows(n, d, seed), newline)
    assert is_word2vec_binary(whole[: 1 << 16])


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"60 8\n",
        b"0 0\n",
        b"60 -8\n",
        b"2 3\nking 0,1 0,2 0,3\nqueen 0,1 0,2 0,3\n",
        b"2 3\r\ncaf\xe9 ol\xe9 0.1 0.2 0.3\r\n",
        b"2 3\n0.1 0.2 0.3 \nking 0.1 0.2 0.3 \n",
        b"60 8\nking 0.1 0.2 0.3 0.4\n" + b"\0" * 50,
        b"<html> 1 2\n",
        b"the 0.1 0.2\n",
        b"2 2\nthe nan inf\n",
        "2 2\n東京 0.1 0.2\n".encode(),
    ],
)
def test_what_is_text(head: bytes) -> None:
    assert not is_word2vec_binary(head)


@pytest.mark.parametrize(
    ("token", "why", "hint"),
    [
        (b"new york", "holds a space or a control character", "text formats hold it"),
        (b"a\nb", "holds a space or a control character", "an .npz file holds any token"),
        (b"\x1b[31m", "holds a space or a control character", "text formats hold it"),
        (b"a" * 131_073, "has over 131,072 bytes", "an .npz file holds any token"),
    ],
)
def test_tokens_that_it_cannot_hold_are_refused_by_name(
    tmp_path: Path, token: bytes, why: str, hint: str
) -> None:
    path = tmp_path / "v.bin"
    path.write_bytes(b"before")
    with pytest.raises(TuiEmbedError) as caught:
        word2vec_binary.write(small_space(np.eye(2), [b"fine", token]), path)
    line = str(caught.value)
    assert f"{path}: token " in line
    assert (why in line, caught.value.hint, "(id 1)" in line, "\n" in line) == (True, hint, True, False)
    assert len(line) < 300
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
