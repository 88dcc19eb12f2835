"""Maps and heat maps as files: what is in them, whatever the tokens are, and the same every time."""

import csv
import io
import json
import re
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest

from tui_embed.engine.maps.arrows import read_pairs
from tui_embed.engine.maps.heat import one_hot, position_pictures, similarities, token_rows
from tui_embed.engine.maps.point_map import PointMap, draw, draw_on_axes, with_clusters, with_faithfulness
from tui_embed.engine.maps.semantic_axes import read_axis
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import listed, most_frequent
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.pictures.files import files_of, write_heat, write_map, write_positions
from tui_embed.pictures.fonts import Fonts
from tui_embed.printable import printable
from tui_embed.sources.catalog import open_space
from tui_embed.sources.open import open_file

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--",
    "]]>",
    "$x^2$",
    "\\alpha_{",
    "\x1b[31mred",
    'a"b,c',
    "two\nlines",
    "tab\there",
    "\u2028\u2029",
    "\u202eabc",
    "高兴",
    "мир",
    "🙂",
    "",
    " ",
    "@data@",
    "&amp;",
    "x" * 300,
]


def space_of(tokens, *, columns=None, name="small") -> EmbeddingSpace:
    rows = np.random.default_rng(len(tokens)).normal(size=(len(tokens), 12)).astype(np.float32)
    return EmbeddingSpace(
        name,
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(rows)),
        NoPositions("none"),
        Provenance(True, "made for a test"),
        metadata={key: TextColumn.from_texts(texts) for key, texts in (columns or {}).items()},
    )


def whole_map(space: EmbeddingSpace, **settings) -> PointMap:
    return with_clusters(with_faithfulness(draw(space, most_frequent(space, 10**6), MapSettings(**settings))))


@pytest.fixture(scope="module")
def hostile() -> PointMap:
    return whole_map(space_of([*HOSTILE, b"\xff\xfe", b"\xed\xa0\x80"], name="<i>evil</i>"))


@pytest.fixture(scope="module")
def plain() -> PointMap:
    return whole_map(space_of([f"word{number}" for number in range(40)]))


def written(made: PointMap, path) -> bytes:
    (file,) = write_map(made, str(path)).files
    return file.read_bytes()


def texts_of(svg: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_an_svg_says_what_it_shows(plain, tmp_path):
    texts = texts_of(written(plain, tmp_path / "a.svg"))
    said = " ".join(texts)
    assert "All 40 tokens" in texts
    assert "small · 40 × 12 · made for a test" in said
    assert "PCA" in said
    assert "trustworthiness" in said
    assert "seed 1" in said
    assert "40 of 40 tokens" in said
    assert sum(text in {f"word{number}" for number in range(40)} for text in texts) > 25
    assert sum("(" in text and text[0].isdigit() for text in texts) == len(plain.clusters)


def test_the_same_map_is_the_same_file(plain, tmp_path):
    for end in ("svg", "png", "html", "csv"):
        one, two = written(plain, tmp_path / f"a.{end}"), written(plain, tmp_path / f"b.{end}")
        assert one == two, end


def pixels(png: bytes) -> np.ndarray:
    """The bytes of a PNG's lines, filters included: enough to tell whether anything is on it."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    return np.frombuffer(zlib.decompress(data), np.uint8)


def test_a_png_has_a_size_and_something_on_it(plain, tmp_path):
    png = written(plain, tmp_path / "a.png")
    width, height = struct.unpack(">II", png[16:24])
    assert width > 1500
    assert height > 1000
    assert len(np.unique(pixels(png))) > 50


def test_names_on_paper_do_not_overlap(tmp_path):
    drawn = whole_map(space_of([f"somewhat-long-{number}" for number in range(150)]))
    svg = ElementTree.fromstring(written(drawn, tmp_path / "a.svg"))
    fonts = Fonts([])
    boxes = []
    for element in svg.iter(f"{SVG}text"):
        text = "".join(element.itertext())
        if text.startswith("somewhat-long-") and "(" not in text:
            x, y = float(element.get("x")), float(element.get("y"))
            boxes.append((x, y - 6, x + fonts.width(text, 7.5), y + 1))
    assert len(boxes) > 30
    for number, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = other[0] >= right - 0.5 or other[2] <= left + 0.5 or other[1] >= bottom or other[3] <= top
            assert apart


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
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


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


def test_a_page_runs_its_own_script_and_no_other(plain, tmp_path):
    import base64
    import hashlib

    page = written(plain, tmp_path / "a.html").decode()
    script = re.findall(r"<script>(.*?)</script>", page, re.S)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    assert "innerHTML" not in script


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


def test_arrows_and_axes_are_drawn_and_said(tmp_path):
    glove = open_space("glove")
    subject, arrows = read_pairs(
        glove, ["france>paris", "italy>rome", "japan>tokyo", "spain>madrid", "king>cat"]
    )
    texts = " ".join(texts_of(written(draw(glove, subject, MapSettings(), arrows), tmp_path / "a.svg")))
    assert "3 of 5 arrows are parallel" in texts
    axes = read_axis(glove, "poor > rich"), read_axis(glove, "man > woman")
    drawn = draw_on_axes(glove, listed(glove, ["nurse", "banker", "xyzzyq"]), MapSettings(), axes)
    texts = texts_of(written(drawn, tmp_path / "b.svg"))
    assert {"← poor", "rich →", "← man", "woman →", "nurse", "banker"} <= set(texts)
    assert any("1 of 3 words have no row: xyzzyq" in text for text in texts)


def test_heat_maps_are_pictures_and_tables(tmp_path):
    space = space_of(HOSTILE)
    subject = most_frequent(space, 100)
    maps = similarities(space, subject), one_hot(space, subject)
    for end in ("svg", "png"):
        assert write_heat(maps, space, str(tmp_path / f"a.{end}")).files[0].stat().st_size > 5000
    assert "$x^2$" in texts_of((tmp_path / "a.svg").read_bytes())
    write_heat(maps, space, str(tmp_path / "a.csv"))
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_bytes().decode(), newline="")))
    assert rows[0][1:] == HOSTILE
    np.testing.assert_array_equal(np.array([row[1:] for row in rows[1:]], np.float32), maps[0].values)
    write_heat((token_rows(space, subject),), space, str(tmp_path / "rows.svg"))
    pictures = tuple(position_pictures(space, most=70))
    write_positions(pictures, space, str(tmp_path / "positions.svg"))
    assert "sinusoidal: by formula" in " ".join(texts_of((tmp_path / "positions.svg").read_bytes()))


def test_characters_that_no_font_has_are_said_of_a_png_and_not_of_an_svg(tmp_path):
    # of a plane that is not assigned in any font
    space = space_of(["\U000e0fff", "a", "b", "c"], name="\u0378\u0379")
    drawn = draw(space, most_frequent(space, 9), MapSettings())
    assert write_map(drawn, str(tmp_path / "a.svg")).notes == ()
    strange = space_of(["\U00012000", "a", "b", "c"])
    if Fonts(["\U00012000"]).missing:
        notes = write_map(
            draw(strange, most_frequent(strange, 9), MapSettings()), str(tmp_path / "a.png")
        ).notes
        assert len(notes) == 1
        assert "no font here has 1 of the characters" in notes[0]


def test_a_persons_own_settings_of_the_library_change_nothing(plain, tmp_path):
    import matplotlib

    before = written(plain, tmp_path / "a.svg")
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        assert written(plain, tmp_path / "b.svg") == before
        assert matplotlib.rcParams["font.size"] == 30


@pytest.mark.parametrize("path", ["a", "a.gif", "a.svg.gz", "svg"])
def test_an_end_that_says_nothing_is_a_usage_error(plain, tmp_path, path):
    with pytest.raises(UsageError, match="says no format"):
        write_map(plain, str(tmp_path / path))
    assert not list(tmp_path.iterdir())


def test_a_missing_package_names_the_extra(plain, tmp_path, monkeypatch):
    import sys

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
