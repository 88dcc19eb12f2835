"""Names beside points, placed so that none lies over another: for a grid of terminal cells or of pixels."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

REACH = 6
"""How many of its own heights a name that must be there may lie away from its point."""


@dataclass(frozen=True, slots=True)
class Box:
    """``width`` × ``height`` cells of the grid, the first at ``x``, ``y`` from the top left."""

    x: int
    y: int
    width: int
    height: int


class Occupancy:
    """Which cells of a grid are taken: a row of them is the bits of one whole number, so that a box is tried
    in as many steps as it has rows.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._rows = [0] * height

    def is_free(self, box: Box, gap: int = 0) -> bool:
        """Whether ``box`` lies within the grid on free cells, and on both sides of it ``gap`` more are free
        or outside.
        """
        if box.x < 0 or box.y < 0 or box.x + box.width > self.width or box.y + box.height > self.height:
            return False
        left = max(0, box.x - gap)
        mask = ((1 << (box.x + box.width + gap - left)) - 1) << left
        return not any(self._rows[y] & mask for y in range(box.y, box.y + box.height))

    def take(self, box: Box) -> None:
        """Take the part of ``box`` that lies within the grid."""
        left, right = max(0, box.x), min(self.width, box.x + box.width)
        if right <= left:
            return
        mask = ((1 << (right - left)) - 1) << left
        for y in range(max(0, box.y), min(self.height, box.y + box.height)):
            self._rows[y] |= mask


def place_labels(
    anchors: Sequence[tuple[int, int]],
    sizes: Sequence[tuple[int, int]],
    grid: tuple[int, int],
    must: int = 0,
    gap: int = 1,
    keep_off: Iterable[tuple[int, int]] = (),
) -> list[Box | None]:
    """A place for each name ``(width, height)`` beside its anchor, a cell of the ``grid`` of so many columns
    and rows, or None where there is none; the earlier goes first. No two overlap, and ``gap`` columns lie
    between names of one line.

    The first ``must`` names are looked for further away too, as long as there is room at all, and no other
    name covers their anchors; nor does any cover the cells of ``keep_off``.
    """
    taken = Occupancy(*grid)
    for x, y in (*keep_off, *anchors[:must]):
        taken.take(Box(x, y, 1, 1))
    placed: list[Box | None] = []
    for number, (anchor, size) in enumerate(zip(anchors, sizes, strict=True)):
        tried = _far(anchor, size, gap) if number < must else _beside(anchor, size, gap)
        box = next((box for box in tried if size[0] and taken.is_free(box, gap)), None)
        if box is not None:
            taken.take(box)
        placed.append(box)
    return placed


def _beside(anchor: tuple[int, int], size: tuple[int, int], gap: int) -> Iterator[Box]:
    """To the right, to the left, above and below."""
    (x, y), (width, height) = anchor, size
    top = y - height // 2
    yield Box(x + 1 + gap, top, width, height)
    yield Box(x - gap - width, top, width, height)
    yield Box(x - width // 2, top - height, width, height)
    yield Box(x - width // 2, top + height, width, height)


def _far(anchor: tuple[int, int], size: tuple[int, int], gap: int) -> Iterator[Box]:
    """Beside the anchor, and then in lines further and further away from it."""
    yield from _beside(anchor, size, gap)
    (x, y), (width, height) = anchor, size
    top = y - height // 2
    shifts = (1 + gap, -gap - width, -(width // 2), 1 + gap + width // 2, -gap - width - width // 2)
    for line in range(1, REACH + 1):
        for direction in (-line, line):
            for shift in shifts:
                yield Box(x + shift, top + direction * height, width, height)
