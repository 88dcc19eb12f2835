"""How vocabularies write bytes as text, and back: byte-level letters, fallback bytes, spaces as ``▁``."""

import re
from dataclasses import dataclass
from functools import cache

METASPACE = "▁"
_FALLBACK_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


@dataclass(frozen=True, slots=True)
class Writing:
    """How a vocabulary writes its tokens: ``byte_level`` with a letter for each byte (Radford et al. 2019),
    ``byte_fallback`` with ``<0xE5>`` for bytes that no token spells, ``metaspace`` with ``▁`` for a space
    (Kudo and Richardson 2018).
    """

    byte_level: bool = False
    byte_fallback: bool = False
    metaspace: bool = False

    def own_bytes(self, token: str, is_added: bool) -> bytes | None:
        """The bytes that the token itself spells, or None if only the text that it stands in can tell."""
        if is_added:
            return token.encode("utf-8", "surrogatepass") if self.byte_level else None
        if self.byte_level:
            return _byte_level_bytes(token)
        fallback = _FALLBACK_BYTE.fullmatch(token) if self.byte_fallback else None
        return bytes([int(fallback[1], 16)]) if fallback else None

    def shown_bytes(self, token: str, is_added: bool) -> bytes:
        """What the token is shown as where it stands in no text: spaces as spaces; WordPiece tokens keep
        their ``##``, which tells "##s" from "s".
        """
        own = self.own_bytes(token, is_added)
        if own is not None:
            return own
        shown = token.replace(METASPACE, " ") if self.metaspace and not is_added else token
        return shown.encode("utf-8", "surrogatepass")


def no_token(token_id: int) -> bytes:
    """What stands for an id that belongs to no token."""
    return b"<|no token %d|>" % token_id


@cache
def byte_of_letter() -> dict[str, int]:
    """The letter that stands for each byte in byte-level vocabularies (Radford et al. 2019, GPT-2's encoder).

    Bytes that Latin-1 prints stand for themselves; the other 68 take the letters from U+0100 on, in order.
    """
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in shown} | {chr(0x100 + n): byte for n, byte in enumerate(hidden)}


def _byte_level_bytes(token: str) -> bytes:
    letters = byte_of_letter()
    try:
        return bytes([letters[letter] for letter in token])
    except KeyError:  # a token that was put into the vocabulary as plain text
        return token.encode("utf-8", "surrogatepass")
