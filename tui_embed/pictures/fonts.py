"""Which fonts of this machine have the characters of a picture, and how wide they are in them."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from rich.cells import cell_len

from tui_embed.optional import require

EXTRA = "pictures"
BASE = "DejaVu Sans"
"""It comes with matplotlib."""

PREFERRED = ("Noto Sans CJK SC", "Noto Sans SC", "Noto Sans", "WenQuanYi", "Source Han Sans", "Unifont")
BOLD_WIDER = 1.12
SIZE = 100


class Fonts:
    """The base font, and as many others as the characters of ``texts`` need, where the machine has them."""

    def __init__(self, texts: Iterable[str]) -> None:
        wanted = {char for text in texts for char in text}
        self.families = [BASE]
        self._fonts = [_font(_path_of(BASE))]
        missing = {ord(char) for char in wanted} - self._fonts[0].get_charmap().keys()
        for name, path in _others() if missing else ():
            found = missing & _characters(path)
            if found:
                self.families.append(name)
                self._fonts.append(_font(path))
                missing -= found
            if not missing:
                break
        self.missing = "".join(sorted(map(chr, missing)))
        """Characters that no font of this machine has."""

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """How wide a text is, in points, at a size in points; what no font has is as wide as its cells."""
        wide = sum(self._advance(char) for char in text) * size
        return wide * BOLD_WIDER if bold else wide

    @lru_cache(maxsize=4096)  # noqa: B019 (a few of these live as long as one picture)
    def _advance(self, char: str) -> float:
        for font in self._fonts:
            if ord(char) in font.get_charmap():
                advance: float = font.load_char(ord(char)).linearHoriAdvance / 65536 / SIZE
                return advance
        return 0.6 * cell_len(char)


def _others() -> list[tuple[str, str]]:
    """The names and paths of the upright fonts of this machine, those for many scripts first."""
    manager = require("matplotlib.font_manager", EXTRA).fontManager
    fonts = {
        entry.name: entry.fname
        for entry in manager.ttflist
        # the last resort draws the name of a script in place of its characters
        if entry.style == "normal" and not entry.name.startswith("Last Resort")
    }

    def order(item: tuple[str, str]) -> tuple[int, str]:
        place = next((n for n, name in enumerate(PREFERRED) if item[0].startswith(name)), len(PREFERRED))
        return place, item[0]

    return sorted(fonts.items(), key=order)


def _path_of(name: str) -> str:
    return str(require("matplotlib.font_manager", EXTRA).findfont(name))


@cache
def _font(path: str) -> Any:
    font = require("matplotlib.ft2font", EXTRA).FT2Font(path)
    font.set_size(SIZE, 72)
    return font


@cache
def _characters(path: str) -> frozenset[int]:
    """The characters of a font; none of one that cannot be read."""
    try:
        return frozenset(_font(path).get_charmap())
    except RuntimeError:
        return frozenset()
