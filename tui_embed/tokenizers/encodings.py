"""The byte-pair encodings that OpenAI published: split pattern, special tokens, number of ids, ranks.

The values are facts of the encodings, as the ``tiktoken`` package publishes them; the tests compare each
one with tiktoken's own constructors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# GPT-2's pattern, in the possessive form that does not backtrack.
_GPT2_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"

_CL100K_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)

_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_O200K_PATTERN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_CONTRACTION}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_CONTRACTION}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

_O200K_SPECIAL = {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}
_HARMONY_SPECIAL = {
    **_O200K_SPECIAL,
    "<|startoftext|>": 199998,
    "<|return|>": 200002,
    "<|constrain|>": 200003,
    "<|channel|>": 200005,
    "<|start|>": 200006,
    "<|end|>": 200007,
    "<|message|>": 200008,
    "<|call|>": 200012,
    **{
        f"<|reserved_{id_}|>": id_
        for id_ in (200000, 200001, 200004, 200009, 200010, 200011, *range(200013, 201088))
    },
}


@dataclass(frozen=True, slots=True)
class EncodingSpec:
    """What defines one encoding. ``ranks`` names the rank file in ``encodings/`` without its suffix.

    ``n_vocab`` is the largest id + 1, so that ids index rows; ids in between may belong to no token.
    """

    ranks: str
    pattern: str
    special_tokens: Mapping[str, int]
    n_vocab: int


def _spec(ranks: str, pattern: str, special_tokens: dict[str, int], n_vocab: int) -> EncodingSpec:
    return EncodingSpec(ranks, pattern, MappingProxyType(special_tokens), n_vocab)


ENCODINGS: Mapping[str, EncodingSpec] = MappingProxyType(
    {
        "gpt2": _spec("r50k_base", _GPT2_PATTERN, {"<|endoftext|>": 50256}, 50257),
        "r50k_base": _spec("r50k_base", _GPT2_PATTERN, {"<|endoftext|>": 50256}, 50257),
        "p50k_base": _spec("p50k_base", _GPT2_PATTERN, {"<|endoftext|>": 50256}, 50281),
        "p50k_edit": _spec(
            "p50k_base",
            _GPT2_PATTERN,
            {
                "<|endoftext|>": 50256,
                "<|fim_prefix|>": 50281,
                "<|fim_middle|>": 50282,
                "<|fim_suffix|>": 50283,
            },
            50284,
        ),
        "cl100k_base": _spec(
            "cl100k_base",
            _CL100K_PATTERN,
            {
                "<|endoftext|>": 100257,
                "<|fim_prefix|>": 100258,
                "<|fim_middle|>": 100259,
                "<|fim_suffix|>": 100260,
                "<|endofprompt|>": 100276,
            },
            100277,
        ),
        "o200k_base": _spec("o200k_base", _O200K_PATTERN, _O200K_SPECIAL, 200019),
        "o200k_harmony": _spec("o200k_base", _O200K_PATTERN, _HARMONY_SPECIAL, 201088),
    }
)

RANKS_SHA256: Mapping[str, str] = MappingProxyType(
    {
        "r50k_base": "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        "p50k_base": "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
        "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    }
)
