"""A tokenizer that is made when the first text is split: a large one takes longer than opening its model."""

import threading
from collections.abc import Callable

from tui_embed.engine.tokens import Token
from tui_embed.tokenizers.hf import HFTokenizer


class LazyTokenizer:
    """Splits as what ``make`` gives; a token of an id beyond ``n_vocab`` rows has none."""

    def __init__(self, name: str, n_vocab: int, make: Callable[[], HFTokenizer]) -> None:
        self.name = name
        self.n_vocab = n_vocab
        self._make = make
        self._made: HFTokenizer | None = None
        self._lock = threading.Lock()

    def encode(self, text: str) -> list[Token]:
        """As :meth:`HFTokenizer.encode`; TuiEmbedError also where the tokenizer cannot be made."""
        return [self._within(token) for token in self._whole().encode(text)]

    def encode_framed(self, text: str) -> list[Token]:
        """As :meth:`HFTokenizer.encode_framed`."""
        return [self._within(token) for token in self._whole().encode_framed(text)]

    def _whole(self) -> HFTokenizer:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _within(self, token: Token) -> Token:
        """``token``, without an id where the model has no row of it."""
        if token.id is None or token.id < self.n_vocab:
            return token
        return Token(None, token.bytes, token.start, token.end)
