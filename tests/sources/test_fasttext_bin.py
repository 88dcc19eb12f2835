"""fastText's binary models: against what fastText printed of them, and what is broken in them."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contents import content, content_of, cut_everywhere, rows_of, same_bits, tokens_of
from data import package_file
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tui_embed.engine import cancel
from tui_embed.engine.ngrams import bucket, ngrams
from tui_embed.engine.rows import Floats
from tui_embed.errors import CancelledError, SourceError
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats import fasttext_bin
from tui_embed.sources.formats.fasttext_bin import read

WORDS = [b"</s>", b"the", b"king", "größe".encode(), b"\xff\xfe", b"x"]
SUPERVISED, SKIPGRAM = 3, 2
INT, LONG = "<i", "<q"


def model(
    words: list[bytes] = WORDS, labels: int = 0, n_buckets: int = 7, d: int = 3, **changed: Any
) -> bytes:
    """A model as fastText writes it; ``changed`` sets any number that it writes to another value."""
    rng = np.random.default_rng(3)
    n, entries = len(words), [*words, *(b"__label__%d" % i for i in range(labels))]

    def number(kind: str, name: str, value: float) -> bytes:
        return struct.pack(kind, changed.get(name, value))

    args = {"dim": d, "ws": 5, "epoch": 5, "min_count": 1, "neg": 5, "word_ngrams": 1, "loss": 2}
    args |= {"model": SKIPGRAM, "bucket": n_buckets, "minn": 2, "maxn": 4, "rate": 100}
    written = [number(INT, "magic", 793712314), number(INT, "version", 12)]
    written += [number(INT, name, value) for name, value in args.items()] + [number("<d", "t", 1e-4)]
    written += [
        number(INT, "entries", n + labels),
        number(INT, "n_words", n),
        number(INT, "n_labels", labels),
    ]
    written += [number(LONG, "tokens", 90), number(LONG, "pruned", -1)]
    kinds = changed.get("kinds", [0] * n + [1] * labels)
    for entry, kind in zip(entries, kinds, strict=True):
        written += [entry, b"\0", struct.pack("<qb", 9, kind)]
    matrix = rng.standard_normal((n + n_buckets, d)).astype("<f4")
    written += [number("<?", "quantized", False), number(LONG, "rows", len(matrix)), number(LONG, "width", d)]
    written += [changed.get("matrix", matrix).tobytes()]
    written += [number("<?", "output_quantized", False), number(LONG, "output_rows", n)]
    written += [number(LONG, "output_width", d), np.zeros((n, d), "<f4").tobytes()]
    return b"".join(written)


def matrix_of(words: list[bytes], n_buckets: int, d: int) -> NDArray[np.float32]:
    """The input matrix that :func:`model` writes."""
    return np.random.default_rng(3).standard_normal((len(words) + n_buckets, d)).astype(np.float32)


def composed(words: list[bytes], n_buckets: int, minn: int, maxn: int, d: int) -> Floats:
    """The mean of each word's row and its n-grams' rows, word by word."""
    matrix = matrix_of(words, n_buckets, d)
    rows = []
    for place, word in enumerate(words):
        ids = [len(words) + bucket(ngram, n_buckets) for ngram in ngrams(word, minn, maxn)]
        rows.append(matrix[[place, *ids]].mean(axis=0, dtype=np.float64))
    return np.array(rows, dtype=np.float32)


def refused(whole: bytes, folder: Path) -> str:
    path = folder / "model.bin"
    with pytest.raises(SourceError) as caught:
        content_of(whole, path, read)
    line = str(caught.value)
    assert str(path) in line
    assert "\n" not in line
    return line.replace(str(path), "")


@pytest.mark.parametrize(("name", "shape"), [("crime-and-punishment", (291, 5)), ("toy-model", (22, 5))])
def test_rows_are_those_that_fasttext_printed(name: str, shape: tuple[int, int]) -> None:
    found = content(package_file(f"{name}.bin"), read)
    lines = package_file(f"{name}.vec").read_text(encoding="utf-8").removesuffix("\n").split("\n")[1:]
    printed = [line.rstrip(" ").rsplit(" ", shape[1]) for line in lines]
    assert found.rows.shape == shape
    assert tokens_of(found) == [token.encode() for token, *_ in printed]
    # it prints five digits
    np.testing.assert_allclose(
        rows_of(found), np.array([row[1:] for row in printed], float), rtol=1e-4, atol=1e-6
    )
    assert found.notes == ()


def test_a_classifier_has_rows_for_its_words_and_none_for_its_labels() -> None:
    found = content(package_file("pang_lee_polarity_fasttext.bin"), read)
    lines = package_file("pang_lee_polarity_fasttext.vec").read_bytes().removesuffix(b"\n").split(b"\n")[1:]
    printed = [line.rstrip(b" ").rsplit(b" ", 100) for line in lines]
    assert tokens_of(found) == [token for token, *_ in printed]
    np.testing.assert_allclose(
        rows_of(found), np.array([row[1:] for row in printed], float), rtol=1e-4, atol=1e-6
    )
    assert found.subwords is None
    assert (
        found.notes[0] == "2 labels, “__label__pos” the first, have no row among the words and are left out"
    )
    assert found.notes[1].startswith("5 tokens are not UTF-8 and kept as bytes: row 149, ")


def test_the_ngrams_of_an_unseen_word_are_those_that_fasttext_printed() -> None:
    subwords = content(package_file("crime-and-punishment.bin"), read).subwords
    assert subwords is not None
    for part in package_file("fb-ngrams.txt").read_text(encoding="utf-8").split("<start>\n")[1:]:
        word, _, *lines, _ = part.partition("<end>")[0].split("\n")
        printed = [line.rstrip(" ").rsplit(" ", 5) for line in lines]
        found = subwords.compose(word)
        assert found is not None
        assert list(found.ngrams) == [ngram for ngram, *_ in printed]
        mean = np.array([row[1:] for row in printed], float).mean(axis=0)
        np.testing.assert_allclose(found.vector, mean, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("minn", "maxn"), [(2, 4), (0, 2), (3, 6), (1, 1), (-5, 3)])
def test_rows_are_means_over_ngrams(tmp_path: Path, minn: int, maxn: int, packed: bool) -> None:
    whole = model(minn=minn, maxn=maxn)
    found = content_of(gzip.compress(whole) if packed else whole, tmp_path / "m.bin", read)
    assert tokens_of(found) == WORDS
    np.testing.assert_allclose(rows_of(found), composed(WORDS, 7, minn, maxn, 3), rtol=1e-5, atol=1e-6)
    assert same_bits(rows_of(found)[:1], matrix_of(WORDS, 7, 3)[:1])
    assert found.subwords is not None
    assert (found.subwords.minn, found.subwords.maxn, found.subwords.rows.shape) == (minn, maxn, (7, 3))
    assert same_bits(found.subwords.rows.take(np.arange(7)), matrix_of(WORDS, 7, 3)[6:])
    assert found.notes == ("1 token is not UTF-8 and kept as bytes: row 5",)


@given(
    st.lists(st.binary(max_size=9).map(lambda word: word.replace(b"\0", b"")), min_size=1, max_size=20),
    st.integers(1, 40),
)
def test_any_words_in_any_blocks(
    tmp_path_factory: pytest.TempPathFactory, words: list[bytes], at_once: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "m.bin"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fasttext_bin, "TEXT_AT_ONCE", at_once)
        patch.setattr(fasttext_bin, "rows_per_block", lambda d: 1 + at_once % 5)
        found = content_of(model(words), path, read)
    assert tokens_of(found) == words
    np.testing.assert_allclose(rows_of(found), composed(words, 7, 2, 4, 3), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "whole",
    [
        model(minn=0, maxn=0),
        model(minn=4, maxn=3),
        model(bucket=0, rows=6, matrix=matrix_of(WORDS, 7, 3)[:6]),
        model(version=11, model=SUPERVISED),
    ],
)
def test_without_ngrams_a_word_has_its_own_row(tmp_path: Path, whole: bytes) -> None:
    found = content_of(whole, tmp_path / "m.bin", read)
    assert same_bits(rows_of(found), matrix_of(WORDS, 7, 3)[:6])
    assert found.subwords is None


def test_labels_are_left_out_and_told_of(tmp_path: Path) -> None:
    found = content_of(model(labels=2), tmp_path / "m.bin", read)
    assert tokens_of(found) == WORDS
    assert found.notes[0] == "2 labels, “__label__0” the first, have no row among the words and are left out"


def test_a_file_cut_anywhere_is_refused_in_one_line(tmp_path: Path) -> None:
    for whole, packed in ((model(), False), (gzip.compress(model()), True)):
        for size, found in cut_everywhere(whole, tmp_path / "m.bin", read):
            assert isinstance(found, str), size
            assert "\n" not in found
            assert packed or "byte " in found or "header" in found, (size, found)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"version": 13}, ", header: version 13 of fastText's format, known are 11 and 12"),
        ({"dim": 0}, ", header: 0 numbers a row are no vectors"),
        ({"dim": 2**31 - 1}, ", header: 2,147,483,647 numbers a row are no vectors"),
        ({"maxn": 2**31 - 1}, ", header: n-grams of up to 2,147,483,647 characters, over 64, are no model's"),
        ({"bucket": -1}, ", header: 6 words and 0 labels in 6 entries, and -1 buckets: that cannot be"),
        ({"n_words": 5}, ", header: 5 words and 0 labels in 6 entries, and 7 buckets: that cannot be"),
        ({"entries": 0, "n_words": 0}, ", header: there are no words in its dictionary"),
        (
            {"entries": 2**31 - 1, "n_words": 2**31 - 1},
            ", byte 92: 2,147,483,647 entries in its dictionary take 21,474,836,470 bytes or more, ",
        ),
        ({"rows": 2**40}, ": the input matrix is 1,099,511,627,776 × 3, 13 × 3 by the header"),
        ({"rows": -1}, ": the input matrix is -1 × 3, 13 × 3 by the header"),
        ({"width": 4}, ": the input matrix is 13 × 4, 13 × 3 by the header"),
        (
            {"bucket": 2**31 - 1, "rows": 2**31 + 5},
            ": 2,147,483,653 rows of its input matrix take 25,769,803,836 bytes or more, there are ",
        ),
        ({"quantized": True}, ", header: a quantized fastText model"),
        ({"pruned": 100}, ", header: a quantized fastText model"),
        ({"output_quantized": True}, ": the output matrix is no 6 × 3 numbers"),
        ({"output_width": 2}, ": the output matrix is no 6 × 2 numbers"),
        ({"output_rows": -1}, ": the output matrix is no -1 × 3 numbers"),
        ({"output_rows": 2**62}, " rows of its output matrix take "),
        ({"kinds": [0, 0, 1, 0, 0, 0]}, ", row 3: no word where the header says that words are"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, changed: dict[str, Any], line: str) -> None:
    assert line in refused(model(**changed), tmp_path)


def test_a_packed_file_is_believed_as_far_as_it_comes(tmp_path: Path) -> None:
    whole = gzip.compress(model(entries=2**31 - 1, n_words=2**31 - 1))
    assert "the file ends inside of its dictionary" in refused(whole, tmp_path)
    whole = gzip.compress(model(bucket=2**31 - 1, rows=2**31 + 5))
    assert "the file ends inside of its input matrix" in refused(whole, tmp_path)


def test_a_word_without_an_end_is_refused(tmp_path: Path) -> None:
    words = [b"a" * 400_000]
    assert ", row 1, byte 92: no token within 131,072 bytes" in refused(model(words), tmp_path)


def test_it_stops_when_it_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    path.write_bytes(model())
    token = cancel.CancelToken()
    token.cancel()
    with SourceFile(path) as file, pytest.raises(CancelledError):
        read(file, SpaceBuilder(file, cancel=token))


def test_progress_ends_with_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    path.write_bytes(model())
    told: list[tuple[int, int]] = []
    with SourceFile(path) as file:
        read(file, SpaceBuilder(file, progress=lambda done, total: told.append((done, total))))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
