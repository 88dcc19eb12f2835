"""What is chosen, and where the person was before."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

Origin = Literal["text", "neighbours", "arithmetic", "find", "start"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen token of the open space, and the position at which it is looked at."""

    token_id: int
    position: int = 0
    origin: Origin = "start"

    def at(self, position: int) -> "Selection":
        return replace(self, position=position)


@dataclass(slots=True)
class History:
    """Selections that can be gone back to, and forward to again."""

    LIMIT: ClassVar[int] = 500
    _past: list[Selection] = field(default_factory=list)
    _future: list[Selection] = field(default_factory=list)

    def visit(self, left: Selection | None) -> None:
        """Remember the selection that is being left; what lay ahead is gone."""
        if left is not None:
            self._past = [*self._past[-self.LIMIT :], left]
        self._future.clear()

    def back(self, current: Selection | None) -> Selection | None:
        return self._move(self._past, self._future, current)

    def forward(self, current: Selection | None) -> Selection | None:
        return self._move(self._future, self._past, current)

    def clear(self) -> None:
        self._past.clear()
        self._future.clear()

    @staticmethod
    def _move(
        source: list[Selection], target: list[Selection], current: Selection | None
    ) -> Selection | None:
        if not source:
            return None
        if current is not None:
            target.append(current)
        return source.pop()
