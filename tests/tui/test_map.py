"""The Map screen: drawn, walked, isolated, chosen from, and saved."""

import contextlib
import threading
from dataclasses import replace

import numpy as np
import pytest
from mapper import Mapper
from rich.cells import cell_len

from tui_embed.engine.maps.settings import MapSettings
from tui_embed.errors import TuiEmbedError
from tui_embed.tui.map_wanted import MapWanted
from tui_embed.tui.panes.map import MapFrame
from tui_embed.tui.panes.map_points import ORDERS, PointsPane
from tui_embed.tui.screens.map import MapScreen
from tui_embed.tui.screens.map_settings import MapSettingsDialog
from tui_embed.tui.screens.save_picture import SavePictureDialog
from tui_embed.tui.widgets.form import Form
from tui_embed.tui.widgets.heat_view import HeatView
from tui_embed.tui.widgets.matrices import Matrices
from tui_embed.tui.widgets.pieces import Pieces

WIDE, NARROW, SMALL = (120, 40), (80, 24), (40, 12)


@pytest.fixture
def mapped(explore, monkeypatch):
    """The Map screen; clusters, which take a process, are left out unless a test asks for them."""

    @contextlib.asynccontextmanager
    async def running(*arguments, clusters: bool = False, **named):
        if not clusters:
            monkeypatch.setattr("tui_embed.tui.map_work.with_clusters", lambda drawn, *more: drawn)
        async with explore(*arguments, **named) as driver:
            driver.app.action_mode("map")
            await driver.settle()
            yield Mapper(driver)

    return running


async def test_the_first_look_is_the_neighbourhood_of_the_selection(mapped):
    async with mapped() as found:
        assert "neighbourhood of king" in found.driver.seen
        assert found.cursor == "king"
        assert len(found.drawn) == 13
        for said in ("PCA", "% of variance", "trustworthiness", "13 of 13 tokens"):
            assert said in found.said
        assert "king · id 1" in found.driver.lines[0]


async def test_names_of_all_words_are_on_a_small_map(mapped):
    async with mapped() as found:
        rows = found.driver.lines[2:-6]
        map_only = "\n".join(line[:84] for line in rows)
        for word in ("king", "queen", "paris", "italy"):
            assert word in map_only


async def test_arrows_go_to_a_point_in_their_direction(mapped):
    async with mapped() as found:
        for key, axis, sign in (("right", 0, 1), ("left", 0, -1), ("up", 1, 1), ("down", 1, -1)):
            await found.draw(of="words", text="king queen man woman prince princess paris rome france")
            # from the point at the other end something lies that way
            place = int(np.argmin(found.drawn.layout.points[:, axis] * sign))
            found.pane.go_to(place)
            await found.press("0", key)
            before, after = found.drawn.layout.points[[place, found.view.cursor]]
            assert (after - before)[axis] * sign > 0, key


async def test_the_points_neighbours_are_named_and_counted(mapped):
    async with mapped() as found:
        found.pane.go_to(found.drawn.places[found.drawn.space.id("king")])
        await found.driver.settle()
        near = found.pane.look.near
        names = [found.drawn.space.vocabulary[int(found.drawn.subject.ids[place])] for place in near.nearest]
        wanted = [one.token for one in found.drawn.space.neighbors("king", 10)]
        assert names[:4] == wanted[:4]
        assert "nearest by cosine" in found.said


async def test_neighbours_that_the_map_tears_away_are_marked(mapped, build):
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(400, 30))
    async with mapped(build([f"w{number}" for number in range(400)], rows)) as found:
        await found.draw(of="frequent", n=400)
        await found.press("right")
        look = found.pane.look
        assert look.near.torn
        assert "torn away" in found.said
        assert "○" in found.driver.seen
        points = look.points
        for place in look.near.torn:
            far = np.linalg.norm(points - points[look.cursor], axis=1)
            assert (far < far[place]).sum() > 30


async def test_m_asks_by_another_metric(mapped):
    async with mapped() as found:
        await found.press("m")
        assert found.pane.look.near.metric == "dot"
        assert "nearest by dot" in found.said
        await found.press("m")
        assert found.pane.look.near.metric == "euclidean"
        scores = found.pane.look.near.scores
        assert scores[found.pane.look.cursor] == pytest.approx(0, abs=1e-3)


async def test_enter_selects_everywhere(mapped):
    async with mapped() as found:
        found.pane.go_to(found.drawn.places[found.drawn.space.id("queen")])
        await found.press("enter")
        assert found.driver.token == "queen"
        assert "queen is selected everywhere" in found.driver.notices[-1]
        found.driver.app.action_mode("explore")
        await found.driver.settle()
        assert "Neighbours of queen" in found.driver.seen


async def test_a_token_that_is_found_is_gone_to(mapped):
    async with mapped() as found:
        await found.press("slash")
        await found.driver.write("rome")
        await found.press("enter")
        assert found.cursor == "rome"
        await found.press("backspace")
        assert found.cursor == "king"


async def test_zoom_pan_and_all(mapped):
    async with mapped() as found:
        whole = found.driver.seen
        sight = found.view.sight
        before = sight.viewport.unit_x
        await found.press("plus", "plus")
        assert sight.viewport.unit_x == pytest.approx(before / 1.4**2)
        middle = sight.viewport.x
        await found.press("shift+right")
        assert sight.viewport.x > middle
        await found.press("H")
        assert sight.viewport.x == pytest.approx(middle)
        await found.press("minus", "0")
        assert found.driver.seen == whole


async def test_the_wheel_zooms_and_a_click_picks(mapped):
    async with mapped() as found:
        region = found.view.region
        before = found.view.sight.viewport.unit_x
        await found.driver.pilot._post_mouse_events(
            [__import__("textual.events", fromlist=["MouseScrollUp"]).MouseScrollUp],
            found.view,
            (5, 5),
            button=0,
        )
        await found.driver.settle()
        assert found.view.sight.viewport.unit_x < before
        await found.press("0")
        place = found.drawn.places[found.drawn.space.id("paris")]
        across, down = found.view.sight.viewport.dots(
            found.view.sight.shown.points[[place]], found.view.sight.dots
        )
        await found.driver.pilot.click(found.view, offset=(int(across[0]) >> 1, int(down[0]) >> 2))
        await found.driver.settle()
        assert found.cursor == "paris"
        assert region.area


async def test_isolating_leaves_what_is_in_sight_and_back_brings_all(mapped):
    async with mapped() as found:
        assert "b all again" not in found.driver.lines[-1]
        await found.press("plus", "plus", "plus", "i")
        kept = found.view.sight.kept
        assert kept is not None
        assert 0 < kept.sum() < 13
        assert f"{kept.sum()} of 13 tokens, {(~kept).sum()} left out" in found.said
        assert len(found.listed) == kept.sum()
        await found.press("b")
        assert len(found.listed) == 13


async def test_isolating_leaves_the_cluster_of_the_point(mapped):
    async with mapped(clusters=True) as found:
        assert found.drawn.clusters is not None
        legend = found.pane.query_one("#legend", Pieces).text
        assert "● 1 " in legend
        await found.press("i")
        labels = found.drawn.clusters.labels
        own = labels == labels[found.view.cursor]
        np.testing.assert_array_equal(found.view.sight.kept, own)


async def test_the_list_has_the_same_points_in_every_order(mapped):
    async with mapped() as found:
        words = set(found.listed)
        pane = found.screen.query_one(PointsPane)
        await found.press("f3")
        seen = {}
        for _ in ORDERS:
            seen[pane.order] = found.listed
            assert set(found.listed) == words
            await found.press("s")
        assert seen["near"][0] == "king"
        assert seen["name"] == sorted(words)
        points = found.drawn.layout.points
        across = [points[found.drawn.places[found.drawn.space.id(word)], 0] for word in seen["across"]]
        assert across == sorted(across)
        upwards = [points[found.drawn.places[found.drawn.space.id(word)], 1] for word in seen["upwards"]]
        assert upwards == sorted(upwards, reverse=True)


async def test_the_cursor_of_the_list_is_that_of_the_map(mapped):
    async with mapped() as found:
        await found.press("f3", "s", "down", "down")
        assert found.cursor == found.listed[2]
        assert found.view.cursor == found.points.current
        await found.press("enter")
        await found.driver.until(lambda: found.driver.token == found.cursor)
        await found.press("f2", "right")
        await found.driver.until(lambda: found.points.current == found.view.cursor)


async def test_the_list_is_copied(mapped):
    async with mapped() as found:
        await found.press("f3", "ctrl+y")
        lines = found.driver.app.clipboard.split("\n")
        assert len(lines) == 13
        assert len(lines[0].split("\t")) == 4


async def test_a_neighbourhood_is_drawn_of_the_point(mapped):
    async with mapped() as found:
        found.pane.go_to(found.drawn.places[found.drawn.space.id("paris")])
        await found.press("n")
        assert "neighbourhood of paris" in found.driver.seen
        assert found.cursor == "paris"
        assert found.driver.token == "paris"


async def test_settings_are_chosen_before_anything_is_computed(mapped):
    async with mapped() as found:
        before = found.pane.made
        await found.press("e")
        assert isinstance(found.driver.app.screen, MapSettingsDialog)
        form = found.driver.app.screen.query_one(Form)
        await found.press("down", "right", "right")
        assert form.values["of"] == "words"
        await found.press("enter")
        # a list needs words
        assert isinstance(found.driver.app.screen, MapSettingsDialog)
        assert "needed" in found.driver.seen
        assert found.pane.made is before
        await found.press("down")
        await found.driver.write("king queen zebra")
        await found.press("enter")
        assert isinstance(found.driver.app.screen, MapScreen)
        assert len(found.drawn) == 2
        assert "1 not in it: zebra" in found.said


async def test_the_form_offers_what_suits(mapped, build):
    space = build(["a", "b", "c", "d"], np.eye(4), columns={"kind": ["x", "y", "x", "y"]})
    async with mapped(space) as found:
        await found.press("e")
        form = found.driver.app.screen.query_one(Form)
        names = {field.name for field in form._fields}
        assert {"drawing", "of", "n", "metric", "clusters", "seed"} <= names
        assert not {"perplexity", "n_neighbors", "axis_1"} & names
        assert "where" in form._fields[1].choices
        assert "training" not in form._fields[1].choices
        await found.press("right")
        assert {"perplexity", "iterations"} <= {field.name for field in form._fields}
        await found.press("right")
        assert {"n_neighbors", "min_dist"} <= {field.name for field in form._fields}
        await found.press("right")
        assert {"axis_1", "axis_2"} <= {field.name for field in form._fields}
        assert "arrows" not in form._fields[1].choices


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("n", "many", "a whole number"),
        ("n", "1", "at least two"),
        ("seed", "-3", "from 0 to"),
        ("clusters", "99", "from 0 to 50"),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_nothing_is_drawn(mapped, field, value, said):
    async with mapped() as found:
        before = found.pane.made
        await found.press("e")
        form = found.driver.app.screen.query_one(Form)
        form.values[field] = value
        found.driver.app.screen._refill()
        await found.press("enter")
        assert said in found.driver.seen
        assert found.pane.made is before


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"of": "near", "text": "zebra"}, "“zebra” is not in small"),
        ({"of": "words", "text": "zebra yak"}, "none of the 2 words is in small"),
        ({"of": "expression", "text": "king -"}, "column"),
        ({"of": "arrows", "text": "king queen"}, "is no arrow"),
        ({"of": "file", "text": "/nowhere/at/all"}, "there is no such file"),
        ({"drawing": "axes", "of": "frequent", "axes": ("king", "")}, "is no axis"),
        ({"of": "words", "text": "king"}, "at least two"),
    ],
)
async def test_what_cannot_be_drawn_is_said_and_the_map_stays(mapped, wanted, said):
    async with mapped() as found:
        before = found.pane.made
        await found.draw(**wanted)
        assert said in found.driver.notices[-1]
        assert found.pane.made is before


async def test_a_list_comes_from_a_file(mapped, tmp_path):
    (tmp_path / "words").write_text("king\nnew york\nzebra\n")
    async with mapped() as found:
        await found.draw(of="file", text=str(tmp_path / "words"))
        assert sorted(found.listed) == ["king", "new york"]
        assert "words" in found.driver.lines[1]


async def test_an_expression_has_its_arrows(mapped):
    async with mapped() as found:
        await found.draw(of="expression", text="king - man + woman", n=3)
        assert "man→king ∥ woman→queen 1.000 closes" in found.said
        assert len(found.view.sight.shown.lines) == 2


async def test_pairs_are_arrows(mapped):
    async with mapped() as found:
        await found.draw(of="arrows", text="france>paris italy>rome man>zebra")
        assert "france→paris ∥ italy→rome" in found.said
        assert "1 not in it: man>zebra" in found.said


async def test_axes_of_ones_own_place_words_and_sort_them(mapped):
    async with mapped() as found:
        await found.draw(drawing="axes", of="frequent", n=13, axes=("man > woman", "man > king"))
        assert "→ man → woman" in found.said
        assert "↑ man → king" in found.said
        found.view.move_to(None)
        await found.press("f3", "s", "s", "s", "s")
        assert found.screen.query_one(PointsPane).order == "across"
        assert found.listed[0] == "man"
        assert found.listed[-1] == "woman"


async def test_c_turns_to_the_third_axis(mapped):
    async with mapped() as found:
        flat = found.view.sight.shown.points.copy()
        await found.press("c")
        assert "axes: component 1, component 3" in found.said
        np.testing.assert_array_equal(found.view.sight.shown.points[:, 0], flat[:, 0])
        assert not np.allclose(found.view.sight.shown.points[:, 1], flat[:, 1])
        await found.press("c", "c")
        np.testing.assert_array_equal(found.view.sight.shown.points, flat)


async def test_a_space_of_two_dimensions_is_shown_as_it_is(mapped, build):
    rows = np.array([[0, 0], [1, 0], [0, 1], [2, 2]], np.float32)
    async with mapped(build(list("abcd"), rows)) as found:
        await found.draw(of="frequent", n=4, settings=MapSettings(metric="euclidean"))
        assert "its own 2 dimensions" in found.said
        np.testing.assert_array_equal(found.drawn.layout.points, rows)


async def test_similarities_stand_beside_one_hot_vectors(mapped):
    async with mapped() as found:
        await found.draw(drawing="similarity", of="words", text="king queen man")
        one, two = found.pane.query(HeatView)
        assert one.display
        assert two.display
        assert "nothing is like anything" in found.said
        assert "Points" not in found.driver.lines[1]
        await found.press("right", "down", "down")
        assert "man · queen" in found.driver.seen
        await found.draw(of="frequent", n=13)
        assert "13 points" in found.driver.seen


async def test_rows_are_a_heat_map(mapped):
    async with mapped() as found:
        await found.draw(drawing="rows", of="words", text="king queen")
        assert "rows of W_E" in found.driver.seen
        await found.press("end")
        assert "king · d7" in found.driver.seen


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
async def test_positions_are_pictures_that_take_turns_where_there_is_no_room(mapped, words, size):
    async with mapped(words(n_ctx=40), size=size) as found:
        await found.draw(drawing="positions")
        matrices = found.pane.query_one(Matrices)
        seen = set()
        for _ in range(6):
            seen |= {view.id for view in matrices._views if view.display and view.region.area}
            await found.press("v")
        assert seen == {"heat-1", "heat-2", "curve-1", "curve-2"}


async def test_large_matrices_are_seen_whole_and_then_closer(mapped, words):
    async with mapped(words(n_ctx=400)) as found:
        await found.draw(drawing="positions")
        view = found.pane.query_one("#heat-1", HeatView)
        assert view._cells.stride > 1
        assert "mean" in found.driver.seen
        for _ in range(8):
            await found.press("plus")
        assert view._cells.stride == 1
        await found.press("0")
        assert view._cells.stride > 1


async def test_a_picture_is_saved_of_what_is_shown(mapped, tmp_path):
    async with mapped() as found:
        await found.press("plus", "plus", "plus", "i")
        kept = int(found.view.sight.kept.sum())
        await found.press("x")
        assert isinstance(found.driver.app.screen, SavePictureDialog)
        found.driver.app.screen.query_one("#path").value = str(tmp_path / "a.csv")
        await found.press("enter")
        assert f"Saved {tmp_path / 'a.csv'}" in found.driver.notices[-1].replace("\n", "")
        assert (tmp_path / "a.csv").read_text().count("\n") == kept + 1
        await found.press("x")
        found.driver.app.screen.query_one("#path").value = str(tmp_path / "a.csv")
        await found.press("enter")
        assert "is there already" in found.driver.said("#said")
        await found.press("escape")
        await found.press("x")
        found.driver.app.screen.query_one("#path").value = "a.gif"
        await found.press("enter")
        assert "says no format" in found.driver.said("#said")


async def test_a_heat_map_is_saved(mapped, tmp_path):
    async with mapped() as found:
        await found.draw(drawing="similarity", of="words", text="king queen")
        await found.press("x")
        found.driver.app.screen.query_one("#path").value = str(tmp_path / "a.csv")
        await found.press("enter")
        assert (tmp_path / "a.csv").read_text().startswith(",king,queen\n")


async def test_frames_are_shown_as_they_come_and_keep_where_one_looks(mapped):
    async with mapped() as found:
        await found.press("plus", "plus")
        drawn, cursor = found.drawn, found.view.cursor
        moved = replace(
            drawn, layout=replace(drawn.layout, points=drawn.layout.points + 0.01, done=10, total=50)
        )
        from tui_embed.engine.cancel import CancelToken

        found.pane.post_message(MapFrame(moved, CancelToken()))
        await found.driver.settle()
        assert "10 of 50 iterations" in found.said
        assert found.view.cursor == cursor
        assert not found.view.sight.whole
        cancelled = CancelToken()
        cancelled.cancel()
        found.pane.post_message(MapFrame(drawn, cancelled))
        await found.driver.settle()
        assert "10 of 50 iterations" in found.said, "a frame of a job that is not wanted is not shown"


async def test_escape_stops_a_layout_and_what_is_there_stays(mapped, build):
    rng = np.random.default_rng(1)
    space = build([f"w{number}" for number in range(300)], rng.normal(size=(300, 20)))
    async with mapped(space) as found:
        settings = MapSettings("tsne", iterations=10_000)
        found.pane.draw(MapWanted("tsne", "frequent", n=300, settings=settings))
        await found.driver.until(lambda: "of 10,000 iterations" in found.said)
        assert "Esc stops" in found.driver.seen
        await found.driver.press("escape")
        assert "stopped" in found.said
        assert "Stopped" in found.driver.notices
        assert len(found.drawn) == 300
        assert not found.driver.app.jobs.running()


async def test_a_missing_package_is_one_line(mapped, monkeypatch):
    def missing(*given, **more):
        raise TuiEmbedError("this needs the package openTSNE", "pip install 'tui-embed[maps]'")

    monkeypatch.setattr("tui_embed.engine.maps.layout.fit", missing)
    async with mapped() as found:
        await found.draw(drawing="tsne", of="frequent", n=13, settings=MapSettings("tsne"))
        assert "tui-embed[maps]" in found.driver.notices[-1]


async def test_another_space_has_another_map(mapped, words, build):
    async with mapped() as found:
        await found.driver.enter(build(["x", "y", "z"], np.eye(3), name="other"))
        assert "other" in found.driver.lines[0]
        assert set(found.listed) == {"x", "y", "z"}


async def test_a_map_that_is_passed_by_is_not_drawn_on(explore, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    def make(space, wanted, selected, cancel, progress, frames):
        begun.set()
        try:
            while True:
                cancel.wait(10)
        finally:
            ended.set()

    with monkeypatch.context() as patched:
        patched.setattr("tui_embed.tui.panes.map.make", make)
        async with explore() as driver:
            driver.app.action_mode("map")
            await driver.until(begun.is_set)
            assert not ended.is_set()
            driver.app.action_mode("train")
            await driver.until(ended.is_set)
            patched.undo()
            driver.app.action_mode("map")
            await driver.settle()
            assert len(Mapper(driver).drawn.subject.ids) == 13


async def test_g_shows_a_neighbourhood_and_an_expression(explore, monkeypatch):
    monkeypatch.setattr("tui_embed.tui.map_work.with_clusters", lambda drawn, *more: drawn)
    async with explore() as driver:
        await driver.press("f4", "g")
        assert isinstance(driver.app.screen, MapScreen)
        assert "neighbourhood of king" in driver.seen
        driver.app.action_mode("explore")
        await driver.settle()
        await driver.press("f5", "down", "g")
        assert "king - man + woman" in driver.lines[1]
        assert "man→king" in driver.seen


async def test_a_training_is_watched_on_the_map(train, monkeypatch):
    monkeypatch.setattr("tui_embed.tui.map_live.with_clusters", lambda drawn, *more: drawn)
    async with train() as trainee:
        trainee.app.action_mode("map")
        await trainee.driver.settle()
        found = Mapper(trainee.driver)
        trainee.app.action_mode("train")
        await trainee.driver.settle()
        await trainee.start(epochs=3)
        trainee.app.action_mode("map")
        found.pane.draw(MapWanted(of="training", n=500))
        await trainee.until(lambda: trainee.view.is_over)
        await trainee.until(lambda: "trained here" in found.driver.lines[0])
        assert found.drawn.space.vocabulary is trainee.view.corpus.vocabulary
        await trainee.driver.press("right", "enter")
        assert "open what was trained first" in trainee.notices[-1]


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL, (200, 60), (20, 8), (8, 4), (2, 2), (1, 1)])
async def test_no_size_is_too_odd(mapped, words, size):
    async with mapped(words(n_ctx=20), size=size) as found:
        await found.press("right", "plus", "f3", "down", "f2", "i", "b", "d", "l", "a")
        for drawing in ("similarity", "rows", "positions"):
            await found.draw(drawing=drawing, of="frequent", n=9)
            await found.press("right", "plus", "v")
        await found.driver.resize(*WIDE)
        await found.driver.resize(*size)
        assert found.driver.app.is_running


@pytest.mark.parametrize("theme", ["tui-embed-dark", "tui-embed-light", "tui-embed-contrast"])
async def test_it_is_drawn_without_colour(mapped, monkeypatch, theme):
    monkeypatch.setenv("NO_COLOR", "1")
    async with mapped(theme=theme) as found:
        assert found.driver.app.export_screenshot()
        assert "king" in found.driver.seen
        await found.draw(drawing="similarity", of="words", text="king queen")
        assert found.driver.app.export_screenshot()


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_no_token_reaches_the_terminal_as_it_is(mapped, build, size):
    hostile = [
        "\x1b[31m",
        "\x00",
        "\u202eabc",
        "[/]",
        "[red]",
        "a\nb",
        "\u0301",
        "🙂",
        "高兴",
        "",
        " ",
        b"\xff",
        "x" * 500,
    ]
    space = build(hostile, np.random.default_rng(2).normal(size=(len(hostile), 9)), name="\x1b]0;x\x07")
    async with mapped(space, size=size) as found:
        await found.draw(of="frequent", n=50)
        for _ in hostile:
            await found.press("right", "down")
            found.driver.assert_harmless()
        await found.press("f3", "down")
        found.driver.assert_harmless()
        for drawing in ("similarity", "rows"):
            await found.draw(drawing=drawing, of="frequent", n=50)
            await found.press("down", "right")
            found.driver.assert_harmless()
        assert {cell_len(line) for line in found.driver.lines} == {size[0]}
