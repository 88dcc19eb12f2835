"""Every objective finds the truth of the grammars: its clusters, and its analogies."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.cluster.vq import kmeans2
from strategies import small_space

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.grammar import ENGLISH, GRAMMARS, Grammar
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.run import Run
from tui_embed.engine.training.truth import analogy_accuracy, purity
from tui_embed.sources.corpora import open_corpus, recommended
from tui_embed.sources.trained import space_from

TRAININGS: Mapping[str, dict[str, Any]] = {
    "skipgram": {},
    "cbow": {},
    "glove": {},
    "lm": {},
    "lm-attention": {"body": "attention"},
    "lm-separate": {"tied": False},
    "skipgram-softmax": {"negatives": 0},
    "cbow-softmax": {"negatives": 0},
    "skipgram-ngrams": {"ngrams": (3, 6), "buckets": 20_000},
}


def trained(grammar: Grammar, training: str) -> tuple[EmbeddingSpace, list[float]]:
    """The space of a training as it is recommended, and the held-out losses."""
    objective = training.partition("-")[0]
    settings = replace(recommended(grammar.name, objective), **TRAININGS[training])
    trainer = make_trainer(open_corpus(grammar.name), settings)
    last = Run(trainer).go()
    return space_from(trainer, last, training), last.curve.heldout.tolist()


def kmeans_purity(space: EmbeddingSpace, grammar: Grammar) -> float:
    """The share of clustered words that are of the kind that is most frequent in their cluster, of the
    tightest of many runs of k-means.
    """
    kinds = {noun: number for number, nouns in enumerate(grammar.clusters.values()) for noun in nouns}
    units = space.matrix.unit(np.array([space.id(noun) for noun in kinds])).astype(np.float64)
    runs = [kmeans2(units, len(grammar.clusters), minit="++", rng=seed, iter=30) for seed in range(60)]
    spreads = [float(np.square(units - centres[found]).sum()) for centres, found in runs]
    _, found = runs[int(np.argmin(spreads))]
    planted = np.array(list(kinds.values()))
    right = sum(np.bincount(planted[found == cluster]).max(initial=0) for cluster in set(found.tolist()))
    return float(right / len(kinds))


@pytest.mark.parametrize("grammar", GRAMMARS.values(), ids=GRAMMARS)
@pytest.mark.parametrize("training", TRAININGS)
@pytest.mark.filterwarnings("ignore:One of the clusters is empty")
def test_the_planted_clusters_and_analogies_are_found(grammar: Grammar, training: str) -> None:
    space, heldout = trained(grammar, training)
    # words that are spelled alike ("man", "german") share n-grams, whatever their company
    by_spelling = training == "skipgram-ngrams"
    assert purity(space, grammar) > (0.9 if by_spelling else 0.95)
    assert kmeans_purity(space, grammar) > (0.8 if by_spelling else 0.95)
    assert analogy_accuracy(space, grammar) > 0.9
    assert heldout[-1] < heldout[0]


def test_noise_finds_nothing() -> None:
    words = sorted({word for sentence in ENGLISH.sentences(2000) for word in sentence})
    space = small_space(np.random.default_rng(0).normal(size=(len(words), 32)), words)
    assert purity(space, ENGLISH) < 0.4
    assert analogy_accuracy(space, ENGLISH) < 0.2
    assert kmeans_purity(space, ENGLISH) < 0.8
