"""Small checkpoints as model hubs lay them out, written by the reference implementation of their format."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy as reference

from tui_embed.engine.rows import Floats

Arrays = dict[str, Any]

WORDS = ["the", "king", "queen", "sat", "on", "a", "bank", "of", "river", "money", "and", "."]
BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"[unused{i}]" for i in range(8)), *WORDS, "##s", "猫"]
D, CONTEXT, HEADS, LAYERS = 16, 32, 4, 2


def arrays(shapes: Mapping[str, Sequence[int]], seed: int = 0) -> Arrays:
    """Random numbers of each shape; norms are near 1 and biases near 0, as in a model."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, shape in shapes.items():
        array = rng.normal(size=shape).astype(np.float32) * np.float32(0.3)
        is_norm = "norm" in name.lower() or ".ln_" in name
        made[name] = array + 1 if is_norm and name.endswith("weight") else array
    return made


def bert_arrays(
    n_vocab: int = len(BERT_TOKENS), d: int = D, layers: int = LAYERS, prefix: str = ""
) -> Arrays:
    """The parameters of a BERT."""
    shapes: dict[str, Sequence[int]] = {
        "embeddings.word_embeddings.weight": (n_vocab, d),
        "embeddings.position_embeddings.weight": (CONTEXT, d),
        "embeddings.token_type_embeddings.weight": (2, d),
        "embeddings.LayerNorm.weight": (d,),
        "embeddings.LayerNorm.bias": (d,),
    }
    for layer in range(layers):
        for part in ("attention.self.query", "attention.self.key", "attention.self.value"):
            shapes |= _linear(f"encoder.layer.{layer}.{part}", d, d)
        shapes |= _linear(f"encoder.layer.{layer}.attention.output.dense", d, d)
        shapes |= _linear(f"encoder.layer.{layer}.intermediate.dense", 2 * d, d)
        shapes |= _linear(f"encoder.layer.{layer}.output.dense", d, 2 * d)
        shapes |= _linear(f"encoder.layer.{layer}.attention.output.LayerNorm", d)
        shapes |= _linear(f"encoder.layer.{layer}.output.LayerNorm", d)
    return {f"{prefix}{name}": array for name, array in arrays(shapes).items()}


def gpt2_arrays(n_vocab: int, d: int = D, layers: int = LAYERS, prefix: str = "") -> Arrays:
    """The parameters of a GPT-2, whose matrices have a row for each input."""
    shapes: dict[str, Sequence[int]] = {"wte.weight": (n_vocab, d), "wpe.weight": (CONTEXT, d)}
    for layer in range(layers):
        for part, wide, to in (
            ("attn.c_attn", d, 3 * d),
            ("attn.c_proj", d, d),
            ("mlp.c_fc", d, 4 * d),
            ("mlp.c_proj", 4 * d, d),
        ):
            shapes |= _linear(f"h.{layer}.{part}", wide, to) | {f"h.{layer}.{part}.bias": (to,)}
        shapes |= _linear(f"h.{layer}.ln_1", d) | _linear(f"h.{layer}.ln_2", d)
    shapes |= _linear("ln_f", d)
    return {f"{prefix}{name}": array for name, array in arrays(shapes).items()}


def llama_arrays(n_vocab: int, d: int = D, layers: int = LAYERS, separate: bool = True) -> Arrays:
    """The parameters of a Llama; ``separate`` gives it output rows of its own."""
    shapes: dict[str, Sequence[int]] = {"model.embed_tokens.weight": (n_vocab, d)}
    for layer in range(layers):
        at = f"model.layers.{layer}"
        shapes |= {f"{at}.self_attn.{part}_proj.weight": (d, d) for part in "qkvo"}
        shapes |= {f"{at}.mlp.{part}_proj.weight": (2 * d, d) for part in ("gate", "up")}
        shapes |= {f"{at}.mlp.down_proj.weight": (d, 2 * d)}
        shapes |= {f"{at}.{part}_layernorm.weight": (d,) for part in ("input", "post_attention")}
    shapes |= {"model.norm.weight": (d,)}
    shapes |= {"lm_head.weight": (n_vocab, d)} if separate else {}
    return arrays(shapes)


def write_folder(
    folder: Path, tensors: Arrays, config: Mapping[str, Any] | None = None, **files: Any
) -> Path:
    """A checkpoint of one file of weights; ``files`` are JSON, by their names without the ending."""
    folder.mkdir(parents=True, exist_ok=True)
    reference.save_file(
        {name: np.ascontiguousarray(array) for name, array in tensors.items()}, folder / "model.safetensors"
    )
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def write_shards(
    folder: Path, tensors: Arrays, config: Mapping[str, Any], n_files: int = 3, **files: Any
) -> Path:
    """The same in ``n_files`` files with an index."""
    write_folder(folder, {}, config, **files)
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    weight_map = {}
    for number in range(n_files):
        file = f"model-{number + 1:05}-of-{n_files:05}.safetensors"
        part = {name: np.ascontiguousarray(tensors[name]) for name in names[number::n_files]}
        reference.save_file(part, folder / file)
        weight_map |= dict.fromkeys(part, file)
    index = {"metadata": {"total_size": 1}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def wordpiece(tokens: Sequence[str] = BERT_TOKENS) -> dict[str, Any]:
    """A ``tokenizer.json`` of BERT's kind."""
    special = [token for token in tokens if token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")]
    ids = {token: token_id for token_id, token in enumerate(tokens)}
    frame = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    frame.append({"SpecialToken": {"id": "[SEP]", "type_id": 0}})
    named = {one: {"id": one, "ids": [ids[one]], "tokens": [one]} for one in ("[CLS]", "[SEP]")}
    return {
        "version": "1.0",
        "added_tokens": [_added(ids[one], one) for one in special],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": frame,
            "pair": [*frame, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": named,
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": ids,
        },
    }


def byte_level(words: Sequence[str] = WORDS) -> dict[str, Any]:
    """A ``tokenizer.json`` of GPT-2's kind: all bytes, and merges that give ``words`` behind a space."""
    from tui_embed.tokenizers.token_bytes import byte_of_letter

    letters = [letter for letter, _ in sorted(byte_of_letter().items(), key=lambda one: one[1])]
    ids = {letter: token_id for token_id, letter in enumerate(letters)}
    merges: list[str] = []
    for word in words:
        grown = "Ġ"
        for letter in word:
            if grown + letter not in ids:
                merges.append(f"{grown} {letter}")
                ids[grown + letter] = len(ids)
            grown += letter
    ids["<|endoftext|>"] = len(ids)
    part = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "added_tokens": [_added(ids["<|endoftext|>"], "<|endoftext|>")],
        "normalizer": None,
        "pre_tokenizer": part,
        "post_processor": None,
        "decoder": part,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": ids,
            "merges": merges,
        },
    }


def n_tokens(tokenizer: Mapping[str, Any]) -> int:
    return 1 + max(tokenizer["model"]["vocab"].values())


BERT_CONFIG = {
    "model_type": "bert",
    "hidden_size": D,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}
GPT2_CONFIG = {"model_type": "gpt2", "n_embd": D, "n_layer": LAYERS, "n_head": HEADS}
LLAMA_CONFIG = {
    "model_type": "llama",
    "hidden_size": D,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
}


def bert_folder(folder: Path) -> Path:
    return write_folder(folder, bert_arrays(), BERT_CONFIG, tokenizer=wordpiece())


def gpt2_folder(folder: Path) -> Path:
    tokenizer = byte_level()
    return write_folder(folder, gpt2_arrays(n_tokens(tokenizer)), GPT2_CONFIG, tokenizer=tokenizer)


def llama_folder(folder: Path, **config: Any) -> Path:
    tokenizer = byte_level()
    tensors = llama_arrays(n_tokens(tokenizer), separate=not config.get("tie_word_embeddings"))
    return write_folder(folder, tensors, {**LLAMA_CONFIG, **config}, tokenizer=tokenizer)


def write_tensor(path: Path, name: str, array: Any, dtype: str = "F32") -> None:
    """A file of one tensor, of whatever name."""
    tensor = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [0, array.nbytes]}
    head = json.dumps({name: tensor}).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + array.tobytes())


def write_bfloat16(path: Path, name: str, array: Floats) -> Floats:
    """A file of one tensor of bfloat16, which are float32 cut in half; returns what they are worth."""
    halves = (array.view(np.uint32) >> 16).astype("<u2")
    write_tensor(path, name, halves, "BF16")
    return (halves.astype(np.uint32) << 16).view(np.float32)


def _linear(name: str, *shape: int) -> dict[str, Sequence[int]]:
    return {f"{name}.weight": shape, f"{name}.bias": (shape[0],)}


def _added(token_id: int, text: str) -> dict[str, Any]:
    return {
        "id": token_id,
        "content": text,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
