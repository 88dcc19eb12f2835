"""Tokenizers of GGUF files, whose keys say what Hugging Face's ``tokenizers`` library is to be given.

How a text is cut into words before pairs are merged is only named in the file; llama.cpp has the patterns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tui_embed.optional import require
from tui_embed.tokenizers.hf import HFTokenizer
from tui_embed.tokenizers.token_bytes import METASPACE

BYTE_LEVEL, SENTENCEPIECE = "gpt2", "llama"
KINDS = (BYTE_LEVEL, SENTENCEPIECE)
"""The models of tokenizers, by the names that the format has for them, of which a tokenizer is made here."""

CONTROL, USER_DEFINED, BYTE = 3, 4, 6
"""Types of tokens."""

_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{%s}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_SPLITS: Mapping[str, tuple[str, bool]] = {
    **dict.fromkeys(("gpt-2", "mpt", "olmo", "jais", "phi-2", "default"), ("", False)),
    **dict.fromkeys(("smollm", "starcoder", "refact", "command-r", "codeshell"), ("", True)),
    **dict.fromkeys(("llama-bpe", "llama3", "llama-v3", "dbrx", "smaug-bpe"), (_LLAMA3 % "1,3", False)),
    **dict.fromkeys(("qwen2", "qwen35", "stablelm2"), (_LLAMA3 % "1", False)),
}
"""For each name: the pattern, GPT-2's where it is empty, and whether each digit stands alone."""


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
        begin = texts[given.bos]
        made.post_processor = library.processors.TemplateProcessing(
            single=[begin, "$A"], special_tokens=[(begin, given.bos)]
        )
    return HFTokenizer(name, made)


def _byte_level(library: ModuleType, given: GgufTokens, texts: Sequence[str]) -> Any:
    vocabulary = _ids(texts)
    pairs = (merge.decode("utf-8", "replace").partition(" ") for merge in given.merges)
    merges = [(left, right) for left, _, right in pairs if _is_merge(left, right, vocabulary)]
    made = library.Tokenizer(library.models.BPE(vocab=vocabulary, merges=merges))
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
    """SentencePiece's pairs: the one whose whole has the best score is merged first."""
    vocabulary = _ids(texts)
    scores = dict(zip(texts, given.scores, strict=False))
    ranked = []
    for text, token_id in vocabulary.items():
        for at in range(1, len(text)):
            if _is_merge(text[:at], text[at:], vocabulary):
                parts = (vocabulary[text[:at]], vocabulary[text[at:]])
                ranked.append((-scores.get(text, 0.0), token_id, parts, (text[:at], text[at:])))
    ranked.sort(key=lambda merge: merge[:3])
    merges = [merge for *_, merge in ranked]
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


def _ids(texts: Sequence[str]) -> dict[str, int]:
    """The id of each text, the first of those that are alike."""
    ids: dict[str, int] = {}
    for token_id, text in enumerate(texts):
        ids.setdefault(text, token_id)
    return ids


def _is_merge(left: str, right: str, vocabulary: Mapping[str, int]) -> bool:
    return bool(left and right) and left in vocabulary and right in vocabulary and left + right in vocabulary
