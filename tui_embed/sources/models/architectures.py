"""Where each kind of model keeps its input layer: one table, by the names that the model libraries write.

A tensor is looked for behind whatever stands before it (``model.``, ``transformer.``, ``roberta.``), so that
a bare model and one with a head are the same to us. What is in no line of the table is found by its shape.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Placing = Literal["learned", "sinusoidal", "rope", "alibi", "relative", "none", "unknown"]
"""How a model knows where a token stands."""

BodyKind = Literal["bert", "distilbert", "gpt2", "llama", "llama-gguf", ""]
"""Which forward pass fits, if one does."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """``model_types`` are those of a configuration. ``offset`` rows of the position matrix come before that
    of position 0; AFTER_PADDING where the padding token's id says how many. ``scale`` is the key of the
    configuration that rows are multiplied by, ``"sqrt"`` for √d_model, or ``SCALE_FLAG`` for that where
    the configuration sets it.
    """

    title: str
    model_types: tuple[str, ...]
    tokens: tuple[str, ...]
    placing: Placing
    positions: tuple[str, ...] = ()
    offset: int = 0
    token_types: str = ""
    norm: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    scale: str = ""
    epsilon: float = 1e-12
    """Of ``norm``, where the configuration does not say."""
    body: BodyKind = ""


AFTER_PADDING = -1
SCALE_FLAG = "scale_embedding"

_EMBED = ("embed_tokens.weight",)
_WORDS = ("embeddings.word_embeddings.weight",)
_HEAD = ("lm_head.weight",)
_BERT_HEAD = ("cls.predictions.decoder.weight", "lm_head.decoder.weight", "vocab_projector.weight")
_BERT_NORM = ("embeddings.LayerNorm", "embeddings.layernorm")


def _rope(title: str, *model_types: str, scale: str = "", body: BodyKind = "") -> Architecture:
    """The line of most models since 2023: rows alone, and positions by rotation."""
    return Architecture(title, model_types, _EMBED, "rope", outputs=_HEAD, scale=scale, body=body)


def _bert(title: str, *model_types: str, offset: int = 0) -> Architecture:
    return Architecture(
        title,
        model_types,
        _WORDS,
        "learned",
        ("embeddings.position_embeddings.weight",),
        offset,
        "embeddings.token_type_embeddings.weight",
        _BERT_NORM,
        _BERT_HEAD,
        body="bert",
    )


ARCHITECTURES: tuple[Architecture, ...] = (
    Architecture("GPT-2", ("gpt2",), ("wte.weight",), "learned", ("wpe.weight",), outputs=_HEAD, body="gpt2"),
    Architecture(
        "GPT-Neo", ("gpt_neo", "gpt_bigcode"), ("wte.weight",), "learned", ("wpe.weight",), outputs=_HEAD
    ),
    Architecture("GPT-J", ("gptj", "codegen"), ("wte.weight",), "rope", outputs=_HEAD),
    Architecture("GPT-NeoX", ("gpt_neox",), ("embed_in.weight",), "rope", outputs=("embed_out.weight",)),
    Architecture("MPT", ("mpt",), ("wte.weight",), "alibi", outputs=_HEAD),
    _bert("BERT", "bert"),
    _bert("RoBERTa", "roberta", "xlm-roberta", "camembert", offset=AFTER_PADDING),
    _bert("ELECTRA", "electra"),
    Architecture(
        "DistilBERT",
        ("distilbert",),
        _WORDS,
        "learned",
        ("embeddings.position_embeddings.weight",),
        norm=_BERT_NORM,
        outputs=_BERT_HEAD,
        body="distilbert",
    ),
    Architecture(
        "ALBERT",
        ("albert",),
        _WORDS,
        "learned",
        ("embeddings.position_embeddings.weight",),
        token_types="embeddings.token_type_embeddings.weight",
        norm=_BERT_NORM,
    ),
    Architecture(
        "MPNet",
        ("mpnet",),
        _WORDS,
        "learned",
        ("embeddings.position_embeddings.weight",),
        offset=AFTER_PADDING,
        norm=_BERT_NORM,
        outputs=_BERT_HEAD,
    ),
    Architecture(
        "ModernBERT",
        ("modernbert",),
        ("embeddings.tok_embeddings.weight",),
        "rope",
        norm=("embeddings.norm",),
        epsilon=1e-5,
        outputs=("decoder.weight",),
    ),
    Architecture(
        "OPT",
        ("opt",),
        ("decoder.embed_tokens.weight",),
        "learned",
        ("decoder.embed_positions.weight",),
        offset=2,
        outputs=_HEAD,
    ),
    Architecture(
        "BLOOM",
        ("bloom",),
        ("word_embeddings.weight",),
        "alibi",
        norm=("word_embeddings_layernorm",),
        epsilon=1e-5,
        outputs=_HEAD,
    ),
    Architecture("Falcon", ("falcon",), ("word_embeddings.weight",), "rope", outputs=_HEAD),
    Architecture("T5", ("t5", "mt5", "umt5"), ("shared.weight",), "relative", outputs=_HEAD),
    Architecture(
        "BART",
        ("bart", "mbart"),
        ("shared.weight",),
        "learned",
        ("encoder.embed_positions.weight",),
        offset=2,
        norm=("encoder.layernorm_embedding",),
        outputs=_HEAD,
        scale=SCALE_FLAG,
        epsilon=1e-5,
    ),
    Architecture(
        "CLIP",
        ("clip", "clip_text_model"),
        ("embeddings.token_embedding.weight",),
        "learned",
        ("text_model.embeddings.position_embedding.weight",),
    ),
    Architecture("InternLM2", ("internlm2",), ("tok_embeddings.weight",), "rope", outputs=("output.weight",)),
    _rope("Llama", "llama", body="llama"),
    _rope("Llama", "llama4", "llama4_text", "smollm3"),
    _rope("Mistral", "mistral", body="llama"),
    _rope("Mistral", "mixtral", "ministral", "mistral3"),
    _rope("Qwen", "qwen2", body="llama"),
    _rope("Qwen", "qwen2_moe", "qwen3", "qwen3_moe", "qwen3_next"),
    _rope("Qwen", "qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"),
    _rope(
        "Gemma",
        *("gemma", "gemma2", "gemma3", "gemma3_text", "gemma3n", "gemma3n_text"),
        scale="sqrt",
    ),
    _rope("Phi", "phi", "phi3", "phimoe", "phi4_multimodal"),
    _rope("OLMo", "olmo", "olmo2", "olmo3", "olmoe"),
    _rope("Granite", "granite", "granitemoe", scale="embedding_multiplier"),
    _rope("MiniCPM", "minicpm", "minicpm3", scale="scale_emb"),
    _rope("DeepSeek", "deepseek_v2", "deepseek_v3"),
    _rope("Cohere", "cohere", "cohere2"),
    _rope("StarCoder 2", "starcoder2"),
    _rope("StableLM", "stablelm"),
    _rope("gpt-oss", "gpt_oss"),
    _rope("GLM", "glm", "glm4", "glm4_moe"),
)

BY_TYPE = {
    model_type: architecture for architecture in ARCHITECTURES for model_type in architecture.model_types
}

OWN_OUTPUT = frozenset(
    (
        *("gptj", "codegen", "gpt_neox", "internlm2"),
        *("llama", "llama4", "llama4_text", "mistral", "mixtral", "ministral", "mistral3"),
        *("qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "qwen3_next"),
        *("qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"),
        *("phi", "phi3", "phimoe", "phi4_multimodal"),
        *("olmo", "olmo2", "olmo3", "olmoe", "granite", "granitemoe"),
        *("deepseek_v2", "deepseek_v3"),
        *("stablelm", "gpt_oss", "glm", "glm4", "glm4_moe"),
    )
)
"""Model types whose output rows are their own where a configuration does not say: what is so by default is
often left out of it.
"""

NAMES_BY_SHAPE = ("embed", "emb", "wte", "tok", "shared", "word")
"""What a matrix of tokens has in its name, in a model that the table does not have."""

MARKS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("wte.weight", "wpe.weight"), "gpt2"),
    (("embeddings.word_embeddings.weight", "embeddings.token_type_embeddings.weight"), "bert"),
    (("embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"), "distilbert"),
    (("embed_in.weight", "embed_out.weight"), "gpt_neox"),
    (("decoder.embed_tokens.weight", "decoder.embed_positions.weight"), "opt"),
    (("embed_tokens.weight", "layers.0.self_attn.q_proj.weight"), "llama"),
    (("embed_tokens.weight", "layers.0.self_attn.qkv_proj.weight"), "phi3"),
)
"""Tensors that together tell what a checkpoint without a configuration is."""


def by_marks(names: Iterable[str]) -> Architecture | None:
    """The architecture that tensors of these names are of, as far as names can tell."""
    known = list(names)

    def has(suffix: str) -> bool:
        return any(name == suffix or name.endswith(f".{suffix}") for name in known)

    kind = next((kind for marks, kind in MARKS if all(map(has, marks))), None)
    return None if kind is None else BY_TYPE[kind]


def tied_by_default(model_type: str) -> bool | None:
    """Whether ``W_E`` gives the scores of such a model where its configuration does not say; None for a type
    that is not in the table.
    """
    return model_type not in OWN_OUTPUT if model_type in BY_TYPE else None


def placing_note(placing: Placing, theta: float | None = None) -> str:
    """Why a model has no position rows, for a person."""
    if placing == "rope":
        by = f" (θ {theta:,.0f})" if theta else ""
        return (
            f"RoPE{by}: each layer rotates queries and keys by the position; no row is added to the token's"
        )
    if placing == "alibi":
        return "ALiBi: attention is weakened by distance; no row is added to the token's"
    if placing == "relative":
        return "relative positions: attention has a bias for each distance; no row is added to the token's"
    if placing == "unknown":
        return "how this kind of model places tokens is not known here"
    return "no position rows are in it"
