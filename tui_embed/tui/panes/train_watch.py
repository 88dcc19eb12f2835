"""What words mean by now, while they are trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.grammar import GRAMMARS
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.engine.training.watching import Trace, Watched, watch
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.figures import percent
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import Job, JobFailed, JobFinished, jobs_of
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.mini_map import MapPoint, MiniMap
from tui_embed.tui.widgets.training_pane import TrainingPane
from tui_embed.tui.widgets.watch_list import WatchList

NEIGHBOURS = 5
PAIR = "~"
MOST_WATCHED = 12
COMMON_WORDS = 40
"""The most frequent words go with everything, and tell little."""

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Question:
    """What is looked at, and when."""

    corpus: Corpus
    snapshot: Snapshot
    words: tuple[int, ...]
    pairs: Pairs

    def same(self, other: "_Question | None") -> bool:
        return other is not None and (self.snapshot, self.words, self.pairs) == (
            other.snapshot,
            other.words,
            other.pairs,
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Seen:
    question: _Question
    watched: Watched


class WatchPane(TrainingPane):
    """A line of watched words and pairs (``king~queen``), their neighbours as they change, and a map."""

    TITLE = "Watch"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Words", tooltip="Write which words and pairs are watched"),
        Binding("escape", "leave", "Leave the line", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._corpus: Corpus | None = None
        self._words: tuple[int, ...] = ()
        self._pairs: Pairs = ()
        self._missing: list[str] = []
        self._typed = False
        self._seen: _Seen | None = None
        self._traces: dict[tuple[int, int], Trace] = {}
        self._job: Job | None = None

    def compose(self) -> ComposeResult:
        yield LineInput(placeholder="words, and pairs as king~queen", id="watched", select=False)
        yield WatchList(id="watch-list")
        yield MiniMap(id="mini-map")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch_training(self.training)

    @property
    def main(self) -> Widget:
        return self.query_one(WatchList)

    def watch_training(self, training: TrainingView | None) -> None:
        if not self.is_mounted:
            return
        corpus = None if training is None else training.corpus
        if corpus is not self._corpus:
            self._begin(corpus)
        self._look()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._typed = True
        self._take(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.main.focus()

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        self.main.focus()

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job is not self._job or not isinstance(message.result, _Seen):
            return
        seen = message.result
        if seen.question.corpus is self._corpus:
            self._note(seen.watched)
            if (seen.question.words, seen.question.pairs) == (self._words, self._pairs):
                self._show(seen)
        # what came meanwhile is looked at now: the last moment is never missed
        if not seen.question.same(self._question):
            self._look()

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job is self._job:
            self.retitle(self.TITLE, printable(str(message.error)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc leaves the line; elsewhere it is the screen's."""
        return action != "leave" or self.query_one(LineInput).has_focus

    def action_edit(self) -> None:
        self.query_one(LineInput).focus()

    def action_leave(self) -> None:
        self.main.focus()

    def watch_ids(self, words: Sequence[int], pairs: Sequence[tuple[int, int]]) -> None:
        """Watch these words and pairs of the corpus."""
        self._words, self._pairs = tuple(words), tuple(pairs)
        self._traces = {pair: trace for pair, trace in self._traces.items() if pair in self._pairs}
        self._look()

    def _begin(self, corpus: Corpus | None) -> None:
        """Watch another training; words that a person wrote stay where it has one of them."""
        self._corpus, self._seen, self._traces = corpus, None, {}
        line = self.query_one(LineInput)
        self.query_one(WatchList).show(None, {}, lambda token_id: b"")
        self.query_one(MiniMap).show([])
        self.retitle(self.TITLE)
        if corpus is not None:
            self._take(line.value)
            if not self._typed or not (self._words or self._pairs):
                with self.prevent(Input.Changed):
                    line.value = default_words(corpus)
                self._typed = False
                self._take(line.value)

    def _take(self, text: str) -> None:
        """Take what is typed as words and pairs of the corpus; what it lacks is said."""
        if self._corpus is None:
            return
        words, pairs, self._missing = [], [], []
        for part in text.split()[:MOST_WATCHED]:
            spelled = part.split(PAIR) if part.count(PAIR) == 1 else [part]
            ids = [_find(self._corpus.vocabulary, word) for word in spelled]
            found = [token_id for token_id in ids if token_id is not None]
            if len(found) < len(ids):
                self._missing.append(part)
            elif len(found) == 2:
                pairs.append((found[0], found[1]))
            else:
                words += found
        self.watch_ids(words, pairs)

    @property
    def _question(self) -> _Question | None:
        training = self.training
        if training is None or training.snapshot is None or training.corpus is not self._corpus:
            return None
        return _Question(training.corpus, training.snapshot, self._words, self._pairs)

    def _look(self) -> None:
        """Look at the present moment, unless a look is under way: one follows it then."""
        question = self._question
        if question is None or (self._job is not None and self._job.running and not self._job.stale):
            return
        before = None if self._seen is None else self._seen.watched

        def work(cancel: CancelToken, progress: Progress) -> _Seen:
            matrix = question.snapshot.matrix
            return _Seen(question, watch(matrix, question.words, question.pairs, NEIGHBOURS, before, cancel))

        # lasting: it is over in a moment, and Esc is there to stop the training
        self._job = jobs_of(self).start("watch", work, self, "looking at watched words", lasting=True)

    def _note(self, watched: Watched) -> None:
        for pair, cosine in watched.pairs.items():
            if pair in self._pairs:
                self._traces.setdefault(pair, Trace()).add(watched.step, cosine)

    def _show(self, seen: _Seen) -> None:
        self._seen, watched = seen, seen.watched
        spelled = seen.question.corpus.vocabulary.token_bytes
        self.query_one(WatchList).show(watched, self._traces, spelled)
        self.query_one(MiniMap).show(
            [
                MapPoint(spelled(token_id), x, y, token_id in self._words)
                for token_id, (x, y) in zip(watched.map_ids.tolist(), watched.points.tolist(), strict=True)
            ]
        )
        missing = f"not in it: {fit(' '.join(self._missing), 30)}" if self._missing else ""
        explained = f"map: PCA, {percent(sum(watched.explained))} of variance" if watched.explained else ""
        self.retitle(f"Watch ─ step {watched.step:,}", " · ".join(filter(None, (missing, explained))))


def _find(vocabulary: Vocabulary, word: str) -> int | None:
    """The token that a person means by ``word``, with the space before it that an encoding may want."""
    for form in (word, f" {word}", word.lower(), f" {word.lower()}"):
        found = vocabulary.get(form)
        if found is not None:
            return found
    return None


def default_words(corpus: Corpus) -> str:
    """Words worth watching: of a grammar one of each of some clusters, and pairs; else frequent ones."""
    grammar = GRAMMARS.get(corpus.name)
    if grammar is not None:
        words = [nouns[0] for nouns in grammar.clusters.values()][::2][:4]
        a, b, c, _ = grammar.analogies[0]
        if all(word in corpus.vocabulary for word in (*words, a, b, c)):
            return " ".join([*words, f"{a}{PAIR}{b}", f"{a}{PAIR}{c}", f"{words[0]}{PAIR}{words[-1]}"])
    # letters alone: what stands in the line is drawn as it is
    spelled = [word.strip() for word in corpus.vocabulary[:400]]
    longer = [word for word in spelled[COMMON_WORDS:] if word.isalpha() and len(word) > 3]
    words = list(dict.fromkeys(longer or [word for word in spelled if word.isalpha()]))[:5]
    pairs = [f"{words[0]}{PAIR}{words[1]}"] if len(words) > 1 else []
    return " ".join([*words, *pairs])
