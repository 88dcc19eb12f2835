"""``map``: points, clusters, arrows and axes, printed, as JSON and as files; and what is refused."""

import csv
import io

import numpy as np
import pytest

from tui_embed.sources.catalog import open_space

LIST = ["king", "queen", "man", "woman", "prince", "princess"]


def test_points_are_printed(run):
    out = run("map", *LIST, "xyzzyq", "--clusters", "2")
    assert out.status == 0
    assert out.out.startswith("glove-6B-50d · 100,000 × 50")
    assert "PCA" in out.out
    assert "% of variance" in out.out
    assert "shown 6 of 100,000 tokens" in out.out
    assert "cluster 2:" in out.out
    assert "1 words have no row: xyzzyq" in out.err


def test_json_has_all_of_it(run):
    found = run("map", *LIST, "xyzzyq", "--clusters", "2", "--json").json
    assert [point["token"] for point in found["points"]] == LIST
    assert found["points"][0]["id"] == 691
    assert {point["cluster"] for point in found["points"]} == {1, 2}
    assert sum(cluster["size"] for cluster in found["clusters"]) == 6
    assert (found["method"], found["seed"], found["metric"]) == ("pca", 1, "cosine")
    assert (found["shown"], found["wanted"], found["of"], found["missing"]) == (6, 7, 100_000, ["xyzzyq"])
    assert 0 < sum(found["explained"]) <= 1
    assert 0 < found["trustworthiness"] <= 1
    assert found["files"] == []


def test_a_file_is_written_and_named(run, tmp_path):
    out = run("map", *LIST, "--out", str(tmp_path / "a.csv"))
    assert out.status == 0
    assert f"wrote {tmp_path / 'a.csv'}" in out.out
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text(), newline="")))
    assert rows[0][:4] == ["token", "x", "y", "cluster"]
    assert [row[0] for row in rows[1:]] == LIST


@pytest.mark.parametrize("end", ["svg", "png", "html"])
def test_pictures_are_written(run, tmp_path, end):
    out = run("map", "--near", "king", "-k", "20", "--out", str(tmp_path / f"a.{end}"), "--json")
    assert out.json["files"] == [str(tmp_path / f"a.{end}")]
    assert out.json["shown"] == 21
    assert (tmp_path / f"a.{end}").stat().st_size > 5000


def test_the_projector_export_is_a_space_again(run, tmp_path):
    assert run("map", *LIST, "--out", f"{tmp_path}/out/").status == 0
    found = run("info", str(tmp_path / "out" / "projector_config.json"), "--json")
    assert found.status == 0
    assert found.json["n_vocab"] == 6


def test_the_same_seed_gives_the_same_points(run):
    one, two = (
        run("map", "--top", "60", "--method", "tsne", "--iterations", "50", "--seed", "7", "--json")
        for _ in range(2)
    )
    assert one.json["points"] == two.json["points"]
    assert one.json["seed"] == 7
    assert "seed 7" in one.json["placed_by"]
    assert one.json["kl"] > 0


def test_words_come_from_a_file_and_from_standard_input(run, tmp_path, monkeypatch):
    (tmp_path / "words").write_bytes("\ufeffking\r\n\n  queen \nxyzzyq\n".encode())
    found = run("map", "--file", str(tmp_path / "words"), "--json").json
    assert [point["token"] for point in found["points"]] == ["king", "queen"]
    assert found["missing"] == ["xyzzyq"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"king\nqueen\n")))
    piped = run("map", "--file", "-", "--json").json
    assert [point["token"] for point in piped["points"]] == ["king", "queen"]
    assert piped["title"] == "a list of words"


def test_an_analogy_has_its_arrows(run):
    found = run("map", "--expression", "king - man + woman", "-k", "5", "--json").json
    assert [(arrow["from"], arrow["to"]) for arrow in found["arrows"]] == [
        ("man", "king"),
        ("woman", "queen"),
    ]
    assert all(arrow["closes"] for arrow in found["arrows"])


def test_pairs_are_arrows(run, tmp_path):
    pairs = ["france>paris", "italy>rome", "japan>tokyo"]
    out = run("map", *pairs)
    assert out.out.count("closes") == 3
    (tmp_path / "pairs").write_text("\n".join(pairs))
    assert len(run("map", "--pairs", str(tmp_path / "pairs"), "--json").json["arrows"]) == 3


def test_axes_place_words_by_their_projection(run):
    found = run("map", "nurse", "banker", "--axis", "poor > rich", "--axis", "man > woman", "--json").json
    assert found["method"] == "axes"
    assert found["axes"] == ["poor → rich", "man → woman"]
    glove = open_space("glove")
    unit = {word: glove[word] / np.linalg.norm(glove[word]) for word in ("poor", "rich", "nurse")}
    arrow = unit["rich"] - unit["poor"]
    assert found["points"][0]["x"] == pytest.approx(
        float(unit["nurse"] @ arrow / np.linalg.norm(arrow)), abs=1e-5
    )
    out = run("map", "nurse", "banker", "--axis", "poor > rich")
    assert out.out.index("nurse") < out.out.index("banker")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "chosen in 0 ways"),
        (["king", "--top", "3"], "chosen in 2 ways"),
        (["king", "queen", "--out", "a.gif"], "says no format"),
        (["king", "queen", "--axis", "poor"], "is no axis"),
        (["king", "queen", *["--axis", "poor > rich"] * 3], "two axes"),
        (["xyzzyq"], "is in glove-6B-50d"),
        (["king"], "at least two tokens"),
        (["--near", "kingg"], "is not in glove"),
        (["--top", "0"], "0 tokens is none"),
        (["king", "queen", "--clusters", "99"], "clusters is 99"),
        (["king", "queen", "--perplexity", "0"], "perplexity is 0"),
        (["--top", "20001", "--method", "tsne"], "too many for t-SNE"),
        (["--near", "king", "-k", "0"], "k is 0"),
        (["--where", "a = b"], "no metadata"),
    ],
)
def test_what_cannot_be_drawn_is_one_line_and_status_2(run, arguments, said):
    out = run("map", *arguments)
    assert out.status == 2
    assert said in out.err
    assert out.err.count("\n") == 1
    assert out.out == ""


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_list_that_cannot_be_read_is_one_line(run, tmp_path, what):
    path = tmp_path / "none" if what == "missing" else tmp_path
    out = run("map", "--file", str(path))
    assert out.status == 1
    assert str(path) in out.err
    assert out.err.count("\n") == 1


def test_untrained_rows_are_said_to_be_so(run):
    out = run("map", "--top", "30", "--space", "gpt2-init")
    assert "untrained" in out.out


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
