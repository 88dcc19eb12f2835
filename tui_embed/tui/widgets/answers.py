"""Neighbours as lines of a list, and as text for the clipboard."""

from collections.abc import Sequence

from tui_embed.engine.neighbors import Neighbor
from tui_embed.engine.scan import Metric
from tui_embed.printable import printable
from tui_embed.tui.widgets.ranked_list import RankedToken


def ranked_tokens(
    neighbors: Sequence[Neighbor], metric: Metric | None, notes: Sequence[str] = ()
) -> list[RankedToken]:
    """Lines for ``neighbors``; a bar is the cosine itself, or the share of the best score of an open scale.

    ``metric`` None is a score without an upper end, such as 3CosMul's. ``notes``, text from outside, stand
    beside the tokens.
    """
    notes = notes or [""] * len(neighbors)
    fractions = [_fraction(neighbor.score, neighbors, metric) for neighbor in neighbors]
    return [
        RankedToken(neighbor.id, neighbor.token, neighbor.score, fraction, note=note)
        for neighbor, fraction, note in zip(neighbors, fractions, notes, strict=True)
    ]


def tab_separated(neighbors: Sequence[Neighbor]) -> str:
    """Rank, token, id and score, a line each."""
    return "\n".join(f"{n.rank}\t{printable(n.token)}\t{n.id}\t{n.score:.6g}" for n in neighbors)


def _fraction(score: float, neighbors: Sequence[Neighbor], metric: Metric | None) -> float:
    if metric == "cosine":
        return max(0.0, score)
    if metric == "euclidean":
        nearest = neighbors[0].score
        return nearest / score if score else 1.0
    largest = max(abs(neighbor.score) for neighbor in neighbors)
    return max(0.0, score / largest) if largest else 0.0
