"""Metadata: beside a neighbour, at the row, in a search, and as what restricts one."""

import numpy as np
import pytest

from tui_embed.tui.screens.find import FindDialog
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.ranked_list import RankedList
from tui_embed.tui.widgets.where_line import WhereLine

TOKENS = [f"t{number}" for number in range(60)]
KINDS = [("city", "river", "person")[number % 3] for number in range(60)]
YEARS = [str(1950 + number) for number in range(60)]


@pytest.fixture
def places(build):
    """60 rows; every third is a city, each has a year, and one column is empty for the first row."""
    rows = np.random.default_rng(4).normal(size=(60, 6))
    columns = {"kind": KINDS, "year": YEARS, "note": ["", *("n" * 40 for _ in range(59))]}
    return build(TOKENS, rows, name="places.parquet", columns=columns)


def title(driver) -> str:
    return str(driver.neighbours.border_title)


def subtitle(driver) -> str:
    return str(driver.neighbours.border_subtitle)


async def restrict(driver, text: str) -> None:
    await driver.press("f4", "w", "ctrl+u")
    await driver.write(text)
    await driver.press("enter")


async def test_a_filter_restricts_the_search_and_is_in_sight(explore, places):
    async with explore(places, text="t0") as driver:
        assert driver.token == "t0"
        assert "searched 60 of 60" in subtitle(driver)
        await restrict(driver, "kind = city and year > 1980")
        kept = {
            token
            for token, kind, year in zip(TOKENS, KINDS, YEARS, strict=True)
            if kind == "city" and int(year) > 1980
        }
        assert set(driver.answers(driver.neighbours)) == kept
        assert title(driver) == "Neighbours of t0 · cosine · where kind = city and year > 1980"
        assert f"searched {len(kept)} of 60" in subtitle(driver)
        assert driver.neighbours.query_one(WhereLine).display
        assert "kind = city and year > 1980" in driver.seen
        assert driver.app.focused is driver.neighbours.main


async def test_it_holds_for_the_next_token_and_metric(explore, places):
    async with explore(places, text="t0") as driver:
        await restrict(driver, "kind = river")
        await driver.press("enter", "m")
        assert "· dot · where kind = river" in title(driver)
        assert all(KINDS[TOKENS.index(token)] == "river" for token in driver.answers(driver.neighbours))
        assert driver.token not in driver.answers(driver.neighbours)


@pytest.mark.parametrize("keys", [("w", "escape"), ("w", "ctrl+u", "enter")])
async def test_escape_or_an_empty_line_takes_it_away(explore, places, keys):
    async with explore(places, text="t0") as driver:
        await restrict(driver, "kind = city")
        await driver.press(*keys)
        assert "where" not in title(driver)
        assert "searched 60 of 60" in subtitle(driver)
        assert not driver.neighbours.query_one(WhereLine).display
        assert driver.app.focused is driver.neighbours.main


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("kind = city and", 15, "column"),
        ("year > soon", 7, "is no number"),
        ("kind city", None, "column"),
        ("knid = city", None, "nearest spelling: “kind”"),
    ],
)
async def test_an_error_is_said_under_its_place_and_changes_nothing(explore, places, text, column, said):
    async with explore(places, text="t0") as driver:
        await restrict(driver, "kind = city")
        before = driver.answers(driver.neighbours)
        await driver.press("w", "ctrl+u")
        await driver.write(text)
        await driver.press("enter")
        error = driver.said("#where-error")
        assert said in " ".join(error.split())
        if column is not None:
            assert error.startswith(" " * (len("where ") + column) + "^\n")
            assert driver.neighbours.query_one(LineInput).cursor_position == column
        assert driver.app.focused is driver.neighbours.query_one(LineInput)
        assert driver.answers(driver.neighbours) == before
        assert "where kind = city" in title(driver)
        await driver.press("escape")
        assert driver.said("#where-error") == ""
        assert "where" not in title(driver)


async def test_what_was_written_and_not_asked_for_is_not_shown(explore, places):
    async with explore(places, text="t0") as driver:
        await restrict(driver, "kind = city")
        await driver.press("w")
        await driver.write(" and year")
        await driver.press("f3")
        assert driver.neighbours.query_one(LineInput).value == "kind = city"
        await driver.press("f4", "w", "down")
        assert driver.app.focused is driver.neighbours.main
        await driver.press("w", "ctrl+u", "f2")
        assert driver.neighbours.query_one(LineInput).value == "kind = city"


async def test_a_filter_that_keeps_nothing(explore, places):
    async with explore(places, text="t0") as driver:
        await restrict(driver, "kind = planet")
        assert driver.answers(driver.neighbours) == []
        assert "searched 0 of 60" in subtitle(driver)
        assert "no neighbours" in driver.seen


async def test_another_space_is_searched_whole(explore, places, words):
    async with explore(places, text="t0") as driver:
        await restrict(driver, "kind = city")
        await driver.enter(words())
        assert not driver.neighbours.query_one(WhereLine).display
        await driver.press("w")
        assert not driver.neighbours.query_one(WhereLine).display
        await driver.press("f2", "ctrl+u", *"king", "f4")
        assert "searched 13 of 13" in subtitle(driver)
        assert "where" not in driver.lines[-1]


async def test_the_foot_names_the_key_where_there_are_metadata(explore, places):
    async with explore(places, text="t0", size=(120, 40)) as driver:
        await driver.press("f4")
        assert "w where" in driver.lines[-1]


async def test_the_columns_of_a_neighbour_stand_below_the_list(explore, places):
    async with explore(places, text="t0", size=(80, 24)) as driver:
        await driver.press("f4")
        first = driver.answers(driver.neighbours)[0]
        at = TOKENS.index(first)
        assert driver.said("#columns") == f"kind {KINDS[at]} · year {YEARS[at]} · note {'n' * 40}"
        assert f"{first}" in driver.lines[3]
        assert KINDS[at] in driver.lines[3]
        await driver.press("down")
        second = TOKENS.index(driver.answers(driver.neighbours)[1])
        assert driver.said("#columns").startswith(f"kind {KINDS[second]} · year {YEARS[second]}")


async def test_the_columns_of_the_selection_stand_at_its_row(explore, places):
    async with explore(places, text="t0", size=(80, 24)) as driver:
        await driver.press("f3")
        assert "kind city · year 1950" in driver.seen
        assert "note" not in driver.seen
        await driver.press("slash", *"t4", "enter")
        assert "kind river · year 1954 · note nnn" in driver.seen


async def test_find_searches_metadata(explore, places):
    async with explore(places, text="t0") as driver:
        await driver.press("ctrl+f", "tab", "tab", "tab")
        assert isinstance(driver.app.screen, FindDialog)
        assert driver.said("#found").startswith("where · 60 tokens of 60")
        await driver.write("kind = person and year < 1960")
        assert driver.answers(driver.app.screen) == ["t2", "t5", "t8"]
        assert "person" in driver.seen
        await driver.write(" and")
        assert "column" in driver.said("#found")
        assert driver.answers(driver.app.screen) == []
        await driver.press(*["backspace"] * 4, "enter")
        assert driver.token == "t2"


async def test_a_space_without_metadata_has_no_such_search(explore):
    async with explore() as driver:
        await driver.press("ctrl+f", "tab", "tab", "tab")
        assert driver.said("#found").startswith("prefix")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (20, 5)])
async def test_hostile_columns_are_drawn_harmless(explore, build, size):
    bad = ["\x1b[2J", "[/]", "[red]x", "\u202ex", "a\nb", "長" * 300, "x" * 5_000, "", "\x00"]
    columns = {"\x1b]0;x\x07[/]": bad, "\u202ekind": bad[::-1], "長" * 50: bad}
    space = build(
        [f"t{i}" for i in range(len(bad))], np.random.default_rng(0).normal(size=(9, 4)), columns=columns
    )
    async with explore(space, text="t0", size=size) as driver:
        for key in ("f3", "f4", *["down"] * 9, "w"):
            await driver.press(key)
            driver.assert_harmless()
        await driver.write('kind = "\x1b[2J')
        await driver.press("enter")
        driver.assert_harmless()
        await driver.press("escape", "ctrl+y", "slash", "tab", "tab", "tab")
        driver.assert_harmless()
        assert driver.app.is_running


async def test_notes_give_way_where_there_is_no_room(explore, places):
    for size, seen in (((120, 40), False), ((80, 24), True), ((40, 12), False)):
        async with explore(places, text="t0", size=size) as driver:
            await driver.press("f4")
            listed = driver.neighbours.query_one(RankedList)
            line = driver.lines[listed.region.y]
            assert any(kind in line for kind in set(KINDS)) is seen
