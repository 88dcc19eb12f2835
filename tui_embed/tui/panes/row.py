"""The row that the selected token's id picks out of ``W_E``, and what its position adds."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.inspect import InspectedRow, inspect_row
from tui_embed.engine.positions import NoPositions, Positions, SinusoidalPositions
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.messages import CopyRequested
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.row_view import RowView


class RowPane(Pane):
    """One row in every figure; ``p`` turns position rows on, off, or to the formula's."""

    TITLE = "Row"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "positions", "Positions", tooltip="Position rows: the space's own, sinusoidal, or none"),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the numbers of the sum"),
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
        if selection.token_id >= len(space):
            return
        position = (
            selection.position if positions.n_ctx is None else min(selection.position, positions.n_ctx - 1)
        )

        def read(cancel: CancelToken, progress: Progress) -> InspectedRow:
            return inspect_row(space, selection.token_id, position, positions)

        jobs_of(self).start("row", read, self, f"reading a row of {printable(space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, InspectedRow) or self.space is None:
            return
        inspected, space, positions = message.result, self.space, self.positions
        if positions is None:
            return
        token = fit(space.vocabulary.token_bytes(inspected.token_id), 24)
        self.retitle(
            f"Row · {token} · id {inspected.token_id} · position {inspected.position}",
            printable(positions.note) if positions.kind != "none" else "",
        )
        note = printable(positions.note)
        self.query_one(RowView).show(inspected, len(space), space.provenance.trained, note)

    def on_job_failed(self, message: JobFailed) -> None:
        self.retitle(self.TITLE, printable(str(message.error)))

    def action_positions(self) -> None:
        if self._choices:
            self._chosen = (self._chosen + 1) % len(self._choices)
            self._inspect()

    def action_copy(self) -> None:
        inspected = self.query_one(RowView).inspected
        if inspected is not None:
            numbers = " ".join(f"{value:.6g}" for value in inspected.sum.tolist())
            self.post_message(CopyRequested(numbers, f"{len(inspected.sum):,} numbers"))


def _position_choices(space: EmbeddingSpace) -> list[Positions]:
    choices: list[Positions] = [space.positions]
    if space.positions.kind != "sinusoidal":
        choices.append(SinusoidalPositions(space.d_model))
    if space.positions.kind != "none":
        choices.append(NoPositions("switched off"))
    return choices
