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


def test_the_seed_is_as_help_says(run, own_settings, monkeypatch):
    asked = ("map", "--top", "20", "--space", "gpt2-init", "--json")

    def first_row():
        return run("row", "--id", "3", "--space", "gpt2-init", "--json").json["vector"][0]

    told = " ".join(run("map", "--help").out.split())
    assert "the same points (default: the setting seed, else 1, and 0 for the rows)" in told
    assert "drawn from it (default: the setting seed, else 0)" in " ".join(run("row", "--help").out.split())
    assert "(default: the setting init, else normal)" in told
    without, row = run(*asked).json, first_row()
    assert without["seed"] == 1
    (own_settings / "config.toml").write_text('seed = 5\ninit = "uniform"\n')
    of_file = run(*asked).json
    assert (of_file["seed"], of_file["notes"][0] != without["notes"][0]) == (5, True)
    assert first_row() != row
    monkeypatch.setenv("TUI_EMBED_SEED", "6")
    assert run(*asked).json["seed"] == 6
    assert run(*asked, "--seed", "7").json["seed"] == 7


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


def test_words_may_stand_beside_arrows(run):
    found = run("map", "prince", "man>king", "xyzzyq", "woman>queen", "one>xyzzyq", "--json").json
    assert [(arrow["from"], arrow["to"]) for arrow in found["arrows"]] == [
        ("man", "king"),
        ("woman", "queen"),
    ]
    assert {point["token"] for point in found["points"]} == {"prince", "man", "king", "woman", "queen"}
    assert set(found["missing"]) == {"xyzzyq", "one>xyzzyq"}
    # words alone are enough, and so are arrows
    assert run("map", "prince", "king", "one>xyzzyq").status == 0
    assert run("map", "xyzzyq", "man>king").status == 0


def test_arrows_are_drawn_along_axes_too(run):
    found = run("map", "man>king", "woman>queen", "--axis", "poor > rich", "--json").json
    assert len(found["arrows"]) == 2


def test_points_along_an_axis_are_sorted_by_their_score(run):
    found = run("map", *LIST, "--axis", "poor > rich", "--json").json
    scores = [point["x"] for point in found["points"]]
    assert scores == sorted(scores)
    clusters = run("map", *LIST, "--json").json
    assert {point["token"]: point["cluster"] for point in found["points"]} == {
        point["token"]: point["cluster"] for point in clusters["points"]
    }


def test_json_says_what_a_method_depended_on(run):
    assert run("map", *LIST, "--json").json["settings"] == {}
    tsne = run("map", *LIST, "--method", "tsne", "--iterations", "20", "--json").json
    assert tsne["settings"] == {"perplexity": pytest.approx(5 / 3), "iterations": 20}
    umap = run("map", "--top", "40", "--method", "umap", "--n-neighbors", "5", "--json").json
    assert umap["settings"] == {"n_neighbors": 5, "min_dist": 0.1}


def test_rows_of_two_numbers_are_points_already(run, tmp_path):
    (tmp_path / "plane.txt").write_text("a 1 2\nb 3 4\nc 5 0\n")
    asked = ["--top", "3", "--method", "tsne", "--metric", "euclidean"]
    found = run("map", *asked, "--json", "--space", str(tmp_path / "plane.txt")).json
    assert (found["method"], found["settings"]) == ("none", {})
    assert [(point["x"], point["y"]) for point in found["points"]] == [(1, 2), (3, 4), (5, 0)]


@pytest.mark.parametrize("out", ["a.csv", "out/"])
def test_a_file_that_is_there_is_replaced_only_by_force(run, tmp_path, out):
    assert run("map", *LIST, "--out", f"{tmp_path}/{out}").status == 0
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert written
    refused = run("map", *LIST[:4], "--out", f"{tmp_path}/{out}")
    assert refused.status == 2
    assert "is there already" in refused.err
    assert all(path.read_bytes() == content for path, content in written.items())
    assert run("map", *LIST[:4], "--out", f"{tmp_path}/{out}", "--force").status == 0
    assert any(path.read_bytes() != content for path, content in written.items())


def test_a_folder_that_is_not_there_is_said_before_anything_is_computed(run, tmp_path, monkeypatch):
    monkeypatch.setattr("tui_embed.cli.map.opened", lambda settings: pytest.fail("opened"))
    out = run("map", "--top", "3000", "--out", str(tmp_path / "none" / "a.svg"))
    assert out.status == 1
    assert "there is no such folder" in out.err
    assert out.err.count("\n") == 1


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
