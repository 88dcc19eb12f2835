"""What ``king - man + woman`` comes to: 3CosAdd, 3CosMul, and how far the parallelogram closes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.expression import Term, parse
from tui_embed.engine.lookup import get_token
from tui_embed.engine.matrix import safe, unit_rows
from tui_embed.engine.neighbors import Answer, check_finite, closeness, cosine, nearest, ranked
from tui_embed.engine.rows import Floats
from tui_embed.engine.scan import products, scan
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
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
    """Weights and inputs, one of each per term."""

    weights: tuple[float, ...]
    inputs: tuple[Chosen, ...]

    @classmethod
    def of(cls, terms: Iterable[tuple[float, Chosen]]) -> "Combination":
        pairs = list(terms)
        if not pairs:
            raise UsageError("an analogy needs at least one token")
        return cls(tuple(weight for weight, _ in pairs), tuple(chosen for _, chosen in pairs))

    @property
    def terms(self) -> list[tuple[float, Chosen]]:
        return list(zip(self.weights, self.inputs, strict=True))

    @property
    def ids(self) -> tuple[int, ...]:
        """The inputs that are tokens of the space."""
        return tuple(chosen for chosen in self.inputs if isinstance(chosen, int))


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
    return Combination.of((term.weight, _input(space, text, term)) for term in terms)


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
    excluded = tuple(dict.fromkeys(combination.ids)) if exclude_inputs else ()
    if method == "3cosadd":
        query = _sum(space, combination)
        answer = nearest(space, query, k, "cosine", excluded, cancel=cancel, progress=progress)
    else:
        answer = ranked(space, _multiply(space, combination, cancel, progress), k, excluded)
    return Solution(answer.neighbors, answer.searched, answer.n_vocab, combination, method, excluded)


def scores_of(
    space: EmbeddingSpace,
    combination: Combination,
    method: Method,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Floats:
    """The score of every token of the space, ``(n_vocab,) float32``, to rank a given one."""
    if method == "3cosadd":
        return closeness(space, _sum(space, combination), "cosine", cancel, progress)
    return _multiply(space, combination, cancel, progress)


def term_similarities(space: EmbeddingSpace, combination: Combination, answer: int) -> list[float]:
    """Each term's own cosine similarity to the token ``answer``."""
    best = space.matrix.row(answer).astype(np.float64)
    return [cosine(best, space.vector(chosen).astype(np.float64)) for chosen in combination.inputs]


@dataclass(frozen=True, slots=True)
class Parallelogram:
    """``a → b`` beside ``c → d``; ``cosine`` of the two arrows is 1 where the parallelogram closes."""

    a: Chosen
    b: Chosen
    c: Chosen
    d: Chosen
    cosine: float


def parallelogram(space: EmbeddingSpace, combination: Combination, answer: int) -> Parallelogram | None:
    """The arrows of ``b - a + c → answer``, or None where the expression is not of that form."""
    positive = [chosen for weight, chosen in combination.terms if weight > 0]
    negative = [chosen for weight, chosen in combination.terms if weight < 0]
    if len(positive) != 2 or len(negative) != 1 or len(set(map(abs, combination.weights))) != 1:
        return None
    a, b, c, d = negative[0], positive[0], positive[1], answer
    rows = [space.vector(corner).astype(np.float64) for corner in (a, b, c, d)]
    return Parallelogram(a, b, c, d, cosine(rows[1] - rows[0], rows[3] - rows[2]))


def _sum(space: EmbeddingSpace, combination: Combination) -> Floats:
    """The weighted sum of the inputs' unit rows, ``(d_model,)``; UsageError where nothing is left of it."""
    units = _units(space, combination)
    weights = np.array(combination.weights, dtype=np.float64)
    weights /= np.abs(weights).max() or 1.0
    query = weights @ units.astype(np.float64)
    if np.linalg.norm(query) < CANCELLED * len(weights):
        raise UsageError("the terms cancel out to the zero vector, which points nowhere")
    return query.astype(np.float32)


def _multiply(
    space: EmbeddingSpace, combination: Combination, cancel: CancelToken | None, progress: Progress
) -> Floats:
    units = _units(space, combination)

    def score(rows: Floats, norms: Floats, out: Floats) -> None:
        lengths = safe(norms)
        above, below = np.ones(len(rows), dtype=np.float32), np.ones(len(rows), dtype=np.float32)
        for weight, unit in zip(combination.weights, units, strict=True):
            with np.errstate(invalid="ignore"):  # an infinite row has no cosine: it becomes NaN
                shifted = np.clip((products(rows, unit) / lengths + 1) / 2, 0, 1)
            factor = above if weight > 0 else below
            power = min(abs(weight), 1e30)  # as good as infinite, and a float32
            factor *= shifted if power == 1 else shifted**power
        np.divide(above, below + np.float32(EPSILON), out=out)

    return scan(space, score, cancel, progress)


def _input(space: EmbeddingSpace, text: str, term: Term) -> Chosen:
    if not np.isfinite(term.weight):
        raise ExpressionError("the number is too large", text, term.column)
    return space.resolve(term.token)


def _units(space: EmbeddingSpace, combination: Combination) -> Floats:
    """The inputs at length 1, ``(n, d_model)``; UsageError where one is not finite."""
    units = unit_rows(np.stack([space.vector(chosen) for chosen in combination.inputs]))
    check_finite(units)
    return units
