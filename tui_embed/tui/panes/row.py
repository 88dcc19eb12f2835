"""The row that the selected token's id picks out of ``W_E``, and what its position adds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.inspect import InspectedRow, inspect_row
from tui_embed.engine.metadata import describe
from tui_embed.engine.positions import NoPositions, Positions, SinusoidalPositions
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.messages import CopyRequested
from tui_embed.tui.state import Selection
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.row_view import RowView


class RowPane(Pane):
    """One row in every figure; ``p`` turns position rows on, off, or to the formula's."""

    TITLE = "Row"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "positions", "Positions", tooltip="Position rows: the space's own, sinusoidal, or none"),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the numbers of the input embedding"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices: list[Positions] = []
        self._chosen = 0

    def compose(self) -> ComposeResult:
        yield RowView(id="row")

    @property
    def main(self) -> Widget:
        return self.query_one(RowView)

    @property
    def positions(self) -> Positions | None:
        """The position rows that are shown."""
        return self._choices[self._chosen] if self._choices else None

    def watch_space(self, space: EmbeddingSpace | None) -> None:
        if space is not None:
            self._choices = _position_choices(space)
            self._chosen = 0
        if self.is_mounted:
            jobs_of(self).drop("row", self)
            self.retitle(self.TITLE)
            self.query_one(RowView).clear()
        self._inspect()

    def watch_selection(self) -> None:
        self._inspect()

    def refresh_row(self) -> None:
        """Read the row again: something that is known of the space, such as its norms, has changed."""
        self._inspect()

    def _inspect(self) -> None:
        space, selection, positions = self.space, self.selection, self.positions
        if not self.is_mounted or space is None or selection is None or positions is None:
            return
        if not selection.is_of(space):
            return
        position = (
            selection.position if positions.n_ctx is None else min(selection.position, positions.n_ctx - 1)
        )

        def read(cancel: CancelToken, progress: Progress) -> _Read:
            row = inspect_row(space, selection.chosen, position, positions)
            token_id = selection.token_id
            columns = [] if token_id is None else describe(space.metadata, token_id)
            return _Read(space, selection, positions, row, columns)

        jobs_of(self).start("row", read, self, f"reading a row of {printable(space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, _Read):
            return
        read, note = message.result, printable(message.result.positions.note)
        token = fit(read.selection.spelled(read.space), 24)
        self.retitle(
            f"Row · {token} · {read.selection.kind} · position {read.row.position}",
            note if read.positions.kind != "none" else "",
        )
        view = self.query_one(RowView)
        view.show(read.row, len(read.space), read.space.provenance.trained, note, read.columns)

    def on_job_failed(self, message: JobFailed) -> None:
        self.retitle(self.TITLE, printable(str(message.error)))

    def action_positions(self) -> None:
        if self._choices:
            self._chosen = (self._chosen + 1) % len(self._choices)
            self._inspect()

    def action_copy(self) -> None:
        inspected = self.query_one(RowView).inspected
        if inspected is not None:
            numbers = " ".join(f"{value:.6g}" for value in inspected.input_embedding.tolist())
            self.post_message(CopyRequested(numbers, f"{len(inspected.sum):,} numbers"))


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A row with what it is the row of."""

    space: EmbeddingSpace
    selection: Selection
    positions: Positions
    row: InspectedRow
    columns: Sequence[tuple[str, str]]


def _position_choices(space: EmbeddingSpace) -> list[Positions]:
    choices: list[Positions] = [space.positions]
    if space.positions.kind != "sinusoidal":
        choices.append(SinusoidalPositions(space.d_model))
    if space.positions.kind != "none":
        choices.append(NoPositions("switched off"))
    return choices
