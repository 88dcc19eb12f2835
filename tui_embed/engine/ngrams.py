"""Character n-grams of words and the buckets that fastText keeps their rows in.

As in "Enriching word vectors with subword information" (Bojanowski et al. 2017) and fastText's dictionary: a
word stands between ``<`` and ``>``; its n-grams are all runs of ``minn`` … ``maxn`` characters but the two
marks alone; the bucket of one is its 32-bit FNV-1a hash modulo their number. Bytes count as signed, which is
what the first compilers made of them and every model since depends on.
"""

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ragged import positions

END_OF_SENTENCE = b"</s>"
"""No word: it has no n-grams."""

_BASIS, _PRIME = 2166136261, 16777619
_LONGEST = 4
"""Bytes of a character; more of them follow one another only in what is not UTF-8."""


def ngrams(word: bytes, minn: int, maxn: int) -> list[bytes]:
    """The n-grams of one word, by where they begin and then by length."""
    if word == END_OF_SENTENCE:
        return []
    text = b"<" + word + b">"
    begins = [at for at, byte in enumerate(text) if byte & 0xC0 != 0x80] + [len(text)]
    n_characters = len(begins) - 1
    return [
        text[begins[first] : begins[first + n]]
        for first in range(n_characters)
        for n in range(max(1, minn), min(maxn, n_characters - first) + 1)
        if n > 1 or 0 < first < n_characters - 1
    ]


def bucket(ngram: bytes, n_buckets: int) -> int:
    """The bucket of one n-gram."""
    return _extended(_BASIS, ngram) % n_buckets


def buckets(
    blob: NDArray[np.uint8], lengths: NDArray[np.integer], minn: int, maxn: int, n_buckets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The buckets of all n-grams of the words that lie one after another in ``blob``, in the order of
    :func:`ngrams`, and how many of them each word has ``(n,)``.

    All n-grams of a length are hashed at once: each goes on from the hash of the one that is shorter by a
    character.
    """
    text, starts = _between_marks(blob, lengths)
    begins = np.flatnonzero((text & 0xC0) != 0x80)
    sizes = np.diff(begins, append=len(text))
    firsts = np.searchsorted(begins, starts)
    ends = np.append(firsts, len(begins))[1:]
    stops = np.repeat(ends, ends - firsts)
    is_mark = np.zeros(len(begins), dtype=bool)
    is_mark[firsts] = is_mark[ends - 1] = True

    shortest = max(1, minn)
    hashes = np.full(len(begins), _BASIS, dtype=np.uint32)
    found = np.zeros((len(begins), max(0, maxn - shortest + 1)), dtype=np.uint32)
    exists = np.zeros(found.shape, dtype=bool)
    going = np.arange(len(begins))
    for n in range(1, maxn + 1):
        going = going[going + n <= stops[going]]
        last = going + (n - 1)
        hashes[going] = _extended_by_character(hashes[going], text, begins[last], sizes[last])
        if n >= shortest:
            found[going, n - shortest] = hashes[going]
            exists[going, n - shortest] = ~is_mark[going] if n == 1 else True
    exists[np.repeat(_ends_sentence(blob, lengths), ends - firsts)] = False
    counts = np.add.reduceat(exists.sum(axis=1), firsts) if len(firsts) else np.empty(0, dtype=np.int64)
    return (found[exists] % np.uint32(n_buckets)).astype(np.int64), counts


def _between_marks(
    blob: NDArray[np.uint8], lengths: NDArray[np.integer]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The words with ``<`` and ``>`` around each, one after another, and where each begins."""
    ends = np.cumsum(lengths + 2, dtype=np.int64)
    starts = ends - lengths - 2
    text = np.empty(len(blob) + 2 * len(lengths), dtype=np.uint8)
    text[starts] = ord("<")
    text[ends - 1] = ord(">")
    text[positions(starts + 1, lengths)] = blob
    return text, starts


def _extended_by_character(
    hashes: NDArray[np.uint32], text: NDArray[np.uint8], begins: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Each hash, made longer by the character at ``begins`` of ``sizes`` bytes."""
    lanes = np.arange(len(hashes))
    for byte in range(_LONGEST):
        signed = text[begins[lanes] + byte].view(np.int8).astype(np.int32).view(np.uint32)
        hashes[lanes] = (hashes[lanes] ^ signed) * np.uint32(_PRIME)
        lanes = lanes[sizes[lanes] > byte + 1]
    for lane in lanes.tolist():
        rest = text[begins[lane] + _LONGEST : begins[lane] + sizes[lane]]
        hashes[lane] = _extended(int(hashes[lane]), rest.tobytes())
    return hashes


def _extended(value: int, content: bytes) -> int:
    """The 32-bit FNV-1a hash ``value``, made longer by ``content``."""
    for byte in content:
        signed = byte if byte < 0x80 else byte | 0xFFFFFF00
        value = (value ^ signed) * _PRIME & 0xFFFFFFFF
    return value


def _ends_sentence(blob: NDArray[np.uint8], lengths: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which words are END_OF_SENTENCE, ``(n,)``."""
    ends = np.cumsum(lengths, dtype=np.int64)
    alike = np.flatnonzero(lengths == len(END_OF_SENTENCE))
    letters = blob[(ends[alike] - len(END_OF_SENTENCE))[:, None] + np.arange(len(END_OF_SENTENCE))]
    found = np.zeros(len(lengths), dtype=bool)
    found[alike] = (letters == np.frombuffer(END_OF_SENTENCE, dtype=np.uint8)).all(axis=1)
    return found
