"""Looking a token up in the vocabulary."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.lookup import SEARCHES, get_token
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.printable import printable
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.ranked_list import RankedList, RankedToken

MOST = 200
MODES = tuple(SEARCHES)


class FindDialog(Dialog[int]):
    """A search by prefix, likeness or regular expression; gives the id of the chosen token."""

    HEADING = "Find a token"
    KEYS = "Enter picks · Tab prefix, fuzzy, regex · #7 is id 7 · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "mode", "Mode", tooltip="Prefix, fuzzy or regular expression"),
        Binding("shift+tab", "mode", show=False),
    ]

    def __init__(self, space: EmbeddingSpace) -> None:
        super().__init__()
        self._space = space
        self._mode = 0
        self._searching = self._picks_first = False

    def compose_dialog(self) -> ComposeResult:
        yield LineInput(placeholder="token")
        yield Static(id="found")
        yield RankedList(id="matches")

    def on_mount(self) -> None:
        self._search()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._search()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        exact = get_token(self._space.vocabulary, event.value)
        first = self.query_one(RankedList).current
        if exact is not None:
            self.dismiss(exact)
        elif self._searching:
            self._picks_first = True
        elif first is not None:
            self.dismiss(first.token_id)

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        self.query_one(RankedList).focus()

    def on_ranked_list_left(self, message: RankedList.Left) -> None:
        message.stop()
        self.query_one(LineInput).focus()

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        self.dismiss(message.item.token_id)

    def action_mode(self) -> None:
        self._mode = (self._mode + 1) % len(MODES)
        self._search()

    def _search(self) -> None:
        self._searching, self._picks_first = True, False
        text, mode = self.query_one(LineInput).value, MODES[self._mode]
        work = partial(_found, self._space, mode, text)
        jobs_of(self).start("find", work, self, f"searching {printable(self._space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, list):
            return
        found = message.result
        self._searching = False
        self.query_one(RankedList).show(found, "no token found")
        more = f"the first {MOST} tokens" if len(found) == MOST else f"{len(found)} tokens"
        order = "nearest spelling" if MODES[self._mode] == "fuzzy" else "most frequent"
        self._say(f"{MODES[self._mode]} · {more} of {len(self._space):,}, {order} first")
        if self._picks_first and found:
            self.dismiss(found[0].token_id)

    def on_job_failed(self, message: JobFailed) -> None:
        # said here, in one line: the app would say it again with each key
        message.stop()
        self._searching = False
        self.query_one(RankedList).show((), "")
        self._say(f"{MODES[self._mode]} · {printable(str(message.error))}")

    def _say(self, text: str) -> None:
        self.query_one("#found", Static).update(Content(text))


def _found(
    space: EmbeddingSpace, mode: str, text: str, cancel: CancelToken, progress: Progress
) -> list[RankedToken]:
    ids = SEARCHES[mode](space.vocabulary, text, MOST).tolist()
    return [RankedToken(token_id, space.vocabulary[token_id], label=str(token_id)) for token_id in ids]
