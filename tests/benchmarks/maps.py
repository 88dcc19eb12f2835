"""Maps: PCA beside scikit-learn's in the same run, fits, faithfulness, the first frame, and a redraw.

``python -m tests.benchmarks.maps``
"""

import asyncio
import statistics
import time
from collections.abc import Callable

import numpy as np

from tui_embed.engine.maps.faithfulness import faithfulness
from tui_embed.engine.maps.fits import fit
from tui_embed.engine.maps.point_map import draw
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import most_frequent
from tui_embed.engine.projection import pca
from tui_embed.settings import Settings
from tui_embed.sources.catalog import open_space
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.map_wanted import MapWanted
from tui_embed.tui.widgets.map_view import MapView

ROUNDS = 15


def interleaved(*works: Callable[[], object]) -> list[float]:
    """The median milliseconds of each, one after another in every round."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, own in zip(works, times, strict=True):
            began = time.perf_counter()
            work()
            own.append(1e3 * (time.perf_counter() - began))
    return [statistics.median(own) for own in times]


def components() -> None:
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(1)
    for n, d in ((10_000, 100), (2_000, 50), (100_000, 50)):
        rows = (rng.normal(size=(n, d)) * np.linspace(3, 0.5, d)).astype(np.float32)
        ours, theirs, random = interleaved(
            lambda rows=rows: pca(rows, 2),
            lambda rows=rows: PCA(2).fit_transform(rows),
            lambda rows=rows: PCA(2, svd_solver="randomized", random_state=1).fit_transform(rows),
        )
        ratio = f"{ours / theirs:.2f} of its time (goal for 10,000 × 100: under 1)"
        print(f"PCA {n:,} × {d}: {ours:.2f} ms; scikit-learn {theirs:.2f}, randomized {random:.2f}: {ratio}")


def fits() -> None:
    rows = open_space("glove").matrix.unit(np.arange(2000))
    tasks = {
        "t-SNE": {"iterations": 500, "perplexity": 30.0, "seed": 1},
        "k-means": {"k": 8, "seed": 1},
        "UMAP": {"n_neighbors": 15, "min_dist": 0.1, "seed": 1},
    }
    for what, parameters in tasks.items():
        times: list[float] = []
        began = time.perf_counter()
        fit(what, rows, parameters, frame=lambda frame, times=times: times.append(time.perf_counter()))
        total = time.perf_counter() - began
        frames = f"; {len(times)} frames, the first after {times[0] - began:.1f} s" if times else ""
        moving = f", {times[-1] - times[0]:.1f} s from the first to the last" if times else ""
        print(f"{what} of 2,000 × 50: {total:.1f} s with its process{frames}{moving}")


def trust() -> None:
    glove = open_space("glove")
    for n in (2_000, 20_000):
        drawn = draw(glove, most_frequent(glove, n), MapSettings())
        began = time.perf_counter()
        found = faithfulness(drawn.rows, drawn.layout.points[:, :2])
        assert found is not None
        print(f"trustworthiness of {n:,}: {time.perf_counter() - began:.2f} s, {found.looked_at:,} looked at")


async def screen() -> None:
    """The first frame of a map after it was asked for, and what a redraw of it costs."""
    app = ExplorerApp(open_space("glove"), Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.5)
        app.action_mode("map")
        await pilot.pause(2)
        pane = app.get_screen("map").map_pane
        view = pane.query_one("#map", MapView)
        for n, goal in ((2_000, 5), (100_000, 15)):
            began = time.perf_counter()
            pane.draw(MapWanted(of="frequent", n=n, settings=MapSettings(clusters=0)))
            while view.sight is None or len(view.sight.shown) != n:
                await asyncio.sleep(0.002)
            view._draw()
            first = time.perf_counter() - began
            await app.workers.wait_for_complete()
            await pilot.pause(0.5)
            colours = np.random.default_rng(1).integers(0, 8, n)
            object.__setattr__(view.sight.shown, "colours", colours)

            def redraw() -> None:
                view._drawn_for = None
                for y in range(view.size.height):
                    view.render_line(y)

            (cost,) = interleaved(redraw)
            print(
                f"{n:,} points at 120×40: first frame {1e3 * first:.0f} ms after asking "
                f"(goal for 2,000: 300), a redraw {cost:.1f} ms (goal {goal})"
            )


def main() -> None:
    components()
    trust()
    fits()
    asyncio.run(screen())


if __name__ == "__main__":
    main()
