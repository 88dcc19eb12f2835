"""Every space that can be opened by name."""

from dataclasses import dataclass

from tui_embed.engine.rows import Distribution, DrawKind
from tui_embed.engine.shapes import MODEL_SHAPES
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError

DEFAULT_SPACE = "glove"
UNTRAINED_SUFFIX = "-init"


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the rows of untrained spaces are drawn."""

    seed: int = 0
    kind: DrawKind = "normal"


@dataclass(frozen=True, slots=True)
class SpaceEntry:
    """A line of the list of spaces; opens nothing."""

    name: str
    n_vocab: int
    d_model: int
    trained: bool
    what: str


def space_entries() -> list[SpaceEntry]:
    """All spaces that :func:`open_space` knows by name."""
    shapes = [
        SpaceEntry(
            name=f"{shape.name}{UNTRAINED_SUFFIX}",
            n_vocab=shape.n_vocab,
            d_model=shape.d_model,
            trained=False,
            what=f"{shape.title}, untrained",
        )
        for shape in MODEL_SHAPES.values()
    ]
    return [SpaceEntry("glove", 100_000, 50, True, "GloVe 6B, frequent words"), *shapes]


def open_space(name: str, drawing: Drawing | None = None) -> EmbeddingSpace:
    """Open a space by name. UsageError, with the nearest names, for one that is not known."""
    if name in ("glove", "glove-6B-50d"):
        from tui_embed.sources.bundled import glove

        return glove()
    drawing = drawing or Drawing()
    shape = MODEL_SHAPES.get(name.removesuffix(UNTRAINED_SUFFIX)) if name.endswith(UNTRAINED_SUFFIX) else None
    if shape is None:
        raise _unknown(name)
    from tui_embed.sources.untrained import TOKEN_STD, untrained

    return untrained(shape, drawing.seed, Distribution(drawing.kind, TOKEN_STD))


def _unknown(name: str) -> UsageError:
    from rapidfuzz import process

    names = [entry.name for entry in space_entries()]
    near = [found for found, _, _ in process.extract(name, names, limit=3, score_cutoff=60)]
    hint = f"did you mean {' or '.join(near)}?" if near else "'tui-embed spaces' lists all"
    return UsageError(f"there is no space named {name!r}", hint)
