"""Text of vectors: what is read, what is told, and what is refused with its line."""

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import CancelledError, SourceError
from tui_embed.sources.formats.text import BLOCK
from tui_embed.sources.open import open_file

PLAIN = b"the 0.1 -0.2 3\nking 1e-05 .5 -0\nqueen 7 8.25 9.\n"
ROWS = [[0.1, -0.2, 3], [1e-05, 0.5, -0.0], [7, 8.25, 9]]


def opened(folder: Path, content: bytes, name: str = "vectors.txt") -> EmbeddingSpace:
    path = folder / name
    path.write_bytes(content)
    return open_file(path, cache=False)


def outcome(spec: Path) -> EmbeddingSpace | str:
    """The space, or the one line that says why there is none."""
    try:
        return open_file(spec, cache=False)
    except SourceError as error:
        return str(error)


def refused(folder: Path, content: bytes) -> str:
    with pytest.raises(SourceError) as error:
        opened(folder, content)
    said = str(error.value)
    assert said.startswith(f"{folder / 'vectors.txt'}")
    assert "\n" not in said
    return said.removeprefix(f"{folder / 'vectors.txt'}").removeprefix(", ")


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"\n", b" \n"),
        PLAIN.replace(b" ", b"\t"),
        PLAIN.replace(b"\n", b"  \r\n"),
        b"\n \n" + PLAIN,
        PLAIN + b"\n\r\n  \n",
        b"3 3\n" + PLAIN,
        b"3 3 \r\n" + PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"the ", b"the\t").replace(b"king ", b"king\t").replace(b"queen ", b"queen\t"),
    ],
)
def test_the_ways_in_which_it_is_written(tmp_path: Path, content: bytes) -> None:
    space = opened(tmp_path, content)
    assert list(space.tokens) == ["the", "king", "queen"]
    np.testing.assert_array_equal(space.vectors, np.array(ROWS, dtype=np.float32))
    assert not space.notes


@pytest.mark.parametrize(
    "token",
    [
        "a b",
        ". . .",
        "top 10",
        "\u00a0",
        "x\u0085y",
        "a\u2028b",
        "\t",
        "#",
        '"',
        "nan",
        "1.0",
        "-3e5",
        "👩‍👩‍👧",
        "e\u0301",
    ],
)
def test_tokens_keep_what_they_hold(tmp_path: Path, token: str) -> None:
    space = opened(tmp_path, PLAIN.replace(b"king", token.encode()))
    assert list(space.tokens) == ["the", token, "queen"]
    np.testing.assert_array_equal(space.vectors, np.array(ROWS, dtype=np.float32))
    assert bool(space.notes) == (token == "top 10")


def test_a_first_token_that_ends_in_a_number(tmp_path: Path) -> None:
    space = opened(tmp_path, PLAIN.replace(b"the", b"top 10"))
    assert list(space.tokens) == ["top 10", "king", "queen"]
    assert space.d_model == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PLAIN + b"x 1 2\n", "line 4: 2 numbers where the others have 3"),
        (PLAIN + b"x 1\n", "line 4: 1 number where the others have 3"),
        (PLAIN + b"x\n", "line 4: 0 numbers where the others have 3"),
        (PLAIN + b"x 0.1 2 3 4\n" + PLAIN, "line 4: 4 numbers where the others have 3"),
        (PLAIN + b"x 1 abc 3\n", "line 4: “abc” where number 2 of 3 should stand"),
        (PLAIN + b"x 1 2_0 3\n", "line 4: “2_0” where"),
        (PLAIN + b"x 1  3\n", "line 4: “” where"),
        (PLAIN + b"y 0.1 0\0\0\0 3\n", "line 4: NUL bytes"),
        (PLAIN + b"<html><body>502</body></html>\n", "line 4: an HTML or XML page"),
        (b"<!DOCTYPE html>\n<p>\n", "line 1: an HTML or XML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n", "line 1: a Git LFS pointer"),
        (b"<<<<<<< HEAD\n" + PLAIN, "line 1: a mark of a git merge conflict"),
        (PLAIN.decode().encode("utf-16"), "line 1: UTF-16 text"),
        (b"\n \n", "line 1: there are only blank lines"),
        (b"3 3\n", "line 1: a heading and no rows"),
        (b"0 0\n", "line 1: the heading says 0 rows of 0 numbers"),
        (b"3 -3\n" + PLAIN, "line 1: the heading says 3 rows of -3 numbers"),
        (b"3 4\n" + PLAIN, "line 2: 3 numbers where the heading says 4"),
        (b"1000000000000 300\n" + PLAIN, "line 1: the heading says 1,000,000,000,000 rows of 300 numbers"),
        (b"these are words\nand no numbers\n", "line 1: no row of numbers"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    assert refused(tmp_path, content).startswith(said)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"2 3\n" + PLAIN, "the heading says 2 rows, the file has 3"),
        (b"4 3\n" + PLAIN, "the heading says 4 rows, the file has 3: it may be cut short"),
        (PLAIN.replace(b"king", b""), "1 line has numbers without a token before them: line 2"),
        (
            PLAIN.replace(b"queen", b"the"),
            "1 row repeats a token of an earlier row, which a look-up finds: “the” (line 3)",
        ),
        (PLAIN.replace(b"king", b"top 10"), "1 line has a token that ends in a number: line 2"),
        (
            PLAIN.replace(b".5", b"nan"),
            "1 row holds NaN or infinite numbers, left out of answers: line 2",
        ),
        (PLAIN.replace(b"\nking", b"\n\n\nking"), "2 blank lines between rows were passed over"),
        (PLAIN[:-1], "the last line has no newline: if the file was cut short, so may its last number be"),
        (PLAIN.replace(b"king", b"caf\xe9"), "1 token is not UTF-8 and kept as bytes: line 2"),
    ],
)
def test_what_is_told(tmp_path: Path, content: bytes, note: str) -> None:
    space = opened(tmp_path, content)
    assert len(space) == 3
    assert space.notes == (note,)


def test_a_row_is_found_by_its_line_behind_blank_lines_in_another_block(tmp_path: Path) -> None:
    first = b"".join(b"w%d 0.5 0.25\n" % i for i in range(BLOCK // 12))
    content = first + b"\n" * 3 + b"x 0.5 0.25\n" * 2 + first.replace(b"w", b"v") + b"bad nan 1\n"
    space = opened(tmp_path, content)
    last = content.count(b"\n")
    assert f"line {last}" in " ".join(space.notes)
    assert any(note.endswith(f"“x” (line {first.count(10) + 5})") for note in space.notes)


def test_blocks_end_anywhere(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    tokens = ["w" * int(n) + str(i) for i, n in enumerate(generator.integers(0, 3000, 300))]
    rows = generator.standard_normal((300, 7)).astype(np.float32)
    lines = [f"{token} {' '.join(map(str, row))}\n" for token, row in zip(tokens, rows, strict=True)]
    space = opened(tmp_path, "".join(lines).encode())
    assert list(space.tokens) == tokens
    np.testing.assert_array_equal(space.vectors, rows)


def test_lines_longer_than_a_block(tmp_path: Path) -> None:
    long = "q" * (3 * BLOCK)
    assert list(opened(tmp_path, f"a 1 2\n{long} 3 4\nb 5 6\n".encode()).tokens) == ["a", long, "b"]
    assert refused(tmp_path, b"a 0.5 0.5\n" + b"0.1234 " * (3 << 20)).startswith("line 2: longer than 8 MB")


@pytest.mark.parametrize("name", ["gz", "bz2", "xz", "zst", "zip"])
def test_packed(tmp_path: Path, name: str) -> None:
    from backports import zstd

    path = tmp_path / "vectors"
    packed = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress}
    if name == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("glove.txt", PLAIN)
    else:
        # two members one after another are one content
        path.write_bytes(packed[name](PLAIN[:20]) + packed[name](PLAIN[20:]))
    space = open_file(path, cache=False)
    assert list(space.tokens) == ["the", "king", "queen"]
    assert name in space.provenance.origin
    content = path.read_bytes()
    for cut in range(1, len(content)):
        path.write_bytes(content[:cut])
        found = outcome(path)
        if isinstance(found, str):
            assert "\n" not in found
        else:
            # it was cut just between its two members
            assert content[:cut] == packed[name](PLAIN[:20])


def test_a_zip_of_several_files_asks_for_one(tmp_path: Path) -> None:
    path = tmp_path / "glove.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", PLAIN)
        archive.writestr("b.txt", PLAIN.replace(b"king", b"duke"))
    with pytest.raises(SourceError, match=r"a\.txt, b\.txt"):
        open_file(path, cache=False)
    assert list(open_file(f"{path}#b.txt", cache=False).tokens) == ["the", "duke", "queen"]


@given(cut=st.integers(0, len(PLAIN) - 1), heading=st.booleans())
@settings(deadline=None)
def test_a_file_cut_anywhere_is_refused_or_told_of(
    tmp_path_factory: pytest.TempPathFactory, cut: int, heading: bool
) -> None:
    content = (b"3 3\n" if heading else b"") + PLAIN
    folder = tmp_path_factory.mktemp("cut")
    whole = opened(folder, content)
    path = folder / "cut.txt"
    path.write_bytes(content[: cut + (4 if heading else 0)])
    space = outcome(path)
    if isinstance(space, str):
        assert "\n" not in space
        return
    told = " ".join(space.notes)
    n = len(space)
    if content[cut + (4 if heading else 0) - 1] != 0x0A:
        assert "no newline" in told
        n -= 1  # the last number may have been cut through
    elif heading:
        assert "cut short" in told
    if not n:
        return
    assert list(space.tokens)[:n] == list(whole.tokens)[:n]
    np.testing.assert_array_equal(space.vectors[:n], whole.vectors[:n])


def test_cancelling_stops_at_the_next_block(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(PLAIN * 20_000)
    cancel = CancelToken()
    seen: list[int] = []

    def progress(done: int, total: int) -> None:
        assert total == path.stat().st_size
        seen.append(done)
        cancel.cancel()

    with pytest.raises(CancelledError):
        open_file(path, cache=False, cancel=cancel, progress=progress)
    assert len(seen) == 1


def test_what_is_no_file(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    for name, said in (
        ("nothing", "no such file"),
        ("", "no checkpoint: neither"),
        ("pipe", "no regular file"),
        ("empty", "empty"),
    ):
        with pytest.raises(SourceError, match=said):
            open_file(tmp_path / name, cache=False)
