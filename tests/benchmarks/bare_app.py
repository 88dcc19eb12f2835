"""The measure for start: as many stock widgets, in the same layout, that show text and do nothing."""

from textual.app import App, ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Input, Log, OptionList, Static, TextArea

ANSWERS = [f"{rank:>4}  an answer" for rank in range(1, 18)]


class BareApp(App[None]):
    """Five Static, a Container, five Vertical, a TextArea, an Input, three OptionList, two Log."""

    CSS = """
    #panes { layout: grid; grid-size: 2 2; grid-columns: 5fr 3fr; grid-rows: 1fr 1fr; }
    .pane { border: round gray; padding: 0 1; }
    .pane:focus-within { border: round orange; }
    .line { height: 1; }
    TextArea { height: auto; max-height: 4; border: none; padding: 0; margin-bottom: 1; }
    Input { border: none; height: 1; padding: 0; }
    #menu, #tabs { display: none; }
    #expression { height: auto; }
    Log, OptionList { height: 1fr; border: none; }
    #notes, #detail { height: auto; max-height: 6; }
    #keys { dock: bottom; }
    """

    def compose(self) -> ComposeResult:
        yield Static("bare · 100,000 × 50", classes="line")
        yield Static("tabs", id="tabs")
        with Container(id="panes"):
            with Vertical(classes="pane"):
                yield TextArea("Strawberry fields for the king", compact=True)
                yield Log(id="chips")
                yield Static("the detail", id="detail")
            with Vertical(classes="pane"):
                yield OptionList(*ANSWERS, markup=False)
            with Vertical(classes="pane"):
                yield Log(id="row")
            with Vertical(classes="pane"):
                with Vertical(id="expression"):
                    yield Input("king - man + woman", compact=True)
                    yield OptionList(id="menu")
                yield OptionList(*ANSWERS[:10], markup=False)
                yield Static("the first note\nthe second note\nthe third note\nthe last note", id="notes")
        yield Static("the keys", id="keys", classes="line")

    def on_mount(self) -> None:
        for name in ("#chips", "#row"):
            self.query_one(name, Log).write_lines([f"{name} line {number}" for number in range(14)])


if __name__ == "__main__":
    BareApp().run()
