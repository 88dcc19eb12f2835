"""How figures are printed: what was measured, the figure, and its goal where there is one."""

from collections.abc import Sequence
from statistics import median, quantiles


def line(what: str, figure: float, unit: str, goal: float | None = None) -> None:
    verdict = "" if goal is None else f"  goal ≤ {goal:g}: {'met' if figure <= goal else 'MISSED'}"
    print(f"{what:<58}{figure:>9.3f} {unit:<6}{verdict}", flush=True)


def ratio(what: str, ours: Sequence[float], theirs: Sequence[float], goal: float) -> None:
    """Medians of interleaved runs, in seconds, and their ratio."""
    print(f"{what}: {median(ours):.3f} s over {median(theirs):.3f} s, {len(ours)} runs of each")
    line("", median(ours) / median(theirs), "×", goal)


def spread(what: str, seconds: Sequence[float], goal_ms: float) -> None:
    """The median, 95th and 99th percentile in milliseconds; the goal holds for each."""
    cuts = quantiles(seconds, n=100, method="inclusive")
    for name, at in (("p50", 49), ("p95", 94), ("p99", 98)):
        line(f"{what}, {name} of {len(seconds)}", cuts[at] * 1000, "ms", goal_ms)
