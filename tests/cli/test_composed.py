"""Words that the vocabulary does not have, in a space with n-grams: a vector, no id, and it is said."""

import numpy as np
import pytest
from strategies import small_space

from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.subwords import Subwords

NGRAMS = ["<ki", "<kin", "kin", "king", "ing", "ings", "ngs", "ngs>", "gs>"]


@pytest.fixture(autouse=True)
def space(monkeypatch):
    rows = np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 2, 0], [0, 0, 1]])
    made = small_space(rows, ["king", "man", "woman", "tag"])
    made.subwords = Subwords(
        3, 4, ArrayRows(np.random.default_rng(5).standard_normal((40, 3), dtype=np.float32))
    )
    monkeypatch.setattr("tui_embed.cli.space.open_space", lambda *given, **options: made)
    return made


def test_neighbors(run, space):
    found = run("neighbors", "kings", "--rank-of", "king", "--json").json
    assert (found["query"], found["id"], found["composed_from"]) == ("kings", None, NGRAMS)
    assert [near["token"] for near in found["neighbors"]] == [near.token for near in space.neighbors("kings")]
    assert len(found["neighbors"]) == 4
    assert found["rank_of"]["rank"] == 1 + [near["token"] for near in found["neighbors"]].index("king")


def test_a_person_reads_what_it_is_composed_from(run):
    ran = run("neighbors", "kings")
    assert ran.status == 0
    assert ran.out.splitlines()[1:3] == [
        "neighbours of kings, cosine",
        "kings is not in the vocabulary: composed from <ki, <kin, kin, king, ing, ings, ngs, ngs>, …",
    ]


def test_row(run, space):
    found = run("row", "kings", "--json").json
    assert (found["token"], found["id"], found["composed_from"]) == ("kings", None, NGRAMS)
    np.testing.assert_array_equal(np.float32(found["vector"]), space["kings"])
    assert found["norm_share_below"] is None
    lines = run("row", "kings").out.splitlines()
    assert lines[1] == "  token    kings"
    assert not any(line.startswith("  id") for line in lines)
    assert "composed, 3 numbers" in lines


def test_a_token_has_no_such_key(run):
    assert "composed_from" not in run("row", "king", "--json").json
    assert "composed_from" not in run("neighbors", "king", "--json").json


def test_similarity(run):
    found = run("similarity", "kings", "king", "--json").json
    assert (found["a"]["id"], found["a"]["composed_from"], found["b"]["id"]) == (None, NGRAMS, 0)
    assert found["rank_of_b_from_a"] in (1, 2, 3, 4)
    assert found["rank_of_a_from_b"] is None
    lines = run("similarity", "kings", "king").out.splitlines()
    assert sum("rank" in line for line in lines) == 1
    assert lines[1].startswith("kings is not in the vocabulary: composed from <ki, ")


def test_similarity_of_two_unseen_words_searches_nothing(run):
    found = run("similarity", "kings", "kinks", "--json").json
    assert (found["searched"], found["rank_of_b_from_a"], found["rank_of_a_from_b"]) == (0, None, None)
    assert run("similarity", "kings", "kinks").out.splitlines()[-1] == "searched 0 of 4"


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_calc(run, method):
    found = run("calc", "kings - man + woman", "--method", method, "--json").json
    assert [(term["token"], term["id"]) for term in found["terms"]] == [
        ("kings", None),
        ("man", 1),
        ("woman", 2),
    ]
    assert found["terms"][0]["composed_from"] == NGRAMS
    assert [token["token"] for token in found["excluded"]] == ["man", "woman"]
    assert {near["token"] for near in found["neighbors"]} == {"king", "tag"}
    assert found["parallelogram"]["b"]["token"] == "kings"
    out = run("calc", "kings - man + woman", "--method", method).out
    assert "kings is not in the vocabulary: composed from <ki, " in out
    assert "inputs left out: man, woman\n" in out


def test_where_an_id_is_needed_it_is_said_that_there_is_none(run):
    ran = run("neighbors", "king", "--rank-of", "kings")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "tui-embed: error: “kings” is not in small (it has no id, but a vector composed from its n-grams; "
        "nearest spellings: “king”)\n"
    )


def test_a_word_without_ngrams_is_unknown(run):
    assert run("neighbors", "</s>").status == 2
