"""How much of a grammar's truth a space has found."""

from collections import Counter

import numpy as np

from tui_embed.engine.arithmetic import Combination, solve
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.grammar import Grammar


def purity(space: EmbeddingSpace, grammar: Grammar, k: int = 3) -> float:
    """The share, 0 … 1, of clustered words whose ``k`` nearest clustered words are mostly of their own
    cluster (leave-one-out k nearest neighbours by cosine).
    """
    kinds = {noun: kind for kind, nouns in grammar.clusters.items() for noun in nouns if noun in space}
    nouns = list(kinds)
    units = space.matrix.unit(np.array([space.id(noun) for noun in nouns]))
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    right = 0
    for noun, row in zip(nouns, np.argsort(-cosines, axis=1), strict=True):
        votes = Counter(kinds[nouns[near]] for near in row[:k].tolist())
        right += votes.most_common(1)[0][0] == kinds[noun]
    return right / len(nouns)


def analogy_accuracy(space: EmbeddingSpace, grammar: Grammar) -> float:
    """The share, 0 … 1, of the grammar's analogies that 3CosAdd solves over the whole vocabulary, inputs left
    out (Mikolov et al. 2013).
    """
    right = 0
    for a, b, c, d in grammar.analogies:
        wanted = Combination.of([(1.0, space.id(b)), (-1.0, space.id(a)), (1.0, space.id(c))])
        best = solve(space, wanted, 1, "3cosadd", True).neighbors[0]
        right += best.token == d
    return right / len(grammar.analogies)
