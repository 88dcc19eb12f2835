"""What ``king - man + woman`` comes to: 3CosAdd, 3CosMul, and how far the parallelogram closes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.expression import Term, parse
from tui_embed.engine.lookup import get_token
from tui_embed.engine.matrix import safe
from tui_embed.engine.neighbors import Answer, check_finite, closeness, cosine, products, ranked, scan
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import ExpressionError, UsageError

Method = Literal["3cosadd", "3cosmul"]
METHODS: tuple[Method, ...] = get_args(Method)
METHOD_TITLES: dict[Method, str] = {"3cosadd": "3CosAdd", "3cosmul": "3CosMul"}

EPSILON = 1e-6
"""What keeps 3CosMul's divisor from zero: the paper takes 1e-3, this keeps a perfect score nearer to 1."""

CANCELLED = 1e-12
"""A sum of unit rows this short, relative to their number, is what rounding the weights left of zero."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Weights and token ids, one of each per term."""

    weights: tuple[float, ...]
    ids: tuple[int, ...]

    @classmethod
    def of(cls, terms: Iterable[tuple[float, int]]) -> "Combination":
        pairs = list(terms)
        if not pairs:
            raise UsageError("an analogy needs at least one token")
        return cls(tuple(weight for weight, _ in pairs), tuple(token_id for _, token_id in pairs))

    @property
    def terms(self) -> list[tuple[float, int]]:
        return list(zip(self.weights, self.ids, strict=True))


@dataclass(frozen=True, slots=True)
class Solution(Answer):
    """The tokens that an expression leads to; ``excluded`` are the inputs that were left out of them."""

    combination: Combination
    method: Method
    excluded: tuple[int, ...]


def checked_method(name: str) -> Method:
    """``name`` as a method. UsageError for any other."""
    for method in METHODS:
        if name == method:
            return method
    raise UsageError(f"{name!r} is no method", f"methods are {', '.join(METHODS)}")


def read_expression(space: EmbeddingSpace, text: str) -> Combination:
    """Parse ``text`` against the space's vocabulary. ExpressionError or UnknownTokenError with what to do."""
    terms = parse(text, lambda token: get_token(space.vocabulary, token) is not None)
    return Combination.of((term.weight, _term_id(space, text, term)) for term in terms)


def solve(
    space: EmbeddingSpace,
    combination: Combination,
    k: int = 10,
    method: Method = "3cosadd",
    exclude_inputs: bool = True,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Solution:
    """The ``k`` tokens that ``combination`` leads to.

    3CosAdd (Mikolov et al. 2013, "Linguistic regularities in continuous space word representations"):
    cosine to the weighted sum of the inputs' unit rows. 3CosMul (Levy and Goldberg 2014, "Linguistic
    regularities in sparse and explicit word representations"): product of the shifted cosines (cos + 1) / 2
    to the positive inputs over that to the negative ones, each to the power of its weight.
    """
    score = _add if method == "3cosadd" else _multiply
    scores = score(space, combination, cancel, progress)
    excluded = tuple(dict.fromkeys(combination.ids)) if exclude_inputs else ()
    answer = ranked(space, scores, k, excluded)
    return Solution(answer.neighbors, answer.searched, answer.n_vocab, combination, method, excluded)


def scores_of(
    space: EmbeddingSpace,
    combination: Combination,
    method: Method,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Floats:
    """The score of every token of the space, ``(n_vocab,) float32``, to rank a given one."""
    return (_add if method == "3cosadd" else _multiply)(space, combination, cancel, progress)


def term_similarities(space: EmbeddingSpace, combination: Combination, answer: int) -> list[float]:
    """Each term's own cosine similarity to the token ``answer``."""
    rows = space.matrix.rows.take(np.array([answer, *combination.ids])).astype(np.float64)
    return [cosine(rows[0], row) for row in rows[1:]]


@dataclass(frozen=True, slots=True)
class Parallelogram:
    """``a → b`` beside ``c → d``; ``cosine`` of the two arrows is 1 where the parallelogram closes."""

    a: int
    b: int
    c: int
    d: int
    cosine: float


def parallelogram(space: EmbeddingSpace, combination: Combination, answer: int) -> Parallelogram | None:
    """The arrows of ``b - a + c → answer``, or None where the expression is not of that form."""
    positive = [token_id for weight, token_id in combination.terms if weight > 0]
    negative = [token_id for weight, token_id in combination.terms if weight < 0]
    if len(positive) != 2 or len(negative) != 1 or len(set(map(abs, combination.weights))) != 1:
        return None
    a, b, c, d = negative[0], positive[0], positive[1], answer
    rows = space.matrix.rows.take(np.array([a, b, c, d])).astype(np.float64)
    return Parallelogram(a, b, c, d, cosine(rows[1] - rows[0], rows[3] - rows[2]))


def _add(
    space: EmbeddingSpace, combination: Combination, cancel: CancelToken | None, progress: Progress
) -> Floats:
    units = space.matrix.unit(np.array(combination.ids))
    check_finite(units)
    weights = np.array(combination.weights, dtype=np.float64)
    weights /= np.abs(weights).max() or 1.0
    query = weights @ units.astype(np.float64)
    if np.linalg.norm(query) < CANCELLED * len(weights):
        raise UsageError("the terms cancel out to the zero vector, which points nowhere")
    return closeness(space, query.astype(np.float32), "cosine", cancel, progress)


def _multiply(
    space: EmbeddingSpace, combination: Combination, cancel: CancelToken | None, progress: Progress
) -> Floats:
    units = space.matrix.unit(np.array(combination.ids))
    check_finite(units)

    def score(rows: Floats, norms: Floats) -> Floats:
        lengths = safe(norms)
        above, below = np.ones(len(rows), dtype=np.float32), np.ones(len(rows), dtype=np.float32)
        for weight, unit in zip(combination.weights, units, strict=True):
            with np.errstate(invalid="ignore"):  # an infinite row has no cosine: it becomes NaN
                shifted = np.clip((products(rows, unit) / lengths + 1) / 2, 0, 1)
            factor = above if weight > 0 else below
            power = min(abs(weight), 1e30)  # as good as infinite, and a float32
            factor *= shifted if power == 1 else shifted**power
        return above / (below + np.float32(EPSILON))

    return scan(space, score, cancel, progress)


def _term_id(space: EmbeddingSpace, text: str, term: Term) -> int:
    if not np.isfinite(term.weight):
        raise ExpressionError("the number is too large", text, term.column)
    return space.id(term.token)
