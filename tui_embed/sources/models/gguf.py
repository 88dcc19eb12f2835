"""A GGUF file as a checkpoint: its tensors, and what its keys say in the words of a configuration."""

from collections.abc import Mapping
from typing import Any

from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.gguf import NUMBERS
from tui_embed.sources.gguf_header import GgufHeader, GgufTensor, read_gguf_header, tensor_place
from tui_embed.sources.models.architectures import BY_TYPE, Architecture, Placing
from tui_embed.sources.models.config import Config
from tui_embed.sources.models.quantised import QuantisedEncoding, check_quantised
from tui_embed.sources.models.tensors import Encoding, PlainEncoding, StoredTensor
from tui_embed.sources.models.weights import Weights

MERGES, TYPES, SCORES = (f"tokenizer.ggml.{name}" for name in ("merges", "token_type", "scores"))
TOKEN_ROWS, POSITION_ROWS = "token_embd.weight", "position_embd.weight"
OUTPUT_ROWS = "output.weight"


def read_header(file: SourceFile) -> GgufHeader:
    """The header, with what a tokenizer is made of. SourceError."""
    with file.raw() as raw:
        return read_gguf_header(file, raw, frozenset((MERGES, TYPES, SCORES)))


def gguf_weights(file: SourceFile, header: GgufHeader) -> Weights:
    """The tensors; the types of the matrices of tokens are looked at now. TuiEmbedError where those cannot be
    read here.
    """
    for name in (TOKEN_ROWS, POSITION_ROWS):
        tensor = header.tensors.get(name)
        if tensor is not None and tensor.type_id not in NUMBERS and tensor.n_bytes is not None:
            try:
                check_quantised(tensor.type_id)
            except TuiEmbedError as error:
                raise SourceError(file.path, error.message, tensor_place(name), error.hint) from None
    tensors = {name: _stored(file, name, tensor) for name, tensor in header.tensors.items()}
    return Weights(tensors, sum(tensor.size for tensor in tensors.values()))


def _stored(file: SourceFile, name: str, tensor: GgufTensor) -> StoredTensor:
    encoding: Encoding | None = None
    if tensor.type_id in NUMBERS:
        encoding = PlainEncoding(NUMBERS[tensor.type_id])
    elif tensor.n_bytes is not None:
        encoding = QuantisedEncoding(tensor.type_id)
    return StoredTensor(file, name, tensor.shape, tensor.begin, encoding, tensor.type_name)


def architecture_of(header: GgufHeader) -> Architecture:
    """The line of the table that the file's own model has, with GGUF's names for its tensors."""
    known = BY_TYPE.get(header.architecture.replace("-", "_")) or BY_TYPE.get(header.architecture)
    placing: Placing = "unknown" if known is None else known.placing
    if known is None and header.number("rope.freq_base"):
        placing = "rope"
    if POSITION_ROWS in header.tensors:
        placing = "learned"
    elif placing == "learned":
        placing = "none"
    return Architecture(
        title=header.architecture[:40] if known is None else known.title,
        model_types=(),
        tokens=(TOKEN_ROWS,),
        placing=placing,
        positions=(POSITION_ROWS,),
        token_types="token_types.weight",
        norm=("token_embd_norm",),
        outputs=(OUTPUT_ROWS,),
        scale="" if known is None else known.scale,
        # Qwen2 turns pairs half a head apart, and no other way is told in the file
        body="llama-gguf" if header.architecture == "llama" else "",
    )


def config_of(header: GgufHeader) -> Config:
    """The file's keys by the names that configurations have for them."""
    said: Mapping[str, Any] = {
        "model_type": header.architecture,
        "num_hidden_layers": header.number("block_count"),
        "num_attention_heads": header.number("attention.head_count"),
        "num_key_value_heads": header.number("attention.head_count_kv"),
        "rope_type": header.texts.get(f"{header.architecture}.rope.scaling.type"),
        "rms_norm_eps": header.number("attention.layer_norm_rms_epsilon"),
        "max_position_embeddings": header.number("context_length"),
        "rope_theta": header.number("rope.freq_base"),
        "sliding_window": header.number("attention.sliding_window"),
        "layer_norm_eps": header.number("attention.layer_norm_epsilon"),
        "embedding_multiplier": header.number("embedding_scale"),
        "scale_emb": header.number("embedding_scale"),
        # the format leaves out output rows that are those of the tokens
        "tie_word_embeddings": OUTPUT_ROWS not in header.tensors,
    }
    return Config({name: value for name, value in said.items() if value is not None})
