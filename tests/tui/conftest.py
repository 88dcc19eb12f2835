"""The app on spaces that tests bring along, driven by keys."""

import asyncio
import contextlib
import threading
import time
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from checkpoints import bert_folder, gpt2_folder, llama_folder
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static
from trainee import Trainee

import tui_embed
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import LearnedPositions, NoPositions
from tui_embed.engine.rows import ArrayRows, Distribution, DrawnRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.settings import Settings
from tui_embed.tokenizers.words import WordTokenizer
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.panes.arithmetic import ArithmeticPane
from tui_embed.tui.panes.neighbours import NeighboursPane
from tui_embed.tui.panes.row import RowPane
from tui_embed.tui.panes.tokenize import TokenizePane
from tui_embed.tui.widgets.ranked_list import RankedList

WIDE, NARROW = (120, 40), (80, 24)
BIDI = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}

# a row is (royal, male, female, young, place, country, of france, of italy)
WORDS = {
    "the": (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
    "king": (1, 1, 0, 0, 0, 0, 0, 0),
    "queen": (1, 0, 1, 0, 0, 0, 0, 0),
    "man": (0, 1, 0, 0, 0, 0, 0, 0),
    "woman": (0, 0, 1, 0, 0, 0, 0, 0),
    "prince": (1, 1, 0, 0.8, 0, 0, 0, 0),
    "princess": (1, 0, 1, 0.8, 0, 0, 0, 0),
    "kingdom": (0.9, 0.2, 0, 0, 0.7, 0, 0, 0),
    "paris": (0, 0, 0, 0, 1, 0, 1, 0),
    "france": (0, 0, 0, 0, 0, 1, 1, 0),
    "rome": (0, 0, 0, 0, 1, 0, 0, 1),
    "italy": (0, 0, 0, 0, 0, 1, 0, 1),
    "new york": (0, 0, 0, 0, 1, 0.2, 0, 0),
}


def make_space(
    tokens: Sequence[str | bytes],
    rows: np.ndarray,
    *,
    name: str = "small",
    trained: bool = True,
    n_ctx: int | None = None,
    tokenize: bool = True,
    notes: Sequence[str] = (),
    columns: Mapping[str, Sequence[str]] | None = None,
    subwords: Subwords | None = None,
) -> EmbeddingSpace:
    """A space in memory; ``n_ctx`` gives it that many learned positions, ``columns`` are its metadata."""
    vocabulary = Vocabulary.from_tokens(tokens)
    width = rows.shape[1]
    drawn = DrawnRows((n_ctx or 1, width), Distribution("normal", 0.01), 7)
    return EmbeddingSpace(
        name,
        vocabulary,
        EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32))),
        NoPositions("trained without positions") if n_ctx is None else LearnedPositions(drawn, "learned"),
        Provenance(trained, "trained for a test" if trained else "untrained: drawn for a test"),
        WordTokenizer("words", vocabulary.get, len(vocabulary)) if tokenize else None,
        notes,
        {name: TextColumn.from_texts(texts) for name, texts in (columns or {}).items()},
        subwords,
    )


def words_space(**more) -> EmbeddingSpace:
    return make_space(list(WORDS), np.array(list(WORDS.values())), **more)


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch, tmp_path):
    """What the app remembers, keeps and lists is the test's own."""
    for kind in ("STATE", "CACHE", "DATA", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "here"))


@pytest.fixture
def build() -> Callable[..., EmbeddingSpace]:
    """``make_space``, for tests with tokens of their own."""
    return make_space


@pytest.fixture
def words() -> Callable[..., EmbeddingSpace]:
    """The space of WORDS under any name."""
    return words_space


@dataclass
class Driver:
    """The running app, with what a person sees of it."""

    app: ExplorerApp
    pilot: Pilot
    messages: list[Message]

    async def settle(self) -> None:
        """Wait until no job runs and all that they led to is shown; a job may start another one."""
        for _ in range(20):
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()
            if not any(not worker.is_finished for worker in self.app.workers):
                break
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def write(self, text: str) -> None:
        await self.pilot.press(*(_key(character) for character in text))
        await self.settle()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until ``holds()``, a minute at most."""
        async with asyncio.timeout(60):
            while not holds():
                await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    async def enter(self, space: EmbeddingSpace) -> None:
        """Make another space the open one, as a finished job would."""
        self.app._enter(space)
        await self.settle()

    def sent(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.messages if type(message) is kind]

    @property
    def lines(self) -> list[str]:
        """The characters on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def seen(self) -> str:
        return "\n".join(self.lines)

    @property
    def tokenize(self) -> TokenizePane:
        return self.app.explore.query_one(TokenizePane)

    @property
    def row(self) -> RowPane:
        return self.app.explore.query_one(RowPane)

    @property
    def neighbours(self) -> NeighboursPane:
        return self.app.explore.query_one(NeighboursPane)

    @property
    def arithmetic(self) -> ArithmeticPane:
        return self.app.explore.query_one(ArithmeticPane)

    @property
    def token(self) -> str | None:
        """The selected token."""
        selection, space = self.app.selection, self.app.space
        return None if selection is None or space is None else space.spelled(selection.chosen)

    @property
    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]

    def answers(self, pane: Widget) -> list[str]:
        """The tokens in a pane's list."""
        return [item.token for item in pane.query_one(RankedList).items]

    def said(self, selector: str) -> str:
        """The text of a Static, on whatever screen is on top."""
        return str(self.app.screen.query_one(selector, Static).content)

    def assert_harmless(self) -> None:
        """Nothing on the screen that a terminal would act on."""
        for character in set("".join(self.lines)):
            assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}, ascii(self.seen)
            assert character not in BIDI, ascii(self.seen)

    def assert_laid_out(self) -> None:
        """Panes are inside of the screen and apart from one another, and the focus can be seen."""
        screen = self.app.explore
        shown = [pane.region for pane in (self.tokenize, self.row, self.neighbours, self.arithmetic)]
        shown = [region for region in shown if region.area]
        for index, region in enumerate(shown):
            assert screen.region.contains_region(region)
            assert not any(region.overlaps(other) for other in shown[index + 1 :])
        focused = self.app.screen.focused
        assert focused is not None
        assert all(node.display for node in focused.ancestors_with_self if isinstance(node, Widget))


def _key(character: str) -> str:
    from textual.keys import _character_to_key

    return _character_to_key(character)


@pytest.fixture
def explore() -> Callable[..., contextlib.AbstractAsyncContextManager[Driver]]:
    """Run the app on a space; the first answers are shown when it is entered."""

    @contextlib.asynccontextmanager
    async def running(
        space: EmbeddingSpace | None = None, text: str | None = "the king", size=WIDE, **settings
    ) -> AsyncIterator[Driver]:
        wanted = Settings(**{"encodings": ("r50k_base",), **settings})
        app = ExplorerApp(words_space() if space is None else space, wanted, text)
        messages: list[Message] = []
        async with app.run_test(size=size, notifications=True, message_hook=messages.append) as pilot:
            driver = Driver(app, pilot, messages)
            await driver.settle()
            yield driver

    return running


class Slow:
    """A reader that goes on as far as it is let, and looks at the cancel token like a real one."""

    def __init__(self, monkeypatch, space) -> None:
        self.steps, self.ended = threading.Semaphore(0), threading.Event()
        self.names = []
        self.until = time.monotonic() + 30
        self.done, self.total, self.space = 0, 400_000_000, space
        monkeypatch.setattr("tui_embed.tui.opening.open_space", self)

    def __call__(self, name, drawing, *, cache, cancel, progress):
        self.names.append(name)
        try:
            while self.done < self.total:
                while not self.steps.acquire(timeout=0.01):
                    cancel.check()
                    assert time.monotonic() < self.until, "nobody let it on"
                self.done += self.total // 4
                progress(self.done, self.total)
        finally:
            self.ended.set()
        return self.space


@pytest.fixture
def slow(monkeypatch, words):
    return Slow(monkeypatch, words(name="new"))


@pytest.fixture
def written(tmp_path):
    """A function that writes a small file of vectors."""

    def write(text: str, name: str = "words.txt") -> Path:
        path = tmp_path / "here" / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def train(explore, monkeypatch):
    """The Train screen of the app, on grammars of a few hundred sentences."""
    monkeypatch.setattr("tui_embed.sources.corpora.named.N_SENTENCES", 400)

    @contextlib.asynccontextmanager
    async def running(*arguments, **named) -> AsyncIterator[Trainee]:
        async with explore(*arguments, **named) as driver:
            driver.app.action_mode("train")
            await driver.settle()
            trainee = Trainee(driver)
            try:
                yield trainee
            finally:
                driver.app.session.control.stop()

    return running


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    home = tmp_path_factory.mktemp("checkpoints")
    made = {"bert": bert_folder, "gpt2": gpt2_folder, "llama": llama_folder}
    return {name: make(home / name) for name, make in made.items()}


@pytest.fixture
def modelled(explore, folders):
    """The app on its Model screen, on one of the checkpoints or on a space."""

    @contextlib.asynccontextmanager
    async def running(space="bert", text="The king sat on the bank.", **named):
        opened = tui_embed.load(folders[space]) if isinstance(space, str) else space
        async with explore(opened, text, **named) as driver:
            driver.app.action_mode("model")
            await driver.settle()
            yield driver

    return running
