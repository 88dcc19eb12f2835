"""A text, or two, on the way through the model of the open space."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.models.forward import Forward, last_word, shared_tokens
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import percent
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobCancelled, JobFailed, JobFinished, JobProgress, jobs_of
from tui_embed.tui.messages import CopyRequested, ModelLooked, TokenPicked
from tui_embed.tui.model_look import ModelLook, ModelRead, Read, position_in, read_texts
from tui_embed.tui.widgets.lanes import Lane, LaneBlock, LaneCell, Lanes
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.pane import Pane

_STATIC = (
    "No forward pass: these are static vectors, one row a token whatever stands around it, without layers. "
    "^o opens a language model"
)
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
        self._start_text = text
        self._read: ModelRead | None = None
        self._due = True
        """Whether the texts are yet to be read: for a screen that nobody looks at no layers are loaded."""
        self._followed = True
        """Whether the cursor is still where it was put for the person."""

    def compose(self) -> ComposeResult:
        with Horizontal(classes="model-line"):
            yield Static(Content("1 › "), classes="model-mark")
            yield LineInput(self._start_text, placeholder="a text (t)", id="prompt", select=False)
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
            self._read = None
            self._due = True
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
        if self._read is None:
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

    def write(self) -> None:
        """Let the person write the text."""
        self.screen.set_focus(self.query_one("#prompt", LineInput))

    def write_beside(self) -> None:
        """Let the person write the text beside it."""
        self.screen.set_focus(self.query_one("#beside", LineInput))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # of an empty view, or one that waits: what is read is not read again
        return action != "read" or self._read is None

    def action_read(self) -> None:
        self._go()

    def action_leave(self) -> None:
        if isinstance(self.app.focused, LineInput):
            self.screen.set_focus(self.main)
        else:
            self.app.call_later(self.app.run_action, "stop")

    def action_copy(self) -> None:
        if self._read is not None:
            self.post_message(CopyRequested(_table(self._read), "the lanes"))

    def _go(self) -> None:
        """Send the texts through the model, once the person stops typing."""
        space = self.space
        if not self.is_mounted or space is None:
            return
        self._due = False
        texts = tuple(self.query_one(name, LineInput).value for name in ("#prompt", "#beside"))
        if not any(text.strip() for text in texts):
            jobs_of(self).drop("model text", self)
            self._show(None, "write a text: t goes to its line")
            return
        work = partial(_work, _Asked(space, texts))
        jobs_of(self).start("model text", work, self, f"reading a text with {printable(space.name)}")
        if self._read is None:
            self._show(None, f"reading the text with {fit(space.name, 30)} · Esc stops")

    def on_job_progress(self, message: JobProgress) -> None:
        if not message.job.stale and message.total and self._read is None:
            self.query_one(Lanes).say(
                f"{message.job.title} · {percent(message.done / message.total)} · Esc stops"
            )

    def on_job_finished(self, message: JobFinished) -> None:
        if not message.job.stale and isinstance(message.result, ModelRead):
            self._show(message.result, "")

    def on_job_failed(self, message: JobFailed) -> None:
        message.stop()
        self._show(None, f"{printable(str(message.error))} · t changes the text")

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._show(None, "stopped · Enter reads the text again, t changes it")

    def _show(self, read: ModelRead | None, empty: str) -> None:
        lanes = self.query_one(Lanes)
        self._read = read
        blocks = (
            []
            if read is None
            else [_block(one, number, len(read.texts)) for number, one in enumerate(read.texts)]
        )
        lane, layer = lanes.lane, lanes.stage
        if read is not None and read.texts and self._followed:
            lane, layer = _first_look(read)
        lanes.show(blocks, lane, layer, empty)
        self.query_one("#model-said", Static).update(Content("" if read is None else _said(read)))
        self.retitle("Prompt" if read is None else _title(read))
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


def _block(read: Read, number: int, of: int) -> LaneBlock:
    run, lens, vocabulary = read.run, read.lens, read.run.space.vocabulary
    norms = np.linalg.norm(run.token_rows, axis=1)
    lengths = None if run.position_rows is None else np.linalg.norm(run.position_rows, axis=1)
    lanes = []
    for place, token_id in enumerate(run.ids):
        follows = run.ids[place + 1] if place + 1 < len(run.ids) else None
        cells = tuple(
            LaneCell(
                vocabulary.token_bytes(int(best)),
                float(share),
                int(best) != follows if lens.predicts else int(best) == token_id,
            )
            for best, share in zip(lens.best[:, place], lens.scores[:, place], strict=True)
        )
        length = None if lengths is None else float(lengths[place])
        lanes.append(Lane(vocabulary.token_bytes(token_id), token_id, float(norms[place]), length, cells))
    return LaneBlock("token" if of == 1 else f"text {number + 1}", tuple(lanes))


def _first_look(read: ModelRead) -> tuple[int, int]:
    """The lane of a token that both texts have, or the last one that stands for text, after all layers."""
    run = read.texts[0].run
    if len(read.texts) > 1:
        # the rarest of the tokens that both have: most vocabularies are in order of frequency
        pairs = shared_tokens(run.ids, read.texts[1].run.ids)
        words = [place for place, _ in pairs if place <= last_word(run) and not _is_special(run, place)]
        if words:
            return max(words, key=lambda place: run.ids[place]), run.n_layers
    return last_word(run), run.n_layers


def _is_special(run: Forward, place: int) -> bool:
    model = run.space.model
    return model is not None and run.ids[place] in model.special_ids


def _title(read: ModelRead) -> str:
    model = read.space.model
    name = fit(read.space.name, 30)
    if model is None:
        return f"Prompt · {name} · no language model"
    layers = (
        f" · {read.texts[0].run.n_layers} layers"
        if read.texts and read.texts[0].run.trace is not None
        else ""
    )
    return f"Prompt · {fit(model.title, 20)}{layers}"


def _said(read: ModelRead) -> str:
    """What the cells say, and where the way ends if it ends early; printable."""
    if not read.texts:
        return ""
    run, lens = read.texts[0].run, read.texts[0].lens
    model = read.space.model
    left_out = sum(one.run.left_out for one in read.texts)
    more = f" · {left_out:,} tokens more are left out" if left_out else ""
    if run.trace is None:
        if model is None:
            return f"{_STATIC}{more}"
        return f"The way ends at the input embedding: {printable(model.no_body)}{more}"
    if lens.predicts:
        cell = "A cell is the likeliest next token if that layer were the last"
        return f"{cell}; what does follow stands out{more}"
    return f"A cell is the row of W_E nearest to the vector there; faint where it is the token's own{more}"


def _table(read: ModelRead) -> str:
    lines = []
    for one in read.texts:
        vocabulary = one.run.space.vocabulary
        heads = [
            "token",
            "id",
            *("input" if layer == 0 else str(layer) for layer in range(one.run.n_layers + 1)),
        ]
        lines.append("\t".join(heads))
        for place, token in enumerate(one.run.ids):
            cells = [printable(vocabulary[int(best)]) for best in one.lens.best[:, place]]
            lines.append("\t".join([printable(vocabulary[token]), str(token), *cells]))
    return "\n".join(lines)
