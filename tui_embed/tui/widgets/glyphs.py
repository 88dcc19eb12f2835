"""Block characters that stand for amounts."""

import math

import numpy as np

from tui_embed.engine.rows import Floats

_COLUMNS = "▁▂▃▄▅▆▇█"


def bar(fraction: float, cells: int) -> str:
    """A thin horizontal bar of ``fraction`` (0 … 1) of ``cells``, in halves, padded to ``cells``."""
    if not math.isfinite(fraction) or cells <= 0:
        return " " * max(0, cells)
    whole, half = divmod(round(min(max(fraction, 0.0), 1.0) * cells * 2), 2)
    return ("━" * whole + "╸" * half).ljust(cells)


def columns(fractions: Floats) -> str:
    """A character a value: its height grows from −1 to 1; NaN is a cross."""
    heights = np.rint((np.clip(np.nan_to_num(fractions), -1, 1) + 1) * 3.5).astype(int).tolist()
    finite = np.isfinite(fractions).tolist()
    return "".join(_COLUMNS[height] if ok else "×" for height, ok in zip(heights, finite, strict=True))
