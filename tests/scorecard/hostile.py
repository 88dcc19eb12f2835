"""Tokens that attack a terminal, wherever text is shown; large pastes, tokens and vocabularies."""

import asyncio
import contextlib
import io
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from textual import events

from scorecard.lines import Effort, Line
from scorecard.tokens import TEXTS, TOKENS
from tui_embed.cli.main import main
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.settings import Settings
from tui_embed.tokenizers.catalog import encoding_names, tokenizer
from tui_embed.tui.app import ExplorerApp
from tui_embed.tui.messages import TokenPicked
from tui_embed.tui.widgets.text_box import TextBox

ALLOWED = {"\n"}
BIDI = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def hostile(effort: Effort) -> Iterator[Line]:
    """Every token selected on every screen, through the verbs, and into pictures; texts through encodings."""
    space = space_of(TOKENS)
    bad, screens = asyncio.run(_screens(space, TOKENS[:: 6 if effort.quick else 1]))
    yield Line(
        f"{screens:,} screens of {len(TOKENS)} hostile tokens", f"{bad} with something raw", "0", bad == 0
    )
    bad, outputs = _verbs(space)
    yield Line(f"{outputs} outputs of verbs and pictures", f"{bad} with something raw", "0", bad == 0)
    names = encoding_names()
    lost = sum(_lost(name, text) for name in names for text in TEXTS)
    said = f"{lost} not given back"
    yield Line(f"{len(TEXTS)} odd texts in {len(names)} encodings", said, "0", lost == 0)
    yield from _large(effort)


def space_of(tokens: list[str | bytes], d: int = 8) -> EmbeddingSpace:
    rows = np.random.default_rng(1).normal(size=(len(tokens), d)).astype(np.float32)
    return EmbeddingSpace(
        "evil\x1b]0;x\x07[/]",
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(rows)),
        NoPositions("none\x1b[2J"),
        Provenance(True, "made\x1b[31m [red]for a test"),
        notes=["note \x9b2J [/]"],
    )


def raw_in(text: str) -> bool:
    """Whether a terminal would act on some of ``text``."""
    return any(
        (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in ALLOWED) or c in BIDI
        for c in set(text)
    )


async def _screens(space: EmbeddingSpace, tokens: list[str | bytes]) -> tuple[int, int]:
    """Screens with something raw or a line of another width, and how many were looked at."""
    bad = looked = 0
    app = ExplorerApp(space, Settings(), "the king")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:

        async def look() -> None:
            nonlocal bad, looked
            for _ in range(3):
                await app.workers.wait_for_complete()
                await pilot.pause()
            strips = app.screen._compositor.render_strips()
            looked += 1
            text = "\n".join("".join(segment.text for segment in strip) for strip in strips)
            bad += raw_in(text) or any(strip.cell_length != 120 for strip in strips)

        for number in range(len(tokens)):
            app.post_message(TokenPicked(space.vocabulary.get(_bytes(tokens[number])) or 0, "find"))
            await look()
        for mode in ("map", "model"):
            app.action_mode(mode)
            await look()
            for key in ("down", "right", "f3", "down", "f4", "s", "f2"):
                await pilot.press(key)
                await look()
        app.action_mode("explore")
        for key in (
            "slash",
            "down",
            "down",
            "escape",
            "f10",
            "escape",
            "ctrl+o",
            "escape",
            "ctrl+p",
            "e",
            "escape",
        ):
            await pilot.press(key)
            await look()
    return bad, looked


def _bytes(token: str | bytes) -> bytes:
    return token if isinstance(token, bytes) else token.encode("utf-8", "surrogatepass")


def _verbs(space: EmbeddingSpace) -> tuple[int, int]:
    """What verbs print of a hostile file, for people and as JSON, and what pictures hold."""
    bad = n = 0
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "evil.npz")
        space.save(path)
        base = [
            *(["info"], ["statistics"], ["undertrained"], ["find", ""], ["find", "--fuzzy", "X"], ["spaces"]),
            *(["find", "--regex", "."], ["neighbors", "#0"], ["row", "#3"], ["calc", "#1 - #2 + #3"]),
            *(["similarity", "#1", "#2"], ["odd-one-out", "#1", "#2", "#3"], ["map", "--top", "30"]),
            *(["forward", "a [/] b"], ["heatmap", "similarity", "#1", "#2", "#3"], ["neighbors", "\x1b[31m"]),
        ]
        for verb in base:
            for as_json in (False, True):
                text = _output([*verb, "--space", path, "--no-cache", *(["--json"] if as_json else [])])
                n += 1
                # JSON keeps texts as they are, but for what it escapes itself
                bad += any(ord(c) < 32 and c != "\n" for c in text) if as_json else raw_in(text)
        for end in ("svg", "html"):
            picture = Path(folder) / f"map.{end}"
            _output(["map", "--top", "40", "--space", path, "--no-cache", "--out", str(picture)])
            n += 1
            bad += picture.exists() and raw_in(picture.read_text(encoding="utf-8").replace("\t", " "))
    return bad, n


def _output(arguments: list[str]) -> str:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.suppress(SystemExit):
        main(arguments)
    return out.getvalue() + err.getvalue()


def _lost(name: str, text: str) -> bool:
    """Whether the tokens of a text do not spell it."""
    return b"".join(token.bytes for token in tokenizer(name).encode(text)) != text.encode()


def _large(effort: Effort) -> Iterator[Line]:
    for size in (1_000_000, 10_000_000):
        seconds, kept = asyncio.run(_paste(size))
        said = f"{seconds * 1e3:.0f} ms, {kept:,} characters kept"
        yield Line(
            f"a paste of {size / 1e6:.0f} MB", said, "500 ms, cut and said", seconds < 0.5 and kept <= 10_000
        )
    seconds = asyncio.run(_long_token())
    yield Line("a token of 100,000 characters selected", f"{seconds * 1e3:.0f} ms", "500 ms", seconds < 0.5)
    n = 300_000 if effort.quick else 3_000_000
    space = space_of([b"w%d" % number for number in range(n)], 4)
    started = time.perf_counter()
    found = space.vocabulary.get(f"w{n - 1}")
    prefix = space.vocabulary.with_prefix("w29", 50)
    look_up = time.perf_counter() - started
    said = f"{look_up * 1e3:.1f} ms for a look-up and a prefix"
    holds = look_up < 0.25 and found == n - 1 and len(prefix) == 50
    yield Line(f"a vocabulary of {n:,} words", said, "250 ms", holds)
    sys.stdout.flush()


async def _paste(size: int) -> tuple[float, int]:
    from tui_embed.sources.bundled import glove

    app = ExplorerApp(glove(), Settings(), "")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        box = app.screen.query_one(TextBox)
        started = time.perf_counter()
        box.post_message(events.Paste("king " * (size // 5)))
        while not box.text:
            await asyncio.sleep(0.001)
        taken = time.perf_counter() - started
        await app.workers.wait_for_complete()
        return taken, len(box.text)


async def _long_token() -> float:
    space = space_of(["a", "x" * 100_000, "長" * 30_000])
    app = ExplorerApp(space, Settings(), "a")
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        started = time.perf_counter()
        app.post_message(TokenPicked(1, "find"))
        await app.workers.wait_for_complete()
        await pilot.pause()
        return time.perf_counter() - started
