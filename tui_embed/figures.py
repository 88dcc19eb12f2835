"""How numbers are written for people: one way, for the command line and the app."""

MINUS = "−"


def score(value: float) -> str:
    """Four significant digits, no zero before the point: ``.8236``, ``27.20``, ``−.0412``."""
    text = f"{abs(value):.4f}" if abs(value) < 1 else f"{abs(value):.4g}"
    if abs(value) >= 1 and "e" not in text:
        whole = len(text.partition(".")[0])
        text = f"{abs(value):.{max(0, 4 - whole)}f}"
    text = text.removeprefix("0") if text.startswith("0.") else text
    return f"{MINUS if value < 0 and text.strip('.0') else ''}{text}"


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


def duration(seconds: float) -> str:
    """``0.9 ms``, ``120 ms``, ``2.4 s``, ``3 min``."""
    if seconds < 0.01:
        return f"{seconds * 1e3:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
