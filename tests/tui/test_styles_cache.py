"""What Textual would keep of widgets that are gone."""

import gc
import importlib.util
import weakref
from typing import Any

import pytest
from textual._styles_cache import StylesCache
from textual.color import Color

from tui_embed.tui.styles_cache import let_go

COLOURS = (Color(10, 20, 30), Color(40, 50, 60, 0.5))


def textuals_own() -> Any:
    """The class as Textual has it, whatever was done to it in this process."""
    spec = importlib.util.find_spec("textual._styles_cache")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.StylesCache


def is_kept(kind: Any) -> bool:
    """Whether something of ``kind`` that was used once stays alive."""
    cache = kind()
    cache.get_inner_outer(*COLOURS)
    gone = weakref.ref(cache)
    del cache
    gc.collect()
    return gone() is not None


def test_a_widget_that_is_gone_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    own = textuals_own()
    monkeypatch.setattr(StylesCache, "get_inner_outer", own.get_inner_outer)
    assert is_kept(own), "Textual has mended it: tui/styles_cache.py can go"
    assert is_kept(StylesCache)
    let_go()
    assert not is_kept(StylesCache)
    assert StylesCache().get_inner_outer(*COLOURS) == own().get_inner_outer(*COLOURS)
