"""How numbers are written for people: one way, for the command line and the app."""

import math

MINUS = "−"


def score(value: float) -> str:
    """Four significant digits, no zero before the point: ``.8236``, ``27.20``, ``−.0412``."""
    size = abs(value)
    if not math.isfinite(size):
        text = f"{size}"
    elif round(size, 4) < 1:
        text = f"{size:.4f}".removeprefix("0")
    elif size < 1e6:
        text = f"{size:.{max(0, 4 - len(str(int(size))))}f}"
    else:
        text = f"{size:.3e}"
    return f"{MINUS}{text}" if value < 0 and text != ".0000" else text


def component(value: float) -> str:
    """One number of a vector, signed: ``+.5045``, ``−1.234``."""
    text = score(value)
    return text if text.startswith(MINUS) else f"+{text}"


def percent(share: float) -> str:
    """A share 0 … 1 as ``41 %``, with more digits where it is small."""
    value = 100 * share
    if value == 0 or value >= 10:
        return f"{value:.0f} %"
    return f"{value:.2g} %" if value >= 0.1 else f"{value:.4g} %"


def counted(number: int, what: str) -> str:
    """``1 token``, ``2,000 tokens``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """``0.9 ms``, ``120 ms``, ``2.4 s``, ``3 min``."""
    if seconds < 0.01:
        return f"{seconds * 1e3:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def size(n_bytes: int) -> str:
    """``812 B``, ``4.2 kB``, ``296 MB``, ``5.6 GB``: powers of 1,000, as disks and networks count."""
    value = float(n_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.1f} {unit}" if value < 9.95 and unit != "B" else f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
