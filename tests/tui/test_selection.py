"""One selection, chosen anywhere and shown everywhere."""

import numpy as np
import pytest

from tui_embed.sources.catalog import open_space
from tui_embed.tui.messages import TokenPicked
from tui_embed.tui.widgets.ranked_list import RankedList
from tui_embed.tui.widgets.row_view import RowView
from tui_embed.tui.widgets.token_lines import TokenLines


def assert_shown(driver, token: str) -> None:
    """``token`` is the selection in every place that names it."""
    token_id = driver.app.space.vocabulary.get(token)
    assert driver.token == token
    place = f"position {driver.app.selection.position}"
    assert driver.lines[0].rstrip().endswith(f"{token} · id {token_id} · {place}")
    assert str(driver.row.border_title).startswith(f"Row · {token} · id {token_id} · position ")
    assert driver.row.query_one(RowView).inspected.chosen == token_id
    assert f"Neighbours of {token} · " in str(driver.neighbours.border_title)
    assert token not in driver.answers(driver.neighbours)
    assert driver.said("#detail").startswith(f"{token} · ")
    assert f"id {token_id} " in driver.said("#detail")


async def test_the_caret_picks_the_token_that_is_typed(explore):
    async with explore(text="") as driver:
        assert driver.token is None
        await driver.write("the queen")
        assert_shown(driver, "queen")
        assert driver.app.selection.position == 1
        last = driver.sent(TokenPicked)[-1]
        assert (last.token_id, last.origin, last.position) == (2, "text", 1)


async def test_arrows_walk_the_chips(explore):
    async with explore(text="the king queen") as driver:
        await driver.press("down", "left")
        assert_shown(driver, "king")
        assert driver.app.selection.position == 1
        await driver.press("home")
        assert_shown(driver, "the")
        await driver.press("left", "end")
        assert_shown(driver, "queen")
        await driver.press("up")
        assert driver.app.focused is driver.tokenize.main


async def test_a_token_of_another_encoding_picks_the_row_that_covers_it(explore):
    async with explore(text="princess") as driver:
        await driver.press("down", "down", "end")
        lines = driver.tokenize.query_one(TokenLines)
        assert lines.encoded[1].encoding == "r50k_base"
        assert_shown_parts = driver.said("#detail")
        assert "r50k_base id" in assert_shown_parts
        assert driver.token == "princess"


async def test_enter_on_a_neighbour_follows_it(explore):
    async with explore() as driver:
        await driver.press("f4", "down", "enter")
        assert driver.sent(TokenPicked)[-1].origin == "neighbours"
        assert_shown(driver, "man")


async def test_enter_on_an_answer_of_arithmetic_follows_it(explore):
    async with explore() as driver:
        await driver.press("f5", "down", "enter")
        assert driver.sent(TokenPicked)[-1].origin == "arithmetic"
        assert_shown(driver, "queen")


async def test_what_is_found_is_selected(explore):
    async with explore() as driver:
        await driver.press("f4", "slash")
        await driver.write("pari")
        await driver.press("enter")
        assert driver.sent(TokenPicked)[-1].origin == "find"
        assert_shown(driver, "paris")


async def test_the_selection_is_marked_among_the_chips(explore):
    async with explore(text="the king man") as driver:
        await driver.press("f4", "down")
        chips = driver.tokenize.query_one(TokenLines)
        assert chips._chosen == (0, 2)
        await driver.press("slash", *"king", "enter")
        assert chips._chosen == (0, 1)
        await driver.press("slash", *"rome", "enter")
        assert chips._chosen is None


async def test_back_and_forward_walk_what_was_followed(explore):
    async with explore() as driver:
        await driver.press("f4", "enter")
        first = driver.token
        await driver.press("enter")
        second = driver.token
        assert len({"king", first, second}) == 3 or second == "king"
        await driver.press("backspace")
        assert driver.token == first
        await driver.press("backspace")
        assert_shown(driver, "king")
        await driver.press("backspace")
        assert driver.token == "king"
        await driver.press("shift+backspace", "shift+backspace", "shift+backspace")
        assert driver.token == second


async def test_typing_does_not_flood_the_history(explore):
    async with explore(text="king") as driver:
        await driver.press("f4", "enter")
        followed = driver.token
        await driver.press("f2")
        await driver.write(" the man woman rome")
        assert driver.token == "rome"
        await driver.press("f4", "backspace")
        assert driver.token == followed
        await driver.press("backspace")
        assert driver.token == "king"


async def test_positions_stop_at_the_ends_of_what_was_learned(explore, words):
    async with explore(words(n_ctx=3)) as driver:
        await driver.press("f3", *["right_square_bracket"] * 5)
        assert driver.app.selection.position == 2
        assert "position 2" in str(driver.row.border_title)
        await driver.press(*["left_square_bracket"] * 5)
        assert driver.app.selection.position == 0
        row = driver.row.query_one(RowView).inspected
        np.testing.assert_array_equal(row.sum, row.token_row + driver.app.space.positions.row(0))


async def test_a_text_longer_than_the_positions_never_shows_one_that_does_not_exist(explore, words):
    async with explore(words(n_ctx=3), text="the king man woman paris") as driver:
        assert driver.token == "paris"
        assert "position 2" in str(driver.row.border_title)
        assert driver.lines[0].rstrip().endswith("position 2")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("glove", ["none", "sinusoidal", "none"]),
        ("gpt2-init", ["learned", "sinusoidal", "none", "learned"]),
        ("llama2-7b-init", ["none", "sinusoidal", "none"]),
    ],
)
async def test_p_goes_through_the_kinds_of_positions(explore, words, name, kinds):
    space = open_space(name)
    async with explore(words()) as driver:
        driver.neighbours._search = lambda: None
        await driver.enter(space)
        await driver.press("f3")
        seen = []
        if "llama" in name:
            assert "RoPE" in driver.row.query_one(RowView)._position_note
        for _ in kinds:
            row = driver.row.query_one(RowView).inspected
            seen.append(row.kind)
            assert (row.position_row is None) == (row.kind == "none")
            await driver.press("p")
        assert seen == kinds


async def test_metric_and_count(explore):
    async with explore() as driver:
        await driver.press("f4", "m")
        assert "· dot" in str(driver.neighbours.border_title)
        await driver.press("m")
        assert "· euclidean" in str(driver.neighbours.border_title)
        scores = [item.score for item in driver.neighbours.query_one(RankedList).items]
        assert scores == sorted(scores)
        await driver.press("m", "plus")
        assert driver.neighbours.metric == "cosine"
        assert driver.neighbours.k == 20
        await driver.press("minus", "minus", "minus")
        assert driver.neighbours.k == 10
        await driver.press(*["plus"] * 9)
        assert driver.neighbours.k == 200
        assert len(driver.answers(driver.neighbours)) == 12


async def test_another_space_keeps_the_token_where_it_has_it(explore, words, build):
    async with explore() as driver:
        await driver.enter(build(["zero", " king", "two"], np.eye(3), name="spaced", tokenize=False))
        assert driver.token == " king"
        assert "spaced · 3 × 3" in driver.lines[0]
        assert driver.answers(driver.neighbours) == ["zero", "two"]
        await driver.enter(build(["one", "two"], np.eye(2), name="without", tokenize=False))
        assert driver.token == "one"


async def test_nothing_is_left_of_a_space_whose_token_the_new_one_lacks(explore, words, build):
    async with explore(text="king", size=(120, 40)) as driver:
        await driver.enter(build(["eins", "zwei"], np.eye(2), name="german"))
        assert driver.app.selection is None
        assert driver.answers(driver.neighbours) == []
        assert driver.row.query_one(RowView).inspected is None
        assert "Row · king" not in driver.seen
        assert "Neighbours of king" not in driver.seen
        assert driver.answers(driver.arithmetic) == []


async def test_an_empty_text_has_no_tokens_and_keeps_the_selection(explore):
    async with explore() as driver:
        await driver.press("ctrl+u")
        assert driver.tokenize.text == ""
        assert driver.tokenize.query_one(TokenLines).encoded[0].tokens == []
        assert driver.token == "king"
        assert driver.answers(driver.neighbours)[0] == "prince"


async def test_a_token_id_beyond_the_space_is_not_taken(explore):
    async with explore() as driver:
        driver.neighbours.post_message(TokenPicked(999, "neighbours"))
        await driver.settle()
        assert driver.token == "king"
