"""What an expression over tokens comes to."""

import re
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui_embed.engine.arithmetic import (
    METHOD_TITLES,
    METHODS,
    Combination,
    Method,
    Parallelogram,
    Solution,
    parallelogram,
    read_expression,
    solve,
    term_similarities,
)
from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.expression import quoted
from tui_embed.engine.scan import Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen, Composed
from tui_embed.errors import TuiEmbedError
from tui_embed.figures import duration, score
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobCancelled, JobFailed, JobFinished, jobs_of
from tui_embed.tui.map_wanted import USUAL_NUMBER, MapWanted
from tui_embed.tui.messages import CopyRequested, MapAsked, TokenPicked
from tui_embed.tui.widgets.answers import ranked_tokens, tab_separated
from tui_embed.tui.widgets.expression_input import ExpressionInput
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.ranked_list import RankedList

EXAMPLES = (
    ("king - man + woman", "royalty, the other sex"),
    ("paris - france + italy", "capitals"),
    ("tokyo - japan + china", "capitals"),
    ("bigger - big + small", "comparatives; it fails"),
    ("brother - man + woman", "a known failure"),
    ("0.5*king + queen", "a weighted sum"),
)
MAX_COMPLETIONS = 30
_LAST_WORD = re.compile(r"[^\s+＋−－*×]*$")


@dataclass(frozen=True, eq=False, slots=True)
class Solved:
    """A solution with what is said of its first answer."""

    space: EmbeddingSpace
    solution: Solution
    similarities: list[float]
    arrows: Parallelogram | None


class ArithmeticPane(Pane):
    """An expression, its answers, and how honest they are: what was left out, whether the parallelogram
    closes."""

    TITLE = "Arithmetic"
    DEFAULT_CSS = """
    ArithmeticPane #answers { margin-top: 1; }
    ArithmeticPane #notes { height: auto; max-height: 6; color: $faint; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,f6", "method", "Method", key_display="x", tooltip="3CosAdd or 3CosMul (F6 while typing)"),
        Binding(
            "i,f7",
            "inputs",
            "Inputs",
            key_display="i",
            tooltip="Keep the inputs among the answers (F7 while typing)",
        ),
        Binding("g", "map", "Map", show=False, tooltip="See the terms, the answers and the arrows as a map"),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the answers with their scores"),
    ]

    method: reactive[Method] = reactive("3cosadd")
    keep_inputs: reactive[bool] = reactive(False)

    def __init__(self, expression: str, k: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._expression = expression
        self._k = k
        self._solved: Solved | None = None

    def compose(self) -> ComposeResult:
        yield ExpressionInput(self._expression, EXAMPLES, id="expression")
        yield RankedList(id="answers", empty="Enter runs the expression")
        yield Static(id="notes")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(ExpressionInput).complete_with(self._completions)

    @property
    def main(self) -> Widget:
        return self.query_one(ExpressionInput).input

    def watch_space(self) -> None:
        self._solve(submitted=False)

    def watch_method(self) -> None:
        self._solve(submitted=True)

    def watch_keep_inputs(self) -> None:
        self._solve(submitted=True)

    def run_expression(self, text: str) -> None:
        """Put ``text`` on the line and solve it."""
        self.query_one(ExpressionInput).put(text)

    def on_expression_input_changed(self, message: ExpressionInput.Changed) -> None:
        message.stop()
        self._expression = message.text
        self._solve(submitted=isinstance(message, ExpressionInput.Submitted))

    def on_expression_input_submitted(self, message: ExpressionInput.Submitted) -> None:
        self.on_expression_input_changed(message)

    def on_expression_input_left(self, message: ExpressionInput.Left) -> None:
        message.stop()
        self.query_one(RankedList).focus()

    def on_ranked_list_left(self, message: RankedList.Left) -> None:
        message.stop()
        self.main.focus()

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        self.post_message(TokenPicked(message.item.token_id, "arithmetic"))

    def _solve(self, *, submitted: bool) -> None:
        """Solve the expression as it stands; where rows must be drawn for it, only when Enter asks."""
        space, text = self.space, self._expression
        if not self.is_mounted or space is None:
            return
        if not text.strip():
            self._fail("")
            return
        if not submitted and not space.provenance.trained:
            self._fail("Enter searches: the rows must be drawn for it")
            return
        try:
            combination = read_expression(space, text)
        except TuiEmbedError as error:
            self._fail(printable(str(error)))
            return
        method, exclude = self.method, not self.keep_inputs

        def work(cancel: CancelToken, progress: Progress) -> Solved:
            solution = solve(space, combination, self._k, method, exclude, cancel, progress)
            return _with_notes(space, combination, solution)

        jobs_of(self).start("arithmetic", work, self, f"searching {printable(space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, Solved):
            return
        solved = self._solved = message.result
        metric: Metric | None = "cosine" if solved.solution.method == "3cosadd" else None
        self.query_one(RankedList).show(ranked_tokens(solved.solution.neighbors, metric), "no answers")
        searched = f"searched {solved.solution.searched:,} of {solved.solution.n_vocab:,}"
        untrained = "" if solved.space.provenance.trained else " · untrained"
        self.retitle(
            f"{self.TITLE} · {METHOD_TITLES[solved.solution.method]}{untrained}",
            f"{searched} · {duration(message.job.seconds)}",
        )
        self._notes("\n".join(_notes(solved)))

    def on_job_failed(self, message: JobFailed) -> None:
        self._fail(printable(str(message.error)))

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._fail("stopped; Enter searches again")

    def _fail(self, reason: str) -> None:
        jobs_of(self).drop("arithmetic", self)
        self._solved = None
        self.query_one(RankedList).show((), "no answer")
        trained = self.space is None or self.space.provenance.trained
        self.retitle(self.TITLE if trained else f"{self.TITLE} · untrained")
        self._notes(reason)

    def _notes(self, text: str) -> None:
        self.query_one("#notes", Static).update(Content(text))

    def _completions(self, text: str) -> list[tuple[int, str]]:
        """Tokens that begin as the last word does, most frequent first."""
        found = _LAST_WORD.search(text)
        if self.space is None or found is None or not found[0]:
            return []
        start, word = found.start(), found[0].lstrip("\"'[“")
        vocabulary = self.space.vocabulary
        ids = vocabulary.with_prefix(word, MAX_COMPLETIONS).tolist() if word else []
        if word and len(ids) < MAX_COMPLETIONS:
            ids += vocabulary.with_prefix(f" {word}", MAX_COMPLETIONS - len(ids)).tolist()
        tokens = [vocabulary[token_id] for token_id in ids]
        return [] if tokens == [word] else [(start, quoted(token)) for token in tokens]

    def action_method(self) -> None:
        self.method = METHODS[(METHODS.index(self.method) + 1) % len(METHODS)]

    def action_inputs(self) -> None:
        self.keep_inputs = not self.keep_inputs

    def action_map(self) -> None:
        if self._expression.strip():
            number = USUAL_NUMBER["expression"]
            self.post_message(MapAsked(MapWanted(of="expression", text=self._expression, n=number)))

    def action_copy(self) -> None:
        if self._solved is not None:
            self.post_message(CopyRequested(tab_separated(self._solved.solution.neighbors), "answers"))


def _with_notes(space: EmbeddingSpace, combination: Combination, solution: Solution) -> Solved:
    if not solution.neighbors:
        return Solved(space, solution, [], None)
    best = solution.neighbors[0].id
    similarities = term_similarities(space, combination, best)
    return Solved(space, solution, similarities, parallelogram(space, combination, best))


def _notes(solved: Solved) -> list[str]:
    space, solution = solved.space, solved.solution

    def name(chosen: Chosen) -> str:
        return fit(space.spelled(chosen), 16)

    lines = []
    inputs = ", ".join(name(token_id) for token_id in dict.fromkeys(solution.combination.ids))
    if solution.excluded:
        lines.append(f"left out: {inputs} (i keeps them)")
    elif inputs:
        lines.append(f"inputs kept: {inputs} (i leaves them out)")
    composed = dict.fromkeys(word for word in solution.combination.inputs if isinstance(word, Composed))
    if composed:
        lines.append(f"not in the vocabulary, composed from n-grams: {', '.join(map(name, composed))}")
    if solved.arrows is not None:
        a, b, c, d = map(name, (solved.arrows.a, solved.arrows.b, solved.arrows.c, solved.arrows.d))
        lines.append(f"{a}→{b} ∥ {c}→{d}: cosine {score(solved.arrows.cosine)}")
    if solution.neighbors:
        best = fit(solution.neighbors[0].token, 16)
        pairs = zip(solution.combination.inputs, solved.similarities, strict=True)
        lines.append(f"cosine to {best}: " + "  ".join(f"{name(i)} {score(value)}" for i, value in pairs))
    return lines
