"""What is on a map: which tokens of a space."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.arithmetic import read_expression, solve
from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.filter import matching
from tui_embed.engine.lookup import get_token
from tui_embed.engine.neighbors import nearest
from tui_embed.engine.rows import Floats
from tui_embed.engine.scan import Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError, UsageError

LARGEST_BYTES = 1 << 30
"""Of rows that a map takes into memory."""


@dataclass(frozen=True, eq=False, slots=True)
class Subject:
    """``ids`` ``(n,)``, each once, the most important first. ``title`` and ``missing``, the words that were
    asked for and have no row, are text from outside. ``main`` ids are always named; ``of`` says how many
    tokens there were to choose from.
    """

    title: str
    ids: NDArray[np.int64]
    of: int
    main: frozenset[int] = frozenset()
    missing: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def wanted(self) -> int:
        """How many tokens were asked for."""
        return len(self.ids) + len(self.missing)


def neighbourhood(
    space: EmbeddingSpace,
    token_id: int,
    n: int,
    metric: Metric = "cosine",
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Subject:
    """A token and the ``n`` that lie nearest to it over the whole vocabulary."""
    query = space.matrix.row(space.checked_id(token_id))
    near = nearest(space, query, n, metric, (token_id,), None, cancel, progress).neighbors
    title = f"neighbourhood of {space.vocabulary[token_id]}"
    return _subject(space, title, [token_id, *(one.id for one in near)], main=[token_id])


def words_of(
    space: EmbeddingSpace,
    expression: str,
    n: int = 10,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Subject:
    """The terms of an expression such as ``king - man + woman`` and the ``n`` tokens that it leads to.
    ExpressionError or UnknownTokenError where it cannot be read.
    """
    combination = read_expression(space, expression)
    found = solve(space, combination, n, cancel=cancel, progress=progress).neighbors
    best = [one.id for one in found]
    return _subject(space, expression, [*combination.ids, *best], main=[*combination.ids, *best[:1]])


def listed(space: EmbeddingSpace, words: Iterable[str], title: str = "a list") -> Subject:
    """The words of a list, as they are spelled, as ``#7``, or in lower case; those that have no row are
    missing. UsageError where none has.
    """
    ids: list[int] = []
    missing: list[str] = []
    for word in dict.fromkeys(words):
        found = find_word(space, word)
        if found is None:
            missing.append(word)
        else:
            ids.append(found)
    if not ids:
        what = f"none of the {len(missing):,} words" if missing else "there is no word in the list that"
        raise UsageError(f"{what} is in {space.name}", "write one word a line")
    unique = list(dict.fromkeys(ids))
    few = unique if len(unique) <= 60 else []
    return _subject(space, title, unique, main=few, missing=missing)


def find_word(space: EmbeddingSpace, word: str) -> int | None:
    """The id of what a person means by ``word``: as spelled, with the space before it that an encoding may
    want, or in lower case.
    """
    for form in (word, f" {word}", word.lower(), f" {word.lower()}"):
        found = get_token(space.vocabulary, form)
        if found is not None:
            return found
    return None


def most_frequent(space: EmbeddingSpace, n: int) -> Subject:
    """The first ``n`` tokens: ids are in the order of frequency where the source says so."""
    if n < 1:
        raise UsageError(f"a map of {n} tokens is none", "ask for at least two")
    kept = min(n, len(space))
    title = f"all {kept:,} tokens" if kept == len(space) else f"the {kept:,} most frequent tokens"
    return Subject(title, np.arange(kept), len(space))


def where(space: EmbeddingSpace, text: str, n: int, cancel: CancelToken | None = None) -> Subject:
    """The first ``n`` rows that a filter over the metadata keeps; ``of`` says how many it keeps."""
    kept = np.flatnonzero(matching(space.metadata, text, cancel)).astype(np.int64)
    if not len(kept):
        raise UsageError(f"no row is where {text}")
    return Subject(f"where {text}", kept[:n], len(kept))


def only(subject: Subject, ids: Sequence[int]) -> Subject:
    """Some of a map's tokens, in its order."""
    kept = subject.ids[np.isin(subject.ids, np.asarray(ids, dtype=np.int64))]
    return Subject(f"{len(kept):,} of {subject.title}", kept, subject.of, subject.main & set(kept.tolist()))


def rows_of(
    space: EmbeddingSpace,
    subject: Subject,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Floats:
    """The rows of a subject, ``(n, d_model) float32``.

    TuiEmbedError where they would not fit into memory, and for rows that are not finite, which lie nowhere.
    """
    n, d_model = len(subject), space.d_model
    if 4 * n * d_model > LARGEST_BYTES:
        fitting = LARGEST_BYTES // (4 * d_model)
        raise TuiEmbedError(f"{n:,} rows of {d_model:,} numbers are too many", f"ask for at most {fitting:,}")
    whole = space.matrix.array
    if whole is not None and n == len(space) and np.array_equal(subject.ids, np.arange(n)):
        rows = whole
    else:
        rows = np.empty((n, d_model), dtype=np.float32)
        step = max(1, (4 << 20) // (4 * d_model))
        for start in range(0, n, step):
            if cancel is not None:
                cancel.check()
            rows[start : start + step] = space.matrix.rows.take(subject.ids[start : start + step])
            progress(min(start + step, n), n)
    odd = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(odd):
        token = space.vocabulary[int(subject.ids[odd[0]])]
        raise TuiEmbedError(
            f"{len(odd):,} rows have NaN or infinite numbers, the first that of “{token}”",
            "leave them out of the map",
        )
    return rows


def _subject(
    space: EmbeddingSpace,
    title: str,
    ids: Sequence[int],
    main: Sequence[int] = (),
    missing: Sequence[str] = (),
) -> Subject:
    unique = np.array(list(dict.fromkeys(ids)), dtype=np.int64)
    return Subject(title, unique, len(space), frozenset(main), tuple(missing))
