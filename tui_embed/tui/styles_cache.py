"""Lines of widgets that are gone, let go of.

Textual keeps the two backgrounds of a widget by the ``StylesCache`` that asked for them as well
(https://github.com/Textualize/textual/issues/6665): up to 1,024 widgets that are no more keep every line
that was drawn of them, some 45 MB after an hour of dialogs and notices.
"""

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style


@lru_cache(1024)
def _backgrounds(base: Color, background: Color) -> tuple[Style, Style]:
    """Inside a widget's border, and outside."""
    return Style(background=base + background), Style(background=base)


def _get_inner_outer(self: StylesCache, base: Color, background: Color) -> tuple[Style, Style]:
    return _backgrounds(base, background)


def let_go() -> None:
    """Keep the backgrounds by their colours alone, for all widgets of this process."""
    setattr(StylesCache, "get_inner_outer", _get_inner_outer)  # noqa: B010 - a method cannot be assigned to
