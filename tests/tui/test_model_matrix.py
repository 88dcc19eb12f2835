"""The Matrix pane of the Model screen: figures, under-trained tokens, another space beside it."""

from model_screen import screen

from tui_embed.engine.statistics import Statistics
from tui_embed.engine.undertrained import UnderTrained
from tui_embed.tui.messages import TokenPicked
from tui_embed.tui.panes.model_matrix import ModelMatrixPane
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.ranked_list import RankedList

NARROW = (80, 24)


async def test_the_matrix_is_counted_and_its_views_turn(modelled):
    async with modelled() as driver:
        pane = screen(driver).query_one(ModelMatrixPane)
        assert isinstance(pane._counted["statistics"].found, Statistics)
        for said in ("of the model", "effective", "mean cosine", "rows by norm", "mean norm along the ids"):
            assert said in driver.seen
        await driver.press("f4", "s")
        assert isinstance(pane._counted["under-trained"].found, UnderTrained)
        assert "8 placeholders such as [unused0]" in driver.said("#matrix-said")
        await driver.press("i")
        assert "of unused tokens, both less the mean of all rows" in driver.said("#matrix-said")
        await driver.press("down", "enter")
        assert driver.sent(TokenPicked)[-1].origin == "model"
        await driver.press("backspace", "s")
        assert "name a space (glove), a file or a checkpoint folder" in driver.said("#matrix-said")


async def test_indicators_are_turned_without_a_look_at_all_tokens(modelled, monkeypatch):
    async with modelled() as driver:
        pane = screen(driver).query_one(ModelMatrixPane)
        await driver.press("f4", "s")

        def looked(*_):
            raise AssertionError("all tokens were looked at while a key waits")

        seen, started = [], []
        for number in range(4):
            seen.append(pane._counted["under-trained"].found.indicator)
            with monkeypatch.context() as patched:
                patched.setattr("tui_embed.engine.undertrained.family_of", looked)
                patched.setattr(pane, "_compute", lambda *, asked: started.append(asked))
                pane.action_indicator()
            assert len(started) == number + 1
            pane._compute(asked=True)
            await driver.settle()
        assert seen == ["cosine", "centred", "norm", "distance"]


async def test_one_row_that_is_not_finite_leaves_the_others_their_bars(modelled, build):
    import numpy as np

    rows = np.eye(4, dtype=np.float32)
    rows[2, 1] = np.nan
    async with modelled(build(["a", "b", "c", "d"], rows, n_ctx=8)) as driver:
        await driver.press("f4", "s")
        items = screen(driver).query_one("#matrix-list", RankedList).items
        assert {item.token: item.fraction for item in items} == {"a": 1, "b": 1, "c": 0, "d": 1}


async def test_two_spaces_side_by_side(modelled):
    async with modelled(size=NARROW) as driver:
        await driver.press("f4", "c")
        await driver.write("gl")
        # → takes the name that there is
        await driver.until(lambda: driver.app.focused._suggestion)
        await driver.press("right", "enter")
        await driver.until(lambda: "shared with" in driver.seen)
        assert "after a rotation" in driver.said("#matrix-said")
        matrix = screen(driver).query_one("#matrix-list", RankedList)
        assert driver.app.focused is matrix
        pane, n = screen(driver).query_one(ModelMatrixPane), len(matrix.items)
        found = pane._counted["two spaces"].found
        assert str(pane.border_title) == "Matrix · Two spaces · moved most"
        assert str(pane.border_subtitle).startswith(f"1 of {n}, {len(found.shared)} shared")
        assert [item.score for item in matrix.items] == sorted(item.score for item in matrix.items)
        await driver.press("j")
        assert str(pane.border_subtitle).startswith(f"2 of {n},")
        await driver.press("i")
        assert [item.score for item in matrix.items] == sorted((i.score for i in matrix.items), reverse=True)
        await driver.press("i")
        assert [item.token_id for item in matrix.items] == found.only_first.tolist()
        await driver.press("i")
        assert matrix.items[0].token == found.second.vocabulary[int(found.only_second[0])]
        # an id of the other space is none here
        before = len(driver.sent(TokenPicked))
        await driver.press("enter")
        assert len(driver.sent(TokenPicked)) == before
        assert driver.notices == ["The open space does not have this token"]


async def test_a_name_that_cannot_be_compared_stays_to_be_corrected(modelled, words, written):
    apart = written("猫猫 1 2\n犬犬 3 4\n")
    async with modelled(words(), size=NARROW) as driver:
        line = screen(driver).query_one("#other", LineInput)
        await driver.press("f4", "c")
        await driver.write("nosuch")
        await driver.press("enter")
        assert "there is no space or file named 'nosuch'" in driver.said("#matrix-said")
        assert "correct it, then Enter" in driver.said("#matrix-said")
        assert (driver.app.focused, line.value) == (line, "nosuch")
        line.value = str(apart)
        await driver.press("enter")
        assert "share 0 tokens" in driver.said("#matrix-said")
        assert driver.app.focused is line
        line.value = "glove"
        await driver.press("enter")
        await driver.until(lambda: "shared with" in driver.seen)
        assert driver.app.focused is not line
        assert "c compare" in driver.lines[-1]
        # what was found stays while one looks elsewhere, and so does the name
        await driver.press("s", "s", "s", "c")
        assert (driver.app.focused, line.value) == (line, "glove")
        assert "shared with" in driver.said("#matrix-said")


async def test_what_runs_and_what_was_stopped_is_said(modelled, monkeypatch):
    def slow(space, view, indicator, other, drawing):
        def work(cancel, progress):
            while True:
                progress(1, 4)
                cancel.check()

        return work

    async with modelled() as driver:
        monkeypatch.setattr("tui_embed.tui.panes.model_matrix.work_of", slow)
        await driver.press("f4")
        await driver.pilot.press("s")
        await driver.until(lambda: "25 % · Esc stops" in driver.said("#matrix-said"))
        await driver.pilot.press("escape")
        await driver.until(lambda: "stopped · Enter starts again" in driver.said("#matrix-said"))
        assert "Enter compute" in driver.lines[-1]
        await driver.pilot.press("enter")
        await driver.until(lambda: "25 % · Esc stops" in driver.said("#matrix-said"))
        await driver.pilot.press("escape")
        await driver.until(lambda: "stopped" in driver.said("#matrix-said"))


async def test_a_large_matrix_waits_to_be_asked(modelled, monkeypatch):
    monkeypatch.setattr("tui_embed.tui.panes.model_matrix.AT_ONCE", 10)
    async with modelled() as driver:
        assert "Enter computes figures of all 26 × 16 numbers" in driver.seen
        assert "Enter compute" not in driver.lines[-1]
        await driver.press("f4")
        assert "Enter compute" in driver.lines[-1]
        await driver.press("enter")
        assert "effective" in driver.seen
        assert "Enter compute" not in driver.lines[-1]
        # the empty list leaves the key to the pane
        await driver.press("s")
        assert "Enter computes the least trained tokens" in driver.seen
        await driver.press("enter")
        assert "8 placeholders" in driver.said("#matrix-said")
