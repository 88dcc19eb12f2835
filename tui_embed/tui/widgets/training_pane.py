"""What the panes of the Train screen have in common."""

from textual.reactive import reactive

from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.pane import Pane


class TrainingPane(Pane):
    """A pane that shows a training. The screen binds ``training``; a pane never writes it. A newer moment
    draws again only the widgets that show something else.
    """

    training: reactive[TrainingView | None] = reactive(None, repaint=False)
