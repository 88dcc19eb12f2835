"""Looking a token up in the vocabulary."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.filter import matching
from tui_embed.engine.lookup import SEARCHES, get_token
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import counted
from tui_embed.printable import printable
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.ranked_list import RankedList, RankedToken

MOST = 200
WHERE = "where"
"""The mode in which metadata are searched, of a space that has them."""
ORDERS = {"fuzzy": "nearest spelling first", WHERE: "in the order of the source"}


class FindDialog(Dialog[int]):
    """A search by prefix, likeness, regular expression or metadata; gives the id of the chosen token."""

    HEADING = "Find a token"
    KEYS = "Enter picks · Tab changes the search · #7 is id 7 · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "mode", "Mode", tooltip="Prefix, fuzzy, regular expression, or metadata"),
        Binding("shift+tab", "mode", show=False),
    ]

    def __init__(self, space: EmbeddingSpace) -> None:
        super().__init__()
        self._space = space
        self._modes = (*SEARCHES, *([WHERE] if space.metadata else []))
        self._mode = self._modes[0]
        self._searching = False
        self._waiting: list[Callable[[], None]] = []
        """What keys asked for while a search runs: it is for what will be found, not what is listed."""

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
        exact = None if self._mode == WHERE else get_token(self._space.vocabulary, event.value)
        if exact is not None and not self._waiting:
            self.dismiss(exact)
        else:
            self._when_found(self._pick)

    def on_line_input_down(self, message: LineInput.Down) -> None:
        message.stop()
        self._when_found(self._down)

    def on_ranked_list_left(self, message: RankedList.Left) -> None:
        message.stop()
        self.query_one(LineInput).focus()

    def on_ranked_list_chosen(self, message: RankedList.Chosen) -> None:
        message.stop()
        self._when_found(self._pick)

    def action_mode(self) -> None:
        self._mode = self._modes[(self._modes.index(self._mode) + 1) % len(self._modes)]
        self._search()

    def _when_found(self, act: Callable[[], None]) -> None:
        if self._searching:
            self._waiting.append(act)
        else:
            act()

    def _down(self) -> None:
        listed = self.query_one(RankedList)
        if self.focused is listed:
            # pressed on the line, a moment before the list had the focus
            listed.action_move(1)
        else:
            self.set_focus(listed)

    def _pick(self) -> None:
        current = self.query_one(RankedList).current
        if current is not None:
            self.dismiss(current.token_id)

    def _search(self) -> None:
        self._searching = True
        self._waiting.clear()
        work = partial(_found, self._space, self._mode, self.query_one(LineInput).value)
        jobs_of(self).start("find", work, self, f"searching {printable(self._space.name)}")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, _Found):
            return
        found = message.result
        self._searching = False
        self.query_one(RankedList).show(found.tokens, "no token found")
        # where more are found, the searches by name stop and count no further
        capped = found.count == MOST and self._mode != WHERE
        count = f"the first {MOST} tokens" if capped else counted(found.count, "token")
        order = ORDERS.get(self._mode, "most frequent first")
        self._say(f"{self._mode} · {count} of {len(self._space):,}, {order}")
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def on_job_failed(self, message: JobFailed) -> None:
        # said here, in one line: the app would say it again with each key
        message.stop()
        if message.job.stale:
            return
        self._searching = False
        self._waiting.clear()
        self.query_one(RankedList).show((), "")
        self._say(f"{self._mode} · {printable(str(message.error))}")

    def _say(self, text: str) -> None:
        self.query_one("#found", Static).update(Content(text))


@dataclass(frozen=True, slots=True)
class _Found:
    """The first tokens that were found, and how many there are, as far as that was counted."""

    tokens: list[RankedToken]
    count: int


def _by_id(space: EmbeddingSpace, mode: str, text: str) -> int | None:
    """The token that ``#7`` is the id of, where no token is spelled so."""
    if mode == WHERE or not text.startswith("#") or text in space.vocabulary:
        return None
    return get_token(space.vocabulary, text)


def _found(space: EmbeddingSpace, mode: str, text: str, cancel: CancelToken, progress: Progress) -> _Found:
    by_id = _by_id(space, mode, text)
    if by_id is not None:
        ids = np.array([by_id], np.uint32)
    elif mode != WHERE:
        ids = SEARCHES[mode](space.vocabulary, text, MOST)
    elif text.strip():
        ids = np.flatnonzero(matching(space.metadata, text)).astype(np.uint32)
    else:
        ids = np.arange(len(space), dtype=np.uint32)
    column = next(iter(space.metadata.values()), None)
    notes = ["" if column is None else column[token_id] for token_id in ids[:MOST].tolist()]
    tokens = [
        RankedToken(token_id, space.vocabulary[token_id], label=str(token_id), note=note)
        for token_id, note in zip(ids[:MOST].tolist(), notes, strict=True)
    ]
    return _Found(tokens, len(ids))
