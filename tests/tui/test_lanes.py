"""Lanes: the lane under the cursor, the names of the columns and the token's name stay in sight."""

import pytest
from textual.app import App

from tui_embed.tui.themes import THEMES
from tui_embed.tui.widgets.lanes import Lane, LaneBlock, LaneCell, Lanes


def block(title: str, n_tokens: int, n_layers: int) -> LaneBlock:
    cells = tuple(LaneCell(f"c{layer}".encode(), 0.5, False) for layer in range(n_layers + 1))
    return LaneBlock(
        title, tuple(Lane(f"{title[-1]}tok{n}".encode(), n, 1.0, None, cells) for n in range(n_tokens))
    )


class LanesApp(App[None]):
    def __init__(self, *blocks: LaneBlock, lane: int = 0) -> None:
        super().__init__()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = next(iter(THEMES))
        self.blocks, self.lane = blocks, lane

    def compose(self):
        yield Lanes()

    def on_mount(self) -> None:
        self.query_one(Lanes).show(self.blocks, self.lane, 99)

    @property
    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]


@pytest.mark.parametrize("n_layers", [2, 6, 12, 24, 30])
async def test_the_lane_and_the_layer_of_the_cursor_are_in_sight_under_their_names(n_layers):
    app = LanesApp(block("token", 40, n_layers), lane=39)
    async with app.run_test(size=(76, 12)) as pilot:
        for keys in ([], ["home"], ["up"] * 15, ["pageup"], ["end"], ["pagedown"], ["left"] * 5):
            await pilot.press(*keys)
            await pilot.pause()
            lanes = app.query_one(Lanes)
            head, *shown = app.lines
            assert head.startswith("token ")
            name = "input" if lanes.stage == 0 else str(lanes.stage)
            assert name in [column.strip("‹›") for column in head.split()]
            line = next(line for line in shown if line.startswith(f"ntok{lanes.lane} "))
            assert f"c{lanes.stage} " in f"{line} "


async def test_a_page_goes_as_far_as_is_seen_and_comes_back():
    app = LanesApp(block("token", 40, 6))
    async with app.run_test(size=(76, 12)) as pilot:
        await pilot.press("pagedown")
        assert app.query_one(Lanes).lane == 10
        await pilot.press("pagedown", "pageup", "pageup")
        assert app.query_one(Lanes).lane == 0


async def test_the_names_at_the_top_are_those_of_the_text_in_sight():
    app = LanesApp(block("text 1", 9, 6), block("text 2", 9, 6))
    async with app.run_test(size=(76, 6)) as pilot:
        assert app.lines[0].startswith("text 1")
        await pilot.press(*["down"] * 8)
        assert app.lines[0].startswith("text 1")
        await pilot.press(*["down"] * 9)
        assert app.lines[0].startswith("text 2")
        assert app.lines[-1].startswith("2tok8")


async def test_a_smaller_window_keeps_the_lane_in_sight():
    app = LanesApp(block("token", 9, 6), lane=8)
    async with app.run_test(size=(76, 12)) as pilot:
        await pilot.resize_terminal(76, 5)
        await pilot.pause()
        assert app.lines[0].startswith("token")
        assert app.lines[-1].startswith("ntok8")


async def test_layers_out_of_sight_are_told_at_both_ends():
    app = LanesApp(block("token", 3, 30))
    async with app.run_test(size=(76, 12)) as pilot:
        await pilot.press(*["left"] * 10)
        columns = app.lines[0].split()[3:]
        assert columns[0].startswith("‹")
        assert columns[-1].endswith("›")
        assert "20" in [column.strip("‹›") for column in columns]
