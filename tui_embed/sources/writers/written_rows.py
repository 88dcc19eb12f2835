"""Rows as text for tables: each the shortest decimals of its numbers, with something between them."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tui_embed.engine.rows import Floats
from tui_embed.sources.writers.blocks import Block, refused
from tui_embed.sources.writers.decimals import decimals
from tui_embed.sources.writers.text import NUMBERS_AT_ONCE

_MINUS_ZERO = re.compile(rb" -0(?= |$)")
"""A JSON reader takes -0 for the whole number zero, which has no sign."""


def written_rows(rows: Floats, between: bytes) -> Iterator[bytes]:
    """Each of ``rows`` ``(m, d_model)``, its numbers with ``between`` between them."""
    step = max(1, NUMBERS_AT_ONCE // rows.shape[1])
    for start in range(0, len(rows), step):
        numbers, lengths = decimals(rows[start : start + step])
        at = 0
        for length in lengths.tolist():
            row = _MINUS_ZERO.sub(b" -0.0", numbers[at : at + length])
            yield row[1:].replace(b" ", between)
            at += length


def check_finite(path: Path, block: Block, hint: str) -> None:
    """TuiEmbedError for the first row that holds NaN or infinite numbers."""
    wrong = np.flatnonzero(~np.isfinite(block.rows).all(axis=1))
    if len(wrong):
        raise refused(path, block, int(wrong[0]), "has NaN or infinite numbers in its row", hint)


def utf8(path: Path, block: Block, hint: str) -> list[str]:
    """The block's tokens. TuiEmbedError for the first that is no UTF-8."""
    texts: list[str] = []
    for row, token in enumerate(block.tokens):
        try:
            texts.append(token.decode("utf-8"))
        except UnicodeDecodeError:
            raise refused(path, block, row, "is no UTF-8, as texts of such a file are", hint) from None
    return texts
