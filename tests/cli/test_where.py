"""``--where`` and the metadata beside answers, in ``neighbors``, ``calc`` and ``find``."""

import numpy as np
import pytest
from strategies import small_space

from tui_embed.engine.metadata import TextColumn

TOKENS = ["paris", "lyon", "rome", "seine", "tiber", "france"]
ROWS = [[4, 1, 0], [3, 1, 0], [4, 0, 1], [2, 3, 0], [2, 0, 3], [5, 1, 1]]
COLUMNS = {
    "kind": ["city", "city", "city", "river", "river", "country"],
    "people": ["2100000", "520000", "2800000", "", "", "68000000"],
    "long name of a column that needs many cells": ["x" * 100, "", "", "", "", "\x1b[31m"],
}


@pytest.fixture(autouse=True)
def space(monkeypatch):
    """Six tokens with metadata, whatever space is asked for."""
    space = small_space(np.array(ROWS, np.float32), TOKENS)
    space.metadata = {name: TextColumn.from_texts(texts) for name, texts in COLUMNS.items()}
    for verb in ("neighbors", "calc", "find"):
        monkeypatch.setattr(f"tui_embed.cli.{verb}.opened", lambda settings: space)
    return space


def tokens(found):
    return [near["token"] for near in found["neighbors"]]


def test_neighbors_are_those_among_the_rows_that_match(run):
    everything = run("neighbors", "paris", "--json").json
    found = run("neighbors", "paris", "--where", "kind = river or people > 2000000", "--json").json
    kept = {"paris", "rome", "seine", "tiber", "france"}
    assert tokens(found) == [token for token in tokens(everything) if token in kept]
    assert (found["searched"], found["n_vocab"], everything["searched"]) == (5, 6, 6)
    scores = {near["token"]: near["score"] for near in everything["neighbors"]}
    assert all(near["score"] == scores[near["token"]] for near in found["neighbors"])


def test_neighbors_carry_their_metadata(run):
    near = run("neighbors", "paris", "-k", "1", "--where", "kind = city", "--json").json["neighbors"][0]
    assert near["token"] == "lyon"
    assert near["metadata"] == {"kind": "city", "people": "520000"}


def test_a_rank_is_that_among_the_rows_that_match(run):
    found = run(
        *(
            "neighbors",
            "paris",
            "--where",
            "kind = river",
            "--rank-of",
            "tiber",
            "--closer-than",
            "tiber",
            "--json",
        )
    ).json
    assert (found["rank_of"]["rank"], [near["token"] for near in found["closer"]]) == (2, ["seine"])
    ran = run("neighbors", "paris", "--where", "kind = river", "--rank-of", "rome")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "tui-embed: error: “rome” is not among the 2 rows of --where\n"


def test_calc_answers_among_the_rows_that_match(run):
    found = run("calc", "paris - lyon + rome", "--where", "kind != city", "--json").json
    assert set(tokens(found)) == {"seine", "tiber", "france"}
    assert (found["searched"], found["neighbors"][0]["metadata"]["kind"]) == (3, "country")
    rank = run("calc", "paris - lyon + rome", "--where", "kind != city", "--rank-of", "seine", "--json").json
    assert rank["rank_of"]["rank"] == tokens(found).index("seine") + 1
    assert run("calc", "paris - lyon", "--where", "kind = river", "--rank-of", "rome").status == 2


def test_find_by_metadata_alone(run):
    found = run("find", "--where", "kind = river", "--json").json
    assert [token["token"] for token in found["tokens"]] == ["seine", "tiber"]
    assert found["tokens"][0]["metadata"] == {"kind": "river"}
    assert (found["searched"], found["n_vocab"], found["more"], found["pattern"]) == (2, 6, False, None)
    assert run("find", "--where", "kind = city", "-k", "2", "--json").json["more"] is True


@pytest.mark.parametrize("how", [[], ["--fuzzy"], ["--regex"]])
def test_find_by_both(run, how):
    everything = [token["token"] for token in run("find", *how, "r", "--json").json["tokens"]]
    found = run("find", *how, "r", "--where", "kind = city", "--json").json
    kept = [token for token in everything if token in TOKENS[:3]]
    assert [token["token"] for token in found["tokens"]] == kept
    first = run("find", *how, "r", "--where", "kind = city", "-k", "1", "--json").json
    assert ([token["token"] for token in first["tokens"]], first["more"]) == (kept[:1], len(kept) > 1)


def test_a_person_sees_the_columns_that_fit(run, monkeypatch):
    assert run("neighbors", "paris", "-k", "2").out.splitlines()[2:] == [
        "                          kind     people    long name of a column t…",
        "  1  .9971  lyon    id 1  city     520000",
        "  2  .9802  france  id 5  country  68000000  ␛[31m",
        "searched 6 of 6",
    ]
    monkeypatch.setenv("COLUMNS", "40")
    assert run("neighbors", "paris", "-k", "2").out.splitlines()[2:] == [
        "                          kind",
        "  1  .9971  lyon    id 1  city",
        "  2  .9802  france  id 5  country",
        "searched 6 of 6",
    ]
    monkeypatch.setenv("COLUMNS", "20")
    assert run("neighbors", "paris", "-k", "1").out.splitlines()[2:-1] == ["  1  .9971  lyon  id 1"]


def test_no_answer_has_no_heading(run):
    out = run("neighbors", "paris", "--where", "kind = nothing").out.splitlines()
    assert out[-1] == "searched 0 of 6"
    assert len(out) == 3


@pytest.mark.parametrize("verb", [["neighbors", "paris"], ["calc", "paris"], ["find"]])
@pytest.mark.parametrize(
    ("where", "line"),
    [
        (
            "knd = city",
            "the metadata have no column “knd” (nearest spelling: “kind”; columns are kind, people",
        ),
        ("kind = city and", "a column is needed here, such as kind = city and year > 1990 at column 16"),
        ("kind > 5", "the column kind is not of numbers: row 1 holds “city”"),
    ],
)
def test_a_filter_that_cannot_be_used(run, verb, where, line):
    ran = run(*verb, "--where", where)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"tui-embed: error: {line}")


def test_a_space_without_metadata(run, space):
    space.metadata = {}
    ran = run("find", "--where", "kind = city")
    assert (ran.status, ran.err) == (2, "tui-embed: error: the space has no metadata to filter by\n")
    assert "metadata" not in run("neighbors", "paris", "--json").json["neighbors"][0]


def test_find_needs_something(run):
    assert run("find").err == "tui-embed: error: a PATTERN or --where FILTER is needed\n"
