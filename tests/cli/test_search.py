"""``find``, ``odd-one-out``, ``similarity``."""

import re

import pytest

from tui_embed.sources.bundled import glove


def found_tokens(ran):
    return [token["token"] for token in ran.json["tokens"]]


def test_prefix_is_every_token_in_order(run):
    wanted = [token for token in glove().tokens if token.startswith("king")]
    ran = run("find", "king", "-k", "1000", "--json")
    assert found_tokens(ran) == wanted
    assert ran.json["more"] is False
    first = run("find", "king", "-k", "3", "--json")
    assert found_tokens(first) == wanted[:3]
    assert first.json["more"] is True


def test_fifty_unless_told_otherwise(run):
    assert len(found_tokens(run("find", "a", "--json"))) == 50


def test_regex_agrees_with_re(run):
    pattern = re.compile("^un.*able$")
    wanted = [token for token in glove().tokens if pattern.search(token)]
    assert found_tokens(run("find", "--regex", pattern.pattern, "-k", "10000", "--json")) == wanted
    assert found_tokens(run("find", "--regex", pattern.pattern, "-k", "5", "--json")) == wanted[:5]


def test_fuzzy_finds_the_nearest_spelling(run):
    assert found_tokens(run("find", "--fuzzy", "strawbery", "-k", "3", "--json"))[0] == "strawberry"


def test_a_person_reads_what_was_searched(run):
    assert run("find", "kin", "-k", "2").out.splitlines() == [
        "glove-6B-50d · 100,000 × 50 · trained on 6B tokens",
        "the first 2 tokens that begin with kin, most frequent first",
        "  king  id 691",
        "  kind  id 921",
        "searched 100,000 of 100,000",
    ]


def test_nothing_found_is_an_answer(run):
    ran = run("find", "zzzzzq")
    assert (ran.status, ran.err) == (0, "")
    assert "0 tokens that begin with zzzzzq" in ran.out


@pytest.mark.parametrize("arguments", [["--regex", "("], ["x", "-k", "0"], ["--regex", "--fuzzy", "x"]])
def test_wrong_usage(run, arguments):
    ran = run("find", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_pattern_that_is_no_utf8_gives_json(run):
    ran = run("find", "\udcff", "--json")
    assert (ran.status, ran.json["pattern"], ran.json["tokens"]) == (0, "\ufffd", [])


def test_cereal_is_the_odd_one(run):
    found = run("odd-one-out", "breakfast", "cereal", "dinner", "lunch", "--json").json
    assert found["odd"]["token"] == "cereal"
    assert min(found["tokens"], key=lambda token: token["score"])["token"] == "cereal"
    out = run("odd-one-out", "breakfast", "cereal", "dinner", "lunch").out
    assert "the odd one out: cereal\n" in out


def test_two_have_no_odd_one(run):
    assert run("odd-one-out", "king", "queen").status == 2


@pytest.mark.parametrize(
    ("a", "b", "cosine"), [("cat", "dog", 0.9218), ("man", "woman", 0.8860), ("happy", "sad", 0.6891)]
)
def test_similarity(run, a, b, cosine):
    found = run("similarity", a, b, "--json").json
    assert found["cosine"] == pytest.approx(cosine, abs=5e-5)
    first, second = glove()[a].astype("f8"), glove()[b].astype("f8")
    assert found["dot"] == pytest.approx(first @ second)
    assert found["euclidean"] == pytest.approx(((first - second) ** 2).sum() ** 0.5)


def test_similarity_ranks_are_those_of_neighbors(run):
    found = run("similarity", "king", "throne", "--json").json
    there = run("neighbors", "king", "--rank-of", "throne", "--json").json["rank_of"]["rank"]
    back = run("neighbors", "throne", "--rank-of", "king", "--json").json["rank_of"]["rank"]
    assert (found["rank_of_b_from_a"], found["rank_of_a_from_b"]) == (there, back) == (8, back)
    out = run("similarity", "king", "throne").out
    assert "“throne” is number 8 from “king”" in out
    assert "searched 100,000 of 100,000" in out


def test_untrained_similarity_says_so(run):
    out = run("similarity", "#1", "#2", "--space", "minilm-init").out
    assert "untrained" in out
    assert run("odd-one-out", "#1", "#2", "#3", "--space", "minilm-init", "--json").json["trained"] is False
