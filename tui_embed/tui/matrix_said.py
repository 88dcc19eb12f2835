"""What the Matrix pane lists and says; all of it printable but the tokens and their notes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tui_embed.engine.comparison import Comparison
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.undertrained import WHAT, Indicator, Suspect, UnderTrained
from tui_embed.figures import percent, score
from tui_embed.printable import fit, printable
from tui_embed.tui.matrix_work import COMPARED, STATISTICS, UNDERTRAINED
from tui_embed.tui.widgets.pane import Named
from tui_embed.tui.widgets.ranked_list import Heads, RankedToken

LISTED = 200
MOST, LEAST, ONLY_HERE, ONLY_THERE = LISTS = ("moved most", "moved least", "only here", "only there")
"""What a comparison lists, in the order in which a key turns them."""
TITLES = {STATISTICS: "Statistics", UNDERTRAINED: "Under-trained tokens", COMPARED: "Two spaces"}
NAMED: tuple[Named, ...] = (
    Named("statistics", "Norms, effective rank, anisotropy", f"view({STATISTICS!r})"),
    Named("under-trained tokens", "Tokens that a model hardly saw", f"view({UNDERTRAINED!r})"),
    Named("two spaces", "Tokens that moved most from one space to another", f"view({COMPARED!r})"),
    Named("vocabulary, only here", "Tokens that only this space has", f"only({ONLY_HERE!r})"),
    Named("vocabulary, only there", "Tokens that only the compared space has", f"only({ONLY_THERE!r})"),
)
"""The views for the command palette, with the pane's actions that show them."""
NAMES: dict[Indicator, str] = {
    "distance": "distance",
    "cosine": "cosine d.",
    "centred": "centred d.",
    "output": "output d.",
    "norm": "norm",
}
"""The indicators as they stand over a column."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: its items under the names of its columns, what is said of it, and what it is taken from.
    ``foreign`` items are tokens of another space.
    """

    items: Sequence[RankedToken]
    heads: Heads
    said: str
    taken_from: str
    foreign: bool = False


def invitation(view: str, space: EmbeddingSpace | None, other: str, names: Sequence[str]) -> str:
    """What can be asked, while nothing is; ``names`` are those of spaces to compare with."""
    if space is None:
        return "no space is open · ^o opens one"
    if view == COMPARED and not other:
        known = f" ({', '.join(fit(name, 24) for name in names[:6])})" if names else ""
        return f"c goes to the line: name a space{known}, a file or a checkpoint folder, and Enter compares"
    if view == COMPARED:
        return f"Enter compares {fit(space.name, 24)} with {fit(other, 40)} · c names another"
    return f"Enter computes {_WHAT[view]} all {len(space):,} × {space.d_model:,} numbers"


def running(view: str, space: EmbeddingSpace, other: str, share: str) -> str:
    """What is being computed, and how far that is."""
    what = f"comparing {fit(space.name, 24)} with {fit(other, 40)}"
    if view != COMPARED:
        what = f"computing {_WHAT[view]} all {len(space):,} × {space.d_model:,} numbers"
    return " · ".join(part for part in (what, share, "Esc stops") if part)


_WHAT = {STATISTICS: "figures of", UNDERTRAINED: "the least trained tokens from"}


def suspects(space: EmbeddingSpace, found: UnderTrained) -> Listed:
    """The tokens that are most likely under-trained, with what explains them."""
    lowest = found.lowest(space, LISTED)
    top = max((one.value for one in lowest if math.isfinite(one.value)), default=1.0) or 1.0
    # where it is the indicator, it stands behind the bar
    norms = found.indicator != "norm"
    items = [
        RankedToken(
            one.id,
            space.vocabulary[one.id],
            one.value,
            one.value / top if math.isfinite(one.value) else 0.0,
            note=_why(space, one),
            figures=(str(one.id), score(one.norm)) if norms else (str(one.id),),
        )
        for one in lowest
    ]
    figures = ("id", "norm") if norms else ("id",)
    heads = Heads(note="family · bytes", score=NAMES[found.indicator], figures=figures)
    return Listed(items, heads, _said_of_suspects(space, found), f"{len(found.values):,} ranked")


def _why(space: EmbeddingSpace, one: Suspect) -> str:
    spelled = space.vocabulary.token_bytes(one.id)
    shown = spelled[:6].hex(" ").upper() + (" …" if len(spelled) > 6 else "")
    return f"{one.family} · {shown}" if one.family else shown


def _said_of_suspects(space: EmbeddingSpace, found: UnderTrained) -> str:
    what = WHAT[found.indicator]
    if found.indicator == "centred":
        # it is written to be read below the one before it
        what = f"{WHAT['cosine']}, both less the mean of all rows"
    said = f"lowest {what}"
    if len(found.reference):
        n = len(found.reference)
        said += f"; unused: {printable(found.because)}; {found.n_found:,} of the {n:,} lowest are theirs"
    caution = found.caution(space)
    return f"{said}. {printable(caution)}" if caution else said


def compared(found: Comparison, wanted: str) -> Listed:
    """The list ``wanted`` of two spaces."""
    if wanted in (ONLY_HERE, ONLY_THERE):
        return _alone(found, wanted == ONLY_THERE)
    picked = found.most_moved(LISTED) if wanted == MOST else found.least_moved(LISTED)
    items = [
        RankedToken(
            one, found.first.vocabulary[one], cosine, max(0.0, cosine), figures=(str(one), str(other))
        )
        for one, other, cosine in picked
    ]
    heads = Heads(score="cosine", figures=("id here", "id there"))
    return Listed(items, heads, said_of_comparison(found), f"{len(found.shared):,} shared")


def _alone(found: Comparison, there: bool) -> Listed:
    space, ids = (found.second, found.only_second) if there else (found.first, found.only_first)
    shown = [int(one) for one in ids[:LISTED]]
    items = [RankedToken(one, space.vocabulary[one], figures=(str(one),)) for one in shown]
    taken_from = f"{len(ids):,} only in {fit(space.name, 24)}"
    return Listed(items, Heads(figures=("id",)), said_of_comparison(found), taken_from, there)


def said_of_comparison(found: Comparison) -> str:
    """What two spaces share, and how much of it moved."""
    shared, how = len(found.shared), "as they are" if found.alignment == "none" else "after a rotation"
    equal = f", {found.n_equal:,} rows equal to the bit" if found.n_equal else ""
    return (
        f"{shared:,} tokens shared with {fit(found.second.name, 24)} "
        f"({percent(shared / len(found.first))} of all); rows {how}: mean cosine {score(found.mean)}{equal}; "
        f"only here {len(found.only_first):,}, only there {len(found.only_second):,}"
    )


def copied(listed: Listed) -> str:
    """A list for the clipboard, as a table with the names of its columns."""
    heads = listed.heads
    lines = [[heads.token, *heads.figures, heads.score, heads.note]]
    for item in listed.items:
        value = "" if item.score is None else f"{item.score:.6g}"
        lines.append([printable(item.token), *item.figures, value, printable(item.note)])
    return "\n".join("\t".join(line).rstrip("\t") for line in lines)


def share_of(space: EmbeddingSpace) -> tuple[int, int] | None:
    """How many numbers the matrix has, and how many the whole model; None where that is not known."""
    model = space.model
    if model is None or not model.n_params:
        return None
    return len(space) * space.d_model, model.n_params
