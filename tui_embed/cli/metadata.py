"""``--where``, which restricts a search by metadata, and the metadata beside its answers."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len

from tui_embed.engine.filter import matching
from tui_embed.engine.metadata import describe
from tui_embed.engine.rows import Ids
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.printable import fit

MOST_COLUMNS = 4
WIDEST, LEAST = 24, 6
"""Cells that a column of metadata may take; with fewer than LEAST left none is begun."""


def add_where(parser: ArgumentParser) -> None:
    """``--where``: :func:`rows_where` reads it."""
    parser.add_argument(
        "--where",
        metavar="FILTER",
        help="search only rows whose metadata match, as in: kind = city and year > 1990",
    )


def rows_where(space: EmbeddingSpace, options: Namespace) -> Ids | None:
    """The ids, ascending, of the rows that ``--where`` keeps; None where it is not given."""
    if options.where is None:
        return None
    return np.flatnonzero(matching(space.metadata, options.where))


def check_among(space: EmbeddingSpace, token_id: int, among: Ids | None) -> int:
    """``token_id``, if ``--where`` keeps it: a row that is not searched has no rank."""
    if among is not None and token_id not in among:
        raise UsageError(f"“{space.vocabulary[token_id]}” is not among the {len(among):,} rows of --where")
    return token_id


def metadata_json(space: EmbeddingSpace, row: int) -> dict[str, object]:
    """``{"metadata": {…}}`` for a row of a space that has any, else nothing."""
    return {"metadata": dict(describe(space.metadata, row))} if space.metadata else {}


def columns_beside(space: EmbeddingSpace, ids: Sequence[int], room: int) -> list[tuple[str, int]]:
    """The columns of metadata to show beside rows ``ids``, and the cells that each takes: as many as fit into
    ``room`` cells with two before each.
    """
    beside: list[tuple[str, int]] = []
    for name, column in space.metadata.items():
        cells = (name, *(column[row] for row in ids))
        wanted = max(cell_len(fit(cell, WIDEST)) for cell in cells)
        if len(beside) == MOST_COLUMNS or room - 2 < min(wanted, LEAST):
            break
        beside.append((name, min(wanted, room - 2)))
        room -= beside[-1][1] + 2
    return beside
