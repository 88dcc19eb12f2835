"""A file of tokens alone, which names the rows of another file: lines, a TSV, or JSON.

- Lines: a token a line, split at ``\\n`` alone; or each with its count, most frequent first, as GloVe and
  word2vec write their vocabularies.
- TSV: a token and columns of metadata a line; one line more than there are rows is a heading.
- JSON: a list of tokens, or an object of token → id or id → token that has each id once.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.vocabulary import encode_token
from tui_embed.errors import SourceError
from tui_embed.json_values import count_values
from tui_embed.sources.file import HEAD_BYTES, SourceFile
from tui_embed.sources.formats.table_columns import LABELS

MOST_BYTES = 1 << 30
SAMPLED = 64
"""Lines that are looked at to tell vectors from tokens."""

MANY_NUMBERS = 32
"""So many columns of numbers under a heading are vectors, whatever the heading calls them."""

_NUMBER = re.compile(rb"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?(nan|inf)", re.IGNORECASE)
_FRACTION = re.compile(rb"[.eE]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NoVocabularyError(Exception):
    """The file is no vocabulary of these rows; says why, after its name."""


@dataclass(frozen=True, eq=False, slots=True)
class Labels:
    """A token for each row, and whatever else the file says of it."""

    tokens: Sequence[bytes]
    metadata: dict[str, TextColumn] = field(default_factory=dict)


def read_labels(path: Path, n_rows: int, d_model: int) -> Labels:
    """The labels that the file at ``path`` has for ``n_rows`` rows of ``d_model`` numbers.

    NoVocabularyError where it has none, or cannot be read.
    """
    try:
        with SourceFile(path) as file:
            head = file.head
            if b"\0" in head[:4096]:
                raise NoVocabularyError("is no text")
            if path.suffix == ".json":
                return _from_json(_content(file), n_rows)
            if _holds_vectors(head, d_model):
                raise NoVocabularyError("holds vectors, not a vocabulary")
            return _from_lines(_content(file), n_rows)
    except SourceError:
        raise NoVocabularyError("cannot be read") from None


def _content(file: SourceFile) -> bytes:
    with file.stream() as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NoVocabularyError(f"holds over {MOST_BYTES >> 30} GB, more than a vocabulary")
    return content.removeprefix(_BYTE_ORDER_MARK)


def _holds_vectors(head: bytes, d_model: int) -> bool:
    """Whether the lines at the beginning are numbers, behind at most one token each."""
    if len(head) == HEAD_BYTES:
        # the last line, or where there is only one its last number, may be cut off
        head = next((cut for end in (b"\n", b"\t", b" ") if (cut := head.rpartition(end)[0])), head)
    first, *lines = [line for line in head.split(b"\n") if line.strip()][: SAMPLED + 1] or [b""]
    has_heading = bool(lines) and not any(map(_is_number, _fields(first)[1:]))
    lines = lines or [first]
    # a token that is a number itself makes one more of them
    width = min(map(_n_numbers, lines))
    if width < 2:
        return False
    if has_heading:
        return width == d_model or width >= MANY_NUMBERS
    last = b" ".join(b" ".join(_fields(line)[-width:]) for line in lines)
    return width in (d_model, d_model + 1) or _FRACTION.search(last) is not None


def _n_numbers(line: bytes) -> int:
    """How many numbers a line of vectors ends with; 0 for a line that has other columns beside its token."""
    listed = line.partition(b"[")[2].partition(b"]")[0].split(b",")
    if len(listed) > 1 and all(map(_is_number, listed)):
        return len(listed)
    fields = _fields(line)
    if b"\t" in line and not all(map(_is_number, fields[1:])):
        return 0
    return sum(1 for _ in takewhile(_is_number, reversed(fields)))


def _fields(line: bytes) -> list[bytes]:
    return line.split(b"\t") if b"\t" in line else line.split() or [b""]


def _is_number(text: bytes) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None


def _from_lines(content: bytes, n_rows: int) -> Labels:
    lines = _lines(content, n_rows)
    n_tabs = lines[0].count(b"\t")
    if n_tabs and all(line.count(b"\t") == n_tabs for line in lines):
        return _from_table([line.split(b"\t") for line in lines], n_rows)
    if len(lines) == n_rows + 1 and lines[0].strip().lower().decode(errors="replace") in LABELS:
        lines = lines[1:]
    if len(lines) != n_rows:
        raise NoVocabularyError(f"has {len(lines):,} lines for {n_rows:,} rows")
    return _counted(lines) or Labels(lines)


def _lines(content: bytes, n_rows: int) -> list[bytes]:
    lines = content.split(b"\n")
    last = lines.pop()
    if lines and all(line.endswith(b"\r") for line in lines):
        lines = [line.removesuffix(b"\r") for line in lines]
    if last:
        lines.append(last)
    # a blank line at the end is no token, unless one is missing without it
    while len(lines) > n_rows and not lines[-1]:
        lines.pop()
    return lines or [b""]


def _counted(lines: list[bytes]) -> Labels | None:
    """Tokens with their counts behind a space; None for lines that are not all so.

    Names that end in numbers are neither all different without them nor in the order of those numbers.
    """
    pairs = [line.rpartition(b" ") for line in lines]
    if len(pairs) < 3 or not all(token and count.isdigit() and len(count) < 19 for token, _, count in pairs):
        return None
    # word2vec puts the end of a sentence first, whatever its count
    counts = np.array([int(count) for _, _, count in pairs[1:]], dtype=np.int64)
    tokens = [token for token, _, _ in pairs]
    if (
        (np.diff(counts) > 0).any()
        or len(set(tokens)) < len(tokens)
        or any(b" " in token for token in tokens)
    ):
        return None
    return Labels(tokens, {"count": _column([count for _, _, count in pairs])})


def _from_table(rows: list[list[bytes]], n_rows: int) -> Labels:
    names = [f"column {place + 1}" for place in range(len(rows[0]))]
    token = 0
    if len(rows) == n_rows + 1:
        names = [name.decode(errors="replace") for name in rows.pop(0)]
        token = next((names.index(name) for name in _as_labels(names)), 0)
    if len(rows) != n_rows:
        raise NoVocabularyError(f"has {len(rows):,} lines for {n_rows:,} rows")
    if len(set(names)) < len(names):
        raise NoVocabularyError("has two columns of one name")
    columns = list(zip(*rows, strict=True))
    tokens = columns[token]
    metadata = {name: _column(columns[place]) for place, name in enumerate(names) if place != token}
    return Labels(tokens, metadata)


def _as_labels(names: list[str]) -> list[str]:
    """Those of ``names`` that a column of tokens has, the best first."""
    return [name for label in LABELS for name in names if name.strip().lower() == label]


def _column(texts: Sequence[bytes]) -> TextColumn:
    return TextColumn.from_blob(b"".join(texts), np.array([len(text) for text in texts], dtype=np.int64))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object: its keys, which may repeat, and values."""


def _from_json(content: bytes, n_rows: int) -> Labels:
    if count_values(content) > 16 * n_rows + (1 << 20):
        raise NoVocabularyError(f"holds far more than {n_rows:,} tokens")
    try:
        found = json.loads(content, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise NoVocabularyError(f"is no JSON: {str(error)[:80]}") from None
    if not isinstance(found, list):
        raise NoVocabularyError("is neither a list of tokens nor an object of tokens and ids")
    if len(found) != n_rows:
        raise NoVocabularyError(f"has {len(found):,} entries for {n_rows:,} rows")
    tokens = _by_id(found) if isinstance(found, _Pairs) else found
    if not all(isinstance(token, str) for token in tokens):
        raise NoVocabularyError("holds more than tokens and their ids")
    return Labels([encode_token(token) for token in tokens])


def _by_id(pairs: _Pairs) -> list[Any]:
    """The tokens in the order of their ids, which are values or, written out, keys."""
    if all(isinstance(value, str) for _, value in pairs):
        pairs = _Pairs((value, int(key) if re.fullmatch(r"[0-9]{1,18}", key) else -1) for key, value in pairs)
    tokens: list[Any] = [None] * len(pairs)
    for token, token_id in pairs:
        if type(token_id) is not int or not 0 <= token_id < len(tokens) or tokens[token_id] is not None:
            raise NoVocabularyError(f"does not have each id from 0 to {len(tokens) - 1:,} once")
        tokens[token_id] = token
    return tokens
