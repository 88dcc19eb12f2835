"""Pictures of the Map screen, one for each state that a person meets."""

import numpy as np
import pytest

from tui_embed.engine.maps.clusters import Clusters
from tui_embed.engine.maps.point_map import PointMap
from tui_embed.settings import Settings
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.map_wanted import MapWanted

WIDE, NARROW, SMALL = (120, 40), (80, 24), (40, 12)


def by_half(drawn: PointMap, *more) -> PointMap:
    """Clusters without a process: the first half of the points, and the second."""
    from dataclasses import replace

    n = len(drawn)
    labels = (np.arange(n) >= (n + 1) // 2).astype(np.int32)
    return replace(drawn, clusters=Clusters(labels, ((0, 1), (n - 1,))))


@pytest.fixture
def compared(snap_compare, words, monkeypatch):
    """Compare the screen after ``keys`` on what is ``wanted``."""
    monkeypatch.setattr("tui_embed.tui.map_work.with_clusters", by_half)

    def compare(*keys: str, size=WIDE, wanted: MapWanted | None = None, space=None, **settings) -> bool:
        app = ExplorerApp(space or words(), Settings(**{"encodings": ("r50k_base",), **settings}), "the king")

        async def run(pilot) -> None:
            async def settle() -> None:
                for _ in range(5):
                    await app.workers.wait_for_complete()
                    await pilot.pause()

            await settle()
            app.action_mode("map")
            await settle()
            if wanted is not None:
                app.get_screen("map").map_pane.draw(wanted)
                await settle()
            for key in keys:
                await pilot.press(key)
                await settle()
            for widget in app.screen.query("Input"):
                widget.cursor_blink = False

        return snap_compare(app, terminal_size=size, run_before=run)

    return compare


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
def test_a_neighbourhood(compared, size):
    assert compared(size=size)


@pytest.mark.parametrize("theme", ["tui-embed-light", "tui-embed-contrast"])
def test_in_other_themes(compared, theme):
    assert compared(theme=theme)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_an_analogy(compared, size):
    assert compared(size=size, wanted=MapWanted(of="expression", text="king - man + woman", n=4))


def test_axes_of_ones_own(compared):
    wanted = MapWanted("axes", "frequent", n=13, axes=("man > woman", "man > king"))
    assert compared("right", wanted=wanted)


def test_one_cluster_alone(compared):
    assert compared("i")


def test_closer(compared):
    assert compared("plus", "plus", "plus", "shift+right")


def test_density(compared):
    assert compared("d")


@pytest.mark.parametrize("size", [NARROW, SMALL])
def test_the_list(compared, size):
    assert compared("f3", "s", "s", size=size)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_similarities(compared, size):
    wanted = MapWanted("similarity", "words", "king queen man woman prince princess")
    assert compared("right", "down", size=size, wanted=wanted)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_positions(compared, words, size):
    assert compared(size=size, wanted=MapWanted("positions"), space=words(n_ctx=60))


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_what_to_draw(compared, size):
    assert compared("e", "right", size=size)


def test_saving(compared):
    assert compared("x")
