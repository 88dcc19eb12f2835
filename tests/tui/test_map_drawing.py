"""What is drawn of a map: cells, names, lines, and the part of the plane that is looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rich.cells import cell_len

from tui_embed.tui.themes import THEMES
from tui_embed.tui.widgets.map_ink import strips_of
from tui_embed.tui.widgets.map_scene import PLAIN, Line, Marked, Scene, drawn, inside_part
from tui_embed.tui.widgets.map_sight import MapPoints, Sight
from tui_embed.tui.widgets.palette import _palette
from tui_embed.tui.widgets.viewport import Viewport, next_towards

NAMES = ["king", "東京都", "高兴", "a\u0301", "\x1b[31m", "", "[/]", "\u202eabc", "x" * 60, "🙂", "new york"]


def palette():
    theme = THEMES["tui-embed-dark"]
    named = ("background", "foreground", "accent", "primary", "error", "success")
    colours = {**theme.variables, **{name: getattr(theme, name) for name in named}}
    return _palette(tuple(sorted(colours.items())))


def scene(points, *, colours=None, names=NAMES, **more):
    n = len(points)
    return Scene(
        np.asarray(points, np.float32).reshape(n, 2),
        np.full(n, PLAIN) if colours is None else np.asarray(colours),
        lambda place: names[place % len(names)],
        np.arange(n),
        np.ones(n, dtype=bool),
        **more,
    )


def picture(found: Scene, width: int, height: int, viewport: Viewport | None = None) -> list[str]:
    viewport = viewport or Viewport.around(found.points, (2 * width, 4 * height))
    return [strip.text for strip in strips_of(drawn(found, viewport, width, height), palette())]


@st.composite
def scenes(draw: st.DrawFn):
    n = draw(st.integers(1, 60))
    number = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 1.0, 1e30, -1e30, 2.0**-149])
    points = draw(hnp.arrays(np.float32, (n, 2), elements=number))
    roles = st.sampled_from(["cursor", "near", "torn", "main"])
    places = draw(st.lists(st.integers(0, n - 1), unique=True, max_size=8))
    marked = [Marked(place, draw(roles)) for place in places]
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))
    kinds = st.sampled_from(["line", "torn", "arrow", "open"])
    lines = [
        Line(start, end, draw(kinds), draw(st.booleans())) for start, end in draw(st.lists(ends, max_size=5))
    ]
    made = scene(
        points,
        colours=draw(hnp.arrays(np.int64, n, elements=st.integers(-1, 9))),
        marked=marked,
        lines=lines,
        cross=draw(st.booleans()),
        shaded=draw(st.booleans()),
        names=draw(st.lists(st.text(max_size=30) | st.sampled_from(NAMES), min_size=1, max_size=20)),
    )
    return made, draw(st.integers(1, 70)), draw(st.integers(1, 20)), draw(st.floats(0.01, 1e5))


@given(scenes())
def test_every_line_has_the_width_of_the_widget_and_nothing_harmful(case):
    made, width, height, zoom = case
    dots = 2 * width, 4 * height
    viewport = Viewport.around(made.points, dots).zoomed(zoom, dots[0] / 3, dots[1] / 3, dots)
    lines = picture(made, width, height, viewport)
    assert len(lines) == height
    assert {cell_len(line) for line in lines} == {width}
    assert not any(
        ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char == "\u202e" for line in lines for char in line
    )


@given(scenes())
def test_names_never_overlap(case):
    made, width, height, _ = case
    taken = set()
    for name in drawn(made, Viewport.around(made.points, (2 * width, 4 * height)), width, height).names:
        assert cell_len(name.text) == name.box.width
        own = {(x, name.box.y) for x in range(name.box.x, name.box.x + name.box.width)}
        assert not own & taken
        taken |= own


@given(scenes())
def test_all_points_are_in_sight_of_a_map_that_is_fitted(case):
    made, width, height, _ = case
    dots = 2 * width, 4 * height
    across, down = Viewport.around(made.points, dots).dots(made.points, dots)
    assert ((across >= 0) & (across < dots[0]) & (down >= 0) & (down < dots[1])).all()


def test_a_dot_is_as_wide_as_it_is_high():
    points = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], np.float32)
    across, down = Viewport.around(points, (400, 80)).dots(points, (400, 80))
    assert across[1] - across[0] == pytest.approx(down[0] - down[2], abs=1)
    across, down = Viewport.around(points, (400, 80), stretched=True).dots(points, (400, 80))
    assert across[1] - across[0] > 4 * (down[0] - down[2])


@given(st.floats(0.1, 10), st.floats(0, 99), st.floats(0, 39))
def test_what_one_zooms_at_stays_where_it_is(factor, column, row):
    dots = (100, 40)
    before = Viewport(3, -2, 0.5, 0.25)
    after = before.zoomed(factor, column, row, dots)
    assert after.place(column, row, dots) == pytest.approx(before.place(column, row, dots))


def test_points_that_pile_up_are_brighter():
    found = drawn(
        scene([(0, 0)] * 9 + [(1, 1), (2, 2), (2, 2)]),
        Viewport.around(np.array([[0, 0], [2, 2]]), (40, 40)),
        20,
        10,
    )
    levels = [found.inks[ink].level for ink in found.ink[found.ink > 0].tolist()]
    assert sorted(levels) == [0, 1, 2]


def test_density_is_told_without_colour():
    many = np.concatenate([np.zeros((500, 2)), np.ones((5, 2)), [[2, 2]]])
    lines = "".join(picture(scene(many, names=[""], shaded=True), 20, 10))
    assert "█" in lines
    assert "░" in lines


def test_a_cell_takes_the_colour_that_most_of_its_points_have():
    found = drawn(
        scene([(0, 0)] * 3 + [(1, 1)], colours=[2, 5, 5, 1]), Viewport.around(np.eye(2), (40, 40)), 20, 10
    )
    assert {found.inks[ink].colour for ink in found.ink[found.ink > 0].tolist()} == {5, 1}


def test_wide_names_take_their_cells():
    lines = picture(scene([(0, 0), (1, 1)], names=["高兴", "开心"]), 40, 10)
    assert any("高兴" in line for line in lines)
    assert {cell_len(line) for line in lines} == {40}


def test_what_is_marked_is_named_first():
    points = np.random.default_rng(1).normal(size=(300, 2)) * 0.01
    names = [f"word{number}" for number in range(300)]
    marked = [Marked(299, "cursor"), Marked(298, "near"), Marked(297, "torn")]
    text = "".join(picture(scene(points, names=names, marked=marked), 60, 20))
    assert all(name in text for name in ("word299", "word298", "word297"))
    assert text.count("◉") == 1
    assert "○" in text


def test_names_can_be_left_out():
    found = scene([(0, 0), (1, 1), (2, 0)], names=["king", "queen", "prince"])
    shown = Scene(found.points, found.colours, found.name, found.order, found.visible, named=False)
    assert "queen" in "".join(picture(found, 40, 10))
    assert "queen" not in "".join(picture(shown, 40, 10))


@given(
    st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
    st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
)
def test_a_line_is_cut_to_what_lies_inside(start, end):
    found = inside_part(start, end, (80, 40))
    if found is None:
        along = np.linspace(0, 1, 997)[:, None] * (np.array(end) - start) + start
        assert not ((along > 0.5) & (along < np.array([78.5, 38.5]))).all(axis=1).any()
        return
    for x, y in found:
        assert -1e-3 <= x <= 79.001
        assert -1e-3 <= y <= 39.001


def test_arrows_have_heads_that_point_where_they_lead():
    lines = [Line(0, 1, "arrow", head=True), Line(0, 2, "arrow", head=True)]
    text = "".join(picture(scene([(0, 0), (9, 0), (0, 9)], lines=lines, names=[""]), 40, 20))
    assert "→" in text
    assert "↑" in text


@pytest.mark.parametrize(("direction", "wanted"), [((1, 0), 1), ((-1, 0), 2), ((0, 1), 3), ((0, -1), 4)])
def test_a_key_goes_to_the_nearest_point_in_its_direction(direction, wanted):
    points = np.array([[50, 0], [1, 0.2], [-1, -0.2], [0.1, 2], [0, -3]], np.float32)
    assert next_towards(points, (0.0, 0.0), direction) == wanted


def test_there_may_be_nothing_in_a_direction():
    assert next_towards(np.array([[1.0, 0.0]]), (2.0, 0.0), (1, 0)) is None


@given(hnp.arrays(np.float32, (12, 2), elements=st.floats(-9, 9, width=16)), st.data())
def test_a_walk_by_keys_stays_among_the_points_in_sight(points, data):
    sight = Sight(MapPoints(points, np.full(12, PLAIN), str))
    sight.dots = (80, 80)
    place = 0
    for _ in range(8):
        right, up = data.draw(st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]))
        there = sight.beside(place, right, up)
        if there is not None:
            moved = points[there] - points[place]
            assert there != place
            assert moved @ np.array([right, up]) > 0
            place = there


def test_what_is_left_out_can_be_brought_back():
    sight = Sight(MapPoints(np.array([[0, 0], [1, 1], [5, 5]], np.float32), np.array([0, 0, 1]), str))
    sight.dots = (80, 40)
    sight.keep(np.array([True, True, False]))
    assert sight.hidden == 1
    assert sight.seen().tolist() == [True, True, False]
    sight.keep(np.array([False, False, True]))
    assert sight.hidden == 1, "nothing is left of these two wishes, so the second is not granted"
    sight.reveal(2)
    assert sight.hidden == 0
    assert sight.seen()[2]
