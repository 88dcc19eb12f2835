"""What lies near the selected token."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.filter import matching
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.metadata import describe
from tui_embed.engine.neighbors import Answer, nearest
from tui_embed.engine.rows import Ids
from tui_embed.engine.scan import METRICS, Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import ExpressionError
from tui_embed.figures import duration
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobCancelled, JobFailed, JobFinished, jobs_of
from tui_embed.tui.map_wanted import MapWanted
from tui_embed.tui.messages import CopyRequested, MapAsked, TokenPicked
from tui_embed.tui.state import Selection
from tui_embed.tui.widgets.answers import ranked_tokens, tab_separated
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.ranked_list import RankedList
from tui_embed.tui.widgets.where_line import WhereLine

COUNTS = (10, 20, 50, 100, 200)
COLUMN_CELLS = 60
LOW = 14
"""A pane of fewer lines has one for columns, so that most are the list's."""


class NeighboursPane(Pane):
    """The nearest tokens to the selection; Enter makes one of them the selection. Where the space has
    metadata, a filter may restrict the search, and a neighbour's columns are shown.
    """

    TITLE = "Neighbours"
    DEFAULT_CSS = """
    NeighboursPane #columns { height: auto; color: $faint; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "metric", "Metric", tooltip="Cosine, dot product or Euclidean distance"),
        Binding("w", "where", "Where", tooltip="Search only the rows whose metadata fit a filter"),
        Binding(
            "plus,equals_sign", "count(1)", "More", key_display="+", show=False, tooltip="More neighbours"
        ),
        Binding("minus", "count(-1)", "Fewer", key_display="-", show=False, tooltip="Fewer neighbours"),
        Binding("g", "map", "Map", show=False, tooltip="See the neighbourhood as a map"),
        Binding(
            "k",
            "app.keep_rows",
            "Keep rows",
            show=False,
            tooltip="Put a checkpoint's rows into the store: searches in it are fast from then on",
        ),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the neighbours with their scores"),
    ]

    metric: reactive[Metric] = reactive("cosine")
    k: reactive[int] = reactive(10)

    def __init__(self, metric: Metric, k: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(NeighboursPane.metric, metric)
        self.set_reactive(NeighboursPane.k, k)
        self._answer: Answer | None = None
        self._within: _Restriction | None = None

    def compose(self) -> ComposeResult:
        yield WhereLine(id="where")
        yield RankedList(id="neighbours", empty="Pick a token to see what lies near it")
        yield Static(id="columns")

    @property
    def main(self) -> Widget:
        return self.query_one(RankedList)

    def watch_space(self) -> None:
        self._within = None
        if self.is_mounted:
            jobs_of(self).drop("where", self)
            self.query_one(WhereLine).hold("")
            self.refresh_bindings()
        self._empty("Pick a token to see what lies near it")
        self._search()

    def watch_selection(self, old: Selection | None, new: Selection | None) -> None:
        if old is None or new is None or old.key != new.key:
            self._search()

    def watch_metric(self) -> None:
        self._search()

    def watch_k(self) -> None:
        self._search()

    def on_resize(self) -> None:
        if self._answer is None or len(self._answer.neighbors) < self._wanted:
            self._search()

    @property
    def _wanted(self) -> int:
        """How many to ask for: at least as many as there is room for."""
        return max(self.k, self.size.height)

    def _search(self) -> None:
        space, selection = self.space, self.selection
        if not self.is_mounted or space is None or selection is None or not selection.is_of(space):
            return
        if not self.size.height:
            # not laid out yet: how many there is room for comes with the size
            self._answer = None
            return
        work = partial(_found, _Question(space, selection, self._wanted, self.metric, self._within))
        jobs_of(self).start("neighbours", work, self, f"searching {printable(space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale:
            return
        if isinstance(message.result, _Restriction):
            self._restrict(message.result)
        elif isinstance(message.result, _Found):
            self._show(message.result, message.job.seconds)

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job.kind != "where":
            self._empty(printable(str(message.error)))
            return
        column = message.error.column if isinstance(message.error, ExpressionError) else None
        self.query_one(WhereLine).fail(printable(str(message.error)), column)

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job.kind == "neighbours":
            self._empty("stopped; m or Enter on a token searches again")

    def on_where_line_asked(self, message: WhereLine.Asked) -> None:
        message.stop()
        space = self.space
        if space is None:
            return
        if not message.text:
            jobs_of(self).drop("where", self)
            self._restrict(None)
            return

        def work(cancel: CancelToken, progress: Progress) -> _Restriction:
            return _Restriction(message.text, np.flatnonzero(matching(space.metadata, message.text)))

        jobs_of(self).start("where", work, self, f"filtering {printable(space.name)}")

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        self.post_message(TokenPicked(message.item.token_id, "neighbours"))

    def on_ranked_list_moved(self, message: RankedList.Moved) -> None:
        message.stop()
        self._describe()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A filter is for a space with metadata."""
        return action != "where" or (self.space is not None and bool(self.space.metadata))

    def action_metric(self) -> None:
        self.metric = METRICS[(METRICS.index(self.metric) + 1) % len(METRICS)]

    def action_where(self) -> None:
        if self.space is not None:
            self.query_one(WhereLine).open(list(self.space.metadata))

    def action_count(self, step: int) -> None:
        at = min(range(len(COUNTS)), key=lambda i: abs(COUNTS[i] - self.k))
        self.k = COUNTS[min(max(at + step, 0), len(COUNTS) - 1)]

    def action_map(self) -> None:
        settings = MapSettings(metric=self.metric)
        self.post_message(MapAsked(MapWanted(settings=settings)))

    def action_copy(self) -> None:
        if self._answer is not None:
            self.post_message(CopyRequested(tab_separated(self._answer.neighbors), "neighbours"))

    def _restrict(self, within: "_Restriction | None") -> None:
        """Search only ``within``, or everything again."""
        self._within = within
        self.main.focus()
        self.query_one(WhereLine).hold("" if within is None else within.text)
        self._search()

    def _show(self, found: "_Found", seconds: float) -> None:
        asked, answer = found.question, found.answer
        self._answer = answer
        lines = ranked_tokens(answer.neighbors, asked.metric, found.notes)
        self.query_one(RankedList).show(lines, "no neighbours")
        kind = "Neighbours" if asked.space.provenance.trained else "Untrained neighbours"
        of = fit(asked.selection.spelled(asked.space), 24)
        composed = "" if asked.selection.token_id is not None else " · composed"
        where = f" · where {printable(asked.within.text)}" if asked.within is not None else ""
        self.retitle(
            f"{kind} of {of}{composed} · {asked.metric}{where}",
            f"searched {answer.searched:,} of {answer.n_vocab:,} · {duration(seconds)}",
        )
        self._describe()

    def _describe(self) -> None:
        """The columns of the neighbour under the cursor."""
        space, current = self.space, self.query_one(RankedList).current
        said = ""
        if space is not None and current is not None and current.token_id < len(space):
            columns = describe(space.metadata, current.token_id)
            pieces = [f"{fit(name, COLUMN_CELLS)} {fit(text, COLUMN_CELLS)}" for name, text in columns]
            said = " · ".join(pieces)
        below = self.query_one("#columns", Static)
        below.display = bool(said)
        below.styles.max_height = 1 if self.size.height < LOW else 3
        below.update(Content(said))

    def _empty(self, reason: str) -> None:
        if not self.is_mounted:
            return
        jobs_of(self).drop("neighbours", self)
        self._answer = None
        self.query_one(RankedList).show((), reason)
        self._describe()
        self.retitle(self.TITLE)


@dataclass(frozen=True, slots=True, eq=False)
class _Restriction:
    """A filter and the ids of the rows that it keeps, ascending."""

    text: str
    ids: Ids


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """What is searched for, and where."""

    space: EmbeddingSpace
    selection: Selection
    k: int
    metric: Metric
    within: _Restriction | None


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """An answer with the question that it answers; ``notes`` are the first columns of its neighbours."""

    question: _Question
    answer: Answer
    notes: Sequence[str]


def _found(asked: _Question, cancel: CancelToken, progress: Progress) -> _Found:
    chosen, space = asked.selection.chosen, asked.space
    exclude = (chosen,) if isinstance(chosen, int) else ()
    among = None if asked.within is None else asked.within.ids
    answer = nearest(space, space.vector(chosen), asked.k, asked.metric, exclude, among, cancel, progress)
    first = next(iter(space.metadata.values()), None)
    return _Found(asked, answer, [] if first is None else [first[near.id] for near in answer.neighbors])
