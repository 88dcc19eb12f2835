"""tui-embed: see how text becomes vectors, in a terminal, from the shell, or from Python.

>>> import tui_embed
>>> space = tui_embed.load("glove")
>>> [neighbor.token for neighbor in space.neighbors("king", k=3)]
['prince', 'queen', 'ii']
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = [
    "EmbeddingSpace",
    "Neighbor",
    "Token",
    "TuiEmbedError",
    "__version__",
    "forward",
    "load",
    "tokenize",
    "train",
]

if TYPE_CHECKING:
    from tui_embed.api import forward, load, tokenize, train
    from tui_embed.engine.neighbors import Neighbor
    from tui_embed.engine.space import EmbeddingSpace
    from tui_embed.engine.tokens import Token
    from tui_embed.errors import TuiEmbedError

_HOMES = {
    "EmbeddingSpace": "tui_embed.engine.space",
    "Neighbor": "tui_embed.engine.neighbors",
    "Token": "tui_embed.engine.tokens",
    "TuiEmbedError": "tui_embed.errors",
    "forward": "tui_embed.api",
    "load": "tui_embed.api",
    "tokenize": "tui_embed.api",
    "train": "tui_embed.api",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that ``import tui_embed`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tui_embed' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
