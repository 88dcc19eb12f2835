"""What lies near the selected token."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widget import Widget

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.neighbors import METRICS, Answer, Metric, neighbors_of_token
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import duration
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobCancelled, JobFailed, JobFinished, jobs_of
from tui_embed.tui.messages import CopyRequested, TokenPicked
from tui_embed.tui.state import Selection
from tui_embed.tui.widgets.answers import ranked_tokens, tab_separated
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.ranked_list import RankedList

COUNTS = (10, 20, 50, 100, 200)


class NeighboursPane(Pane):
    """The nearest tokens to the selection; Enter makes one of them the selection."""

    TITLE = "Neighbours"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "metric", "Metric", tooltip="Cosine, dot product or Euclidean distance"),
        Binding(
            "plus,equals_sign", "count(1)", "More", key_display="+", show=False, tooltip="More neighbours"
        ),
        Binding("minus", "count(-1)", "Fewer", key_display="-", show=False, tooltip="Fewer neighbours"),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the neighbours with their scores"),
    ]

    metric: reactive[Metric] = reactive("cosine")
    k: reactive[int] = reactive(10)

    def __init__(self, metric: Metric, k: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(NeighboursPane.metric, metric)
        self.set_reactive(NeighboursPane.k, k)
        self._answer: Answer | None = None

    def compose(self) -> ComposeResult:
        yield RankedList(id="neighbours", empty="Pick a token to see what lies near it")

    @property
    def main(self) -> Widget:
        return self.query_one(RankedList)

    def watch_space(self) -> None:
        self._empty("Pick a token to see what lies near it")
        self._search()

    def watch_selection(self, old: Selection | None, new: Selection | None) -> None:
        if old is None or new is None or old.token_id != new.token_id:
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
        if not self.is_mounted or space is None or selection is None or selection.token_id >= len(space):
            return
        if not self.size.height:
            # not laid out yet: how many there is room for comes with the size
            self._answer = None
            return
        token_id, k, metric = selection.token_id, self._wanted, self.metric

        def work(cancel: CancelToken, progress: Progress) -> _Found:
            answer = neighbors_of_token(space, token_id, k, metric, cancel, progress)
            return _Found(space, token_id, metric, answer)

        jobs_of(self).start("neighbours", work, self, f"searching {printable(space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, _Found):
            return
        found = message.result
        self._answer = found.answer
        self.query_one(RankedList).show(ranked_tokens(found.answer.neighbors, found.metric), "no neighbours")
        kind = "Neighbours" if found.space.provenance.trained else "Untrained neighbours"
        answer, seconds = found.answer, duration(message.job.seconds)
        token = fit(found.space.vocabulary.token_bytes(found.token_id), 24)
        self.retitle(
            f"{kind} of {token} · {found.metric}",
            f"searched {answer.searched:,} of {answer.n_vocab:,} · {seconds}",
        )

    def on_job_failed(self, message: JobFailed) -> None:
        self._empty(printable(str(message.error)))

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._empty("stopped; m or Enter on a token searches again")

    def _empty(self, reason: str) -> None:
        if not self.is_mounted:
            return
        jobs_of(self).drop("neighbours", self)
        self._answer = None
        self.query_one(RankedList).show((), reason)
        self.retitle(self.TITLE)

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        self.post_message(TokenPicked(message.item.token_id, "neighbours"))

    def action_metric(self) -> None:
        self.metric = METRICS[(METRICS.index(self.metric) + 1) % len(METRICS)]

    def action_count(self, step: int) -> None:
        at = min(range(len(COUNTS)), key=lambda i: abs(COUNTS[i] - self.k))
        self.k = COUNTS[min(max(at + step, 0), len(COUNTS) - 1)]

    def action_copy(self) -> None:
        if self._answer is not None:
            self.post_message(CopyRequested(tab_separated(self._answer.neighbors), "neighbours"))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """An answer with the question that it answers."""

    space: EmbeddingSpace
    token_id: int
    metric: Metric
    answer: Answer
