"""A map as SVG or PNG: what it says, and where its names lie."""

import re
import struct
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from pictured import SVG, names_of, pixels, space_of, texts_of, whole_map, written

from tui_embed.engine.maps.arrows import read_pairs
from tui_embed.engine.maps.point_map import PointMap, draw, draw_on_axes
from tui_embed.engine.maps.semantic_axes import read_axis
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import listed, most_frequent, neighbourhood
from tui_embed.pictures.files import write_map
from tui_embed.pictures.fonts import Fonts
from tui_embed.sources.catalog import open_space


@pytest.fixture(scope="module")
def plain() -> PointMap:
    return whole_map(space_of([f"word{number}" for number in range(40)]))


def test_an_svg_says_what_it_shows(plain, tmp_path):
    svg = written(plain, tmp_path / "a.svg")
    texts = texts_of(svg)
    said = " ".join(texts)
    assert "all 40 tokens" in texts
    assert ElementTree.fromstring(svg).find(f"{SVG}title").text == "all 40 tokens"
    assert "small · 40 × 12 · made for a test" in said
    assert "PCA" in said
    assert "trustworthiness" in said
    assert "seed 1" in said
    assert "40 of 40 tokens" in said
    assert {"component 1", "component 2"} <= set(texts)
    assert len(names_of(svg)) > 25
    assert sum("(" in text and text[0].isdigit() for text in texts) == len(plain.clusters)


def test_a_title_is_spelled_as_the_token_is(tmp_path):
    space = space_of(["king", "King", "queen"])
    subject = listed(space, ["king", "queen"], "emo.txt")
    assert "emo.txt" in texts_of(written(draw(space, subject, MapSettings()), tmp_path / "a.svg"))


def test_every_name_of_a_short_list_is_there(tmp_path):
    words = [f"somewhat-long-{number}" for number in range(60)]
    space = space_of(words)
    drawn = draw(space, listed(space, words), MapSettings())
    names = ["".join(name.itertext()) for name in names_of(written(drawn, tmp_path / "a.svg"))]
    assert sorted(names) == sorted(words)


def boxes_of(svg: bytes) -> np.ndarray:
    """Where the ink of each name lies, (n, 4): left, top, right, bottom; measured by matplotlib's own
    outlines of letters.
    """
    boxes = []
    for element in names_of(svg):
        style = element.get("style")
        size = float(re.search(r"font-size: ([\d.]+)px", style)[1])
        weight = "bold" if re.search(r"font-weight: (700|bold)", style) else "normal"
        font = FontProperties(family="DejaVu Sans", weight=weight)
        ink = TextPath((0, 0), "".join(element.itertext()), size=size, prop=font).get_extents()
        x, y = float(element.get("x")), float(element.get("y"))
        boxes.append((x + ink.x0, y - ink.y1, x + ink.x1, y - ink.y0))
    return np.array(boxes)


def overlapping(boxes: np.ndarray) -> int:
    left, top, right, bottom = boxes.T
    apart = (left[:, None] >= right) | (right[:, None] <= left) | (top[:, None] >= bottom)
    apart |= bottom[:, None] <= top
    return int((~apart).sum() - len(boxes))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [50, 150, 900])
def test_names_on_paper_do_not_overlap(tmp_path, seed, n):
    letters = np.random.default_rng(seed)
    words = ["".join(letters.choice(list("mijgWQ-l"), letters.integers(1, 15))) for _ in range(n)]
    space = space_of(list(dict.fromkeys(words)))
    # of a list of up to 60 all are main: bold, and named wherever there is room
    subject = listed(space, space.vocabulary) if n == 50 else most_frequent(space, n)
    boxes = boxes_of(written(draw(space, subject, MapSettings()), tmp_path / "a.svg"))
    assert len(boxes) == len(space) if n == 50 else len(boxes) > 50
    assert overlapping(boxes) == 0
    width, height = 756.0, 1000.0
    assert (boxes[:, 0] >= 26).all()
    assert (boxes[:, 2] <= width - 26).all()
    assert (boxes[:, 3] <= height).all()


def test_a_measure_that_sees_overlaps():
    boxes = np.array([[0, 0, 10, 5], [9, 4, 20, 9], [10, 0, 12, 4]], float)
    assert overlapping(boxes) == 2


def points_of(svg: bytes) -> np.ndarray:
    return np.array(
        [(float(use.get("x")), float(use.get("y"))) for use in ElementTree.fromstring(svg).iter(f"{SVG}use")]
    )


def test_no_name_lies_over_a_point_of_a_small_map(tmp_path):
    glove = open_space("glove")
    drawn = draw(glove, neighbourhood(glove, glove.id("king"), 200), MapSettings())
    svg = written(drawn, tmp_path / "a.svg")
    points, boxes = points_of(svg), boxes_of(svg)
    assert len(points) == 201
    assert len(boxes) > 100
    for left, top, right, bottom in boxes:
        inside = (points > (left, top)) & (points < (right, bottom))
        assert not inside.all(axis=1).any()


def test_arrows_are_told_apart_and_said(tmp_path):
    glove = open_space("glove")
    pairs = ["france>paris", "italy>rome", "japan>tokyo", "spain>madrid", "king>cat"]
    subject, arrows = read_pairs(glove, pairs)
    svg = written(draw(glove, subject, MapSettings(), arrows), tmp_path / "a.svg")
    texts = texts_of(svg)
    assert any("3 of 5 arrows are parallel" in text for text in texts)
    assert {"parallel to the other arrows", "not parallel to them"} <= set(texts)
    # of two arrows, the shaft and the head
    assert svg.count(b"stroke-dasharray") == 2 * 2
    assert {"france", "paris", "king", "cat"} <= set(texts)


def test_axes_of_ones_own_are_named_at_their_ends(tmp_path):
    glove = open_space("glove")
    axes = read_axis(glove, "poor > rich"), read_axis(glove, "man > woman")
    subject = listed(glove, ["nurse", "banker", "xyzzyq"])
    texts = texts_of(written(draw_on_axes(glove, subject, MapSettings(), axes), tmp_path / "a.svg"))
    assert {"← poor", "rich →", "← man", "woman →", "nurse", "banker"} <= set(texts)
    assert "a list, by poor → rich and man → woman" in texts
    assert any("1 of 3 words have no row: xyzzyq" in text for text in texts)


def test_names_along_one_axis_keep_off_its_line(tmp_path):
    glove = open_space("glove")
    words = ["nurse", "banker", "teacher", "farmer", "queen", "king", "maid", "lawyer"]
    drawn = draw_on_axes(glove, listed(glove, words), MapSettings(), [read_axis(glove, "poor > rich")])
    svg = written(drawn, tmp_path / "a.svg")
    line = points_of(svg)[0, 1]
    boxes = boxes_of(svg)
    assert len(boxes) == len(words)
    assert ((boxes[:, 1] > line) | (boxes[:, 3] < line)).all()


def test_a_png_has_a_size_and_something_on_it(plain, tmp_path):
    png = written(plain, tmp_path / "a.png")
    width, height = struct.unpack(">II", png[16:24])
    assert width == 2016
    assert height > 1000
    assert len(np.unique(pixels(png))) > 50


def test_characters_that_no_font_has_are_said_of_a_png_and_not_of_an_svg(tmp_path):
    # cuneiform, which matplotlib's own font does not have
    strange = space_of(["\U00012000", "a", "b", "c"])
    drawn = draw(strange, most_frequent(strange, 9), MapSettings())
    assert write_map(drawn, str(tmp_path / "a.svg")).notes == ()
    assert "\U00012000" in texts_of((tmp_path / "a.svg").read_bytes())
    notes = write_map(drawn, str(tmp_path / "a.png")).notes
    assert [("no font here has 1 of the characters" in note) for note in notes] == (
        [True] if Fonts(["\U00012000"]).missing else []
    )


def test_a_persons_own_settings_of_the_library_change_nothing(plain, tmp_path):
    before = written(plain, tmp_path / "a.svg")
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        assert written(plain, tmp_path / "b.svg") == before
        assert matplotlib.rcParams["font.size"] == 30
