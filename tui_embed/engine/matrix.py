"""A matrix of rows and what is derived from it."""

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.quantized import QuantizedRows
from tui_embed.engine.rows import Floats, Ids, Rows, WholeRows

SMALL, LARGE = 1e-15, 1e15
"""Between these a row's squares, and sums of them over any width, keep float32's precision."""


class EmbeddingMatrix:
    """``(n_vocab, d_model) float32`` rows at one version; another version is another object.

    Norms are derived once per object and kept ``(n_vocab,) float32``; unit rows are made where they are
    needed, since dividing a score by a norm is cheaper than a second copy of the matrix.
    """

    def __init__(self, rows: Rows, version: int = 0, norms: Floats | None = None) -> None:
        if norms is not None and norms.shape != rows.shape[:1]:
            raise ValueError(f"{norms.shape} norms of {rows.shape} rows")
        self.rows = rows
        self.version = version
        self._norms = norms
        self._quantized: QuantizedRows | None = None
        self._make_codes: Callable[[], QuantizedRows] | None = None
        self._lock = threading.Lock()
        self._codes_lock = threading.Lock()

    @property
    def n_vocab(self) -> int:
        return self.rows.shape[0]

    @property
    def d_model(self) -> int:
        return self.rows.shape[1]

    @property
    def has_array(self) -> bool:
        """Whether the whole matrix exists as an array; asking costs nothing."""
        return isinstance(self.rows, WholeRows)

    @property
    def array(self) -> Floats | None:
        """The whole matrix where it exists as an array, else None."""
        return self.rows.whole() if isinstance(self.rows, WholeRows) else None

    @property
    def known_norms(self) -> Floats | None:
        """The norms if a pass over the rows was made already, else None."""
        return self._norms

    def norms(self, cancel: CancelToken | None = None, progress: Progress = no_progress) -> Floats:
        """Euclidean norms of all rows, ``(n_vocab,) float32``; the first call passes over the rows."""
        with self._lock:
            if self._norms is None:
                norms = np.empty(self.n_vocab, dtype=np.float32)
                for start, block in self.rows.blocks():
                    if cancel is not None:
                        cancel.check()
                    norms[start : start + len(block)] = row_norms(block)
                    progress(start + len(block), self.n_vocab)
                self._norms = norms
            return self._norms

    def remember_norms(self, norms: Floats) -> None:
        """Keep norms that a caller found on a pass of its own."""
        with self._lock:
            self._norms = norms

    @property
    def quantized(self) -> QuantizedRows | None:
        """The codes of the rows, which make a search for cosines faster, if there are any."""
        if self._make_codes is not None:
            with self._codes_lock:
                make, self._make_codes = self._make_codes, None
                if make is not None:
                    self.remember_quantized(make())
        return self._quantized

    def quantize_with(self, make: Callable[[], QuantizedRows]) -> None:
        """Have the codes made, or fetched from where they are kept, when a search first asks for them."""
        self._make_codes = make

    def remember_quantized(self, quantized: QuantizedRows) -> None:
        """Keep codes that were built from these rows, here or before; ValueError for another shape."""
        if quantized.shape != self.rows.shape:
            raise ValueError(f"{quantized.shape} codes of {self.rows.shape} rows")
        self._quantized = quantized

    def quantize(self, cancel: CancelToken | None = None, progress: Progress = no_progress) -> QuantizedRows:
        """Build the codes of the rows and keep them: one pass over them."""
        quantized = QuantizedRows.build(self.rows, self.norms(cancel), cancel, progress)
        self.remember_quantized(quantized)
        return quantized

    def row(self, token_id: int) -> Floats:
        """One row, ``(d_model,)``. IndexError where there is none."""
        row: Floats = self.rows.take(np.array([token_id]))[0]
        return row

    def unit(self, ids: Ids) -> Floats:
        """Rows of ``ids`` at length 1, ``(len(ids), d_model)``; a zero row stays zero."""
        return unit_rows(self.rows.take(ids))


def row_norms(rows: Floats) -> Floats:
    """Euclidean norm of each row, ``(n,) float32``; sums are float32, as accurate as the rows are, but
    where a square would leave float32's range.
    """
    norms: Floats = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    out_of_range = np.flatnonzero(~((norms > SMALL) & (norms < LARGE)))
    if len(out_of_range):
        wide = rows[out_of_range].astype(np.float64)
        with np.errstate(over="ignore"):
            norms[out_of_range] = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    return norms


def unit_rows(rows: Floats) -> Floats:
    """Each row divided by its norm; a zero row stays zero."""
    norms = row_norms(rows)
    with np.errstate(invalid="ignore"):  # an infinite row has no direction: it becomes NaN
        return np.asarray(rows / safe(norms)[:, None])


def unit(vector: Floats) -> Floats:
    """``vector`` at length 1; the zero vector stays zero."""
    direction: Floats = unit_rows(vector[None, :])[0]
    return direction


def safe(norms: NDArray[np.float32]) -> Floats:
    """``norms`` with 1 in place of 0, to divide by."""
    safe_norms: Floats = np.where(norms > 0, norms, np.float32(1))
    return safe_norms
