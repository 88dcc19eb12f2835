"""Bytes → spaces, and spaces → bytes: whoever opens a space can save it."""

from os import PathLike

from tui_embed.engine.space import SAVERS, EmbeddingSpace


def _save(space: EmbeddingSpace, path: "str | PathLike[str]") -> None:
    # the formats are imported when the first space is saved
    from tui_embed.sources.convert import write_space

    write_space(space, path)


SAVERS.append(_save)
