"""What every table comes to, however it is written: rows, tokens and columns of metadata, block by block."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.rows import Floats
from tui_embed.engine.vocabulary import encode_token
from tui_embed.errors import SourceError
from tui_embed.sources.builder import NAMED, SpaceBuilder
from tui_embed.sources.stream import ALLOWED, MOST_TIMES

WIDEST = 1 << 20
"""Numbers in a row, at most."""


@dataclass(frozen=True, eq=False, slots=True)
class Texts:
    """UTF-8 texts one after another in ``blob``, their ``lengths`` ``(m,)`` in bytes."""

    blob: bytes
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        encoded = [encode_token(text) for text in texts]
        return cls(b"".join(encoded), np.array([len(text) for text in encoded], dtype=np.int64))


class TableRows:
    """Hands blocks of a table to the builder, and gathers its metadata.

    SourceError where a file of few bytes grows to more than any vectors do.
    """

    def __init__(self, builder: SpaceBuilder, d_model: int, names: Sequence[str], expected: int = 0) -> None:
        self._builder = builder
        self._d_model = d_model
        self._columns: dict[str, list[Texts]] = {name: [] for name in names}
        self._grown = 0
        self._without_token: list[int] = []
        if d_model < 1:
            raise builder.file.error("its vector holds no numbers", builder.place(0))
        if d_model > WIDEST:
            raise builder.file.error(f"its vector holds {d_model:,} numbers", builder.place(0))
        builder.start(d_model, expected)

    def add(self, rows: Floats, tokens: Texts | None, metadata: Sequence[Texts]) -> None:
        """Append ``rows`` ``(m, d_model)``, their tokens if they have any, and one block a column."""
        texts = sum(len(block.blob) for block in metadata) + (len(tokens.blob) if tokens else 0)
        self.weigh(rows.nbytes + texts)
        self._grown += rows.nbytes + texts
        if tokens is None:
            self._builder.add(rows)
        else:
            self._builder.add(rows, tokens.blob, tokens.lengths)
        for blocks, block in zip(self._columns.values(), metadata, strict=True):
            blocks.append(block)

    def no_token(self, row: int) -> None:
        """Row ``row`` (from 0) has no token; it is the empty one there."""
        self._without_token.append(row)

    def add_column(self, name: str) -> None:
        """A column that has been empty so far."""
        rows = self._builder.n_rows
        self._columns[name] = [Texts(b"", np.zeros(rows, dtype=np.int64))] if rows else []

    def finish(self) -> None:
        """Give the metadata to the builder, and say which rows had no token."""
        without = self._without_token
        if without:
            places = ", ".join(map(self._builder.place, without[:NAMED]))
            rows = "row has no token" if len(without) == 1 else "rows have no token"
            more = ", …" if len(without) > NAMED else ""
            self._builder.note(f"{len(without):,} {rows}: {places}{more}")
        for name, blocks in self._columns.items():
            lengths = np.concatenate([block.lengths for block in blocks]) if blocks else np.empty(0, np.int64)
            column = TextColumn.from_blob(b"".join(block.blob for block in blocks), lengths)
            blocks.clear()
            self._builder.metadata[name or _unnamed(self._columns)] = column

    def weigh(self, more: int) -> None:
        """SourceError where ``more`` bytes beside those that were added are more than the file can mean."""
        file = self._builder.file
        grown = self._grown + more
        if grown > ALLOWED and grown > MOST_TIMES * file.size:
            raise file.error(
                f"its rows swell to over {MOST_TIMES} times its size",
                self._builder.place(self._builder.n_rows),
                "no vectors do",
            )


def wrong_width(found: int, d_model: int, builder: SpaceBuilder, row: int) -> SourceError:
    """The error for a vector that is not as wide as the first one; ``row`` counts from 0."""
    numbers = "number" if found == 1 else "numbers"
    return builder.file.error(f"a vector of {found:,} {numbers}, not {d_model:,}", builder.place(row))


def _unnamed(names: Iterable[str]) -> str:
    """A name, that no other column has, for the one that the source calls nothing."""
    known = set(names)
    return next(
        name for name in (f"column{'_' * more}" for more in range(len(known) + 1)) if name not in known
    )
