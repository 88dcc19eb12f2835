"""What is to be trained, or what trains."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.sizes import count_parameters
from tui_embed.engine.training.start import Start
from tui_embed.figures import percent
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.training_facts import training_facts
from tui_embed.tui.training_form import fields_for, settings_of, shown_errors, values_of
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.training_work import TrainingAsked, TrainingWanted, read_corpus
from tui_embed.tui.unfinished import Unfinished, last_unfinished
from tui_embed.tui.widgets.facts import Facts
from tui_embed.tui.widgets.form import Form
from tui_embed.tui.widgets.training_pane import TrainingPane

SETTLE_SECONDS = 0.4
"""A corpus is read when nothing was typed for so long."""

NAME_CELLS = 16

COUNTED = ("corpus", "tokens", "min_count", "unk")
"""What a corpus is read by."""


class SetupPane(TrainingPane):
    """A form before a training, the facts of it from then on. Posts :class:`TrainingAsked`."""

    TITLE = "Set-up"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "resume", "Resume", tooltip="Go on with the training that was left before its end"),
        Binding("n", "new", "New training", show=False, tooltip="Fill in the form for another training"),
    ]

    space: reactive[EmbeddingSpace | None] = reactive(None)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._touched: set[str] = set()
        self._corpus: Corpus | None = None
        self._read_as: tuple[str, ...] = ()
        self._problem = ""
        self._timer: Timer | None = None
        self._begun: Start | None = None
        self._unfinished: Unfinished | None = None
        self._filling = True

    def compose(self) -> ComposeResult:
        yield Form(self._changed, id="form")
        yield Facts(id="training-facts")
        yield Static(id="setup-said")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Facts).display = False
        form = self.query_one(Form)
        form.values = {"corpus": next(iter(self._corpora())), **values_of(TrainingSettings())}
        self._recommend()
        self._refill()
        self._read()
        self._look_for_unfinished()

    @property
    def main(self) -> Widget:
        return self.query_one(Form if self._filling else Facts)

    def watch_training(self, training: TrainingView | None) -> None:
        if not self.is_mounted:
            return
        if training is None:
            self._begun = None
            self._fill(True)
            return
        if training.start is not self._begun:
            # only a training that begins takes the place of a form that is being filled in
            self._begun = training.start
            self._fill(False)
        self.query_one(Facts).show(training_facts(training))
        state = "" if training.snapshot is None else training.snapshot.state
        if not self._filling:
            self.retitle("What trains", "n: a new training" if training.is_over else state)

    def watch_space(self) -> None:
        if self.is_mounted and self._filling:
            self._refill()

    def _changed(self, name: str) -> None:
        """Take in that a person has given the field ``name`` another value."""
        self._touched.add(name)
        if name in ("corpus", "objective"):
            self._recommend()
        self._refill()
        if self._wants_reading():
            self._corpus = None
            if self._timer is not None:
                self._timer.stop()
            self._timer = self.set_timer(SETTLE_SECONDS, self._read)

    def on_form_moved(self) -> None:
        self._say()

    def on_form_submitted(self) -> None:
        settings, errors = settings_of(self._values)
        if settings is None:
            self._refill()
            if not errors.keys() - {""}:
                self._say()
            return
        known = None if self._wants_reading() else self._corpus
        wanted = TrainingWanted(self._values["corpus"], settings, known, self.space)
        self.post_message(TrainingAsked(wanted))

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.target is not self or message.job.stale:
            return
        if isinstance(message.result, Corpus):
            self._corpus, self._problem = message.result, ""
            self._say()
        elif message.job.kind == "unfinished":
            self._offer(message.result if isinstance(message.result, Unfinished) else None)

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job.target is not self or message.job.stale:
            return
        if message.job.kind == "unfinished":
            self._offer(None)
            self.app.notify(printable(str(message.error)), severity="warning", markup=False)
            return
        self._problem = printable(str(message.error))
        self._say()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "resume":
            return self._filling and self._unfinished is not None
        return action != "new" or (not self._filling and self.training is not None and self.training.is_over)

    def action_resume(self) -> None:
        if self._unfinished is not None:
            self.post_message(TrainingAsked(self._unfinished.wanted))

    def action_new(self) -> None:
        self._fill(True)
        self.main.focus()

    @property
    def _values(self) -> dict[str, str]:
        return self.query_one(Form).values

    def _fill(self, filling: bool) -> None:
        self._filling = filling
        had_focus = self.has_focus_within
        for widget, shown in ((self.query_one(Form), filling), (self.query_one(Facts), not filling)):
            widget.display = shown
        if filling:
            self._offer(None)
            self._refill()
            self._look_for_unfinished()
        self.query_one("#setup-said", Static).display = filling
        if had_focus:
            self.main.focus()

    def _look_for_unfinished(self) -> None:
        jobs_of(self).start("unfinished", last_unfinished, self, "looking for a training to go on with")

    def _offer(self, unfinished: Unfinished | None) -> None:
        """Say what can be gone on with, if there is something."""
        self._unfinished = unfinished
        self.refresh_bindings()
        if not self._filling:
            return
        if unfinished is None:
            self.retitle(self.TITLE)
            return
        share = percent(unfinished.step / max(1, unfinished.n_steps))
        self.retitle(self.TITLE, f"F6 resumes at {share}: {fit(unfinished.name, NAME_CELLS)}")

    @staticmethod
    def _corpora() -> Mapping[str, str]:
        from tui_embed.sources.corpora import corpus_entries

        return {entry.name: entry.name for entry in corpus_entries()}

    def _recommend(self) -> None:
        """Put in what is known to suit the corpus, where the person has not said otherwise."""
        from tui_embed.sources.corpora import recommended

        values = self._values
        suited = values_of(recommended(values["corpus"], values["objective"]))
        for name, value in suited.items():
            if name not in self._touched and name != "objective":
                values[name] = value

    def _refill(self) -> None:
        space = "the open space" if self.space is None else fit(self.space.name, 24)
        fields = fields_for(self._values["objective"], self._corpora(), space)
        _, errors = settings_of(self._values)
        self.query_one(Form).show(fields, errors)
        self._say()

    def _wants_reading(self) -> bool:
        return tuple(self._values.get(name, "") for name in COUNTED) != self._read_as

    def _read(self) -> None:
        """Read the corpus, so that its size is known before it is trained on."""
        settings, _ = settings_of(self._values)
        if settings is None:
            return
        self._read_as = tuple(self._values.get(name, "") for name in COUNTED)
        self._corpus, self._problem = None, ""
        name = self._values["corpus"]

        def work(cancel: CancelToken, progress: Progress) -> Corpus:
            return read_corpus(name, settings, cancel, progress)

        jobs_of(self).start("corpus", work, self, "reading the corpus")
        self._say()

    def _say(self) -> None:
        """The help of the current field, and the sizes, or what is wrong."""
        form = self.query_one(Form)
        settings, errors = settings_of(form.values)
        help_text = form.current.help if form.current else ""
        if form.current is not None and form.current.name == "corpus":
            help_text = self._about_corpus(form.values["corpus"]) or help_text
        own = errors.get(form.current.name) if form.current else None
        said = own or self._problem or shown_errors(errors, fields_for(form.values["objective"], {}, ""))
        if not said:
            said = self._sizes(settings)
        style = "$error" if own or self._problem or errors else "$faint"
        content = Content.from_markup(f"[{style}]$said[/]\n$help", said=said, help=help_text)
        self.query_one("#setup-said", Static).update(content)

    @staticmethod
    def _about_corpus(name: str) -> str:
        """What a text is that comes with the program."""
        from tui_embed.sources.corpora import corpus_entries

        found = next((entry for entry in corpus_entries() if entry.name == name), None)
        if found is None:
            return ""
        return f"{found.what}; ← → another, or type a path" if found.here else f"{found.what}: {found.needs}"

    def _sizes(self, settings: TrainingSettings | None) -> str:
        if settings is None:
            return "mend what is marked"
        if self._corpus is None:
            return "reading the corpus …"
        n_vocab = self._corpus.n_vocab
        n_parameters = count_parameters(settings, n_vocab)
        return f"{self._corpus.n_tokens:,} tokens · n_vocab {n_vocab:,} · {n_parameters:,} parameters"
