"""The grammars are well formed: each noun keeps the company of its traits."""

from collections import Counter

import pytest

from tui_embed.engine.training.grammar import GRAMMARS, STRAY, Grammar

EACH = pytest.mark.parametrize("grammar", GRAMMARS.values(), ids=GRAMMARS)


@EACH
def test_every_trait_has_company_and_every_cluster_several_words(grammar: Grammar) -> None:
    traits = {trait for noun_traits in grammar.nouns.values() for trait in noun_traits}
    assert traits == set(grammar.company)
    assert all(len(nouns) >= 4 for nouns in grammar.clusters.values())
    company = [word for words in grammar.company.values() for word in words]
    assert len(set(company)) == len(company)
    assert not set(company) & set(grammar.nouns)


@EACH
def test_analogies_are_parallelograms_of_traits(grammar: Grammar) -> None:
    assert len(grammar.analogies) > 50
    for a, b, c, d in grammar.analogies:
        a_traits, b_traits, c_traits, d_traits = (set(grammar.nouns[word]) for word in (a, b, c, d))
        assert b_traits - a_traits == d_traits - c_traits
        assert a_traits - b_traits == c_traits - d_traits
        assert len({a, b, c, d}) == 4


@EACH
def test_sentences_are_the_same_for_the_same_seed(grammar: Grammar) -> None:
    assert list(grammar.sentences(50, seed=3)) == list(grammar.sentences(50, seed=3))
    assert list(grammar.sentences(50, seed=3)) != list(grammar.sentences(50, seed=4))


@EACH
def test_a_noun_stands_with_the_words_of_its_traits(grammar: Grammar) -> None:
    own, others = 0, 0
    of_word = {word: trait for trait, words in grammar.company.items() for word in words}
    for sentence in grammar.sentences(3000):
        nouns = [word for word in sentence if word in grammar.nouns]
        assert len(nouns) == 1
        found = Counter(of_word[word] in grammar.nouns[nouns[0]] for word in sentence if word in of_word)
        own, others = own + found[True], others + found[False]
    # words of the frames, as “he” and “她”, are company of others too
    assert STRAY / 2 < others / (own + others) < 2 * STRAY


@EACH
def test_the_gap_can_be_filled(grammar: Grammar) -> None:
    words = {word for sentence in grammar.sentences(3000) for word in sentence}
    assert set(grammar.gap.replace("[", "").replace("]", "").split()) <= words
