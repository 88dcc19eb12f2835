"""Saving what the Map screen shows to a file."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.maps.point_map import PointMap
from tui_embed.errors import TuiEmbedError
from tui_embed.printable import printable
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.map_work import HeatMaps, Made
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.line_input import LineInput


class SavePictureDialog(Dialog[None]):
    """Asks for a path, whose end says the format; what is there is not overwritten without a second Enter."""

    HEADING = "Save the picture"
    KEYS = "Enter saves · Esc closes"

    def __init__(self, made: Made) -> None:
        super().__init__()
        self._made = made
        self._confirmed = ""

    def compose_dialog(self) -> ComposeResult:
        is_map = isinstance(self._made, PointMap)
        yield LineInput("map.svg" if is_map else "heatmap.svg", id="path", select=False)
        ends = (
            ".svg .png .html .csv, or a folder/ for the Embedding Projector" if is_map else ".svg .png .csv"
        )
        yield Static(Content(ends), id="said")

    def on_input_changed(self) -> None:
        self._confirmed = ""

    def on_input_submitted(self, message: Input.Submitted) -> None:
        from tui_embed.pictures.files import HEAT_ENDS, MAP_ENDS, files_of

        path = message.value.strip()
        ends = MAP_ENDS if isinstance(self._made, PointMap) else HEAT_ENDS
        try:
            there = [file for file in files_of(path, ends) if file.exists()]
        except (TuiEmbedError, OSError) as error:
            self._say(printable(str(error)))
            return
        if there and self._confirmed != path:
            self._confirmed = path
            self._say(f"{printable(str(there[0]))} is there already: Enter again replaces it")
            return
        self._say("writing …")
        made = self._made

        def work(cancel: CancelToken, progress: Progress) -> object:
            from tui_embed.pictures.files import write_heat, write_map, write_positions

            if isinstance(made, PointMap):
                return write_map(made, path, cancel, progress)
            if isinstance(made, HeatMaps):
                return write_heat(made.maps, made.space, path)
            return write_positions(made.pictures, made.space, path)

        jobs_of(self).start("picture", work, self, "writing a picture")

    def on_job_finished(self, message: JobFinished) -> None:
        from tui_embed.pictures.files import Saved

        if isinstance(message.result, Saved):
            files = ", ".join(printable(str(file)) for file in message.result.files)
            notes = "".join(f"; {printable(note)}" for note in message.result.notes)
            self.app.notify(f"Saved {files}{notes}", markup=False)
            self.dismiss(None)

    def on_job_failed(self, message: JobFailed) -> None:
        message.stop()
        self._say(printable(str(message.error)))

    def _say(self, text: str) -> None:
        """Say ``text``, which is printable."""
        self.query_one("#said", Static).update(Content(text))
