"""Spaces that were made in this process, found by name like any other."""

from tui_embed.engine.space import EmbeddingSpace

_SPACES: dict[str, EmbeddingSpace] = {}


def remember(space: EmbeddingSpace) -> None:
    """Let the space be opened by its name as long as this process lives; a later one of that name goes
    before.
    """
    _SPACES[space.name] = space


def remembered() -> list[EmbeddingSpace]:
    """The spaces that were remembered, the last first."""
    return list(_SPACES.values())[::-1]


def made_here(name: str) -> EmbeddingSpace | None:
    """The space of that name that was made in this process."""
    return _SPACES.get(name)
