"""Test data out of packages: fetched once with pip, held to hashes, kept in the user's cache folder."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

FETCH_SECONDS = 300
# looked up now: each test has folders of its own
CACHE = user_cache_path("tui-embed") / "test-data"


class PackageDataError(Exception):
    """One line: which file could not be had, and why."""


@dataclass(frozen=True)
class Wheel:
    """A wheel to read files from, never to install; ``target`` makes every machine fetch this very one."""

    requirement: str
    sha256: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A file inside a wheel."""

    wheel: Wheel
    path: str
    sha256: str


GENSIM = Wheel(
    "gensim==4.4.0",
    "91a7fa5e814e7b1bad4b2dffa8d62c1e55410d5cbdf930714c1997ffb4404db8",
    ("--platform", "manylinux_2_28_x86_64", "--implementation", "cp", "--python-version", "311"),
)

FILES = {
    # the Google analogies: 19,544 lines of four words in 14 sections
    "questions-words.txt": Member(
        GENSIM,
        "gensim/test/test_data/questions-words.txt",
        "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    ),
    # pairs of words with how similar people found them
    "wordsim353.tsv": Member(
        GENSIM,
        "gensim/test/test_data/wordsim353.tsv",
        "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
    ),
    "simlex999.txt": Member(
        GENSIM,
        "gensim/test/test_data/simlex999.txt",
        "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
    ),
    # fastText's own models, small, with the vectors that it printed for their words
    "toy-model.bin": Member(
        GENSIM,
        "gensim/test/test_data/toy-model.bin",
        "15a77fb51b4271ad1294e8f5e296447ccc462c58962dad74a1575e455a4a4831",
    ),
    "toy-model.vec": Member(
        GENSIM,
        "gensim/test/test_data/toy-model.vec",
        "a26f412b2e2efb3ca9e8cce91e8c370651ed05c98268c0b754776e7d7dd66eec",
    ),
    "crime-and-punishment.bin": Member(
        GENSIM,
        "gensim/test/test_data/crime-and-punishment.bin",
        "9b29d67dea5a12b54c6fbfa0da7ab535290075b44afb398bc1ad8585efdc149f",
    ),
    "crime-and-punishment.vec": Member(
        GENSIM,
        "gensim/test/test_data/crime-and-punishment.vec",
        "84acc966b21217a9518f9dec1c07849890e71fb73c840b490d2997db0ebe4307",
    ),
    "pang_lee_polarity_fasttext.bin": Member(
        GENSIM,
        "gensim/test/test_data/pang_lee_polarity_fasttext.bin",
        "a5389479a7d74e653e1a08d079baa2ec1c631aebcaec6be9655ca05ff0f08c04",
    ),
    "pang_lee_polarity_fasttext.vec": Member(
        GENSIM,
        "gensim/test/test_data/pang_lee_polarity_fasttext.vec",
        "1951982b923a65bdf7610c61589efc3cfb7e360ef41197227c3a7869da449e52",
    ),
    # what fastText's print-ngrams said of words that the toy model was not trained on
    "fb-ngrams.txt": Member(
        GENSIM,
        "gensim/test/test_data/fb-ngrams.txt",
        "2590f2fe722811d35bc68daa1b7c67fb5b1c4125ee919f4c2578c5ad674c6fa2",
    ),
    # word2vec's binary format without newlines, and the same in text
    "euclidean_vectors.bin": Member(
        GENSIM,
        "gensim/test/test_data/euclidean_vectors.bin",
        "28f58ce1d429dd3274f112d78ebc23375c6d65e4b8f1dc6a849ba2b42e79c8ea",
    ),
    "high_precision.kv.bin": Member(
        GENSIM,
        "gensim/test/test_data/high_precision.kv.bin",
        "3aa615084722994b3e6f40ae11d15d72969e16ee74f22079df3565b54ae7ff95",
    ),
    "high_precision.kv.txt": Member(
        GENSIM,
        "gensim/test/test_data/high_precision.kv.txt",
        "bbbdb6f9f2aec17b139e716324dd464dea0002682d2b47fd3a27407a26baece2",
    ),
    # pickles: gensim's own, one of protocol 0, and one that is packed
    "old_keyedvectors_320.dat": Member(
        GENSIM,
        "gensim/test/test_data/old_keyedvectors_320.dat",
        "bcfd423e9e8f986c201e68604eb4e38e409a60aa4f0441b50d3cf3ff10cf1171",
    ),
    "varembed_vectors.pkl": Member(
        GENSIM,
        "gensim/test/test_data/varembed_vectors.pkl",
        "34df8dd9ecb5fad0ce477a1936d4b867146a8acd390764742cdb73ce7aed656a",
    ),
    "ft_kv_3.6.0.model.gz": Member(
        GENSIM,
        "gensim/test/test_data/ft_kv_3.6.0.model.gz",
        "6835944a631b03e8ca94f55e595a7713fd350d31af2426e650942a8d25d008a9",
    ),
}


def package_file(name: str) -> Path:
    """The path of a verified file of ``FILES``.

    Raises KeyError for a name that the table does not have, PackageDataError when the file cannot be had: a
    test that needs it then fails, for a skipped oracle checks nothing.
    """
    member = FILES[name]
    cache = CACHE
    path = cache / name
    if not path.is_file() or _sha256(path.read_bytes()) != member.sha256:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            _extract(_fetch(member.wheel, Path(folder)), member.wheel, Path(folder), cache)
    return path


def _fetch(wheel: Wheel, folder: Path) -> Path:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input")
    only = ("--no-deps", "--only-binary", ":all:", *wheel.target, "--dest", str(folder), wheel.requirement)
    try:
        subprocess.run((*pip, *only), capture_output=True, text=True, check=True, timeout=FETCH_SECONDS)
    except subprocess.CalledProcessError as error:
        raise PackageDataError(
            f"{wheel.requirement}: pip: {' '.join(error.stderr.split())[-300:]}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PackageDataError(f"{wheel.requirement}: pip took over {FETCH_SECONDS} s") from error
    (path,) = folder.glob("*.whl")
    if (actual := _sha256(path.read_bytes())) != wheel.sha256:
        raise PackageDataError(f"{path.name}: sha256 is {actual}, expected {wheel.sha256}")
    return path


def _extract(archive: Path, wheel: Wheel, folder: Path, cache: Path) -> None:
    """Every file that the table wants of this wheel; the rename makes parallel test runs safe."""
    with zipfile.ZipFile(archive) as opened:
        for name, member in FILES.items():
            if member.wheel != wheel:
                continue
            content = opened.read(member.path)
            if (actual := _sha256(content)) != member.sha256:
                raise PackageDataError(f"{member.path}: sha256 is {actual}, expected {member.sha256}")
            (folder / name).write_bytes(content)
            (folder / name).replace(cache / name)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
