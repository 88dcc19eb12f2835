"""The expression's line and its answers, by keys."""

import pytest

from tui_embed.tui.panes.arithmetic import EXAMPLES
from tui_embed.tui.widgets.expression_input import ExpressionInput


@pytest.fixture
def arithmetic(explore):
    """The app with the focus on an empty expression."""
    import contextlib

    @contextlib.asynccontextmanager
    async def running(space=None, **more):
        async with explore(space, **more) as driver:
            await driver.press("f5", "ctrl+u")
            yield driver

    return running


def line(driver) -> ExpressionInput:
    return driver.arithmetic.query_one(ExpressionInput)


def offers(driver) -> list[str]:
    return [token for _, token in line(driver)._offers] if line(driver).is_open else []


async def test_answers_follow_what_is_typed(arithmetic):
    async with arithmetic() as driver:
        assert driver.answers(driver.arithmetic) == []
        await driver.write("paris-france+italy")
        assert driver.answers(driver.arithmetic)[0] == "rome"
        notes = driver.said("#notes")
        assert notes.startswith("left out: paris, france, italy")
        assert "france→paris ∥ italy→rome: cosine 1.000" in notes
        assert "searched 13 of 13" in str(driver.arithmetic.border_subtitle)


async def test_method_and_inputs_switch_from_the_line_and_from_the_list(arithmetic):
    async with arithmetic() as driver:
        await driver.write("king-man+woman")
        await driver.press("f6")
        assert "3CosMul" in str(driver.arithmetic.border_title)
        await driver.press("f7")
        assert {"king", "woman"} <= set(driver.answers(driver.arithmetic))
        assert driver.said("#notes").startswith("inputs kept")
        assert line(driver).input.value == "king-man+woman"
        await driver.press("escape", "down", "i", "x")
        assert driver.said("#notes").startswith("left out")
        assert "3CosAdd" in str(driver.arithmetic.border_title)
        assert not {"king", "man", "woman"} & set(driver.answers(driver.arithmetic))


@pytest.mark.parametrize(
    ("text", "said"), [("king + + man", "column 8"), ("king - qeen", "queen"), ("2*", "column")]
)
async def test_an_error_says_where(arithmetic, text, said):
    async with arithmetic() as driver:
        await driver.write(text)
        await driver.press("escape")
        assert said in driver.said("#notes")
        assert driver.answers(driver.arithmetic) == []
        assert driver.notices == []


async def test_completions_are_the_most_frequent_first(arithmetic):
    async with arithmetic() as driver:
        await driver.write("man - pri")
        assert offers(driver) == ["prince", "princess"]
        await driver.press("down", "down", "enter")
        assert line(driver).input.value == "man - princess "
        assert offers(driver) == []
        assert driver.answers(driver.arithmetic)


async def test_a_completion_with_a_space_is_quoted(arithmetic):
    async with arithmetic() as driver:
        await driver.write("new")
        await driver.press("down", "enter")
        assert line(driver).input.value.strip() == '"new york"'
        assert driver.answers(driver.arithmetic)[0] == "paris"


async def test_esc_closes_the_menu_and_leaves_the_text(arithmetic):
    async with arithmetic() as driver:
        await driver.write("kin")
        assert offers(driver) == ["king", "kingdom"]
        await driver.press("escape")
        assert offers(driver) == []
        assert line(driver).input.value == "kin"
        assert driver.app.focused is line(driver).input


async def test_an_empty_line_offers_examples(arithmetic):
    async with arithmetic() as driver:
        await driver.press("down")
        assert offers(driver) == [expression for expression, _ in EXAMPLES]
        await driver.press("down", "enter")
        assert line(driver).input.value == EXAMPLES[1][0]
        assert driver.answers(driver.arithmetic)[0] == "rome"


async def test_up_and_down_walk_the_expressions_that_were_run(arithmetic):
    async with arithmetic() as driver:
        for text in ("king", "man + woman", "rome"):
            await driver.press("ctrl+u")
            await driver.write(text)
            await driver.press("escape", "enter")
        await driver.press("up")
        assert line(driver).input.value == "man + woman"
        assert driver.said("#notes").startswith("left out: man, woman")
        await driver.press("up", "up")
        assert line(driver).input.value == "king"
        await driver.press("down")
        assert line(driver).input.value == "man + woman"
        await driver.press("down", "down")
        assert driver.app.focused.id == "answers"
        await driver.press("up")
        assert driver.app.focused is line(driver).input


async def test_answers_are_copied(arithmetic):
    async with arithmetic() as driver:
        await driver.write("paris - france + italy")
        await driver.press("escape", "ctrl+y")
        first = driver.app.clipboard.splitlines()[0].split("\t")
        assert first[:3] == ["1", "rome", "10"]
        assert driver.notices[-1] == "Copied: answers"
