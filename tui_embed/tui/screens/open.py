"""Choosing what to open: a recent file, a named space, or any file that can be walked or typed to."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.rows import Distribution
from tui_embed.figures import size
from tui_embed.printable import fit, printable
from tui_embed.sources.catalog import UNTRAINED_SUFFIX, Drawing
from tui_embed.sources.untrained import TOKEN_STD
from tui_embed.tui.files import Folder, common_beginning, from_home
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.offers import Listing, Offer, Question, Section, list_offers
from tui_embed.tui.opening import Wanted
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.screens.help import HelpDialog
from tui_embed.tui.widgets.choice_list import Choice, ChoiceList, Choices
from tui_embed.tui.widgets.line_input import clean
from tui_embed.tui.widgets.open_line import OpenLine

Answer = tuple[Wanted, Drawing]
"""What to open, and how the rows of untrained spaces are drawn."""


class OpenDialog(Dialog[Answer]):
    """A line to type a path or a part of a name, and under it all that this may mean. Gives what was chosen.

    The line keeps the focus; its keys walk the list too.
    """

    HEADING = "Open"
    KEYS = "Enter opens · Tab completes · ⌫ folder up · F1 help · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", tooltip="Help for this dialog"),
        Binding(
            "f6",
            "distribution",
            "Distribution",
            tooltip="Draw untrained rows from a normal or a uniform distribution",
        ),
    ]

    def __init__(self, drawing: Drawing, folder: Path) -> None:
        super().__init__()
        self._drawing = drawing
        self._base = folder
        self._browsing = False
        self._folder: Folder | None = None
        self._listing: Listing | None = None
        self._agreed = ""
        """The space to fetch for which Enter was pressed once; the second one fetches it."""
        self._left = ""
        """The folder that was gone up from, to stand on it again."""
        self._moved = False
        """Whether the cursor was moved since the list was made."""
        self._waiting: list[Callable[[], None]] = []
        """What keys asked for while the list was still being made."""

    def compose_dialog(self) -> ComposeResult:
        yield OpenLine(placeholder="a path (~ works, Tab completes), or a part of a name")
        yield ChoiceList(id="choices")
        yield Static(id="chosen")

    def on_mount(self) -> None:
        self._list()

    @property
    def chosen(self) -> Offer | None:
        """What the cursor is on."""
        offers = self._listing.offers if self._listing is not None else []
        return offers[self._choices.cursor] if offers else None

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._when_listed(self._take)

    def on_open_line_walk(self, message: OpenLine.Walk) -> None:
        message.stop()
        lines = max(1, self._choices.size.height - 1) if message.pages else 1
        self._when_listed(partial(self._walk, message.step * lines))

    def on_open_line_section(self, message: OpenLine.Section) -> None:
        message.stop()
        self._when_listed(partial(self._to_section, message.step))

    def on_open_line_complete(self, message: OpenLine.Complete) -> None:
        message.stop()

        def complete() -> None:
            self._complete()
            message.done.set()

        self._when_listed(complete)

    def on_open_line_up(self, message: OpenLine.Up) -> None:
        message.stop()
        self._left = self._base.name
        self._enter(self._base.parent)

    def on_open_line_enter(self, message: OpenLine.Enter) -> None:
        message.stop()
        self._when_listed(self._enter_chosen)

    def on_choice_list_clicked(self, message: ChoiceList.Clicked) -> None:
        message.stop()
        self._choices.go(message.number)
        self._moved = True
        self._describe()
        if message.twice:
            self._take()

    def action_help(self) -> None:
        self.app.push_screen(HelpDialog("Open", "open"))

    def action_distribution(self) -> None:
        kind: Literal["normal", "uniform"] = "uniform" if self._drawing.kind == "normal" else "normal"
        self._drawing = Drawing(self._drawing.seed, kind)
        self._describe()

    @property
    def _line(self) -> OpenLine:
        return self.query_one(OpenLine)

    @property
    def _choices(self) -> ChoiceList:
        return self.query_one(ChoiceList)

    def _list(self) -> None:
        """Make the list for what is typed; until it is there, keys that need it wait."""
        self._listing, self._moved = None, False
        self._waiting.clear()
        question = Question(self._line.value, self._base, self._browsing, self._left)
        known, self._left = self._folder, ""

        def work(cancel: CancelToken, progress: Progress) -> Listing:
            return list_offers(question, known, cancel)

        jobs_of(self).start("list", work, self, "listing files")

    def _when_listed(self, act: Callable[[], None]) -> None:
        if self._listing is None:
            self._waiting.append(act)
        else:
            act()

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale or not isinstance(message.result, Listing):
            return
        listing = self._listing = message.result
        self._folder = listing.folder
        self._choices.show([_choices(section) for section in listing.sections], listing.best)
        self._describe()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def on_job_failed(self, message: JobFailed) -> None:
        message.stop()
        self._say(printable(str(message.error)))

    def _walk(self, step: int) -> None:
        self._choices.go(self._choices.cursor + step)
        self._moved = True
        self._describe()

    def _to_section(self, step: int) -> None:
        self._choices.go_to_section(step)
        self._moved = True
        self._describe()

    def _complete(self) -> None:
        """As far as all names go that begin so; where that adds nothing, the name to which one walked."""
        listing, chosen = self._listing, self.chosen
        if listing is None or listing.typed.part:
            return
        wanted, typed = listing.typed.wanted, self._line.value
        completed = common_beginning(listing.names, wanted)
        if completed == wanted and self._moved and chosen is not None and chosen.kind != "recent":
            completed = f"{chosen.name}/" if chosen.kind == "folder" else chosen.name
        if typed == "~":
            self._line.put("~/")
        elif clean(completed) != completed:
            self._say("its name holds signs that cannot be typed: ↑ ↓ and Enter choose it")
        elif completed != wanted:
            self._line.put(typed[: len(typed) - len(wanted)] + completed)

    def _enter_chosen(self) -> None:
        if self.chosen is not None and self.chosen.kind == "folder":
            self._take()

    def _take(self) -> None:
        """Open what the cursor is on, or enter it."""
        chosen, listing = self.chosen, self._listing
        folder = listing.whole_folder if listing is not None and not self._moved else None
        if folder is not None:
            self._enter(folder)
        elif chosen is None:
            self._say("nothing here has such a name")
        elif chosen.kind == "folder":
            self._enter(Path(chosen.target))
        elif chosen.kind == "fetch" and chosen.target != self._agreed:
            self._agreed = chosen.target
            self._describe()
        else:
            kind = "file" if chosen.kind == "recent" else chosen.kind
            self.dismiss((Wanted(kind, chosen.target), self._drawing))

    def _enter(self, folder: Path) -> None:
        self._base, self._browsing = folder, True
        if self._line.value:
            self._line.put("")  # which lists
        else:
            self._list()

    def _describe(self) -> None:
        chosen = self.chosen
        if chosen is None:
            self._say("nothing here has such a name" if self._line.value else "")
        elif chosen.kind == "fetch":
            again = "Enter again fetches" if chosen.target == self._agreed else "Enter fetches"
            self._say(f"{printable(chosen.note)} · {again} {size(chosen.size or 0)}")
        elif chosen.kind == "space" and chosen.target.endswith(UNTRAINED_SUFFIX):
            distribution = Distribution(self._drawing.kind, TOKEN_STD)
            self._say(f"untrained rows, drawn from {distribution}, seed {self._drawing.seed} (F6 changes it)")
        elif chosen.kind == "space":
            self._say(printable(chosen.note))
        else:
            self._say(fit(from_home(chosen.target), max(8, self._choices.size.width)))

    def _say(self, text: str) -> None:
        """Show printable text below the list."""
        self.query_one("#chosen", Static).update(Content(text))


def _choices(section: Section) -> Choices:
    foot = f"… {section.n_more:,} more: type to narrow" if section.n_more else printable(section.problem)
    return Choices(section.title, [_choice(offer) for offer in section.offers], foot)


def _choice(offer: Offer) -> Choice:
    return Choice(
        offer.name,
        offer.note,
        "" if offer.shape is None else f"{offer.shape[0]:>9,} × {offer.shape[1]:<6,}",
        "" if offer.size is None else size(offer.size),
        entered=offer.kind == "folder",
    )
