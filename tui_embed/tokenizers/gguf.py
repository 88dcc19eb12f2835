"""Tokenizers of GGUF files, whose keys say what Hugging Face's ``tokenizers`` library is to be given.

How a text is cut into words before pairs are merged is only named in the file; llama.cpp has the patterns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tui_embed.errors import TuiEmbedError
from tui_embed.optional import require
from tui_embed.tokenizers.hf import HFTokenizer
from tui_embed.tokenizers.token_bytes import METASPACE

BYTE_LEVEL, SENTENCEPIECE = "gpt2", "llama"
KINDS = (BYTE_LEVEL, SENTENCEPIECE)
"""The models of tokenizers, by the names that the format has for them, of which a tokenizer is made here."""

_NORMAL = 1
CONTROL, USER_DEFINED, BYTE = 3, 4, 6
"""Types of tokens."""

LONGEST_WHOLE = 128
"""Letters of a token that pairs are merged to; SentencePiece makes none of more than 16 unless told to."""

MOST_SPLITS = 1 << 23
MOST_MERGES = 1 << 20
"""Places where tokens may be parted, and pairs that may be merged: those of Gemma, a vocabulary of 256,000,
have 2 million and 600,000.
"""

_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{%s}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_SPLITS: Mapping[str, tuple[str, bool]] = {
    **dict.fromkeys(("gpt-2", "mpt", "olmo", "jais", "phi-2"), ("", False)),
    **dict.fromkeys(("smollm", "starcoder", "refact", "command-r", "codeshell"), ("", True)),
    **dict.fromkeys(("llama-bpe", "llama3", "llama-v3", "dbrx", "smaug-bpe"), (_LLAMA3 % "1,3", False)),
    **dict.fromkeys(("qwen2", "qwen35", "stablelm2"), (_LLAMA3 % "1", False)),
}
"""For each name: the pattern, GPT-2's where it is empty, and whether each digit stands alone."""

_LLAMA3_NAMES = frozenset(("llama-bpe", "llama3", "llama-v3"))
"""Llama 3's names: a word that is a token is not merged from pairs, and texts begin with a token of their own
where the file does not say.
"""


@dataclass(frozen=True, eq=False, slots=True)
class GgufTokens:
    """What a file says of its tokenizer: its ``model``, the name ``pre`` of how texts are cut, the tokens as
    they are written, and what comes with each.
    """

    model: str
    pre: str
    tokens: Sequence[bytes]
    types: Sequence[int]
    scores: Sequence[float]
    merges: Sequence[bytes]
    add_space_prefix: bool = True
    bos: int | None = None
    """The token that a text begins with, where the model wants one."""

    @property
    def is_exact(self) -> bool:
        """Whether it is known here how its texts are cut."""
        return self.model == SENTENCEPIECE or self.pre in _SPLITS

    @property
    def n_too_long(self) -> int:
        """How many tokens are too long to be merged from pairs, so that no text is split into them."""
        if self.model != SENTENCEPIECE:
            return 0
        too_long = (
            token_id
            for token_id, token in enumerate(self.tokens)
            # bytes first: most need not be decoded
            if len(token) > LONGEST_WHOLE and len(token.decode("utf-8", "replace")) > LONGEST_WHOLE
        )
        types = self.types
        return sum(token_id >= len(types) or types[token_id] == _NORMAL for token_id in too_long)


def begins_unless_said(model: str, pre: str) -> bool:
    """Whether a text begins with a token of its own where the file does not say, as in llama.cpp."""
    return model != BYTE_LEVEL or pre in _LLAMA3_NAMES


def gguf_tokenizer(name: str, given: GgufTokens) -> HFTokenizer:
    """The tokenizer that a file's keys describe, of a model among ``KINDS``. TuiEmbedError."""
    library = require("tokenizers", "hf")
    texts = [token.decode("utf-8", "replace") for token in given.tokens]
    made = _byte_level(library, given, texts) if given.model == BYTE_LEVEL else _pieces(library, given, texts)
    special = [
        library.AddedToken(texts[token_id], special=True, normalized=False)
        for token_id, kind in enumerate(given.types[: len(texts)])
        if kind in (CONTROL, USER_DEFINED) and texts[token_id]
    ]
    made.add_special_tokens(special)
    if given.bos is not None and 0 <= given.bos < len(texts):
        # by a name of ours: templates have a syntax, which the token's own text may be mistaken for
        begin = {"id": "begin", "ids": [given.bos], "tokens": [texts[given.bos]]}
        made.post_processor = library.processors.TemplateProcessing(
            single=["begin", "$A"], special_tokens=[begin]
        )
    return HFTokenizer(name, made)


def _byte_level(library: ModuleType, given: GgufTokens, texts: Sequence[str]) -> Any:
    vocabulary = _ids(texts)
    pairs = (merge.decode("utf-8", "replace").partition(" ") for merge in given.merges)
    merges = [(left, right) for left, _, right in pairs if _is_merge(left, right, vocabulary)]
    model = library.models.BPE(vocab=vocabulary, merges=merges, ignore_merges=given.pre in _LLAMA3_NAMES)
    made = library.Tokenizer(model)
    cut = library.pre_tokenizers
    pattern, digits_alone = _SPLITS.get(given.pre, ("", False))
    parts = [cut.Digits(individual_digits=True)] if digits_alone else []
    if pattern:
        parts.append(cut.Split(library.Regex(pattern), behavior="isolated"))
    parts.append(cut.ByteLevel(add_prefix_space=False, use_regex=not pattern))
    made.pre_tokenizer = cut.Sequence(parts)
    made.decoder = library.decoders.ByteLevel()
    return made


def _pieces(library: ModuleType, given: GgufTokens, texts: Sequence[str]) -> Any:
    vocabulary = _ids(texts)
    merges = _ranked(vocabulary, texts, given.scores)
    unknown = next((text for text, kind in zip(texts, given.types, strict=False) if kind == 2), None)
    model = library.models.BPE(
        vocab=vocabulary, merges=merges, byte_fallback=True, fuse_unk=True, unk_token=unknown
    )
    made = library.Tokenizer(model)
    normal = library.normalizers
    spaces = [normal.Replace(" ", METASPACE)]
    made.normalizer = normal.Sequence(
        [normal.Prepend(METASPACE), *spaces] if given.add_space_prefix else spaces
    )
    made.decoder = library.decoders.ByteFallback()
    return made


def _ranked(
    vocabulary: Mapping[str, int], texts: Sequence[str], scores: Sequence[float]
) -> list[tuple[str, str]]:
    """SentencePiece's pairs: the one whose whole has the best score is merged first.

    TuiEmbedError for more of them than any vocabulary has: n letters of one kind, in tokens of each length,
    would make n² / 2.
    """
    wholes = [(text, token_id) for text, token_id in vocabulary.items() if len(text) <= LONGEST_WHOLE]
    if sum(len(text) for text, _ in wholes) > MOST_SPLITS:
        raise TuiEmbedError(f"the file's tokens have over {MOST_SPLITS:,} letters, more than any tokenizer's")
    score_of = dict(zip(texts, scores, strict=False))
    ranked: list[tuple[float, int, int, int]] = []
    for text, token_id in wholes:
        score = -score_of.get(text, 0.0)
        for at in range(1, len(text)):
            left = vocabulary.get(text[:at])
            right = None if left is None else vocabulary.get(text[at:])
            if left is not None and right is not None:
                ranked.append((score, token_id, left, right))
        if len(ranked) > MOST_MERGES:
            what = f"the file's tokens come from over {MOST_MERGES:,} pairs, more than any tokenizer's"
            raise TuiEmbedError(what)
    ranked.sort()
    return [(texts[left], texts[right]) for *_, left, right in ranked]


def _ids(texts: Sequence[str]) -> dict[str, int]:
    """The id of each text, the first of those that are alike."""
    ids: dict[str, int] = {}
    for token_id, text in enumerate(texts):
        ids.setdefault(text, token_id)
    return ids


def _is_merge(left: str, right: str, vocabulary: Mapping[str, int]) -> bool:
    return bool(left and right) and left in vocabulary and right in vocabulary and left + right in vocabulary
