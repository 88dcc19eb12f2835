"""The whole matrix of the open space: figures, under-trained tokens, another space beside it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_embed.engine.comparison import Comparison
from tui_embed.engine.statistics import Statistics
from tui_embed.engine.undertrained import Indicator, UnderTrained
from tui_embed.figures import percent
from tui_embed.printable import printable
from tui_embed.sources.catalog import Drawing
from tui_embed.tui import matrix_said
from tui_embed.tui.jobs import Job, JobCancelled, JobFailed, JobFinished, JobProgress, jobs_of
from tui_embed.tui.matrix_said import LISTS, MOST, TITLES, Listed
from tui_embed.tui.matrix_work import (
    AT_ONCE,
    COMPARED,
    STATISTICS,
    UNDERTRAINED,
    VIEWS,
    Counted,
    indicators_of,
    names_here,
    work_of,
)
from tui_embed.tui.messages import CopyRequested, TokenPicked
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.matrix_figures import MatrixFigures
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.ranked_list import RankedList, WalkedList

_ALWAYS: tuple[Indicator, ...] = ("norm",)
"""What can be computed of any space; which others can is known when one is."""


class ModelMatrixPane(Pane):
    """One view of a matrix at a time; ``s`` turns to the next."""

    TITLE = "Matrix"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "compute", "Compute", key_display="Enter", tooltip="Read the whole matrix"),
        Binding("s", "next", "View", tooltip="Statistics, under-trained tokens, or another space beside it"),
        Binding("c", "compare", "Compare", tooltip="Name another space or checkpoint to compare with"),
        Binding("i", "indicator", "Indicator", tooltip="What under-trained tokens are ranked by"),
        Binding("i", "list", "Other list", tooltip="Moved most, moved least, only here, only there"),
        Binding("escape", "leave", "Leave the line", show=False),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy what is listed"),
    ]
    NAMED = matrix_said.NAMED

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = STATISTICS
        self._indicator: Indicator | None = None
        self._indicators: tuple[Indicator, ...] = _ALWAYS
        self._other = ""
        self._list = MOST
        """The list of a comparison that is shown."""
        self._listed: Listed | None = None
        self._counted: dict[str, Counted] = {}
        self._names: list[str] = []
        """Spaces that can be compared with by name."""
        self._computing = ""
        """The view that is being computed, by this job."""
        self._job: Job | None = None
        self._ended: dict[str, str] = {}
        """What is said in a view of work that came to nothing."""

    def compose(self) -> ComposeResult:
        yield LineInput(placeholder="compare with: a name, a file, a folder (c)", id="other", select=False)
        yield Static(id="matrix-said")
        yield MatrixFigures(id="figures")
        yield WalkedList(id="matrix-list", note_from=20, notes_first=True)

    @property
    def main(self) -> Widget:
        listed = self.query_one("#matrix-list", RankedList)
        return self.query_one(MatrixFigures) if self._view == STATISTICS else listed

    def on_mount(self) -> None:
        super().on_mount()
        self._name_spaces()
        self._show()

    def watch_space(self) -> None:
        self._counted.clear()
        self._indicator, self._indicators = None, _ALWAYS
        if self.is_mounted:
            jobs_of(self).drop("matrix", self)
            self._computing = ""
            self._ended.clear()
            self._show()
            self._compute(asked=False)

    def compute_if_due(self) -> None:
        """Count what is shown, if that is quickly done."""
        self._compute(asked=False)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        # the line keeps the focus until there is a comparison: a name may have to be corrected
        self._other = message.value.strip()
        self._forget(COMPARED)
        self._show()
        self._compute(asked=True)

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        self.screen.set_focus(self.main)

    def on_ranked_list_left(self, message: RankedList.Left) -> None:
        message.stop()
        if self._view == COMPARED:
            self.screen.set_focus(self.query_one("#other", LineInput))

    def on_ranked_list_moved(self, message: RankedList.Moved) -> None:
        message.stop()
        self._entitle()

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        if self._listed is not None and self._listed.foreign:
            self.notify("The open space does not have this token", markup=False)
            return
        self.post_message(TokenPicked(message.item.token_id, "model"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key where it does something."""
        if action == "compute":
            ready = self._view != COMPARED or bool(self._other)
            return ready and self._view not in self._counted and self._view != self._computing
        if action == "list":
            return self._view == COMPARED and COMPARED in self._counted
        return action != "indicator" or self._view == UNDERTRAINED

    def action_next(self) -> None:
        self._turn(VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)])

    def action_compare(self) -> None:
        self._name_spaces()
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
        self._forget(UNDERTRAINED)
        self._compute(asked=True)

    def action_list(self) -> None:
        self._list = LISTS[(LISTS.index(self._list) + 1) % len(LISTS)]
        self._show()

    def action_compute(self) -> None:
        self._compute(asked=True)

    def action_leave(self) -> None:
        if isinstance(self.app.focused, LineInput) and not self._computing:
            self.screen.set_focus(self.main)
        else:
            self.app.call_later(self.app.run_action, "stop")

    def action_copy(self) -> None:
        if self._view == STATISTICS:
            counted = self._counted.get(STATISTICS)
            if counted is not None and isinstance(counted.found, Statistics):
                norms = "\n".join(f"{norm:.6g}" for norm in counted.found.norms.tolist())
                self.post_message(CopyRequested(norms, "the norms of all rows"))
        elif self._listed is not None:
            self.post_message(CopyRequested(matrix_said.copied(self._listed), TITLES[self._view].lower()))

    def action_view(self, view: str) -> None:
        """Go to a view."""
        self._turn(view)
        self.screen.set_focus(self.main)

    def action_only(self, listed: str) -> None:
        """Go to a list of two spaces."""
        self._list = listed
        self.action_view(COMPARED)

    def _name_spaces(self) -> None:
        """Look which spaces can be named now: → completes one of these."""
        self._names = names_here()
        self.query_one("#other", LineInput).suggester = SuggestFromList(self._names, case_sensitive=False)

    def _forget(self, view: str) -> None:
        """Show no longer what was found for ``view``: it is asked for anew."""
        self._counted.pop(view, None)
        self._ended.pop(view, None)
        if self._computing == view:
            jobs_of(self).drop("matrix", self)
            self._computing = ""

    def _turn(self, view: str) -> None:
        focused = self.app.focused
        held = focused is not None and self in focused.ancestors
        self._view = view
        self._show()
        if held:
            self.screen.set_focus(self.main)
        self._compute(asked=False)

    def _compute(self, *, asked: bool) -> None:
        space, view = self.space, self._view
        if not self.is_mounted or space is None or view in self._counted or view == self._computing:
            return
        if view == COMPARED and not (asked and self._other):
            return
        small = len(space) * space.d_model <= AT_ONCE
        if not asked and not (small and self.screen.is_current and view not in self._ended):
            return
        work = work_of(space, view, self._indicator, self._other, Drawing())
        self._computing = view
        self._ended.pop(view, None)
        self._show()
        self._job = jobs_of(self).start("matrix", work, self, f"reading {printable(space.name)}")

    def on_job_progress(self, message: JobProgress) -> None:
        if (
            not message.job.stale
            and message.total
            and self._computing == self._view
            and self.space is not None
        ):
            share = percent(message.done / message.total)
            self._say(matrix_said.running(self._view, self.space, self._other, share))

    def on_job_finished(self, message: JobFinished) -> None:
        counted = message.result
        if message.job.stale or not isinstance(counted, Counted) or counted.space is not self.space:
            return
        view = {Statistics: STATISTICS, UnderTrained: UNDERTRAINED, Comparison: COMPARED}[type(counted.found)]
        self._counted[view] = counted
        self._computing = ""
        if isinstance(counted.found, UnderTrained):
            self._indicators = indicators_of(counted.space, counted.found)
        self._show()
        line = self.query_one("#other", LineInput)
        if view == COMPARED and line.has_focus and line.value.strip() == self._other:
            self.screen.set_focus(self.main)

    def on_job_failed(self, message: JobFailed) -> None:
        message.stop()
        if message.job is not self._job:
            return
        how = "correct it, then Enter" if self._computing == COMPARED else "Enter tries again"
        self._end(f"{printable(str(message.error))} · {how}")

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job is self._job:
            self._end("stopped · Enter starts again")

    def _end(self, said: str) -> None:
        """Keep what is said of work that came to nothing, for as long as it is not asked again."""
        self._ended[self._computing], self._computing = said, ""
        self._show()

    def _show(self) -> None:
        view, space = self._view, self.space
        figures, listed = self.query_one(MatrixFigures), self.query_one("#matrix-list", RankedList)
        figures.display, listed.display = view == STATISTICS, view != STATISTICS
        self.query_one("#other", LineInput).display = view == COMPARED
        counted = None if space is None else self._counted.get(view)
        self._listed = None
        if space is None or counted is None:
            figures.show(None)
            listed.show(())
            if space is not None and view == self._computing:
                self._say(matrix_said.running(view, space, self._other, ""))
            else:
                self._say(
                    self._ended.get(view) or matrix_said.invitation(view, space, self._other, self._names)
                )
        elif isinstance(counted.found, Statistics):
            figures.show(counted.found, matrix_said.share_of(space))
            model = space.model
            quantised = model is not None and model.is_quantised
            self._say(f"quantised ({model.numbers}): norms are approximate" if model and quantised else "")
        else:
            found = counted.found
            self._listed = (
                matrix_said.suspects(space, found)
                if isinstance(found, UnderTrained)
                else matrix_said.compared(found, self._list)
            )
            listed.show(self._listed.items, "none", self._listed.heads)
            self._say(self._listed.said)
        self._entitle()
        self.refresh_bindings()

    def _entitle(self) -> None:
        """Say in the border what is shown, and where in the list the cursor stands."""
        title, listed = TITLES[self._view], self.query_one("#matrix-list", RankedList)
        following = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
        where = ""
        if self._listed is not None:
            title += f" · {self._list}" if self._view == COMPARED else ""
            n = len(self._listed.items)
            where = f"{min(listed.cursor + 1, n)} of {n}, {self._listed.taken_from} · "
        self.retitle(f"Matrix · {title}", f"{where}s {following}")

    def _say(self, text: str) -> None:
        """``text`` is printable."""
        said = self.query_one("#matrix-said", Static)
        said.display = bool(text)
        said.update(Content(text))
