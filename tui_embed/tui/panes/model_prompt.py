"""A text, or two, on the way through the model of the open space."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import percent
from tui_embed.printable import fit, printable
from tui_embed.tui import model_said
from tui_embed.tui.jobs import Job, JobCancelled, JobFailed, JobFinished, JobProgress, jobs_of
from tui_embed.tui.messages import CopyRequested, ModelLooked, TokenPicked
from tui_embed.tui.model_look import ModelLook, ModelRead, position_in, read_texts
from tui_embed.tui.widgets.lanes import Lanes
from tui_embed.tui.widgets.line_input import LineInput, clean
from tui_embed.tui.widgets.pane import Pane

LEAST_SAID = 10
"""With fewer lines nothing is said below the lanes."""
SETTLE_SECONDS = 0.12
"""What a text waits for: the next key of one who types."""


class ModelPromptPane(Pane):
    """Two lines of text and their lanes; posts :class:`ModelLooked` for what the cursor stands on."""

    TITLE = "Prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "read", "Read", key_display="Enter", tooltip="Read the text again after a stop"),
        Binding("escape", "leave", "Leave the line", show=False),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the lanes as a table"),
    ]

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._taken = text
        """The text that was last taken from elsewhere."""
        self._read: ModelRead | None = None
        self._due = True
        """Whether the texts are yet to be read: for a screen that nobody looks at no layers are loaded."""
        self._followed = True
        """Whether the cursor is still where it was put for the person."""
        self._job: Job | None = None
        """What reads the texts now."""

    def compose(self) -> ComposeResult:
        with Horizontal(classes="model-line"):
            yield Static(Content("1 › "), classes="model-mark")
            yield LineInput(self._taken, placeholder="a text (t)", id="prompt", select=False)
        with Horizontal(classes="model-line"):
            yield Static(Content("2 › "), classes="model-mark")
            yield LineInput(
                placeholder="a text beside it (b): the same word in both", id="beside", select=False
            )
        yield Lanes(id="lanes")
        yield Static(id="model-said")

    @property
    def main(self) -> Widget:
        return self.query_one(Lanes)

    def watch_space(self) -> None:
        if self.is_mounted:
            jobs_of(self).drop("model text", self)
            self._job, self._due = None, True
            self._show(None, "")
            self.read_if_due()

    def on_mount(self) -> None:
        super().on_mount()
        self.read_if_due()

    def on_resize(self, event: events.Resize) -> None:
        # where there is no room for both, the lanes are what one came for
        self.query_one("#model-said", Static).display = event.size.height >= LEAST_SAID

    def read_if_due(self) -> None:
        """Read the texts, if that is yet to be done and somebody looks."""
        if self._due and self.is_mounted and self.screen.is_current:
            self._go()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._followed = True
        self._go()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.screen.set_focus(self.main)
        if self.check_action("read", ()):
            self._go()

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        lines = list(self.query(LineInput))
        at = next((number for number, line in enumerate(lines) if line.has_focus), len(lines) - 1)
        self.screen.set_focus(lines[at + 1] if at + 1 < len(lines) else self.main)

    def on_lanes_left(self, message: Lanes.Left) -> None:
        message.stop()
        self.screen.set_focus(self.query_one("#beside", LineInput))

    def on_lanes_moved(self, message: Lanes.Moved) -> None:
        message.stop()
        self._followed = False
        self._look()

    def on_lanes_chosen(self, message: Lanes.Chosen) -> None:
        message.stop()
        if self._read is None:
            return
        number, place = self.query_one(Lanes).place
        read = self._read.texts[number]
        if read.text == self.query_one("#prompt", LineInput).value:
            self.post_message(TokenPicked(message.token_id, "model", position_in(read, place), read.text))
        else:
            # Explore has one text: of the other one it shows the token alone
            self.post_message(TokenPicked(message.token_id, "model"))

    def take(self, text: str) -> None:
        """Read ``text`` where another one was taken before; what was written here stays otherwise."""
        if self.is_mounted and text != self._taken:
            self._taken = text
            self.query_one("#prompt", LineInput).value = clean(text)

    def write(self) -> None:
        """Let the person write the text."""
        self.screen.set_focus(self.query_one("#prompt", LineInput))

    def write_beside(self) -> None:
        """Let the person write the text beside it."""
        self.screen.set_focus(self.query_one("#beside", LineInput))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # what is read, or being read, is not read again
        return action != "read" or (self._read is None and self._job is None)

    def action_read(self) -> None:
        self._go()

    def action_leave(self) -> None:
        if isinstance(self.app.focused, LineInput):
            self.screen.set_focus(self.main)
        else:
            self.app.call_later(self.app.run_action, "stop")

    def action_copy(self) -> None:
        if self._read is not None:
            self.post_message(CopyRequested(model_said.table(self._read), "the lanes"))

    def _go(self) -> None:
        """Send the texts through the model, once the person stops typing."""
        space = self.space
        if not self.is_mounted or space is None:
            return
        self._due = False
        texts = tuple(self.query_one(name, LineInput).value for name in ("#prompt", "#beside"))
        if not any(text.strip() for text in texts):
            jobs_of(self).drop("model text", self)
            self._job = None
            self._show(None, "write a text: t goes to its line")
            return
        work = partial(_work, _Asked(space, texts))
        self._job = jobs_of(self).start(
            "model text", work, self, f"reading a text with {printable(space.name)}"
        )
        if self._read is None:
            self._show(None, f"reading the text with {fit(space.name, 30)} · Esc stops")

    def on_job_progress(self, message: JobProgress) -> None:
        if not message.job.stale and message.total and self._read is None:
            self.query_one(Lanes).say(
                f"{message.job.title} · {percent(message.done / message.total)} · Esc stops"
            )

    def on_job_finished(self, message: JobFinished) -> None:
        if not message.job.stale and isinstance(message.result, ModelRead):
            self._job = None
            self._show(message.result, "")

    def on_job_failed(self, message: JobFailed) -> None:
        message.stop()
        if message.job is self._job:
            self._job = None
            self._show(None, f"{printable(str(message.error))} · t changes the text")

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job is not self._job:
            return
        self._job = None
        self._show(None, "stopped · Enter reads the text again, t changes it")

    def _show(self, read: ModelRead | None, empty: str) -> None:
        lanes = self.query_one(Lanes)
        self._read = read
        blocks = (
            []
            if read is None
            else [model_said.block(one, number, len(read.texts)) for number, one in enumerate(read.texts)]
        )
        lane, layer = lanes.lane, lanes.stage
        if read is not None and read.texts and self._followed:
            lane, layer = model_said.first_look(read)
        lanes.show(blocks, lane, layer, empty)
        self.query_one("#model-said", Static).update(Content("" if read is None else model_said.said(read)))
        self.retitle("Prompt" if read is None else model_said.title(read))
        self.refresh_bindings()
        self._look()

    def _look(self) -> None:
        lanes, read = self.query_one(Lanes), self._read
        if read is None or not read.texts:
            self.post_message(ModelLooked(None))
            return
        text, place = lanes.place
        self.post_message(
            ModelLooked(ModelLook(read, text, place, min(lanes.stage, read.texts[text].run.n_layers)))
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    space: EmbeddingSpace
    texts: tuple[str, ...]


def _work(asked: _Asked, cancel: CancelToken, progress: Progress) -> ModelRead:
    cancel.wait(SETTLE_SECONDS)
    return read_texts(asked.space, asked.texts, cancel, progress)
