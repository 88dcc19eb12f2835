"""The shipped data: whole, what it says it is, and in the form that the program maps."""

import hashlib
import itertools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiktoken_ext import openai_public  # type: ignore[import-untyped]

ASSETS = Path(__file__).parents[2] / "assets"
GLOVE = ASSETS / "glove-6B-50d"
SUMS = {
    path: digest
    for digest, path in (line.split("  ") for line in (ASSETS / "SHA256SUMS").read_text().splitlines())
}
N_VOCAB, D_MODEL = 100_000, 50


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def tokens() -> list[bytes]:
    blob, offsets = (GLOVE / "tokens.bin").read_bytes(), np.load(GLOVE / "offsets.npy").tolist()
    return [blob[start:end] for start, end in itertools.pairwise(offsets)]


@pytest.mark.parametrize("path", SUMS)
def test_every_asset_has_its_hash(path: str) -> None:
    assert sha256(ASSETS / path) == SUMS[path]


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, folder / "build.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_check_passes_on_the_tree() -> None:
    done = check(ASSETS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_check_names_every_wrong_file(tmp_path: Path) -> None:
    shutil.copy(ASSETS / "build.py", tmp_path)
    data = tmp_path / "encodings"
    data.mkdir()
    for name in ("whole", "changed", "lost"):
        (data / name).write_bytes(b"a 0\n")
    sums = "".join(f"{sha256(path)}  encodings/{path.name}\n" for path in data.iterdir())
    (tmp_path / "SHA256SUMS").write_text(sums)
    assert check(tmp_path).returncode == 0

    (data / "changed").write_bytes(b"a 1\n")
    (data / "lost").unlink()
    (data / "stray").write_bytes(b"")
    done = check(tmp_path)
    assert done.returncode == 1
    assert sorted(line.split(":")[0] for line in done.stderr.splitlines()) == [
        "encodings/changed",
        "encodings/lost",
        "encodings/stray",
    ]


@pytest.mark.parametrize(
    ("name", "dtype", "shape"),
    [
        ("rows", "<f4", (N_VOCAB, D_MODEL)),
        ("norms", "<f4", (N_VOCAB,)),
        ("order", "<u4", (N_VOCAB,)),
        ("offsets", "<u4", (N_VOCAB + 1,)),
    ],
)
def test_arrays_map_without_conversion(name: str, dtype: str, shape: tuple[int, ...]) -> None:
    mapped = np.load(GLOVE / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    assert isinstance(mapped, np.memmap)
    assert (mapped.dtype, mapped.shape, mapped.flags.c_contiguous) == (np.dtype(dtype), shape, True)


def test_rows_are_those_of_their_tokens(tokens: list[bytes]) -> None:
    row = np.load(GLOVE / "rows.npy", mmap_mode="r")[tokens.index(b"king")]
    assert row[:3].tolist() == np.array([0.50451, 0.68607, -0.59517], np.float32).tolist()


def test_offsets_cut_the_whole_blob_into_distinct_words(tokens: list[bytes]) -> None:
    assert b"".join(tokens) == (GLOVE / "tokens.bin").read_bytes()
    assert all(tokens)
    assert len({token.decode() for token in tokens}) == N_VOCAB


def test_ids_are_in_the_order_of_frequency(tokens: list[bytes]) -> None:
    assert tokens[:5] == [b"the", b",", b".", b"of", b"to"]


def test_order_sorts_the_tokens_by_bytes(tokens: list[bytes]) -> None:
    order = np.load(GLOVE / "order.npy").tolist()
    assert sorted(order) == list(range(N_VOCAB))
    keys = [(tokens[token_id], token_id) for token_id in order]
    assert all(before < after for before, after in itertools.pairwise(keys))


def test_norms_are_those_of_the_rows() -> None:
    wide = np.load(GLOVE / "rows.npy").astype(np.longdouble)
    expected = np.sqrt((wide * wide).sum(axis=1)).astype(np.float32)
    np.testing.assert_array_max_ulp(np.load(GLOVE / "norms.npy"), expected, maxulp=1)


@pytest.mark.parametrize("name", ["r50k_base", "p50k_base", "cl100k_base", "o200k_base"])
def test_ranks_are_the_files_that_tiktoken_expects(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected: list[str] = []

    def loader(_address: str, expected_hash: str) -> dict[bytes, int]:
        expected.append(expected_hash)
        return {}

    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", loader)
    constructors: dict[str, Any] = openai_public.ENCODING_CONSTRUCTORS
    constructors[name]()
    assert [sha256(ASSETS / "encodings" / f"{name}.tiktoken")] == expected
