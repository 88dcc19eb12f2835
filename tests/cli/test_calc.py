"""``calc``: the analogies of REFERENCE, how expressions reach it, and what it says about inputs."""

import pytest

QUEEN = [
    ("queen", 0.8524), ("throne", 0.7664), ("prince", 0.7592), ("daughter", 0.7474), ("elizabeth", 0.7460)
]  # fmt: skip


def scored(found, n):
    return [(near["token"], round(near["score"], 4)) for near in found["neighbors"][:n]]


@pytest.mark.parametrize(
    "expression",
    [
        ["king - man + woman"],
        ["king", "-", "man", "+", "woman"],
        ["king", "-man", "+woman"],
        ["king-man+woman"],
        ["-man", "+", "king", "+", "woman"],
        ["-", "man", "+", "king", "+", "woman"],
        ["-man + king + woman"],
        ["king － man ＋ woman"],
        ["king − man + woman"],
        ['"king" - [man] + “woman”'],
        ["1*king - 1.0*man + woman"],
    ],
)
def test_queen_however_it_is_typed(run, expression):
    found = run("calc", *expression, "--json").json
    assert scored(found, 5) == QUEEN
    assert sorted(token["token"] for token in found["excluded"]) == ["king", "man", "woman"]
    assert {term["token"]: term["weight"] for term in found["terms"]} == {"king": 1, "man": -1, "woman": 1}


def test_options_may_follow_an_expression_of_words(run):
    assert len(run("calc", "-king", "+", "queen", "-k", "3", "--json").json["neighbors"]) == 3
    assert len(run("calc", "-king", "+", "queen", "-k3", "--json").json["neighbors"]) == 3


def test_a_token_that_begins_with_a_minus(run):
    assert run("calc", "-18", "--json").json["terms"][0]["token"] == "-18"


def test_inputs_kept(run):
    found = run("calc", "king - man + woman", "--keep-inputs", "--json").json
    assert scored(found, 2) == [("king", 0.8854), ("queen", 0.8524)]
    assert found["excluded"] == []
    out = run("calc", "king - man + woman", "--keep-inputs").out
    assert "inputs kept\n" in out
    assert "left out" not in out


@pytest.mark.parametrize(
    ("expression", "method", "token", "value"),
    [
        ("king - man + woman", "3cosmul", "queen", 0.9289),
        ("paris - france + italy", "3cosadd", "rome", 0.8466),
        ("tokyo - japan + china", "3cosadd", "beijing", 0.8769),
    ],
)
def test_reference_answers(run, expression, method, token, value):
    found = run("calc", expression, "--method", method, "--json").json
    assert scored(found, 1) == [(token, value)]
    assert found["method"] == method


@pytest.mark.parametrize(
    ("expression", "token"), [("bigger - big + small", "larger"), ("brother - man + woman", "daughter")]
)
def test_failures_are_shown_as_they_are(run, expression, token):
    assert run("calc", expression, "-k", "1", "--json").json["neighbors"][0]["token"] == token


def test_a_person_sees_inputs_terms_and_the_parallelogram(run):
    ran = run("calc", "king - man + woman", "-k", "1", "--rank-of", "throne")
    assert ran.out.splitlines() == [
        "glove-6B-50d · 100,000 × 50 · trained on 6B tokens",
        "king - man + woman, 3CosAdd",
        "  1  .8524  queen  id 2060",
        "throne is number 2 with .7664",
        "each term's own cosine to queen",
        "  +1  king   .7839",
        "  -1  man    .5367",
        "  +1  woman  .6003",
        "parallelogram: cosine of man → king and woman → queen is .8397",
        "inputs left out: king, man, woman",
        "searched 100,000 of 100,000",
    ]


def test_the_rank_of_an_input_is_not_passed_off_as_an_answer(run):
    assert (
        "king is number 1 with .8854, had it not been left out\n"
        in run("calc", "king - man + woman", "--rank-of", "king").out
    )
    assert (
        run("calc", "king - man + woman", "--rank-of", "king", "--json").json["rank_of"]["is_input"] is True
    )


def test_no_parallelogram_where_there_is_none(run):
    assert run("calc", "0.5*king + queen", "--json").json["parallelogram"] is None


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        ("king queen", "+ or - is needed before 'queen' at column 6"),
        ("king -", "a token is missing at column 7"),
        ('king - "man', 'the closing " is missing at column 8'),
    ],
)
def test_an_error_names_its_column(run, expression, line):
    ran = run("calc", expression)
    assert (ran.status, ran.out, ran.err) == (2, "", f"tui-embed: error: {line}\n")


def test_a_terminal_is_shown_the_place(run, monkeypatch):
    monkeypatch.setattr("tui_embed.cli.streams.is_terminal", lambda stream: True)
    # 国 and 王 take two cells each, ESC is drawn as one
    ran = run("calc", "国王\x1b 女人")
    _, expression, mark = ran.err.splitlines()
    assert "\x1b" not in ran.err
    assert expression == "  国王␛ 女人"
    assert mark == "  " + " " * 6 + "^"


def test_terms_that_cancel_out(run):
    ran = run("calc", "king - king")
    assert ran.status == 2
    assert "zero vector" in ran.err
