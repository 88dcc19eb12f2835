"""What a person sees of the Model screen."""

from tui_embed.tui.screens.model import ModelScreen
from tui_embed.tui.widgets.facts import Facts
from tui_embed.tui.widgets.lanes import Lanes
from tui_embed.tui.widgets.ranked_list import RankedList


def screen(driver) -> ModelScreen:
    found = driver.app.get_screen("model")
    assert isinstance(found, ModelScreen)
    return found


def lanes(driver) -> Lanes:
    return screen(driver).query_one(Lanes)


def chosen(driver) -> list[str]:
    return [item.token for item in screen(driver).query_one("#chosen-list", RankedList).items]


def facts(driver) -> str:
    return screen(driver).query_one("#chosen-facts", Facts).text


def title(driver, kind) -> str:
    return str(screen(driver).query_one(kind).border_title)
