"""A pane of the Train screen alone in an app, shown trainings that tests make by hand."""

import contextlib
import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.reactive import reactive

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.curve import LossCurve
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.snapshot import RunState, Snapshot
from tui_embed.engine.training.start import start_of
from tui_embed.tui.jobs import JobsApp
from tui_embed.tui.themes import DARK
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.training_pane import TrainingPane

ESC = "\x1b"
HOSTILE = (
    f"{ESC}[2JX", f"{ESC}]0;X\x07", "\u009b2JX", "\x00X", "[/]", "[red]X[/red]", "[@click=app.quit]X[/]",
    "\u202eX", "\u2066X", "מלך", "東京都", "a" + "\u0301" * 50, "\u0301start", "x" * 5_000, "長" * 500,
    "\u200b", "\u2028", "\ud800", "\udcff",
)  # fmt: skip
BIDI = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def corpus(text: str = "the king rules the land\nthe queen rules the land", name: str = "small") -> Corpus:
    """The corpus of a few lines."""
    return corpus_of([line.split() for line in text.split("\n")], name)


def hostile_corpus() -> Corpus:
    """Every hostile token in every sentence, as often as the others."""
    return corpus_of([list(HOSTILE)] * 3, f"evil{ESC}]0;x\x07[/]")


def view_of(text: Corpus, **settings: object) -> TrainingView:
    chosen = TrainingSettings(**{"d_model": 4, "min_count": 1, "subsample": 0.0, **settings})
    return TrainingView("small-skipgram", text, chosen, start_of(text, chosen), 1_234)


def rows_for(text: Corpus, **of: Sequence[float]) -> np.ndarray:
    """Rows by word, zero for words that are not named."""
    width = len(next(iter(of.values())))
    return np.array([of.get(word, (0.0,) * width) for word in text.vocabulary.texts], dtype=np.float32)


def drawn_rows(text: Corpus, seed: int = 1, width: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(text.n_vocab, width)).astype(np.float32)


def snapshot_of(rows: np.ndarray, step: int = 1, state: RunState = "running") -> Snapshot:
    return Snapshot(
        state, step, 1000, 0, 5, 10, 1000, 1.0, 10.0, 9.0, 0.025, 2.0, 2.0, None, 3, 1.0, None,
        LossCurve.empty(), EmbeddingMatrix(ArrayRows(rows), version=step),
    )  # fmt: skip


class Host(JobsApp):
    """Shows one pane what it is told; posted messages end here."""

    CSS_PATH: ClassVar[str] = str(files("tui_embed.tui").joinpath("app.tcss"))
    training: reactive[TrainingView | None] = reactive(None)

    def __init__(self, pane: TrainingPane) -> None:
        super().__init__()
        self.pane = pane
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield self.pane.data_bind(training=Host.training)

    def on_mount(self) -> None:
        self.pane.main.focus()


@dataclass
class Shown:
    """The running host, with what a person sees of it."""

    app: Host
    pilot: Pilot
    messages: list[Message]

    async def settle(self) -> None:
        for _ in range(10):
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    async def show(self, view: TrainingView | None) -> None:
        self.app.training = view
        await self.settle()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    def sent(self, kind: type[Message]) -> list[Message]:
        """Each message of a kind once, whatever it bubbled through."""
        return list(dict.fromkeys(message for message in self.messages if type(message) is kind))

    @property
    def lines(self) -> list[str]:
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def seen(self) -> str:
        return "\n".join(self.lines)

    def line(self, beginning: str, holding: str = "") -> str:
        """The first line, without the border, that begins so and holds that."""
        lines = [line.strip("│ ") for line in self.lines]
        found = [line for line in lines if line.startswith(beginning) and holding in line]
        assert found, f"no line begins with {beginning!r}:\n{self.seen}"
        return found[0]

    def assert_harmless(self) -> None:
        """Nothing on the screen that a terminal would act on."""
        for character in set("".join(self.lines)):
            assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}, ascii(self.seen)
            assert character not in BIDI, ascii(self.seen)


@contextlib.asynccontextmanager
async def shown(pane: TrainingPane, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Shown]:
    """The pane in a terminal of ``size``."""
    app = Host(pane)
    messages: list[Message] = []
    async with app.run_test(size=size, message_hook=messages.append) as pilot:
        found = Shown(app, pilot, messages)
        await found.settle()
        yield found
