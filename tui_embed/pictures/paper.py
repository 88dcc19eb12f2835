"""A sheet that figures are drawn on, and how it becomes a file: the same bytes for the same figure."""

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
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

BREAKS = (" · ", " ", "")
"""Where a line is broken: between pieces, else between words, else anywhere."""

FALLBACKS = ("Verdana", "Arial", "Helvetica")
"""For those who look at an SVG where our font is not: widest first, it is nearest to ours."""

RIM = 1.6
"""Points of paper around a name, so that it can be read among points."""

NAME = "name-"
"""How the elements of such names are called in an SVG."""

STYLE = b"</style>"


@contextmanager
def settings(fonts: Fonts) -> Iterator[None]:
    """matplotlib as it is used here, whatever a person has set for other work: text stays text in an SVG."""
    matplotlib = require("matplotlib", EXTRA)
    ours = {
        "svg.fonttype": "none",
        "svg.hashsalt": "tui-embed",
        "font.family": [*fonts.families, "sans-serif"],
        "font.sans-serif": [fonts.families[0], *FALLBACKS],
        "path.simplify": False,
        # a token may be $x$, or \\alpha: never a formula
        "text.parse_math": False,
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


def wrapped(text: str, fits: Callable[[str], bool], breaks: Sequence[str] = BREAKS) -> list[str]:
    """``text`` in lines that fit."""
    if fits(text):
        return [text]
    sign, *weaker = breaks
    lines: list[str] = []
    for piece in text.split(sign) if sign else text:
        longer = f"{lines[-1]}{sign}{piece}" if lines else ""
        if longer and fits(longer):
            lines[-1] = longer
        else:
            lines += wrapped(piece, fits, weaker) if weaker else [piece]
    return lines


def name_style(kind: str, number: int) -> dict[str, Any]:
    """How a name among points is drawn. In an SVG a rim that is drawn would turn its text into shapes: there
    a style sheet makes it (see :meth:`Sheet.content`).
    """
    if kind == "svg":
        return {"gid": f"{NAME}{number}"}
    stroke = require("matplotlib.patheffects", EXTRA).withStroke
    return {"path_effects": [stroke(linewidth=RIM, foreground=PAPER)]}


class Sheet:
    """A figure of ``height`` points below its headings; ``top`` is where these end."""

    def __init__(
        self, title: str, said: Sequence[str], height: float, fonts: Fonts, width: float = WIDTH * POINTS
    ) -> None:
        def lines(text: str, size: float, bold: bool) -> list[str]:
            return wrapped(text, lambda line: fonts.width(line, size, bold) <= width - 2 * MARGIN)

        titles = lines(title, TITLE_SIZE, True)
        told = [line for text in said if text for line in lines(text, SAID_SIZE, False)]
        headings = MARGIN + (len(titles) * TITLE_SIZE + len(told) * SAID_SIZE) * LINE + 16
        self.title = title
        self.width, self.height = width, height + headings + MARGIN
        self.top = self.height - headings
        self.figure: Any = require("matplotlib.figure", EXTRA).Figure(
            figsize=(self.width / POINTS, self.height / POINTS), dpi=POINTS, facecolor=PAPER
        )
        at = self.height - MARGIN + TITLE_SIZE * (LINE - 1)
        for line in titles:
            at -= TITLE_SIZE * LINE
            self.text(MARGIN, at, line, size=TITLE_SIZE, color=INK, weight="bold")
        at -= 4
        for line in told:
            at -= SAID_SIZE * LINE
            self.text(MARGIN, at, line, size=SAID_SIZE, color=FAINT)

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        """Text with its base line at a place in points from the bottom left."""
        self.figure.text(x / self.width, y / self.height, text, **style)

    def axes(self, x: float, y: float, width: float, height: float) -> Any:
        """A field for drawing, in points from the bottom left."""
        return self.figure.add_axes(
            (x / self.width, y / self.height, width / self.width, height / self.height)
        )

    def content(self, kind: str) -> bytes:
        """The sheet as ``svg`` or ``png``."""
        stream = BytesIO()
        # no date: the same figure is the same file
        about = (
            {"Date": None, "Creator": "tui-embed", "Title": self.title}
            if kind == "svg"
            else {"Software": "tui-embed"}
        )
        self.figure.savefig(stream, format=kind, dpi=PNG_DPI if kind == "png" else POINTS, metadata=about)
        if kind == "png":
            return stream.getvalue()
        rim = f'[id^="{NAME}"] text {{paint-order: stroke; stroke: {PAPER}; stroke-width: {RIM}px}}'
        # the one style sheet that the library writes, before anything that is drawn
        return stream.getvalue().replace(STYLE, rim.encode() + STYLE, 1)


def missing_note(kind: str, fonts: Fonts) -> Iterable[str]:
    """What to say where a picture cannot show all characters."""
    if kind == "png" and fonts.missing:
        shown = fonts.missing[:12] + ("…" if len(fonts.missing) > 12 else "")
        yield (
            f"no font here has {len(fonts.missing)} of the characters ({shown}): they are boxes in the PNG; "
            "install one that has, or write .svg"
        )
