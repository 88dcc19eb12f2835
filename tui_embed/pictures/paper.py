"""A sheet that figures are drawn on, and how it becomes a file: the same bytes for the same figure."""

import logging
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from tui_embed.optional import require
from tui_embed.pictures.colours import FAINT, INK, PAPER
from tui_embed.pictures.fonts import EXTRA, Fonts

WIDTH = 10.5
"""Inches."""

POINTS = 72
PNG_DPI = 192
TITLE_SIZE, SAID_SIZE = 15.0, 8.5
LINE = 1.35
"""From one line of text to the next, in its size."""

MARGIN = 26.0
"""Points that stay free on each side."""


@contextmanager
def settings(fonts: Fonts) -> Iterator[None]:
    """matplotlib as it is used here, whatever a person has set for other work: text stays text in an SVG."""
    matplotlib = require("matplotlib", EXTRA)
    ours = {
        "svg.fonttype": "none",
        "svg.hashsalt": "tui-embed",
        "font.family": fonts.families,
        "path.simplify": False,
    }
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(ours)
        # what no font has is told once, in words: see Fonts.missing
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        logger = logging.getLogger("matplotlib")
        before = logger.level
        # which weights a font has is nobody's concern here
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(before)


class Sheet:
    """A figure of ``height`` points below its headings; ``top`` is where these end."""

    def __init__(self, title: str, said: Sequence[str], height: float, width: float = WIDTH * POINTS) -> None:
        characters = int((width - 2 * MARGIN) / (SAID_SIZE * 0.52))
        lines = [line for text in said if text for line in textwrap.wrap(text, characters) or [""]]
        headings = MARGIN + TITLE_SIZE * LINE + len(lines) * SAID_SIZE * LINE + 10
        self.width, self.height = width, height + headings + MARGIN
        self.top = self.height - headings
        self.figure: Any = require("matplotlib.figure", EXTRA).Figure(
            figsize=(self.width / POINTS, self.height / POINTS), dpi=POINTS, facecolor=PAPER
        )
        at = self.height - MARGIN - TITLE_SIZE
        self.text(MARGIN, at, title, size=TITLE_SIZE, color=INK, weight="bold")
        for line in lines:
            at -= SAID_SIZE * LINE
            self.text(MARGIN, at, line, size=SAID_SIZE, color=FAINT)

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        """Text, never a formula, with its base line at a place in points from the bottom left."""
        self.figure.text(x / self.width, y / self.height, text, parse_math=False, **style)

    def axes(self, x: float, y: float, width: float, height: float) -> Any:
        """A field for drawing, in points from the bottom left."""
        return self.figure.add_axes(
            (x / self.width, y / self.height, width / self.width, height / self.height)
        )

    def content(self, kind: str) -> bytes:
        """The sheet as ``svg`` or ``png``."""
        stream = BytesIO()
        # no date: the same figure is the same file
        metadata = {"Date": None, "Creator": "tui-embed"} if kind == "svg" else {"Software": "tui-embed"}
        self.figure.savefig(stream, format=kind, dpi=PNG_DPI if kind == "png" else POINTS, metadata=metadata)
        return stream.getvalue()


def missing_note(kind: str, fonts: Fonts) -> Iterable[str]:
    """What to say where a picture cannot show all characters."""
    if kind == "png" and fonts.missing:
        shown = fonts.missing[:12] + ("…" if len(fonts.missing) > 12 else "")
        yield (
            f"no font here has {len(fonts.missing)} of the characters ({shown}): they are boxes in the PNG; "
            "install one that has, or write .svg"
        )
