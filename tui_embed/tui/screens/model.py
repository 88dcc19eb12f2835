"""A model from the prompt to the probabilities, its matrix as a whole, and how large it is."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import reactive

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import fit
from tui_embed.tui.messages import ModelLooked, TokenPicked
from tui_embed.tui.model_look import ModelLook
from tui_embed.tui.panes.model_chosen import ModelChosenPane
from tui_embed.tui.panes.model_matrix import ModelMatrixPane
from tui_embed.tui.panes.model_params import ModelParamsPane
from tui_embed.tui.panes.model_prompt import ModelPromptPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.screens.paned import PanedScreen, Tabs, pane_bindings
from tui_embed.tui.widgets.title_bar import TitleBar

PANES: Tabs = (("F2", "Prompt"), ("F3", "Chosen"), ("F4", "Matrix"), ("F5", "Parameters"))


class ModelScreen(PanedScreen):
    """What the open space's model makes of a text."""

    MODE = "model"
    TABS = PANES
    BINDINGS: ClassVar[list[BindingType]] = [
        *pane_bindings(PANES),
        # the app's own key, called by where it goes from here
        Binding("ctrl+t", "next_mode", "Explore", key_display="^t", priority=True),
        Binding("v", "view", "List", tooltip="Nearest rows, what it looks at, or what comes next"),
        Binding("h", "head(1)", "Head", tooltip="What another head looks at"),
        Binding("H", "head(-1)", "Head before", show=False, tooltip="What the head before looks at"),
        Binding("t", "write", "Text", tooltip="Write the text that goes through the model"),
        Binding("b", "beside", "Beside", tooltip="Write a text beside it, to see the same word in both"),
    ]

    space: reactive[EmbeddingSpace | None] = reactive(None)
    look: reactive[ModelLook | None] = reactive(None, repaint=False)

    def __init__(self, text: str) -> None:
        self.chosen = ModelChosenPane(id="chosen-pane")
        self.matrix = ModelMatrixPane(id="matrix-pane")
        self.prompt = ModelPromptPane(text, id="prompt-pane")
        super().__init__((self.prompt, self.chosen, self.matrix, ModelParamsPane(id="params-pane")))

    def compose_panes(self) -> ComposeResult:
        prompt, chosen, matrix, params = self.panes
        with Container(id="model-panes"):
            yield prompt.data_bind(space=ModelScreen.space)
            yield chosen.data_bind(look=ModelScreen.look)
            yield matrix.data_bind(space=ModelScreen.space)
            yield params.data_bind(space=ModelScreen.space)

    def on_mount(self) -> None:
        self.watch(self.app, "space", self._take_space)
        self.action_show_pane(0)

    def on_screen_resume(self) -> None:
        explore = self.app.get_screen("explore")
        self.call_after_refresh(self.prompt.take, explore.query_one(TokenizePane).text)
        # the space is taken in first
        self.call_after_refresh(self.prompt.read_if_due)
        self.call_after_refresh(self.matrix.compute_if_due)

    def on_model_looked(self, message: ModelLooked) -> None:
        message.stop()
        self.look = message.look
        title, look = self.query_one(TitleBar), message.look
        if look is None:
            title.show_right("")
            return
        token = fit(look.run.space.vocabulary.token_bytes(look.run.ids[look.place]), 24)
        where = f"layer {look.layer}" if look.layer else "input"
        title.show_right(f"{token} · place {look.place} · {where}")

    def on_token_picked(self, message: TokenPicked) -> None:
        # the app makes it the selection; there its rows are seen, where Backspace is no key of a text
        self.app.call_later(self.app.run_action, "mode('explore')")
        self.app.call_later(self.app.run_action, "screen.show_pane(1)")

    def action_view(self) -> None:
        self.chosen.next_view()

    def action_head(self, step: int) -> None:
        self.chosen.next_head(step)

    def action_write(self) -> None:
        self.action_show_pane(0)
        self.prompt.write()

    def action_beside(self) -> None:
        self.action_show_pane(0)
        self.prompt.write_beside()

    def _take_space(self, space: EmbeddingSpace | None) -> None:
        self.space = space
        if space is not None:
            self.query_one(TitleBar).show_space(space)
