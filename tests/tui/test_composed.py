"""Words without a row in a space that composes vectors of n-grams."""

import numpy as np
import pytest

from tui_embed.engine.neighbors import cosine
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.subwords import Composed, Subwords
from tui_embed.tui.messages import TokenPicked, WordPicked
from tui_embed.tui.widgets.row_view import RowView
from tui_embed.tui.widgets.token_lines import TokenLines

BUCKETS = np.random.default_rng(5).normal(size=(50, 8)).astype(np.float32)


@pytest.fixture
def fast(words):
    """The space of WORDS with n-grams of 3 … 4 characters, none for words of one."""
    return words(name="fast.bin", subwords=Subwords(4, 5, ArrayRows(BUCKETS)))


def assert_composed(driver, word: str) -> Composed:
    """``word`` is the selection in every place that names it."""
    chosen = driver.app.selection.chosen
    assert isinstance(chosen, Composed)
    assert chosen.word == word == driver.token
    assert f"{word} · composed · position" in driver.lines[0]
    assert str(driver.row.border_title).startswith(f"Row · {word} · composed · position ")
    assert np.array_equal(driver.row.query_one(RowView).inspected.token_row, chosen.vector)
    assert str(driver.neighbours.border_title).startswith(f"Neighbours of {word} · composed · ")
    assert driver.said("#detail").startswith(f"{word} · ")
    grams = f"not in the vocabulary: its vector is composed from {len(chosen.ngrams)} n-grams: "
    assert grams + ", ".join(chosen.ngrams[:3]) in driver.said("#detail")
    return chosen


async def test_a_word_without_a_row_has_neighbours_of_its_composed_vector(explore, fast):
    async with explore(fast, text="the kingly") as driver:
        chosen = assert_composed(driver, "kingly")
        assert chosen.ngrams[:2] == ("<kin", "<king")
        assert driver.app.selection.position == 1
        assert driver.sent(WordPicked)[-1].space is fast
        ids = sorted(range(13), key=lambda i: -cosine(fast.vectors[i], chosen.vector))
        assert driver.answers(driver.neighbours) == [fast.vocabulary[i] for i in ids]
        assert "no row of its own" in driver.seen
        assert "composed" in driver.lines[driver.tokenize.query_one(TokenLines).region.y + 2]


async def test_a_word_of_the_vocabulary_has_its_row(explore, fast):
    async with explore(fast, text="the king") as driver:
        assert driver.app.selection.token_id == 1
        assert not driver.sent(WordPicked)


async def test_a_word_without_n_grams_has_no_row(explore, fast):
    async with explore(fast, text="king q") as driver:
        assert driver.app.selection is None or driver.app.selection.token_id is not None
        assert "no row" in driver.seen
        assert "fast.bin" in driver.said("#detail")
        assert "composed" not in driver.said("#detail")


async def test_one_goes_on_from_it_and_comes_back(explore, fast):
    async with explore(fast, text="the kingly") as driver:
        await driver.press("f4", "enter")
        followed = driver.token
        assert isinstance(driver.sent(TokenPicked)[-1], TokenPicked)
        assert driver.app.selection.token_id is not None
        await driver.press("backspace")
        assert_composed(driver, "kingly")
        await driver.press("shift+backspace")
        assert driver.token == followed


async def test_the_chips_walk_over_it(explore, fast):
    async with explore(fast, text="king kingly queen queenish") as driver:
        assert_composed(driver, "queenish")
        await driver.press("down", "left")
        assert driver.token == "queen"
        await driver.press("left")
        assert_composed(driver, "kingly")
        chips = driver.tokenize.query_one(TokenLines)
        assert chips._chosen == (0, 1)
        await driver.press("f2")
        await driver.write("ly")
        assert_composed(driver, "queenishly")


async def test_typing_it_does_not_flood_the_history(explore, fast):
    async with explore(fast, text="king") as driver:
        await driver.press("f4", "enter")
        followed = driver.token
        await driver.press("f2")
        await driver.write(" kinglyness")
        assert_composed(driver, "kinglyness")
        await driver.press("f4", "backspace")
        assert driver.token == followed


async def test_positions_are_added_to_it(explore, words):
    space = words(name="fast.bin", subwords=Subwords(3, 4, ArrayRows(BUCKETS)), n_ctx=8)
    async with explore(space, text="kingly", size=(80, 24)) as driver:
        await driver.press("f3", "right_square_bracket")
        row = driver.row.query_one(RowView).inspected
        assert isinstance(row.chosen, Composed)
        assert row.position == 1
        assert np.allclose(row.sum, row.token_row + row.position_row)
        await driver.press("right", "p", "p", "ctrl+y")
        assert "composed" in driver.seen


async def test_another_space_keeps_the_word_where_it_is_a_token(explore, fast, build):
    async with explore(fast, text="kingly") as driver:
        assert_composed(driver, "kingly")
        await driver.enter(build(["a", "kingly"], np.eye(2), name="other", tokenize=False))
        assert driver.app.selection.token_id == 1


async def test_a_vector_of_the_space_before_is_not_taken(explore, fast, words):
    async with explore(fast, text="kingly") as driver:
        chosen = assert_composed(driver, "kingly")
        await driver.enter(words())
        driver.tokenize.post_message(WordPicked(chosen, fast, 0))
        await driver.settle()
        assert driver.app.selection is None or driver.app.selection.token_id is not None


async def test_arithmetic_says_what_is_composed(explore, fast):
    async with explore(fast, text="king") as driver:
        await driver.press("f5", "ctrl+u")
        await driver.write("kingly + man")
        await driver.press("enter")
        assert driver.answers(driver.arithmetic)
        notes = driver.said("#notes")
        assert "not in the vocabulary, composed from n-grams: kingly" in notes
        assert "left out: man" in notes
        assert "cosine to" in notes


async def test_hostile_words_are_drawn_harmless(explore, words):
    space = words(name="fast.bin", subwords=Subwords(1, 6, ArrayRows(BUCKETS)))
    text = "a\x1b[31mb \u202euser\u2066 \u009b2J [/][red] " + "x" * 500 + " 東京 e\u0301e\u0301"
    async with explore(space, text=text) as driver:
        driver.assert_harmless()
        await driver.press("down", "end")
        for _ in range(12):
            await driver.press("left")
            driver.assert_harmless()
