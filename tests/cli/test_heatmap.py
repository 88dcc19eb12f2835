"""``heatmap``: printed, as JSON and as files; and what is refused."""

import pytest


def test_a_heat_map_is_printed_and_written(run, tmp_path):
    out = run("heatmap", "similarity", "cat", "dog", "xyzzyq")
    assert ".9218" in out.out
    assert "1 words have no row: xyzzyq" in out.err
    found = run("heatmap", "similarity", "cat", "dog", "--json").json
    assert found["rows"] == found["columns"] == ["cat", "dog"]
    assert found["values"][0][1] == pytest.approx(0.9218, abs=5e-5)
    for end in ("svg", "png", "csv"):
        assert run("heatmap", "similarity", "cat", "dog", "--out", str(tmp_path / f"a.{end}")).status == 0
        assert (tmp_path / f"a.{end}").stat().st_size > 20


def test_one_hot_vectors_are_the_identity(run):
    assert run("heatmap", "one-hot", "cat", "dog", "--json").json["values"] == [[1, 0], [0, 1]]


def test_rows_are_those_of_the_verb_row(run):
    found = run("heatmap", "rows", "cat", "dog", "--json").json
    assert found["values"][0] == run("row", "cat", "--json").json["vector"]


def test_positions_have_a_heat_map_of_their_own(run, tmp_path):
    out = run("heatmap", "positions", "--space", "gpt2-init", "--out", str(tmp_path / "a.svg"), "--json")
    assert [one["kind"] for one in out.json["positions"]] == ["learned", "sinusoidal"]
    assert len(out.json["values"]) == 512


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["positions", "king"], "positions are not of tokens"),
        (["similarity"], "chosen in 0 ways"),
        (["similarity", "--top", "501"], "at most 500"),
        (["similarity", "cat", "--out", "a.html"], "says no format"),
        (["temperature", "cat"], "invalid choice"),
    ],
)
def test_what_is_no_heat_map_is_one_line_and_status_2(run, arguments, said):
    out = run("heatmap", *arguments)
    assert out.status == 2
    assert said in out.err
    assert out.err.count("\n") == 1


def test_a_file_that_is_there_is_replaced_only_by_force(run, tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    refused = run("heatmap", "similarity", "cat", "dog", "--out", str(tmp_path / "a.csv"))
    assert refused.status == 2
    assert (tmp_path / "a.csv").read_text() == "mine"
    assert run("heatmap", "similarity", "cat", "dog", "--out", str(tmp_path / "a.csv"), "--force").status == 0
    assert (tmp_path / "a.csv").read_text().startswith(",cat,dog\n")


def test_words_that_are_not_there_are_an_error_only_when_none_is(run):
    assert run("heatmap", "similarity", "cat", "xyzzyq", "--json").json["missing"] == ["xyzzyq"]
    out = run("heatmap", "similarity", "xyzzyq", "plughq")
    assert out.status == 2
    assert "none of the 2 words" in out.err
