"""Which tokens spell which characters: a token may hold a part of a character, or several characters."""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui_embed.engine.tokens import Token


@dataclass(frozen=True, slots=True)
class CharacterGroup:
    """Tokens ``start`` … ``stop`` − 1 of the sequence, which together spell the whole characters ``text``.

    A byte that is no part of any UTF-8 character stands in ``text`` as a lone surrogate (PEP 383), which
    :func:`tui_embed.printable.printable` shows as its hex pair.
    """

    start: int
    stop: int
    text: str

    @property
    def is_split(self) -> bool:
        """Whether no single token spells this text."""
        return self.stop - self.start > 1


def character_groups(tokens: Sequence[Token]) -> list[CharacterGroup]:
    """The smallest groups of neighbouring tokens that spell whole characters; they cover all tokens in
    order.
    """
    return list(_groups(tokens))


def _groups(tokens: Sequence[Token]) -> Iterator[CharacterGroup]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    start = 0
    parts: list[str] = []
    for index, token in enumerate(tokens):
        parts.append(decoder.decode(token.bytes))
        unfinished = decoder.getstate()[0]
        if not unfinished:
            yield CharacterGroup(start, index + 1, "".join(parts))
            start = index + 1
            parts.clear()
    if start < len(tokens):
        parts.append(decoder.decode(b"", final=True))
        yield CharacterGroup(start, len(tokens), "".join(parts))
