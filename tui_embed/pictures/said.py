"""What is said of a picture besides what it shows: the same in every format. All of it is printable."""

from collections.abc import Sequence

from tui_embed.engine.maps.point_map import PointMap
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import score
from tui_embed.printable import fit, printable

MISSING_SAID = 12
CELLS = 24
TITLE_CELLS = 90
END_CELLS = 40
LEGEND_CELLS = 18
ARROWS_SAID = 6


def heading(drawn: PointMap) -> str:
    """What is shown: as it is spelled, it may begin with a token."""
    axes = " and ".join(axis_name(axis.low, axis.high) for axis in drawn.own_axes)
    return fit(drawn.subject.title, TITLE_CELLS) + (f", by {axes}" if axes else "")


def axis_name(low: Sequence[str], high: Sequence[str]) -> str:
    """An axis of a person's own by its ends."""
    return f"{end(low)} → {end(high)}"


def end(words: Sequence[str]) -> str:
    """One end of an axis."""
    return fit(" ".join(words), END_CELLS)


def origin(space: EmbeddingSpace) -> str:
    """Whose numbers these are."""
    return (
        f"{printable(space.name)} · {len(space):,} × {space.d_model:,} · {printable(space.provenance.origin)}"
    )


def method(drawn: PointMap) -> str:
    """How the points were placed, and how far that can be trusted."""
    pieces = [printable(piece) for piece in drawn.said()]
    pieces.append(
        f"rows at length 1 ({drawn.settings.metric})"
        if drawn.settings.metric == "cosine"
        else "rows as they are"
    )
    if drawn.clusters is not None:
        pieces.append(f"{len(drawn.clusters)} clusters by k-means of the rows, seed {drawn.settings.seed}")
    elif drawn.unclustered:
        pieces.append(printable(drawn.unclustered))
    return " · ".join(pieces)


def coverage(drawn: PointMap) -> str:
    """How many of which tokens are shown, and which are not there."""
    subject = drawn.subject
    said = f"{len(subject):,} of {subject.of:,} tokens"
    if subject.missing:
        words = ", ".join(fit(word, CELLS) for word in subject.missing[:MISSING_SAID])
        more = ", …" if len(subject.missing) > MISSING_SAID else ""
        said += f"; {len(subject.missing):,} of {subject.wanted:,} words have no row: {words}{more}"
    return said


def arrows(drawn: PointMap) -> str:
    """How parallel the arrows are, measured over all dimensions."""
    told = [arrow for arrow in drawn.arrows if arrow.parallel is not None]
    if not told:
        return ""
    tokens = drawn.space.vocabulary
    said = [
        f"{fit(tokens[one.start], CELLS)}→{fit(tokens[one.end], CELLS)} {score(one.parallel or 0.0)}"
        for one in told[:ARROWS_SAID]
    ]
    more = ", …" if len(told) > ARROWS_SAID else ""
    closed = sum(arrow.closes for arrow in told)
    return f"{closed} of {len(told)} arrows are parallel to the others (cosine {', '.join(said)}{more})"


def cluster_name(drawn: PointMap, number: int) -> str:
    """A cluster by its number, its central words and its size."""
    words = ", ".join(fit(word, LEGEND_CELLS) for word in drawn.cluster_name(number))
    size = 0 if drawn.clusters is None else drawn.clusters.sizes[number]
    return f"{number + 1}  {words} ({size:,})"
