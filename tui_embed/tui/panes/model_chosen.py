"""One vector on the way through a model, in numbers."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widget import Widget

from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import JobCancelled, JobFailed, JobFinished, jobs_of
from tui_embed.tui.messages import CopyRequested, TokenPicked
from tui_embed.tui.model_look import LOOKS, NEAR, NEXT, Answered, ModelLook, answered, said_of, views_of
from tui_embed.tui.widgets.facts import Fact, Facts
from tui_embed.tui.widgets.pane import Named, Pane
from tui_embed.tui.widgets.ranked_list import RankedList, WalkedList

NOT_HERE = {
    NEAR: "There are no rows to compare with",
    LOOKS: "Attention is of a layer of a model: → goes to one, where there is one",
    NEXT: "This model does not say what comes next",
}
NOTHING = "No token is looked at yet: arrows walk the lanes of the Prompt"


class ModelChosenPane(Pane):
    """Facts of the vector under the cursor of the lanes, and one list of it: what is near, what it looks at,
    what comes next.
    """

    TITLE = "Chosen"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the list with its scores"),
    ]
    NAMED: ClassVar[tuple[Named, ...]] = (
        Named("nearest rows", "Rows of W_E that the vector is near", f"turn({NEAR!r})"),
        Named("attention", "What the layer looks at from here", f"turn({LOOKS!r})"),
        Named("next token", "What would come next", f"turn({NEXT!r})"),
    )

    look: reactive[ModelLook | None] = reactive(None, always_update=True)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._wanted = ""
        """The list that the person asked for; of a model that cannot give it another is shown."""
        self._head: int | None = None
        self._answer: Answered | None = None

    def compose(self) -> ComposeResult:
        yield Facts(id="chosen-facts")
        yield WalkedList(id="chosen-list", empty=NOTHING, note_from=20)

    @property
    def main(self) -> Widget:
        return self.query_one("#chosen-list", RankedList)

    @property
    def view(self) -> str:
        """The list that is shown."""
        if self.look is None:
            return ""
        views = views_of(self.look)
        return self._wanted if self._wanted in views else views[-1 if NEXT in views else 0]

    def watch_look(self, look: ModelLook | None) -> None:
        if not self.is_mounted:
            return
        facts = [] if look is None else [Fact(label, text, printable=True) for label, text in said_of(look)]
        self.query_one(Facts).show(facts)
        self._ask()

    def next_view(self) -> None:
        """Show another list."""
        if self.look is not None:
            views = views_of(self.look)
            self._turn(views[(views.index(self.view) + 1) % len(views)])

    def next_head(self, step: int) -> None:
        """Look at the attention of another head; the mean of all stands before the first."""
        look = self.look
        body = None if look is None else look.run.body
        if look is None or body is None:
            self.notify("No head here: there is no forward pass", markup=False)
        elif not look.layer:
            self.notify("No head at the input: → goes to a layer", markup=False)
        else:
            now = -1 if self._head is None or self._head >= body.n_heads else self._head
            found = (now + 1 + step) % (body.n_heads + 1) - 1
            self._head = None if found < 0 else found
            self._turn(LOOKS)

    def action_turn(self, view: str) -> None:
        """Show the list ``view``, or say why there is none."""
        if self.look is not None and view not in views_of(self.look):
            self.notify(NOT_HERE[view], markup=False)
        else:
            self._turn(view)

    def _turn(self, view: str) -> None:
        self._wanted = view
        self._ask()

    def _ask(self) -> None:
        look = self.look
        if look is None:
            jobs_of(self).drop("model answer", self)
            self._show_none(NOTHING)
            return
        body = look.run.body
        head = (
            self._head if body is not None and self._head is not None and self._head < body.n_heads else None
        )
        work = partial(answered, look, self.view, head)
        jobs_of(self).start("model answer", work, self, f"searching {printable(look.run.space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, Answered):
            return
        found = self._answer = message.result
        self.query_one("#chosen-list", RankedList).show(found.items, "nothing", found.heads)
        self._entitle()

    def _entitle(self) -> None:
        """Say in the border what is listed, and where in the list the cursor stands."""
        found, listed = self._answer, self.query_one("#chosen-list", RankedList)
        if found is not None:
            token = fit(found.look.run.space.vocabulary.token_bytes(found.look.run.ids[found.look.place]), 16)
            where = f"{listed.cursor + 1} of {len(listed.items)} · " if listed.items else ""
            self.retitle(f"{token} · {found.title}", f"{where}{found.foot}")

    def on_job_failed(self, message: JobFailed) -> None:
        message.stop()
        if not message.job.stale:
            self._show_none(printable(str(message.error)))

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._show_none("stopped · v turns the list, and asks again")

    def _show_none(self, why: str) -> None:
        self._answer = None
        self.query_one("#chosen-list", RankedList).show((), why)
        self.retitle(self.TITLE)

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        self.post_message(TokenPicked(message.item.token_id, "model"))

    def on_ranked_list_moved(self, message: RankedList.Moved) -> None:
        message.stop()
        self._entitle()

    def action_copy(self) -> None:
        if self._answer is not None:
            lines = [
                f"{rank}\t{printable(item.token)}\t{item.token_id}\t{item.score:.6g}"
                for rank, item in enumerate(self._answer.items, 1)
                if item.score is not None
            ]
            self.post_message(CopyRequested("\n".join(lines), self._answer.view))
