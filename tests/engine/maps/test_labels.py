"""Names are placed so that none lies over another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.maps.labels import Box, Occupancy, place_labels


def cells_of(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)}


@st.composite
def maps(draw: st.DrawFn):
    width, height = draw(st.integers(1, 60)), draw(st.integers(1, 24))
    anchor = st.tuples(st.integers(0, width - 1), st.integers(0, height - 1))
    anchors = draw(st.lists(anchor, max_size=40))
    size = st.tuples(st.integers(0, 24), st.integers(1, 3))
    sizes = [draw(size) for _ in anchors]
    must = draw(st.integers(0, len(anchors)))
    return anchors, sizes, (width, height), must, draw(st.integers(0, 2))


@given(maps())
def test_no_two_names_overlap_and_all_lie_within_the_grid(case):
    anchors, sizes, (width, height), must, gap = case
    placed = place_labels(anchors, sizes, (width, height), must, gap)
    taken: set[tuple[int, int]] = set()
    for box, size in zip(placed, sizes, strict=True):
        if box is None:
            continue
        own = cells_of(box)
        assert (box.width, box.height) == size
        assert all(0 <= x < width and 0 <= y < height for x, y in own)
        assert not own & taken
        taken |= own


@given(maps())
def test_no_name_covers_a_point_that_must_be_named(case):
    anchors, sizes, grid, must, gap = case
    covered = set().union(
        *(cells_of(box) for box in place_labels(anchors, sizes, grid, must, gap) if box), set()
    )
    assert not covered & set(anchors[:must])


@given(maps())
def test_names_of_one_line_keep_the_gap(case):
    anchors, sizes, grid, must, gap = case
    boxes = [box for box in place_labels(anchors, sizes, grid, must, gap) if box is not None]
    for one in boxes:
        for other in boxes:
            share = range(max(one.y, other.y), min(one.y + one.height, other.y + other.height))
            if one is not other and share and one.x <= other.x:
                assert other.x - (one.x + one.width) >= gap


def test_the_first_place_is_beside_the_point():
    assert place_labels([(5, 2)], [(4, 1)], (40, 5)) == [Box(7, 2, 4, 1)]
    assert place_labels([(37, 2)], [(4, 1)], (40, 5)) == [Box(32, 2, 4, 1)]


def test_what_must_be_named_is_named_though_many_share_a_place():
    placed = place_labels([(30, 12)] * 10, [(8, 1)] * 10, (60, 24), must=10)
    assert None not in placed
    # without the wish, only those beside the point are
    assert place_labels([(30, 12)] * 10, [(8, 1)] * 10, (60, 24)).count(None) > 5


def test_a_name_without_room_is_left_out():
    assert place_labels([(1, 0)], [(9, 1)], (5, 1), must=1) == [None]


@pytest.mark.parametrize("box", [Box(-1, 0, 2, 1), Box(3, 0, 3, 1), Box(0, -1, 1, 1), Box(0, 1, 1, 2)])
def test_a_box_that_leaves_the_grid_is_not_free(box):
    assert not Occupancy(5, 2).is_free(box)


def test_what_is_taken_is_not_free():
    grid = Occupancy(10, 3)
    grid.take(Box(4, 1, 2, 1))
    assert not grid.is_free(Box(5, 0, 1, 3))
    assert grid.is_free(Box(6, 1, 2, 1))
    assert not grid.is_free(Box(6, 1, 2, 1), gap=1)
    assert grid.is_free(Box(7, 1, 2, 1), gap=1)
