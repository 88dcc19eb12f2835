"""Analogies as arrows: man → king beside woman → queen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tui_embed.engine.arithmetic import read_expression, solve
from tui_embed.engine.maps.semantic_axes import ENDS
from tui_embed.engine.maps.subject import Subject, find_word
from tui_embed.engine.neighbors import cosine
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError

CLOSED = 0.5
"""From this cosine on two arrows are called parallel: at most 60 degrees apart."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one token to another. ``parallel`` is the cosine, in the space, of its arrow to the mean of the
    others: 1 where the parallelogram closes; None for an arrow alone.
    """

    start: int
    end: int
    parallel: float | None = None

    @property
    def closes(self) -> bool:
        return self.parallel is not None and self.parallel >= CLOSED


def arrows_of(space: EmbeddingSpace, pairs: Sequence[tuple[int, int]]) -> list[Arrow]:
    """An arrow for each pair of ids, with how parallel it is to the others, measured between the rows, over
    all dimensions.
    """
    arrows = []
    rows = [space.matrix.rows.take(np.array(pair)).astype(np.float64) for pair in pairs]
    ways = [end - start for start, end in rows]
    for number, (start, end) in enumerate(pairs):
        others = [way for place, way in enumerate(ways) if place != number]
        parallel = cosine(ways[number], np.mean(others, axis=0)) if others else None
        arrows.append(Arrow(start, end, parallel))
    return arrows


def read_pairs(
    space: EmbeddingSpace, texts: Iterable[str], words: Sequence[str] = ()
) -> tuple[Subject, list[Arrow]]:
    """Arrows as a person writes them, ``man>king`` (or with ``→`` or ``:``), and the subject of all their
    words, and of other ``words`` beside them. UsageError for what is no pair, and where nothing of it is in
    the space; pairs that lack a word are missing.
    """
    pairs: list[tuple[int, int]] = []
    missing: list[str] = []
    for text in texts:
        start, end = _ends(text)
        from_id, to_id = find_word(space, start), find_word(space, end)
        if from_id is None or to_id is None:
            missing.append(text)
        elif from_id != to_id:
            pairs.append((from_id, to_id))
    found = {word: find_word(space, word) for word in words}
    missing += [word for word, token_id in found.items() if token_id is None]
    ids = dict.fromkeys(
        [*(one for pair in pairs for one in pair), *(one for one in found.values() if one is not None)]
    )
    if not ids:
        raise UsageError(f"no pair of the list is in {space.name}", "write pairs such as france>paris")
    title = "words and arrows" if words else "arrows"
    subject = Subject(title, np.array(list(ids), dtype=np.int64), len(space), frozenset(ids), tuple(missing))
    return subject, arrows_of(space, pairs)


def is_pair(text: str) -> bool:
    """Whether ``text`` is written as an arrow."""
    return any(sign in text.strip(sign) for sign in (">", "→"))


def of_analogy(space: EmbeddingSpace, expression: str) -> list[Arrow]:
    """The two arrows of ``king - man + woman``: man → king, and woman → the best answer; none where the
    expression is not of that form.
    """
    combination = read_expression(space, expression)
    positive = [chosen for weight, chosen in combination.terms if weight > 0]
    negative = [chosen for weight, chosen in combination.terms if weight < 0]
    if len(positive) != 2 or len(negative) != 1 or len(combination.ids) != 3:
        return []
    best = solve(space, combination, 1).neighbors
    if not best:
        return []
    b, c = (chosen for chosen in positive if isinstance(chosen, int))
    (a,) = (chosen for chosen in negative if isinstance(chosen, int))
    return arrows_of(space, [(a, b), (c, best[0].id)])


def _ends(text: str) -> tuple[str, str]:
    for sign in ENDS:
        start, found, end = text.partition(sign)
        if found and start.strip() and end.strip():
            return start.strip(), end.strip()
    raise UsageError(f"“{text}” is no arrow", "write pairs such as man>king")
