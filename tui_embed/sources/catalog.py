"""Every space that can be opened by name, and files."""

import os
from dataclasses import dataclass
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.rows import Distribution, DrawKind
from tui_embed.engine.shapes import MODEL_SHAPES
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.locations import at_home
from tui_embed.sources.made_here import made_here, remembered

DEFAULT_SPACE = "glove"
UNTRAINED_SUFFIX = "-init"
BUNDLED = ("glove", "glove-6B-50d")


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the rows of untrained spaces are drawn."""

    seed: int = 0
    kind: DrawKind = "normal"


@dataclass(frozen=True, slots=True)
class SpaceEntry:
    """A line of the list of spaces; opens nothing. ``licence`` is "" for what has none of its own; one that
    is not ``here`` is fetched first, ``size`` bytes.
    """

    name: str
    n_vocab: int
    d_model: int
    trained: bool
    what: str
    licence: str = ""
    here: bool = True
    size: int = 0


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
    bundled = SpaceEntry("glove", 100_000, 50, True, "GloVe 6B, frequent words", "PDDL 1.0")
    return [*_trained_entries(), bundled, *_named_entries(), *shapes]


def open_space(
    name: str,
    drawing: Drawing | None = None,
    *,
    cache: bool = True,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> EmbeddingSpace:
    """Open a space by name, or a file by its path; a name goes before a file that is called the same.

    ``cache`` False leaves the store of files alone; ``progress`` counts bytes of a file. UsageError, with the
    nearest names, for a name that is not known; TuiEmbedError for a set that is yet to be fetched;
    SourceError for a file that cannot be read.
    """
    made = made_here(name)
    if made is not None:
        return made
    if name in BUNDLED:
        from tui_embed.sources.bundled import glove

        return glove()
    shape = MODEL_SHAPES.get(name.removesuffix(UNTRAINED_SUFFIX)) if name.endswith(UNTRAINED_SUFFIX) else None
    if shape is not None:
        from tui_embed.sources.untrained import TOKEN_STD, untrained

        drawing = drawing or Drawing()
        return untrained(shape, drawing.seed, Distribution(drawing.kind, TOKEN_STD))
    if not is_path(name):
        # the table of named sets takes milliseconds to build, which no other start should pay
        from tui_embed.sources.fetch.opening import open_fetched

        space = open_fetched(name, cache=cache, cancel=cancel, progress=progress)
        if space is not None:
            return space
        if not is_file(name):
            raise _unknown(name)
    from tui_embed.sources.open import open_file

    return open_file(at_home(name), cache=cache, cancel=cancel, progress=progress)


def path_of(name: str) -> Path | None:
    """The file or folder that the space ``name`` is read from, which may be there or not; None for a space
    that is read from none, or whose files nobody can change. UsageError for a home that is nobody's.
    """
    if "\0" in name or made_here(name) is not None or name in BUNDLED:
        return None
    if name.endswith(UNTRAINED_SUFFIX) and name.removesuffix(UNTRAINED_SUFFIX) in MODEL_SHAPES:
        return None
    if not is_path(name):
        from tui_embed.sources.fetch.opening import fetched_path

        found = fetched_path(name)
        if found is not None:
            return found
    return at_home(name)


def can_keep(space: EmbeddingSpace) -> bool:
    """Whether the rows of ``space`` are read from a checkpoint, and could be put into the store."""
    return space.model is not None and not space.matrix.has_array


def is_path(name: str) -> bool:
    """Whether ``name`` cannot be anything but a path: names have no separators."""
    return os.sep in name or name.startswith("~") or (os.altsep is not None and os.altsep in name)


def is_file(name: str) -> bool:
    """Whether a file of this name, or what it is a ``#part`` of, lies in the current folder."""
    return "\0" not in name and (os.path.lexists(name) or os.path.lexists(name.rpartition("#")[0]))


def _trained_entries() -> list[SpaceEntry]:
    return [
        SpaceEntry(
            name=space.name,
            n_vocab=len(space),
            d_model=space.d_model,
            trained=True,
            what=space.provenance.origin,
        )
        for space in remembered()
    ]


def _named_entries() -> list[SpaceEntry]:
    from tui_embed.sources.fetch.opening import entries

    return [
        SpaceEntry(
            name=state.entry.name,
            n_vocab=state.entry.n_vocab,
            d_model=state.entry.d_model,
            trained=True,
            what=state.entry.what,
            licence=state.entry.licence,
            here=state.here,
            size=state.entry.size,
        )
        for state in entries()
    ]


def _unknown(name: str) -> UsageError:
    from rapidfuzz import process

    names = [entry.name for entry in space_entries()]
    near = [found for found, _, _ in process.extract(name, names, limit=3, score_cutoff=60)]
    hint = f"did you mean {' or '.join(near)}?" if near else "'tui-embed spaces' lists all"
    return UsageError(f"there is no space or file named {name!r}", hint)
