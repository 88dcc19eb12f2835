"""All that is known about the open space."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import printable
from tui_embed.tui.about import facts_about
from tui_embed.tui.jobs import JobFinished, jobs_of
from tui_embed.tui.messages import CopyRequested
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.facts import Fact, Facts


class AboutDialog(Dialog[None]):
    """Name, source, sizes, norms, columns, licence, and every note on what was odd in the source."""

    HEADING = "About this space"
    KEYS = "Ctrl+Y copies · ↑ ↓ scroll · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+y", "copy", "Copy", tooltip="Copy all of it")]

    def __init__(self, space: EmbeddingSpace) -> None:
        super().__init__()
        self._space = space

    def compose_dialog(self) -> ComposeResult:
        yield Facts(id="facts")

    def on_mount(self) -> None:
        self.query_one(Facts).show([Fact("name", self._space.name)])

        def work(cancel: CancelToken, progress: Progress) -> list[Fact]:
            return facts_about(self._space)

        jobs_of(self).start("about", work, self, f"looking at {printable(self._space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if not message.job.stale and isinstance(message.result, list):
            self.query_one(Facts).show(message.result)

    def action_copy(self) -> None:
        self.app.post_message(CopyRequested(self.query_one(Facts).text, "all about this space"))
