"""Tokenizers of checkpoints: a ``tokenizer.json``, read by Hugging Face's ``tokenizers`` library.

A token's bytes are what it takes of the text: for byte-level vocabularies (GPT-2's way of writing bytes as
letters) and byte-fallback tokens (``<0xE5>``) the bytes that the token itself spells, for all others the
part of the text that it stands for, before any normalisation such as lower case.
"""

import json
from itertools import accumulate
from pathlib import Path
from typing import Any

from tui_embed.engine.tokens import Token
from tui_embed.errors import TuiEmbedError
from tui_embed.json_values import MOST_VALUES, count_values
from tui_embed.optional import require
from tui_embed.tokenizers.token_bytes import Writing, no_token
from tui_embed.tokenizers.wellformed import wellformed

MOST_BYTES = 128 << 20
"""Of a file: the largest published ones (vocabularies of 256,000) have about 35 MB."""

LONG = 1 << 16
"""Characters of a text that takes noticeable time to split."""


class HFTokenizer:
    """The tokenizer of one ``tokenizer.json``. No special tokens are added, and special tokens written in a
    text are plain text; truncation and padding that the file asks for are switched off.

    Offsets are into the UTF-8 of the text with lone surrogates replaced by U+FFFD. Where the tokenizer
    drops or changes characters (white space, normal forms) the tokens' bytes do not add up to the text.
    """

    def __init__(self, name: str, tokenizer: Any) -> None:
        tokenizer.encode_special_tokens = True
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.name = name
        self._tokenizer = tokenizer
        self._added = {id_: token.content for id_, token in tokenizer.get_added_tokens_decoder().items()}
        self._ids = tokenizer.get_vocab(with_added_tokens=True)
        self.n_vocab = max(self._ids.values(), default=-1) + 1
        self._writing = Writing(
            byte_level=_has_part(tokenizer.decoder, "ByteLevel")
            or _has_part(tokenizer.pre_tokenizer, "ByteLevel"),
            byte_fallback=bool(getattr(tokenizer.model, "byte_fallback", False))
            or _has_part(tokenizer.decoder, "ByteFallback"),
            metaspace=_has_part(tokenizer.decoder, "Metaspace")
            or _has_part(tokenizer.pre_tokenizer, "Metaspace")
            or _has_part(tokenizer.normalizer, "Prepend")
            or _has_part(tokenizer.normalizer, "Replace"),
        )

    @classmethod
    def from_file(cls, path: str | Path) -> "HFTokenizer":
        """Read a ``tokenizer.json``. Raises TuiEmbedError, naming the file, for one that is not a
        tokenizer.
        """
        tokenizers = require("tokenizers", "hf")
        path = Path(path)
        if not path.is_file():
            raise TuiEmbedError(f"{path} is not a file", "give a tokenizer.json or a folder that holds one")
        if path.stat().st_size > MOST_BYTES:
            raise TuiEmbedError(f"{path} is larger than {MOST_BYTES >> 20} MB: no tokenizer.json is")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise TuiEmbedError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
        if count_values(content) > MOST_VALUES:
            raise TuiEmbedError(f"{path} has over {MOST_VALUES:,} values: no tokenizer.json does")
        try:
            return cls(str(path), tokenizers.Tokenizer.from_buffer(content))
        except BaseException as error:
            raise _readable(error, f"{path} is not a tokenizer.json that can be read") from error

    def encode(self, text: str) -> list[Token]:
        """The tokens of ``text``; what the vocabulary lacks has the id of the unknown token.

        Raises TuiEmbedError for a text that a vocabulary without an unknown token cannot spell.
        """
        return self._encoded(text, special=False)

    def encode_framed(self, text: str) -> list[Token]:
        """As :meth:`encode`, with the special tokens that the model wants around a text (``[CLS]`` …
        ``[SEP]``), which take nothing of it.
        """
        return self._encoded(text, special=True)

    def all_token_bytes(self) -> list[bytes]:
        """What every token spells, in id order: n_vocab long; ids that no token has spell ``<|no token
        N|>``.
        """
        spelled = [no_token(id_) for id_ in range(self.n_vocab)]
        for token, id_ in self._ids.items():
            spelled[id_] = self._writing.shown_bytes(token, id_ in self._added)
        return spelled

    def _encoded(self, text: str, special: bool) -> list[Token]:
        text = wellformed(text)
        try:
            encoding = self._split(text, special)
        except BaseException as error:
            raise _readable(error, f"{self.name} cannot split this text") from error
        spelled = [
            self._spelled(id_, token) for id_, token in zip(encoding.ids, encoding.tokens, strict=True)
        ]
        if self._writing.byte_level and b"".join(part or b"" for part in spelled) == text.encode():
            return _chained(encoding.ids, spelled)
        framed = [
            token.encode() if frame else own
            for own, token, frame in zip(spelled, encoding.tokens, encoding.special_tokens_mask, strict=True)
        ]
        return _placed(text, encoding.ids, framed, encoding.offsets)

    def _split(self, text: str, special: bool) -> Any:
        if len(text) <= LONG:
            return self._tokenizer.encode(text, add_special_tokens=special)
        # the library lets other threads go on, such as one that hears Ctrl+C, only while it splits a batch
        return self._tokenizer.encode_batch([text], add_special_tokens=special)[0]

    def _spelled(self, id_: int, token: str) -> bytes | None:
        """The bytes that the token itself spells, or None if only the text can tell."""
        added = self._added.get(id_)
        return self._writing.own_bytes(token if added is None else added, added is not None)


def _readable(error: BaseException, what: str) -> BaseException:
    """A TuiEmbedError for what the library raises: bare Exceptions, and panics without a class to import.

    What is neither, such as KeyboardInterrupt, comes back as it is.
    """
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        return error
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return TuiEmbedError(f"{what}: {reason}")


def _chained(ids: list[int], spelled: list[bytes | None]) -> list[Token]:
    parts = [part or b"" for part in spelled]
    ends = list(accumulate(map(len, parts)))
    return list(map(Token, ids, parts, [0, *ends], ends))


def _placed(
    text: str, ids: list[int], spelled: list[bytes | None], offsets: list[tuple[int, int]]
) -> list[Token]:
    """Tokens at the library's offsets, which count characters. Fallback bytes share the character they
    spell.
    """
    source = text.encode()
    byte_at = [0, *accumulate(len(char.encode()) for char in text)]
    tokens: list[Token] = []
    previous, nth = (-1, -1), 0
    for id_, own, span in zip(ids, spelled, offsets, strict=True):
        start, end = byte_at[span[0]], byte_at[span[1]]
        nth = nth + 1 if span == previous else 0
        previous = span
        if own is not None and len(own) == 1 and start + nth < end:
            start, end = start + nth, start + nth + 1
        tokens.append(Token(id_, source[start:end] if own is None else own, start, end))
    return tokens


def _has_part(component: Any, kind: str) -> bool:
    """Whether a decoder or pre-tokenizer is, or holds, a part of that type; its state is a small JSON
    object.
    """
    if component is None:
        return False
    return f'"type":{json.dumps(kind)}' in component.__getstate__().decode().replace(" ", "")
