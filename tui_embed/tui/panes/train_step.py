"""One prediction looked at closely: a step on it while a training can make one, or what a prompt reads."""

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
from tui_embed.engine.ranking import top_k
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.explanation import ExplainedStep
from tui_embed.engine.training.inference import WHY_NOT
from tui_embed.figures import score
from tui_embed.printable import printable
from tui_embed.tui.gap_text import GapProblemError, default_sentence, read_gap
from tui_embed.tui.jobs import Job, JobFailed, JobFinished, jobs_of
from tui_embed.tui.messages import StepAsked
from tui_embed.tui.prompt_facts import prompt_facts, said_of
from tui_embed.tui.prompt_reading import Reading, continued, read_prompt
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.facts import Facts
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.probability_bars import Bar, ProbabilityBars
from tui_embed.tui.widgets.row_moves import RowMoves
from tui_embed.tui.widgets.training_pane import TrainingPane

TEMPERATURES = (0.0, 0.5, 0.7, 1.0, 1.5, 2.0)
MOST_BARS = 20
SIDE_BY_SIDE = 100
"""Cells from which on bars and moves stand beside one another."""

STEP_HINT = "Enter: what a step would do · ^j: make it · F6: a prompt"
PROMPT_HINT = "Enter: read it · ^j: go on · F7 temperature · F6: one step"
NO_TRAINING = "start a training first (F2)"
NO_STEP_IN_GLOVE = "GloVe fits counts of pairs: no sentence is predicted, so there is no step on one"
OVER = "this training is over: its rows are fixed; Enter shows what a step would do"


class StepPane(TrainingPane):
    """A sentence with a gap and one step on it, or a prompt and what the model expects after it."""

    TITLE = "One step"
    DEFAULT_CSS = """
    StepPane #bars { margin-right: 1; }
    StepPane.-stacked #bars { margin-right: 0; }
    StepPane.-stacked #step-views { layout: vertical; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "view", "Step or prompt", tooltip="One step on a sentence, or a prompt"),
        Binding("ctrl+j", "apply", "Make the step", key_display="^j", tooltip="Make the step on the gap"),
        Binding("ctrl+j", "go_on", "Go on", key_display="^j", tooltip="Add a token that the model expects"),
        Binding("f7", "temperature(1)", "Temperature", tooltip="The next temperature of a prompt"),
        Binding("plus,equals_sign", "temperature(1)", "Hotter", show=False, tooltip="A higher temperature"),
        Binding("minus", "temperature(-1)", "Colder", show=False, tooltip="A lower temperature"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._corpus: Corpus | None = None
        self._prompting = False
        self._temperature = 1.0
        self._texts = {False: "", True: ""}
        self._shown: ExplainedStep | None = None
        self._reading: Reading | None = None
        self._job: Job | None = None

    def compose(self) -> ComposeResult:
        yield LineInput(placeholder="a sentence with a gap: the [king] rules", id="sentence", select=False)
        yield Static(id="step-said")
        with Horizontal(id="step-views"):
            yield ProbabilityBars(id="bars")
            yield RowMoves(id="moves")
            yield Facts(id="prompt-facts")

    def on_mount(self) -> None:
        super().on_mount()
        self._show_view()
        self.watch_training(self.training)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < SIDE_BY_SIDE, "-stacked")

    @property
    def main(self) -> Widget:
        return self.query_one(LineInput)

    def watch_training(self, training: TrainingView | None) -> None:
        if not self.is_mounted:
            return
        corpus = None if training is None else training.corpus
        if corpus is not self._corpus:
            self._begin(corpus, training)
        if self._prompting and self._reading is None:
            self._say(self._no_prompt())
        if training is not None and training.explained is not self._shown and not self._prompting:
            self._show_step(training.explained, training.corpus)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if self._prompting:
            self._read_prompt()
        else:
            self._ask(apply=False)

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        self.query_one(ProbabilityBars).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "apply":
            return not self._prompting
        return action not in ("go_on", "temperature") or self._prompting

    def action_apply(self) -> None:
        self._ask(apply=True)

    def action_go_on(self) -> None:
        """Add a token to the prompt, drawn as the model expects it."""
        line, reading = self.query_one(LineInput), self._reading
        if reading is None:
            self._read_prompt()
            return
        seed = [reading.settings.seed, len(line.value)]
        longer = continued(line.value, reading.draw(np.random.default_rng(seed)), reading)
        if longer is None:
            self._say("the token that was drawn cannot be written: it is a part of a character")
            return
        line.value = longer
        line.cursor_position = len(longer)
        self._read_prompt()

    def action_view(self) -> None:
        line = self.query_one(LineInput)
        self._texts[self._prompting] = line.value
        self._prompting = not self._prompting
        line.value = self._texts[self._prompting]
        line.cursor_position = len(line.value)
        self._show_view()
        self.refresh_bindings()

    def action_temperature(self, step: int) -> None:
        at = TEMPERATURES.index(self._temperature) + step
        self._temperature = TEMPERATURES[at % len(TEMPERATURES)]
        self._read_prompt()

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job is self._job and not message.job.stale and isinstance(message.result, Reading):
            self._show_reading(message.result)

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job is self._job and not message.job.stale:
            self._say(printable(str(message.error)))

    def _begin(self, corpus: Corpus | None, training: TrainingView | None) -> None:
        """Look at another training."""
        jobs_of(self).drop("prompt", self)
        self._corpus = corpus
        sentence = ""
        if training is not None:
            sentence = default_sentence(training.corpus, training.settings.tokens)
        self._texts = {False: sentence, True: _beginning(sentence)}
        self.query_one(LineInput).value = self._texts[self._prompting]
        self._show_view()

    def _show_view(self) -> None:
        """Show what belongs to the view: the step that was explained last, or no reading yet."""
        training = self.training
        self._shown = self._reading = None
        self.query_one(RowMoves).display = not self._prompting
        self.query_one(Facts).display = self._prompting
        self._show_nothing()
        if self._prompting:
            self._say(self._no_prompt())
        elif training is not None and training.explained is not None:
            self._show_step(training.explained, training.corpus)
        else:
            self._say(self._no_step())

    def _show_nothing(self) -> None:
        self.query_one(RowMoves).show(None, lambda token_id: b"")
        self.query_one(Facts).show([])
        self.query_one(ProbabilityBars).show([], "")
        title = "Training or inference" if self._prompting else self.TITLE
        self.retitle(title, PROMPT_HINT if self._prompting else STEP_HINT)

    def _no_step(self) -> str:
        """Why there is no step to be looked at; "" where there is one."""
        if self.training is None:
            return NO_TRAINING
        return NO_STEP_IN_GLOVE if self.training.settings.objective == "glove" else ""

    def _no_prompt(self) -> str:
        """Why there is no prompt to be read; "" where there is one."""
        training = self.training
        if training is None:
            return NO_TRAINING
        if training.settings.objective != "lm":
            return f"{WHY_NOT[training.settings.objective]}: a prompt needs the objective “next token”"
        if training.space is None:
            return "the rows still move: they are fixed when the training is over (Esc stops it)"
        return ""

    def _ask(self, apply: bool) -> None:
        training, why_not = self.training, self._no_step()
        if training is None or why_not:
            self._say(why_not)
            return
        if apply and training.is_over:
            self._say(OVER)
            return
        try:
            gap = read_gap(self.query_one(LineInput).value, training.corpus, training.settings.tokens)
        except GapProblemError as problem:
            self._say(printable(str(problem)))
            return
        self._say("")
        self.post_message(StepAsked(gap, apply))

    def _show_step(self, step: ExplainedStep | None, corpus: Corpus) -> None:
        self._shown = step
        if step is None:
            return
        spelled = corpus.vocabulary.token_bytes
        best = top_k(np.maximum(step.before, step.after), MOST_BARS, (step.gap.target,)).tolist()
        bars = [
            Bar(spelled(token), float(step.before[token]), float(step.after[token]), token == step.gap.target)
            for token in (step.gap.target, *best)
        ]
        self.query_one(ProbabilityBars).show(bars)
        self.query_one(RowMoves).show(step, spelled)
        done = "made" if step.applied else "not made"
        loss = f"loss {score(step.loss)} → {score(step.loss_after)}"
        self.retitle(f"One step ({done}) ─ {loss}, at learning rate {step.learning_rate:.3g}", STEP_HINT)
        self._say(printable(step.told))

    def _read_prompt(self) -> None:
        training, why_not = self.training, self._no_prompt()
        space = None if training is None else training.space
        if space is None or why_not:
            self._say(why_not)
            return
        text, temperature = self.query_one(LineInput).value, self._temperature

        def work(cancel: CancelToken, progress: Progress) -> Reading:
            return read_prompt(space, text, temperature)

        self._job = jobs_of(self).start("prompt", work, self, "reading a prompt")

    def _show_reading(self, reading: Reading) -> None:
        training = self.training
        if not self._prompting or training is None or training.space is not reading.space:
            return
        self._reading, found = reading, reading.prediction
        spelled = reading.space.vocabulary.token_bytes
        best = top_k(found.probabilities, MOST_BARS).tolist()
        bars = [
            Bar(spelled(token), float(found.probabilities[token]), marked=not at)
            for at, token in enumerate(best)
        ]
        self.query_one(ProbabilityBars).show(bars)
        self.query_one(Facts).show(prompt_facts(reading))
        temperature = f"{found.temperature:g}" if found.temperature else "0, the best takes all"
        self.retitle(f"Inference ─ next token, temperature {temperature}", PROMPT_HINT)
        self._say(said_of(reading, training))

    def _say(self, text: str) -> None:
        """Say ``text``, which is printable."""
        self.query_one("#step-said", Static).update(Content(text))


def _beginning(sentence: str) -> str:
    """The first words of a sentence with a gap, as a prompt: half of it where it has no spaces."""
    plain = sentence.replace("[", "").replace("]", "")
    words = plain.split(" ")
    return " ".join(words[:3]) if len(words) > 3 else plain[: len(plain) // 2]
