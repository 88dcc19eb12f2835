"""``neighbors``: REFERENCE figures of GloVe 6B 50d, ranks, and untrained spaces."""

import numpy as np
import pytest

from tui_embed.cli.parser import INITS
from tui_embed.engine.rows import DRAW_KINDS

KING = [("prince", 0.8236), ("queen", 0.7839), ("ii", 0.7746), ("emperor", 0.7736), ("son", 0.7667)]


def test_king(run):
    found = run("neighbors", "king", "-k", "5", "--json").json

    assert [(near["token"], round(near["score"], 4)) for near in found["neighbors"]] == KING
    assert [near["rank"] for near in found["neighbors"]] == [1, 2, 3, 4, 5]
    assert (found["space"], found["query"], found["metric"]) == ("glove-6B-50d", "king", "cosine")
    assert (found["searched"], found["n_vocab"], found["trained"]) == (100_000, 100_000, True)


def test_a_person_reads_the_same(run):
    ran = run("neighbors", "king", "-k", "2")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "glove-6B-50d · 100,000 × 50 · trained on 6B tokens",
        "neighbours of king (id 691), cosine",
        "  1  .8236  prince  id 1781",
        "  2  .7839  queen   id 2060",
        "searched 100,000 of 100,000",
    ]


def test_by_id_is_by_token(run):
    assert run("neighbors", "--id", "691", "--json").out == run("neighbors", "king", "--json").out


def test_ten_unless_the_settings_say_otherwise(run, own_settings, monkeypatch):
    assert len(run("neighbors", "king", "--json").json["neighbors"]) == 10
    (own_settings / "config.toml").write_text('k = 4\nmetric = "dot"\n')
    found = run("neighbors", "king", "--json").json
    assert (len(found["neighbors"]), found["metric"]) == (4, "dot")
    monkeypatch.setenv("TUI_EMBED_K", "3")
    assert len(run("neighbors", "king", "--json").json["neighbors"]) == 3
    assert len(run("neighbors", "king", "-k", "2", "--json").json["neighbors"]) == 2


def test_a_setting_that_is_no_choice(run, monkeypatch):
    monkeypatch.setenv("TUI_EMBED_METRIC", "manhattan")
    ran = run("neighbors", "king")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == ("tui-embed: error: 'manhattan' is no metric (metrics are cosine, dot, euclidean)\n")


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_rank_and_closer_agree_with_the_whole_order(run, metric):
    everything = run("neighbors", "king", "-k", "100000", "--metric", metric, "--json").json["neighbors"]
    place = next(near for near in everything if near["token"] == "throne")

    found = run(
        *("neighbors", "king", "-k", "3", "--metric", metric, "--json"),
        *("--rank-of", "throne", "--closer-than", "throne"),
    ).json

    assert found["rank_of"] == found["closer_than"] == place
    assert found["closer"] == everything[: min(3, place["rank"] - 1)]


def test_closer_than_counts_what_it_does_not_list(run):
    out = run("neighbors", "king", "-k", "2", "--closer-than", "throne").out
    assert "throne is number 8 with .7540\ncloser than throne: 7, the nearest 2 of them\n" in out


def test_nothing_is_closer_than_the_nearest(run):
    found = run("neighbors", "king", "--closer-than", "prince", "--json").json
    assert (found["closer"], found["closer_than"]["rank"]) == ([], 1)


def test_the_query_itself_has_no_rank(run):
    ran = run("neighbors", "king", "--rank-of", "king")
    assert ran.status == 2
    assert "“king” is the query itself" in ran.err


def test_untrained_says_so(run):
    arguments = ("neighbors", "--id", "7", "-k", "2", "--space", "minilm-init")
    assert "untrained: drawn from N(0, 0.02²), seed 0" in run(*arguments).out
    found = run(*arguments, "--json").json
    assert found["trained"] is False
    assert found["notes"][0] == "untrained: drawn from N(0, 0.02²), seed 0"
    assert found["searched"] == found["n_vocab"] == 30_522


def test_seed_and_init_decide_what_is_drawn(run):
    def row(*more):
        return run("row", "--id", "7", "--space", "minilm-init", "--json", *more).json["vector"]

    assert row() == row("--seed", "0", "--init", "normal")
    assert row() != row("--seed", "1")
    uniform = np.array(row("--init", "uniform"))
    assert np.abs(uniform).max() <= 0.02 * 3**0.5
    assert np.abs(uniform).max() > 0.02 * 3**0.5 * 0.95


def test_the_space_may_be_named_before_the_verb(run):
    before = run("--space", "minilm-init", "--seed", "3", "row", "--id", "1", "--json")
    after = run("row", "--id", "1", "--json", "--space", "minilm-init", "--seed", "3")
    assert before.out == after.out != ""


def test_an_environment_that_cannot_be_drawn(run, monkeypatch):
    monkeypatch.setenv("TUI_EMBED_INIT", "constant")
    ran = run("row", "--id", "7", "--space", "minilm-init")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "'constant'" in ran.err
    monkeypatch.setenv("TUI_EMBED_INIT", "normal")
    monkeypatch.setenv("TUI_EMBED_SEED", "9" * 30)
    assert run("row", "--id", "7", "--space", "minilm-init").status == 2


def test_choices_are_those_of_the_engine():
    assert INITS == DRAW_KINDS


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "a TOKEN or --id N is needed, one of them"),
        (["king", "--id", "1"], "a TOKEN or --id N is needed, one of them"),
        (["King"], "“King” is not in glove-6B-50d (it has “king”)"),
        (["--id", "100000"], "glove-6B-50d has no id 100000 (ids are 0 … 99,999)"),
        (["--id", "-1"], "glove-6B-50d has no id -1 (ids are 0 … 99,999)"),
        (["king", "-k", "0"], "the command line: k is 0 (ask for one or more)"),
        (["king", "-k", "x"], "argument -k: 'x' is no whole number (see 'tui-embed neighbors --help')"),
        (["king", "--seed", "9" * 30], "argument --seed: " + "9" * 30 + " is too large"
         " (see 'tui-embed neighbors --help')"),
        (["king", "queen"], "not understood: queen (see 'tui-embed neighbors --help')"),
        (["king", "--space", "gluve"], "there is no space or file named 'gluve'"
         " (did you mean glove or glove-50d or glove-100d?)"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line(run, arguments, line):
    ran = run("neighbors", *arguments)
    assert (ran.status, ran.out, ran.err) == (2, "", f"tui-embed: error: {line}\n")


def test_nearest_spellings(run):
    ran = run("neighbors", "strawbery")
    assert ran.status == 2
    assert "nearest spellings: “strawberry”" in ran.err
