"""Binary word vectors and writers beside gensim: ``python -m tests.benchmarks.word_formats`` in the
repository, with the extra ``bench``.

word2vec's binary format and a fastText model with n-grams, each read into memory, and 100,000 × 50 written.
Runs take turns, so that all share what else the machine does; medians.
"""

import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.figures import line, ratio
from tests.strategies import small_space
from tui_embed.engine.rows import Floats
from tui_embed.sources.open import open_file
from tui_embed.sources.writers import text, word2vec_binary

ROUNDS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        words2vec(Path(folder))
        fasttext(Path(folder))
        writers(Path(folder))


def words2vec(folder: Path) -> None:
    from gensim.models import KeyedVectors

    path, (n, d) = folder / "vectors.bin", (200_000, 100)
    word2vec_binary.write(small_space(gaussian(n, d), unlike_words(n)), path)
    ours, theirs = in_turn(
        lambda: open_file(path, cache=False),
        lambda: KeyedVectors.load_word2vec_format(str(path), binary=True),
    )
    ratio(f"word2vec binary, {n:,} × {d}, over gensim", ours, theirs, 0.2)


def fasttext(folder: Path) -> None:
    from gensim.models.fasttext import load_facebook_vectors

    path, (n, d) = folder / "model.bin", (50_000, 100)
    path.write_bytes(fasttext_model(gaussian(n + 100_000, d), unlike_words(n)))
    ours, theirs = in_turn(lambda: open_file(path, cache=False), lambda: load_facebook_vectors(str(path)))
    ratio(f"fastText .bin with n-grams, {n:,} × {d}, over gensim", ours, theirs, 1.0)


def writers(folder: Path) -> None:
    from gensim.models import KeyedVectors

    n, d = 100_000, 50
    for title, rows in (("any numbers", gaussian(n, d)), ("five decimals", np.round(gaussian(n, d), 5))):
        words = unlike_words(n)
        space, theirs = small_space(rows, words), KeyedVectors(d)
        theirs.add_vectors(words, rows)
        taken = in_turn(
            lambda space=space: text.write(space, folder / "v.txt", "word2vec"),
            lambda theirs=theirs: theirs.save_word2vec_format(str(folder / "g.txt")),
        )
        ratio(f"text, {n:,} × {d} of {title}, over gensim", *taken, 0.5)
        line("", min(taken[0]) / rows.size * 1e9, "ns each")


def in_turn(*works: Callable[[], Any]) -> tuple[list[float], ...]:
    """The seconds that each takes, ROUNDS times."""
    taken: tuple[list[float], ...] = tuple([] for _ in works)
    for _ in range(ROUNDS):
        for seconds, work in zip(taken, works, strict=True):
            started = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - started)
    return taken


def gaussian(n: int, d: int) -> Floats:
    return np.random.default_rng(7).standard_normal((n, d), dtype=np.float32)


def unlike_words(n: int) -> list[str]:
    """As many different words, of six to eleven letters."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    rng = np.random.default_rng(8)
    return [f"{''.join(letters[rng.integers(0, 26, 5)])}{i}" for i in range(n)]


def fasttext_model(matrix: Floats, words: list[str]) -> bytes:
    """A skip-gram model with n-grams of 3 to 6 characters, whose rows follow those of the words."""
    n, d, n_buckets = len(words), matrix.shape[1], len(matrix) - len(words)
    header = struct.pack("<14id", 793712314, 12, d, 5, 5, 1, 5, 1, 2, 2, n_buckets, 3, 6, 100, 1e-4)
    header += struct.pack("<iiiqq", n, n, 0, 10 * n, -1)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 10, 0) for word in words)
    output = struct.pack("<?qq", False, n, d) + bytes(4 * n * d)
    return header + entries + struct.pack("<?qq", False, *matrix.shape) + matrix.tobytes() + output


if __name__ == "__main__":
    main()
