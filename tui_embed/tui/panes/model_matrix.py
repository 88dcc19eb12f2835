"""The whole matrix of the open space: figures, under-trained tokens, another space beside it."""

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_embed.engine.comparison import Comparison
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.statistics import Statistics
from tui_embed.engine.undertrained import PAPER, WHAT, Indicator, UnderTrained
from tui_embed.figures import percent, score
from tui_embed.printable import fit, printable
from tui_embed.sources.catalog import Drawing
from tui_embed.tui.jobs import JobCancelled, JobFailed, JobFinished, jobs_of
from tui_embed.tui.matrix_work import (
    AT_ONCE,
    COMPARED,
    STATISTICS,
    UNDERTRAINED,
    VIEWS,
    Counted,
    indicators_of,
    work_of,
)
from tui_embed.tui.messages import CopyRequested, TokenPicked
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.matrix_figures import MatrixFigures
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.ranked_list import RankedList, RankedToken

LISTED = 200
_ALWAYS: tuple[Indicator, ...] = ("norm",)
"""What can be computed of any space; which others can is known when one is."""


class ModelMatrixPane(Pane):
    """One view of a matrix at a time; ``s`` turns to the next."""

    TITLE = "Matrix"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "next", "View", tooltip="Statistics, under-trained tokens, or another space beside it"),
        Binding("i", "indicator", "Indicator", tooltip="What under-trained tokens are ranked by"),
        Binding("c", "compare", "Compare", tooltip="Name another space or checkpoint to compare with"),
        Binding("enter", "compute", "Compute", show=False, tooltip="Read the whole matrix"),
        Binding("escape", "leave", "Leave the line", show=False),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy what is listed"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = STATISTICS
        self._indicator: Indicator | None = None
        self._indicators: tuple[Indicator, ...] = _ALWAYS
        self._other = ""
        self._counted: dict[str, Counted] = {}
        self._said = ""

    def compose(self) -> ComposeResult:
        yield LineInput(placeholder="compare with: a name, a file, a folder", id="other", select=False)
        yield Static(id="matrix-said")
        yield MatrixFigures(id="figures")
        yield RankedList(id="matrix-list", note_from=30)

    @property
    def main(self) -> Widget:
        listed = self.query_one("#matrix-list", RankedList)
        return self.query_one(MatrixFigures) if self._view == STATISTICS else listed

    def on_mount(self) -> None:
        super().on_mount()
        self._show()

    def watch_space(self) -> None:
        self._counted.clear()
        self._indicator, self._indicators = None, _ALWAYS
        if self.is_mounted:
            jobs_of(self).drop("matrix", self)
            self._show()
            self._compute(asked=False)

    def compute_if_due(self) -> None:
        """Count what is shown, if that is quickly done."""
        self._compute(asked=False)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self._other = message.value.strip()
        self._counted.pop(COMPARED, None)
        self._compute(asked=True)
        self.screen.set_focus(self.main)

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        self.screen.set_focus(self.main)

    def on_ranked_list_left(self, message: RankedList.Left) -> None:
        message.stop()
        if self._view == COMPARED:
            self.screen.set_focus(self.query_one("#other", LineInput))

    def on_ranked_list_moved(self, message: RankedList.Moved) -> None:
        message.stop()

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        self.post_message(TokenPicked(message.item.token_id, "model"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key where it does something."""
        return action != "indicator" or self._view == UNDERTRAINED

    def action_next(self) -> None:
        self._turn(VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)])

    def action_compare(self) -> None:
        self._turn(COMPARED)
        self.screen.set_focus(self.query_one("#other", LineInput))

    def action_indicator(self) -> None:
        if self.space is None:
            return
        known, counted = self._indicators, self._counted.get(UNDERTRAINED)
        now = self._indicator
        if counted is not None and isinstance(counted.found, UnderTrained):
            now = counted.found.indicator
        self._indicator = known[(known.index(now) + 1) % len(known)] if now in known else known[0]
        self._counted.pop(UNDERTRAINED, None)
        self._compute(asked=True)

    def action_compute(self) -> None:
        self._compute(asked=True)

    def action_leave(self) -> None:
        if isinstance(self.app.focused, LineInput):
            self.screen.set_focus(self.main)
        else:
            self.app.call_later(self.app.run_action, "stop")

    def action_copy(self) -> None:
        items = self.query_one("#matrix-list", RankedList).items
        if self._view == STATISTICS:
            counted = self._counted.get(STATISTICS)
            if counted is not None and isinstance(counted.found, Statistics):
                norms = "\n".join(f"{norm:.6g}" for norm in counted.found.norms.tolist())
                self.post_message(CopyRequested(norms, "the norms of all rows"))
        elif items:
            lines = [
                f"{printable(item.token)}\t{item.token_id}\t{item.score or 0:.6g}\t{printable(item.note)}"
                for item in items
            ]
            self.post_message(CopyRequested("\n".join(lines), self._view))

    def _turn(self, view: str) -> None:
        focused = self.app.focused
        held = focused is not None and self in focused.ancestors
        self._view = view
        self._show()
        if held:
            self.screen.set_focus(self.main)
        self.refresh_bindings()
        self._compute(asked=False)

    def _compute(self, *, asked: bool) -> None:
        space = self.space
        if not self.is_mounted or space is None or self._view in self._counted:
            return
        if self._view == COMPARED and not self._other:
            return
        small = len(space) * space.d_model <= AT_ONCE
        if not asked and not (small and self.screen.is_current):
            return
        work = work_of(space, self._view, self._indicator, self._other, Drawing())
        self._say("reading the whole matrix · Esc stops")
        jobs_of(self).start("matrix", work, self, f"reading {printable(space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        counted = message.result
        if message.job.stale or not isinstance(counted, Counted) or counted.space is not self.space:
            return
        view = {Statistics: STATISTICS, UnderTrained: UNDERTRAINED, Comparison: COMPARED}[type(counted.found)]
        self._counted[view] = counted
        if isinstance(counted.found, UnderTrained):
            self._indicators = indicators_of(counted.space, counted.found)
        self._show()

    def on_job_failed(self, message: JobFailed) -> None:
        message.stop()
        self._say(printable(str(message.error)))

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._say("stopped; Enter starts again")

    def _show(self) -> None:
        view, space = self._view, self.space
        figures, listed = self.query_one(MatrixFigures), self.query_one("#matrix-list", RankedList)
        figures.display, listed.display = view == STATISTICS, view != STATISTICS
        self.query_one("#other", LineInput).display = view == COMPARED
        counted = self._counted.get(view)
        title = {STATISTICS: "Statistics", UNDERTRAINED: "Under-trained tokens", COMPARED: "Two spaces"}[view]
        self.retitle(
            f"Matrix · {title}", "" if space is None else f"s: {VIEWS[(VIEWS.index(view) + 1) % len(VIEWS)]}"
        )
        if space is None or counted is None:
            figures.show(None)
            listed.show(())
            self._say(_invitation(view, space))
        elif isinstance(counted.found, Statistics):
            figures.show(counted.found, _share(space))
            model = space.model
            quantised = model is not None and model.is_quantised
            self._say(f"quantised ({model.numbers}): norms are approximate" if model and quantised else "")
        elif isinstance(counted.found, UnderTrained):
            listed.show(_suspects(space, counted.found))
            self._say(_said_of_suspects(space, counted.found))
        else:
            listed.show(_moved(counted.found))
            self._say(_said_of_comparison(counted.found))

    def _say(self, text: str) -> None:
        """``text`` is printable."""
        said = self.query_one("#matrix-said", Static)
        said.display = bool(text)
        said.update(Content(text))


def _invitation(view: str, space: EmbeddingSpace | None) -> str:
    if space is None:
        return "no space is open"
    if view == COMPARED:
        return "name another space, file or checkpoint folder: shared tokens are compared by their rows"
    return f"Enter reads all {len(space):,} × {space.d_model:,} numbers"


def _share(space: EmbeddingSpace) -> tuple[int, int] | None:
    model = space.model
    if model is None or not model.n_params:
        return None
    return len(space) * space.d_model, model.n_params


def _suspects(space: EmbeddingSpace, found: UnderTrained) -> list[RankedToken]:
    lowest = found.lowest(space, LISTED)
    top = max((one.value for one in lowest if math.isfinite(one.value)), default=1.0) or 1.0
    return [
        RankedToken(
            one.id,
            space.vocabulary[one.id],
            one.value,
            one.value / top if math.isfinite(one.value) else 0.0,
            note=" · ".join(
                part
                for part in (
                    one.family,
                    space.vocabulary.token_bytes(one.id)[:6].hex(" ").upper(),
                    f"norm {score(one.norm)}",
                )
                if part
            ),
        )
        for one in lowest
    ]


def _said_of_suspects(space: EmbeddingSpace, found: UnderTrained) -> str:
    said = f"lowest {WHAT[found.indicator]} ({PAPER})"
    if len(found.reference):
        n = len(found.reference)
        said += f"; unused: {printable(found.because)}; {found.n_found:,} of the {n:,} lowest are theirs"
    caution = found.caution(space)
    return f"{said}. {printable(caution)}" if caution else said


def _moved(found: Comparison) -> list[RankedToken]:
    return [
        RankedToken(one, found.first.vocabulary[one], cosine, max(0.0, cosine), note=f"id {one} ‖ id {other}")
        for one, other, cosine in found.most_moved(LISTED)
    ]


def _said_of_comparison(found: Comparison) -> str:
    shared, how = len(found.shared), "as they are" if found.alignment == "none" else "after a rotation"
    alone = ", ".join(fit(found.second.vocabulary.token_bytes(int(i)), 12) for i in found.only_second[:4])
    only = f"; only there {len(found.only_second):,}" + (f": {alone} …" if alone else "")
    equal = f", {found.n_equal:,} rows equal to the bit" if found.n_equal else ""
    return (
        f"moved most, of {shared:,} tokens shared with {fit(found.second.name, 24)} "
        f"({percent(shared / len(found.first))} of all); rows {how}: mean cosine {score(found.mean)}{equal}; "
        f"only here {len(found.only_first):,}{only}"
    )
