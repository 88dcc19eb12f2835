"""What the panes of the Map screen tell each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from textual.message import Message

from tui_embed.engine.maps.point_map import PointMap
from tui_embed.engine.rows import Floats
from tui_embed.engine.scan import Metric


@dataclass(frozen=True, eq=False, slots=True)
class Near:
    """What lies near the point ``place`` in the space: ``scores`` ``(n,)`` of all points by ``metric``, more
    is nearer but for the Euclidean distance; the ``nearest``, and those of them that the map ``torn`` away.
    """

    place: int
    metric: Metric
    scores: Floats
    nearest: tuple[int, ...]
    torn: frozenset[int]


@dataclass(frozen=True, eq=False, slots=True)
class MapLook:
    """A map as it is looked at: the two axes, the point under the cursor, what is near it, and which points
    are ``kept`` ``(n,)``; None are all.
    """

    drawn: PointMap
    plane: tuple[int, int] = (0, 1)
    cursor: int | None = None
    near: Near | None = None
    kept: NDArray[np.bool_] | None = None

    @property
    def points(self) -> Floats:
        """``(n, 2)``."""
        found: Floats = self.drawn.layout.points[:, list(self.plane)]
        return found


class MapLooked(Message):
    """A map is looked at in another way; None where there is none."""

    def __init__(self, look: MapLook | None) -> None:
        super().__init__()
        self.look = look

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, MapLooked)


class PointMoved(Message):
    """The cursor of the list stands at a point."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, PointMoved)


class PointChosen(Message):
    """A point of the list is to be the selection."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place
