"""The work behind the Matrix pane: a matrix in figures, its under-trained tokens, another beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.comparison import Comparison, compare_spaces
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.statistics import Statistics, statistics
from tui_embed.engine.undertrained import INDICATORS, Indicator, UnderTrained, under_trained
from tui_embed.sources.catalog import Drawing, open_space, space_entries

MatrixView = str
STATISTICS, UNDERTRAINED, COMPARED = VIEWS = ("statistics", "under-trained", "two spaces")
AT_ONCE = 80_000_000
"""Numbers of a matrix that are read without being asked for."""


@dataclass(frozen=True, eq=False, slots=True)
class Counted:
    """What was found of ``space``."""

    space: EmbeddingSpace
    found: Statistics | UnderTrained | Comparison


Work = Callable[[CancelToken, Progress], Counted]


def work_of(
    space: EmbeddingSpace, view: str, indicator: Indicator | None, other: str, drawing: Drawing
) -> Work:
    """The work that gives what ``view`` shows; ``other`` is the name or path of the other space."""

    def work(cancel: CancelToken, progress: Progress) -> Counted:
        if view == STATISTICS:
            return Counted(space, statistics(space.matrix, cancel, progress))
        if view == UNDERTRAINED:
            return Counted(space, under_trained(space, indicator, None, cancel, progress))
        second = open_space(other, drawing, cancel=cancel, progress=progress)
        return Counted(space, compare_spaces(space, second, None, cancel, progress))

    return work


def names_here() -> list[str]:
    """The trained spaces that can be compared with by their name."""
    return [entry.name for entry in space_entries() if entry.here and entry.trained]


def indicators_of(space: EmbeddingSpace, found: UnderTrained) -> tuple[Indicator, ...]:
    """Those that can be computed of ``space``; ``found`` by one of them knows of unused tokens, to look for
    which takes longer than a key may.
    """
    has_reference = bool(len(found.reference))
    has_output = space.model is not None and space.model.output_kind == "separate"
    return tuple(
        name for name in INDICATORS if (name == "norm" or has_reference) and (name != "output" or has_output)
    )
