"""A line of the scorecard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A figure, what it is to be, and whether it is."""

    name: str
    figure: str
    goal: str
    holds: bool

    def __str__(self) -> str:
        return f"{'ok  ' if self.holds else 'MISS'}  {self.name:<58}  {self.figure:<34}  goal: {self.goal}"


@dataclass(frozen=True)
class Effort:
    """How much is tried: the quick part is what CI has time for."""

    quick: bool
    soak_minutes: float
    fuzz_each: int
    kills: int


Part = Callable[[Effort], Iterator[Line]]
