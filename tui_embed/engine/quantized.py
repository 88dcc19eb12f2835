"""Rows rounded to 8 bits with the error of each, so that a quarter of the bytes tell which rows can be near.

A row v of length 1 is about s·c, c whole numbers from −127 to 127 and s a scale; the error e ≥ ‖v − s·c‖ is
known. A query q is rounded alike to r, |q − r| known too. Then, since v·q = s·c·r + (v − s·c)·r + v·(q − r),

    |v·q − s·c·r| ≤ e·‖r‖ + ‖v‖·‖q − r‖

by Cauchy and Schwarz, and c·r is a product of whole numbers, which no rounding spoils. A row whose bound
falls below the k-th best of any k cosines is no answer: what remains, mostly a few dozen rows, holds all.
"""

import importlib.util
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.parallel import each_block, share_out, threads
from tui_embed.engine.ranking import top_k
from tui_embed.engine.rows import Floats, Rows
from tui_embed.optional import require

Codes = NDArray[np.int8]
Multiply = Callable[[Codes, Codes], NDArray[np.int32]]
"""The whole-number products of codes ``(m, d)`` with one code ``(d,)``, ``(m,)``."""

LEAST_BYTES = 64 << 20
"""Rows of fewer bytes are read as fast as the codes of more."""

MOST_WIDTH = 1 << 16
"""Products of so many codes still fit 32 bits."""

LEAST_NORM, MOST_NORM = 1e-25, 1e25
"""Between these no product within a cosine leaves the range where float32's errors are relative."""

BLOCK_BYTES = 2 << 20
ROUNDING = 2.0**-24
"""The most by which an operation in float32 is wrong, relative to its result."""


def by_numkong(codes: Codes, code: Codes) -> NDArray[np.int32]:
    """Products by the processor's 8-bit instructions. TuiEmbedError where numkong is not installed."""
    numkong = require("numkong", "fast")
    products = numkong.dots_packed(codes, numkong.dots_pack(code[None, :]))
    return np.asarray(products, dtype=np.int32)[:, 0]


def by_numpy(codes: Codes, code: Codes) -> NDArray[np.int32]:
    """The same products, slower than those of float32."""
    return np.asarray(codes.astype(np.int32) @ code.astype(np.int32), dtype=np.int32)


class QuantizedRows:
    """Codes ``(n, d) int8``, ``scales`` and ``errors`` ``(n,) float32`` of the rows of one matrix.

    The error of a row that the formulas do not bound is NaN: it is always a candidate.
    """

    def __init__(self, codes: Codes, scales: Floats, errors: Floats) -> None:
        if codes.ndim != 2 or codes.dtype != np.int8 or codes.shape[1] > MOST_WIDTH:
            raise ValueError(f"codes are (n, d) int8, d ≤ {MOST_WIDTH}, not {codes.shape} {codes.dtype}")
        for array in (scales, errors):
            if array.shape != codes.shape[:1] or array.dtype != np.float32:
                raise ValueError(f"{array.shape} {array.dtype} do not belong to {codes.shape} codes")
        self.codes = codes
        self.scales = scales
        self.errors = errors
        self._unbounded = np.flatnonzero(np.isnan(errors))

    @property
    def shape(self) -> tuple[int, int]:
        n_rows, width = self.codes.shape
        return n_rows, width

    @classmethod
    def build(
        cls,
        rows: Rows,
        norms: Floats,
        cancel: CancelToken | None = None,
        progress: Progress = no_progress,
        codes: Codes | None = None,
    ) -> "QuantizedRows":
        """Round ``rows``, whose ``norms`` are those of :func:`~tui_embed.engine.matrix.row_norms`, in one
        pass; into ``codes``, a mapped file perhaps, if given. CancelledError between blocks.
        """
        n_rows, width = rows.shape
        codes = np.empty((n_rows, width), dtype=np.int8) if codes is None else codes
        scales, errors = np.empty(n_rows, dtype=np.float32), np.empty(n_rows, dtype=np.float32)

        def work(start: int, block: Floats) -> int:
            part = slice(start, start + len(block))
            scales[part], errors[part] = _quantize(block, norms[part], codes[part])
            return len(block)

        each_block(rows, work, cancel, progress, at_once=1)
        return cls(codes, scales, errors)

    def candidates(
        self,
        query: Floats,
        k: int,
        cosines: Callable[[NDArray[np.intp]], Floats],
        exclude: tuple[int, ...] = (),
        most: int | None = None,
        cancel: CancelToken | None = None,
        progress: Progress = no_progress,
        multiply: Multiply = by_numkong,
    ) -> NDArray[np.intp] | None:
        """Ids, ascending, among which are the ``k`` rows that ``cosines`` puts first; those of ``exclude``
        are left out. None where there are more than ``most``, so that a scan of the rows costs less.

        ``query`` ``(d,)`` has length 1; ``cosines(ids)`` are those of single rows to it, in float32 from
        the rows themselves, NaN for one that is not finite.
        """
        most = max(1024, len(self.codes) // 32) if most is None else most
        step = float(np.abs(query).max(initial=0)) / 127
        if step == 0 or k + len(self._unbounded) > most:
            return None
        code = np.rint(query / np.float32(step)).astype(np.int8)
        wide, rounded = query.astype(np.float64), code * step
        length = float(np.linalg.norm(rounded))
        bounds = self._bounds(code, length / step, cancel, progress, multiply)
        best = top_k(bounds, k, exclude)
        reached = cosines(best)
        reached = reached[np.isfinite(reached)]
        if len(reached) < k:
            return None
        slack = 1.01 * float(np.linalg.norm(wide - rounded)) + _margin(len(query)) * (1 + length)
        floor = np.float32((float(reached.min()) - slack) / step)
        found = np.flatnonzero(bounds >= floor)
        if len(found) + len(self._unbounded) > most:
            return None
        found = np.union1d(found, self._unbounded)
        return found[~np.isin(found, exclude)]

    def _bounds(
        self,
        code: Codes,
        length: float,
        cancel: CancelToken | None,
        progress: Progress,
        multiply: Multiply,
    ) -> Floats:
        """s·c·code + e·length of each row, ``(n,) float32``: in units of the query's step."""
        bounds = np.empty(len(self.codes), dtype=np.float32)
        step = max(1, BLOCK_BYTES // max(1, len(code)))

        def work(start: int) -> int:
            part = slice(start, min(start + step, len(bounds)))
            out = bounds[part]
            np.multiply(self.errors[part], np.float32(length), out=out)
            out += multiply(self.codes[part], code).astype(np.float32) * self.scales[part]
            return len(out)

        starts = range(0, len(bounds), step)
        workers = [work] * threads(len(starts))
        share_out(starts, workers, cancel, lambda done: progress(done, len(bounds)))
        return bounds


def worth_quantizing(shape: tuple[int, int]) -> bool:
    """Whether rows of ``shape`` are searched faster by codes than as they are, on this installation."""
    n_rows, width = shape
    large = 4 * n_rows * width >= LEAST_BYTES and width <= MOST_WIDTH
    return large and importlib.util.find_spec("numkong") is not None


def _quantize(rows: Floats, norms: Floats, codes: Codes) -> tuple[Floats, Floats]:
    """Write the codes of ``rows``; returns their scales and errors, rounded up."""
    width = rows.shape[1]
    with np.errstate(all="ignore"):  # of rows that are not finite, which are not bounded
        peaks = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))
        zero = (norms == 0) & (peaks == 0)
        bounded = ((norms > LEAST_NORM) & (norms < MOST_NORM)) | zero
        steps = np.where(bounded & ~zero, peaks / np.float32(127), np.float32(1))
        scales = np.where(bounded & ~zero, steps / norms, np.float32(0))
        parts = rows / steps[:, None]
    parts[~bounded] = 0
    whole = np.rint(parts)
    codes[...] = whole
    parts -= whole
    errors = scales * np.sqrt(np.einsum("ij,ij->i", parts, parts))
    errors = errors * np.float32(1 + _margin(width)) + np.float32(8 * ROUNDING)
    return scales, np.where(bounded, errors, np.float32(np.nan))


def _margin(width: int) -> float:
    """More than the rounding of a product of ``width`` float32 numbers and of what is made of it, relative
    to the lengths of both vectors: each sum of n terms is wrong by at most n · 2⁻²⁴, in any order.
    """
    return (2 * width + 32) * ROUNDING
