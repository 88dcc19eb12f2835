"""What is chosen, and where the person was before."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen

Origin = Literal["text", "neighbours", "arithmetic", "find", "map", "model", "start"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is chosen of the open space, a token or a word without a row, and the position at which it is
    looked at.
    """

    chosen: Chosen
    position: int = 0
    origin: Origin = "start"

    def at(self, position: int) -> "Selection":
        return replace(self, position=position)

    @property
    def token_id(self) -> int | None:
        """The id of the chosen token; None for a word without a row."""
        return self.chosen if isinstance(self.chosen, int) else None

    @property
    def key(self) -> int | str:
        """What tells two selections apart, wherever they are looked at."""
        return self.chosen if isinstance(self.chosen, int) else self.chosen.word

    def is_of(self, space: EmbeddingSpace) -> bool:
        """Whether ``space`` has it."""
        if isinstance(self.chosen, int):
            return self.chosen < len(space)
        return space.subwords is not None and len(self.chosen.vector) == space.d_model

    def spelled(self, space: EmbeddingSpace) -> bytes | str:
        """How it is spelled: text from outside."""
        if isinstance(self.chosen, int):
            return space.vocabulary.token_bytes(self.chosen)
        return self.chosen.word

    @property
    def kind(self) -> str:
        """What it is besides its spelling: ``id 691``, or ``composed``."""
        return f"id {self.chosen}" if isinstance(self.chosen, int) else "composed"


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


def counterpart(space: EmbeddingSpace, token: str | None) -> int | None:
    """The id in ``space`` of a token of another space, with or without the space before it."""
    if token is None:
        return None
    for form in (token, f" {token}", token.strip(), token.strip().lower()):
        found = space.vocabulary.get(form) if form else None
        if found is not None:
            return found
    return None
