"""What a tokenizer is and what it returns."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text.

    ``id`` is None for a piece of text that the vocabulary does not have. ``bytes`` is what the token spells,
    ``start`` and ``end`` are byte offsets into the UTF-8 of the text: a token may hold part of a character.
    """

    id: int | None
    bytes: bytes
    start: int
    end: int


class Tokenizer(Protocol):
    """Text to token ids and back."""

    @property
    def name(self) -> str: ...

    @property
    def n_vocab(self) -> int: ...

    def encode(self, text: str) -> list[Token]:
        """Split ``text``; special tokens written in it are plain text. Never raises for any str."""
        ...


def framed(tokenizer: Tokenizer, text: str) -> list[Token]:
    """The tokens of ``text`` as a model reads it, with the special tokens around it that it wants, which take
    nothing of the text. TuiEmbedError for a text that cannot be split.
    """
    encode_framed = getattr(tokenizer, "encode_framed", None)
    tokens: list[Token] = tokenizer.encode(text) if encode_framed is None else encode_framed(text)
    return tokens


def n_before(tokenizer: Tokenizer, text: str) -> int:
    """How many special tokens a model wants before ``text``: they have the first positions."""
    return next((place for place, token in enumerate(framed(tokenizer, text)) if token.end > token.start), 0)
