"""Saving a space to a file."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError
from tui_embed.printable import printable
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.line_input import LineInput


class SaveSpaceDialog(Dialog[None]):
    """Asks for a path, whose end says the format, and writes the space there; what is there is not
    overwritten without a second Enter.
    """

    HEADING = "Save to a file"
    KEYS = "Enter saves · Esc closes"

    def __init__(self, space: EmbeddingSpace) -> None:
        super().__init__()
        self._space = space
        self._confirmed = ""

    def compose_dialog(self) -> ComposeResult:
        yield LineInput(f"{self._space.name}.npz", id="path", select=False)
        yield Static(Content(".npz and .safetensors hold all of it, the training too"), id="said")

    def on_input_changed(self) -> None:
        self._confirmed = ""

    def on_input_submitted(self, message: Input.Submitted) -> None:
        from tui_embed.sources.convert import Target

        path = message.value.strip()
        try:
            there = [file for file in Target.of(path).files if file.exists()]
        except (TuiEmbedError, OSError) as error:
            self._say(printable(str(error)))
            return
        if there and self._confirmed != path:
            self._confirmed = path
            self._say(f"{printable(str(there[0]))} is there already: Enter again replaces it")
            return
        self._save(path)

    def _save(self, path: str) -> None:
        from tui_embed.sources.convert import Written, write_space

        def work(cancel: CancelToken, progress: Progress) -> Written:
            return write_space(self._space, path, cancel=cancel, progress=progress)

        self._say("writing …")
        jobs_of(self).start("save", work, self, "saving a space")

    def on_job_finished(self, message: JobFinished) -> None:
        from tui_embed.sources.convert import Written

        if isinstance(message.result, Written):
            files = ", ".join(printable(str(file)) for file in message.result.files)
            lost = (
                f"; left out: {printable('; '.join(message.result.left_out))}"
                if message.result.left_out
                else ""
            )
            self.app.notify(f"Saved {files}{lost}", markup=False)
            self.dismiss(None)

    def on_job_failed(self, message: JobFailed) -> None:
        self._say(printable(str(message.error)))

    def _say(self, text: str) -> None:
        """Say ``text``, which is printable."""
        self.query_one("#said", Static).update(Content(text))
