"""What a reader fills: rows and tokens in id order, and what was odd about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import row_norms
from tui_embed.engine.metadata import Metadata, TextColumn
from tui_embed.engine.positions import Positions
from tui_embed.engine.ragged import not_utf8
from tui_embed.engine.rows import ArrayRows, Floats, WholeRows
from tui_embed.engine.space import Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.training.record import TrainingRecord
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import SourceError
from tui_embed.sources.file import SourceFile
from tui_embed.sources.storage import MemoryStorages, RowStorage, Storages

NAMED = 3
"""How many places or tokens a note names before it only counts."""


@dataclass(frozen=True, eq=False, slots=True)
class Content:
    """A whole source: ``rows`` ``(n, d_model)``, their ``norms`` ``(n,)``, tokens, what comes with them."""

    format: str
    rows: WholeRows
    norms: Floats
    vocabulary: Vocabulary
    named_by_number: bool
    notes: tuple[str, ...]
    metadata: Metadata
    subwords: Subwords | None
    positions: Positions | None = None
    provenance: Provenance | None = None
    training: TrainingRecord | None = None


def nobody_asks(path: Path) -> None:
    """For a builder whose content is not kept."""


def row_place(row: int) -> str:
    """How a format without lines says where row ``row`` (from 0) is."""
    return f"row {row + 1}"


@dataclass(eq=False)
class SpaceBuilder:
    """Takes a source's rows and tokens.

    A reader calls ``start``, then ``add`` with blocks of rows and their tokens' bytes (or, where tokens come
    apart from the rows, ``add`` without and ``tokens`` once), ``note`` for whatever a person should know, and
    ``report`` with the bytes of the file that are done, which also stops it where the work is cancelled.
    """

    file: SourceFile
    format: str = ""
    storages: Storages = field(default_factory=MemoryStorages)
    cancel: CancelToken | None = None
    progress: Progress = no_progress
    place: Callable[[int], str] = row_place
    """Where row ``i`` stands in the source, for notes and errors; a reader of lines sets its own."""
    consult: Callable[[Path], None] = nobody_asks
    """A reader calls it with every other file that it looks for, before it looks, whether the file is there
    or not: what the store keeps depends on it too.
    """
    metadata: dict[str, TextColumn] = field(default_factory=dict)
    subwords: Subwords | None = None
    positions: Positions | None = None
    """Left out where the format has none."""
    provenance: Provenance | None = None
    """Where the numbers come from, if the source says so."""
    training: TrainingRecord | None = None
    """How it was trained, where that was done here."""

    def __post_init__(self) -> None:
        self._rows: RowStorage | None = None
        self._d_model = 0
        self._n_rows = 0
        self._norms: list[Floats] = []
        self._blobs: list[bytes] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._notes: list[str] = []
        self._not_finite: list[int] = []
        self._n_not_finite = 0

    @property
    def n_rows(self) -> int:
        return self._n_rows

    def start(self, d_model: int, expected: int = 0) -> None:
        """Rows of ``d_model`` numbers follow, about ``expected`` of them (0: unknown)."""
        self._d_model = d_model
        self._rows = self.storages.open("rows", d_model, expected)

    def add(self, rows: Floats, blob: bytes | None = None, lengths: NDArray[np.int64] | None = None) -> None:
        """Append ``rows`` ``(m, d_model) float32``, and their tokens: the bytes of all in ``blob``, how many
        of them each takes in ``lengths`` ``(m,)``.
        """
        if self._rows is None or rows.shape[1] != self._d_model:
            raise ValueError(f"rows {rows.shape} where {self._d_model} numbers are a row")
        self._rows.append(rows)
        with np.errstate(over="ignore", invalid="ignore"):
            norms = row_norms(rows)
        self._norms.append(norms)
        for row in np.flatnonzero(~np.isfinite(norms)).tolist():
            # a norm may be too large for float32 where every number of the row is fine
            if not np.isfinite(rows[row]).all():
                self._n_not_finite += 1
                if len(self._not_finite) < NAMED:
                    self._not_finite.append(self._n_rows + row)
        self._n_rows += len(rows)
        if blob is not None and lengths is not None:
            self.add_tokens(blob, lengths)

    def add_tokens(self, blob: bytes, lengths: NDArray[np.int64]) -> None:
        """Append tokens alone, for a source that keeps them apart from its rows."""
        self._blobs.append(blob)
        self._lengths.append(lengths)

    def tokens(self, tokens: Sequence[bytes]) -> None:
        """Append tokens alone, each on its own."""
        self.add_tokens(b"".join(tokens), np.array([len(token) for token in tokens], dtype=np.int64))

    def note(self, text: str) -> None:
        """One line about what was odd in the source."""
        self._notes.append(text)

    def report(self, done: int, total: int | None = None) -> None:
        """Say how many bytes of the file are done. CancelledError where nobody wants them any more."""
        if self.cancel is not None:
            self.cancel.check()
        self.progress(done, self.file.size if total is None else total)

    def finish(self) -> Content:
        """Everything that was added. SourceError where it does not fit together."""
        if self._rows is None or not self._n_rows:
            raise self.file.error("there are no rows in it")
        rows = ArrayRows(self._rows.finish())
        vocabulary, numbered = self._vocabulary()
        self._say_not_finite()
        if not numbered:
            self._say_duplicates(vocabulary)
            self._say_not_utf8(vocabulary)
        for name, column in self.metadata.items():
            if len(column) != self._n_rows:
                raise self.file.error(f"{len(column):,} values for {self._n_rows:,} rows", f"column {name}")
        norms = np.concatenate(self._norms)
        notes = tuple(self._notes)
        return Content(
            format=self.format,
            rows=rows,
            norms=norms,
            vocabulary=vocabulary,
            named_by_number=numbered,
            notes=notes,
            metadata=self.metadata,
            subwords=self.subwords,
            positions=self.positions,
            provenance=self.provenance,
            training=self.training,
        )

    def _vocabulary(self) -> tuple[Vocabulary, bool]:
        if not self._lengths:
            return Vocabulary.from_tokens(f"#{row}" for row in range(self._n_rows)), True
        lengths = np.concatenate(self._lengths)
        if len(lengths) != self._n_rows:
            raise self.file.error(f"{len(lengths):,} tokens for {self._n_rows:,} rows", "its tokens")
        try:
            return Vocabulary.from_blob(b"".join(self._blobs), lengths), False
        except ValueError as error:
            raise SourceError(self.file.path, str(error), "its tokens") from None

    def _say_not_finite(self) -> None:
        if self._n_not_finite:
            places = ", ".join(map(self.place, self._not_finite))
            rows = "row holds" if self._n_not_finite == 1 else "rows hold"
            more = ", …" if self._n_not_finite > len(self._not_finite) else ""
            self.note(
                f"{self._n_not_finite:,} {rows} NaN or infinite numbers, left out of answers: {places}{more}"
            )

    def _say_duplicates(self, vocabulary: Vocabulary) -> None:
        again = vocabulary.duplicates(NAMED)
        if again.count:
            places = ", ".join(f"“{vocabulary[row]}” ({self.place(row)})" for row in again.first)
            more = ", …" if again.count > len(again.first) else ""
            rows = "row repeats a token" if again.count == 1 else "rows repeat a token"
            self.note(f"{again.count:,} {rows} of an earlier row, which a look-up finds: {places}{more}")

    def _say_not_utf8(self, vocabulary: Vocabulary) -> None:
        blob, offsets, _ = vocabulary.arrays
        odd = not_utf8(blob, np.diff(offsets))
        if odd:
            places = ", ".join(map(self.place, odd[:NAMED]))
            more = ", …" if len(odd) > NAMED else ""
            tokens = "token is" if len(odd) == 1 else "tokens are"
            self.note(f"{len(odd):,} {tokens} not UTF-8 and kept as bytes: {places}{more}")
