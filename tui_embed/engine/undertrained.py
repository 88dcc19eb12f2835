"""Tokens that a model hardly saw while it was trained: their rows lie where rows lie that were never used.

Land and Bartolo 2024, "Fishing for Magikarp: automatically detecting under-trained tokens in large language
models". Its indicators are the cosine distance of an output row to the mean row of tokens that are known to
be unused, where the scores come from ``W_E`` itself (tied); and the length of the input row, where they do
not: rows that are never read shrink, or stay as small as they were drawn. Low means under-trained.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import row_norms, safe
from tui_embed.engine.parallel import each_block
from tui_embed.engine.rows import Floats, Ids, Rows, rows_per_block
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.statistics import Statistics, statistics
from tui_embed.errors import UsageError

PAPER = "Land and Bartolo 2024, “Fishing for Magikarp”"

Indicator = Literal["distance", "cosine", "centred", "output", "norm"]
INDICATORS: tuple[Indicator, ...] = get_args(Indicator)
WHAT: dict[Indicator, str] = {
    "distance": "Euclidean distance of the row to the mean row of unused tokens",
    "cosine": "cosine distance of the row to the mean row of unused tokens",
    "centred": "the same, of rows less the mean of all rows",
    "output": "cosine distance of the output row to the mean output row of unused tokens",
    "norm": "length of the row",
}
LEAST_SHOWN, SHARE_SHOWN = 20, 0.02
"""The paper looks into the lowest 2 % of all tokens."""

Family = Literal["unused", "reserved", "no token", "special", "byte", "part of a character", ""]

_UNUSED = re.compile(
    rb"\[unused\d+\]|<unused\d+>|<\|?(?:extra|unused|dummy|empty|placeholder|reserved[a-z_]*)_?(?:token|id)?_?\d+\|?>"
    rb"|<extra_id_\d+>|madeupword\d+|<0x(?:C0|C1|F[5-9A-F])>",
    re.IGNORECASE,
)
_NEVER_UTF8 = frozenset([0xC0, 0xC1, *range(0xF5, 0x100)])


@dataclass(frozen=True, slots=True)
class Suspect:
    """A token with its place from the lowest indicator on, the ``value`` of that, and the family that
    explains it, if one does.
    """

    rank: int
    id: int
    value: float
    norm: float
    family: Family


@dataclass(frozen=True, eq=False, slots=True)
class UnderTrained:
    """All tokens by one indicator, ``values`` ``(n_vocab,)``. ``reference`` are the ids whose mean row it is
    measured from, taken for unused for the reason ``because``; ``n_found`` of them are among the lowest of as
    many. ``n_odd`` more are left out of the mean: their rows are not finite.
    """

    indicator: Indicator
    values: Floats
    norms: Floats
    order: Ids
    reference: Ids
    because: str
    n_found: int
    statistics: Statistics | None
    n_odd: int = 0

    def lowest(self, space: EmbeddingSpace, k: int) -> list[Suspect]:
        """The ``k`` tokens that are most likely under-trained."""
        return [
            Suspect(
                rank,
                token,
                float(self.values[token]),
                float(self.norms[token]),
                family_of(space, token),
            )
            for rank, token in enumerate(self.order[:k].tolist(), 1)
        ]

    def caution(self, space: EmbeddingSpace) -> str:
        """Why the ranking should be read with care; "" where there is no reason."""
        model = space.model
        reasons = []
        if self.indicator == "norm" and (model is None or model.output_kind != "separate"):
            reasons.append(
                "without an output matrix of its own, short rows tell less than distances to unused ones"
            )
        if self.n_odd:
            reasons.append(f"unused tokens without a finite row, left out of the mean: {self.n_odd:,}")
        if model is not None and model.is_quantised:
            reasons.append(f"W_E is quantised ({model.numbers}): lengths and distances are approximate")
        return "; ".join(reasons)


def family_of(space: EmbeddingSpace, token_id: int) -> Family:
    """What a token's spelling says of why it may never be read."""
    model, token = space.model, space.vocabulary.token_bytes(token_id)
    if model is not None and token_id in model.unused_ids:
        return "no token"
    if _UNUSED.fullmatch(token) or (len(token) == 1 and token[0] in _NEVER_UTF8):
        return "reserved" if b"reserved" in token.lower() else "unused"
    if model is not None and token_id in model.special_ids:
        return "special"
    if len(token) == 1:
        return "byte"
    return "" if _is_utf8(token) else "part of a character"


def _is_utf8(token: bytes) -> bool:
    try:
        token.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def known_unused(space: EmbeddingSpace) -> tuple[NDArray[np.int64], str]:
    """The tokens that no text gives, if there are any: rows without a token, and placeholders by their names;
    and what they are.
    """
    ids = set(space.model.unused_ids if space.model is not None else ())
    n_rows = len(ids)
    named = [
        token_id
        for token_id in range(len(space))
        if token_id not in ids and family_of(space, token_id) in ("unused", "reserved")
    ]
    ids.update(named)
    parts = [f"{n_rows:,} rows without a token"] if n_rows else []
    parts += [f"{len(named):,} placeholders such as {space.vocabulary[named[0]]}"] if named else []
    return np.array(sorted(ids), dtype=np.int64), " and ".join(parts)


def default_indicator(space: EmbeddingSpace, n_reference: int) -> Indicator:
    """The paper's choice: the length of the row where the output has rows of its own, or where no token is
    known to be unused; else the distance to the mean of those.
    """
    separate = space.model is not None and space.model.output_kind == "separate"
    return "norm" if separate or not n_reference else "cosine"


def under_trained(
    space: EmbeddingSpace,
    indicator: Indicator | None = None,
    reference: Sequence[int] | None = None,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> UnderTrained:
    """Rank all tokens of ``space``. ``reference`` are ids to be taken for unused; without it they are found
    by their names.

    UsageError for an indicator that needs unused tokens where none are known or have finite rows, or output
    rows where there are none.
    """
    if reference is None:
        ids, because = known_unused(space)
    else:
        ids = np.array(sorted({space.checked_id(token) for token in reference}), dtype=np.int64)
        because = f"{len(ids):,} {'token that was' if len(ids) == 1 else 'tokens that were'} named"
    chosen = indicator or default_indicator(space, len(ids))
    if chosen != "norm" and not len(ids):
        raise UsageError(
            f"no token of {space.name} is known to be unused", "name some, or rank by the norm of the rows"
        )
    rows = _rows(space, chosen)
    norms = space.matrix.norms(cancel, progress)
    found: Statistics | None = None
    n_odd = 0
    if chosen == "norm":
        values = norms.copy()
    else:
        shift = np.zeros(space.d_model, dtype=np.float32)
        if chosen == "centred":
            found = statistics(space.matrix, cancel, progress)
            shift = found.mean_row
        n_named = len(ids)
        mean, ids = _mean_row(rows, ids, cancel)
        n_odd = n_named - len(ids)
        mean = mean - shift
        values = _distances(rows, mean, shift, chosen == "distance", cancel, progress)
    values = np.where(np.isfinite(values), values, np.inf)
    order = np.argsort(values, kind="stable")
    n_found = int(np.isin(order[: len(ids)], ids).sum())
    return UnderTrained(chosen, values, norms, order, ids, because, n_found, found, n_odd)


def _mean_row(
    rows: Rows, ids: NDArray[np.int64], cancel: CancelToken | None
) -> tuple[Floats, NDArray[np.int64]]:
    """The mean of those of ``ids`` whose rows are finite, and which they are; a block at a time, since a
    vocabulary may have tens of thousands of them.
    """
    total, kept = np.zeros(rows.shape[1]), []
    step = rows_per_block(rows.shape[1])
    for start in range(0, len(ids), step):
        if cancel is not None:
            cancel.check()
        part = ids[start : start + step]
        taken = rows.take(part)
        finite = np.isfinite(taken).all(axis=1)
        total += taken[finite].sum(axis=0, dtype=np.float64)
        kept.append(part[finite])
    known = np.concatenate(kept)
    if not len(known):
        raise UsageError(
            "no unused token has a row of finite numbers", "name others, or rank by the norm of the rows"
        )
    return (total / len(known)).astype(np.float32), known


def _rows(space: EmbeddingSpace, indicator: Indicator) -> Rows:
    if indicator != "output":
        return space.matrix.rows
    output = space.model.output if space.model is not None else None
    if output is None:
        raise UsageError(f"{space.name} has no output rows here", "rank by the rows of W_E")
    return output


def _distances(
    rows: Rows,
    mean: Floats,
    shift: Floats,
    euclidean: bool,
    cancel: CancelToken | None,
    progress: Progress,
) -> Floats:
    """How far each row less ``shift`` is from ``mean``: by length, or 1 less the cosine."""
    values = np.empty(rows.shape[0], dtype=np.float32)
    direction = mean / np.float32(np.linalg.norm(mean) or 1)

    def work(start: int, block: Floats) -> int:
        out = values[start : start + len(block)]
        with np.errstate(all="ignore"):
            if euclidean:
                out[:] = row_norms(block - mean)
            else:
                moved = block - shift
                out[:] = 1 - (moved @ direction) / safe(row_norms(moved))
        return len(block)

    each_block(rows, work, cancel, progress)
    return values
