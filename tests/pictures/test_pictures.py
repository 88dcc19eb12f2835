"""Maps as files: what is in them, whatever the tokens are, and the same every time."""

import base64
import csv
import hashlib
import io
import json
import re
import sys

import numpy as np
import pytest
from pictured import HOSTILE, space_of, texts_of, whole_map, written

from tui_embed.engine.maps.arrows import read_pairs
from tui_embed.engine.maps.point_map import PointMap, draw, draw_on_axes, with_clusters
from tui_embed.engine.maps.semantic_axes import read_axis
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import listed
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.pictures.files import files_of, write_map
from tui_embed.printable import printable
from tui_embed.sources.catalog import open_space
from tui_embed.sources.open import open_file


@pytest.fixture(scope="module")
def hostile() -> PointMap:
    return whole_map(space_of([*HOSTILE, b"\xff\xfe", b"\xed\xa0\x80"], name="</title><i>evil</i>"))


@pytest.fixture(scope="module")
def plain() -> PointMap:
    return whole_map(space_of([f"word{number}" for number in range(40)]))


def test_the_same_map_is_the_same_file(plain, tmp_path):
    for end in ("svg", "png", "html", "csv"):
        one, two = written(plain, tmp_path / f"a.{end}"), written(plain, tmp_path / f"b.{end}")
        assert one == two, end


@pytest.mark.parametrize("end", ["svg", "png", "html", "csv"])
def test_no_token_harms_a_file(hostile, tmp_path, end):
    content = written(hostile, tmp_path / f"a.{end}")
    assert content
    if end in ("svg", "html"):
        text = content.decode()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
    if end == "svg":
        said = " ".join(texts_of(content))
        assert "$x^2$" in said
        assert "高兴" in said


def data_of(page: str) -> dict:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(data)


def test_a_page_holds_the_map_and_nothing_that_a_token_brings(hostile, tmp_path):
    page = written(hostile, tmp_path / "a.html").decode()
    data = data_of(page)
    assert data["tokens"] == [printable(hostile.name(place)) for place in range(len(hostile))]
    np.testing.assert_array_equal(np.array(data["x"], np.float32), hostile.layout.points[:, 0])
    np.testing.assert_array_equal(np.array(data["y"], np.float32), hostile.layout.points[:, 1])
    assert data["clusters"] == hostile.clusters.labels.tolist()
    assert data["ids"] == hostile.subject.ids.tolist()
    # two scripts, the data and our own, and no token ends the one or begins another
    assert page.count("<script") == 2
    assert page.count("</script") == 2
    assert "<i>" not in page
    assert "src=" not in page
    assert not re.search(r"https?://", page)


def test_a_page_lets_in_its_own_script_and_style_and_no_others(hostile, tmp_path):
    page = written(hostile, tmp_path / "a.html").decode()
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for name, part in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert set(rules.values()) == {"'none'"}
    assert set(rules) == {"default-src", "base-uri", "form-action"}
    assert "innerHTML" not in script
    assert "eval(" not in script


def test_a_page_has_arrows_and_the_ends_of_axes(tmp_path):
    glove = open_space("glove")
    subject, arrows = read_pairs(glove, ["france>paris", "italy>rome", "king>cat"])
    data = data_of(written(draw(glove, subject, MapSettings(), arrows), tmp_path / "a.html").decode())
    assert [[data["tokens"][a], data["tokens"][b]] for a, b, _ in data["arrows"]] == [
        ["france", "paris"],
        ["italy", "rome"],
        ["king", "cat"],
    ]
    assert [closes for *_, closes in data["arrows"]] == [arrow.closes for arrow in arrows]
    assert data["told"]
    assert data["ends"] == []
    drawn = draw_on_axes(glove, subject, MapSettings(), [read_axis(glove, "poor cheap > rich")])
    assert data_of(written(drawn, tmp_path / "b.html").decode())["ends"] == [["poor cheap", "rich"]]


def test_a_table_has_the_points_to_the_last_digit(hostile, tmp_path):
    rows = list(csv.reader(io.StringIO(written(hostile, tmp_path / "a.csv").decode(), newline="")))
    assert rows[0] == ["token", "x", "y", "cluster", "id"]
    assert [row[0] for row in rows[1 : len(HOSTILE) + 1]] == HOSTILE
    assert "\ufffd" in rows[len(HOSTILE) + 1][0]
    np.testing.assert_array_equal(
        np.array([row[1:3] for row in rows[1:]], np.float32), hostile.layout.points[:, :2]
    )
    assert [int(row[3]) - 1 for row in rows[1:]] == hostile.clusters.labels.tolist()


def test_the_projector_gets_what_is_shown(tmp_path):
    space = space_of(["a", "b", "c", "d", "e"], columns={"kind": ["x", "y", "x", "y", "x"]})
    drawn = with_clusters(draw(space, listed(space, ["d", "a", "c", "e"]), MapSettings()))
    saved = write_map(drawn, f"{tmp_path}/out/")
    assert set(saved.files) == set(files_of(f"{tmp_path}/out/", ("/",)))
    again = open_file(str(tmp_path / "out" / "projector_config.json"), cache=False)
    assert list(again.vocabulary) == ["d", "a", "c", "e"]
    np.testing.assert_array_equal(again.vectors, drawn.rows)
    assert [again.metadata["kind"][row] for row in range(4)] == ["y", "x", "x", "x"]
    assert [int(again.metadata["cluster"][row]) - 1 for row in range(4)] == drawn.clusters.labels.tolist()


@pytest.mark.parametrize("path", ["a", "a.gif", "a.svg.gz", "svg"])
def test_an_end_that_says_nothing_is_a_usage_error(plain, tmp_path, path):
    with pytest.raises(UsageError, match="says no format"):
        write_map(plain, str(tmp_path / path))
    assert not list(tmp_path.iterdir())


def test_a_missing_package_names_the_extra(plain, tmp_path, monkeypatch):
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.font_manager", "matplotlib.ft2font"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(TuiEmbedError, match="needs the package matplotlib") as caught:
        write_map(plain, str(tmp_path / "a.svg"))
    assert "tui-embed[pictures]" in caught.value.hint
    assert not list(tmp_path.iterdir())
    assert write_map(plain, str(tmp_path / "a.html")).files


def test_a_file_that_cannot_be_written_is_one_line_and_stays_as_it_was(plain, tmp_path):
    with pytest.raises(TuiEmbedError, match="cannot be written"):
        write_map(plain, str(tmp_path / "none" / "a.csv"))
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(TuiEmbedError, match="cannot be written"):
        write_map(plain, str(tmp_path / "a.csv"))
