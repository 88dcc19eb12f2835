"""What a person asks to see on the Map screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from tui_embed.engine.maps.settings import MapSettings

Drawing = Literal["pca", "tsne", "umap", "axes", "similarity", "rows", "positions"]
DRAWINGS: Mapping[Drawing, str] = {
    "pca": "map by PCA",
    "tsne": "map by t-SNE",
    "umap": "map by UMAP",
    "axes": "own axes",
    "similarity": "cosines",
    "rows": "rows",
    "positions": "positions",
}

Of = Literal["near", "frequent", "words", "expression", "arrows", "file", "where", "training"]
OFS: Mapping[Of, str] = {
    "near": "the neighbourhood of a token",
    "frequent": "the most frequent tokens",
    "words": "a list of words",
    "expression": "an expression and its answers",
    "arrows": "pairs, as arrows",
    "file": "a file, a word a line",
    "where": "rows that a filter keeps",
    "training": "the training that runs",
}
assert tuple(OFS) == get_args(Of)

USUAL_NUMBER: Mapping[Of, int] = {
    "near": 200,
    "frequent": 2000,
    "expression": 30,
    "where": 2000,
    "training": 1000,
}
"""How many tokens, where one can choose."""


@dataclass(frozen=True, slots=True)
class MapWanted:
    """``text`` is what the tokens are chosen by: words, an expression, a file …; "" with ``near`` is the
    selected token. ``axes`` are as they are typed; the second may be "".
    """

    drawing: Drawing = "pca"
    of: Of = "near"
    text: str = ""
    n: int = USUAL_NUMBER["near"]
    axes: tuple[str, str] = ("", "")
    settings: MapSettings = field(default_factory=MapSettings)

    @property
    def is_map(self) -> bool:
        """Whether it is of points."""
        return self.drawing in ("pca", "tsne", "umap", "axes")
