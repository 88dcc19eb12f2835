"""OpenAI's byte-pair encodings, built from the bundled ranks: no network, no cache folder."""

import binascii
import hashlib
import threading
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from tui_embed.engine.tokens import Token
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.tokenizers.encodings import ENCODINGS, RANKS_SHA256, EncodingSpec
from tui_embed.tokenizers.wellformed import wellformed

if TYPE_CHECKING:
    import tiktoken

# tiktoken's regex engine keeps one state per character of a white-space run and panics at a million of
# them. The second form matches the same text: it takes 1,000 characters at a time while at least two more
# follow, so that what the original takes back, one character, is still there to be taken back.
_SPACE_RUN = r"\s+(?!\S)"
_SPACE_RUN_IN_STEPS = r"(?>\s{1000}(?=\s\s))*+\s+(?!\S)"


class BPETokenizer:
    """One encoding, by its published name.

    A lone surrogate, which has no UTF-8 form, is read as U+FFFD, so offsets are into the UTF-8 of the text
    after that replacement. Ids that no token has (o200k_base: 199998, 200000–200017; cl100k_base: 100256,
    100261–100275) spell the placeholder ``<|no token N|>``.
    """

    def __init__(self, name: str, spec: EncodingSpec) -> None:
        self.name = name
        self.n_vocab = spec.n_vocab
        ranks = _ranks(spec.ranks)
        self._special_ids = frozenset(spec.special_tokens.values())
        self._unused_ids = frozenset(range(spec.n_vocab)).difference(ranks.values(), self._special_ids)
        self._encoding = _encoding(name, spec, ranks)
        # the encoding made tables of its own from them: a hundred thousand objects need not stay twice
        ranks.clear()

    def encode(self, text: str) -> list[Token]:
        """The tokens of ``text``; special tokens written in it are plain text."""
        return self._tokens(self._ids(text, special=False))

    def encode_special(self, text: str) -> list[Token]:
        """The tokens of ``text``; special tokens written in it get their special id."""
        return self._tokens(self._ids(text, special=True))

    def token_bytes(self, token_id: int) -> bytes:
        """What the token spells. Raises UsageError for an id outside 0 … n_vocab − 1."""
        if not 0 <= token_id < self.n_vocab:
            raise UsageError(
                f"{self.name} has no token id {token_id}", f"ids run from 0 to {self.n_vocab - 1}"
            )
        if token_id in self._unused_ids:
            return f"<|no token {token_id}|>".encode()
        return self._encoding.decode_single_token_bytes(token_id)

    def all_token_bytes(self) -> list[bytes]:
        """What every token spells, in id order: n_vocab long, placeholders included, no two alike."""
        return list(map(self.token_bytes, range(self.n_vocab)))

    def is_special(self, token_id: int) -> bool:
        """Whether the id is a special token's."""
        return token_id in self._special_ids

    def is_unused(self, token_id: int) -> bool:
        """Whether the id lies within the vocabulary but belongs to no token."""
        return token_id in self._unused_ids

    def _ids(self, text: str, special: bool) -> list[int]:
        try:
            if special:
                return self._encoding.encode(wellformed(text), allowed_special="all")
            return self._encoding.encode_ordinary(wellformed(text))
        except BaseException as error:
            # a panic of tiktoken's Rust code arrives as a BaseException whose class cannot be imported
            if type(error).__name__ != "PanicException":
                raise
            raise TuiEmbedError(
                f"{self.name} cannot split this text of {len(text):,} characters", "try a shorter piece of it"
            ) from error

    def _tokens(self, ids: list[int]) -> list[Token]:
        spelled = self._encoding.decode_tokens_bytes(ids)
        ends = list(accumulate(map(len, spelled)))
        return list(map(Token, ids, spelled, [0, *ends], ends))


_building = threading.Lock()


def bpe_tokenizer(name: str) -> BPETokenizer:
    """The encoding called ``name`` (a key of ENCODINGS), built once and shared between threads.

    Raises KeyError for another name, TuiEmbedError if the bundled ranks are missing or damaged.
    """
    with _building:
        return _build(name)


@cache
def _build(name: str) -> BPETokenizer:
    return BPETokenizer(name, ENCODINGS[name])


def _encoding(name: str, spec: EncodingSpec, ranks: dict[bytes, int]) -> "tiktoken.Encoding":
    import tiktoken

    dense = len(ranks) + len(spec.special_tokens) == spec.n_vocab
    return tiktoken.Encoding(
        name,
        pat_str=spec.pattern.replace(_SPACE_RUN, _SPACE_RUN_IN_STEPS),
        mergeable_ranks=ranks,
        special_tokens=dict(spec.special_tokens),
        explicit_n_vocab=spec.n_vocab if dense else None,
    )


def _ranks(name: str) -> dict[bytes, int]:
    """Token bytes → rank, from lines of "base64 rank"."""
    from tui_embed.locations import asset

    path = asset("encodings", f"{name}.tiktoken")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != RANKS_SHA256[name]:
        raise TuiEmbedError(f"{path} is damaged: its sha256 is not {name}'s", "install tui-embed again")
    fields = data.split()
    return dict(zip(map(binascii.a2b_base64, fields[::2]), map(int, fields[1::2]), strict=True))
