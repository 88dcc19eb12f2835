"""The input layer of a BERT checkpoint: its word rows and its learned position rows, mapped."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import LearnedPositions
from tui_embed.engine.rows import ArrayRows, Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.tokens import Tokenizer
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.sources.fetch.folder import Kept
from tui_embed.sources.fetch.kinds import Reading, move_all, provenance_of
from tui_embed.sources.fetch.named import NamedSet

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
WORDS, POSITIONS = "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"

REST_OF_INPUT = "BERT adds a token type row to word and position, then LayerNorm: neither is in the sum here"
NO_TOKENIZER = "splitting texts as it does needs a package: pip install 'tui-embed[hf]'"


def check_needs() -> None:
    """Nothing but what every installation has."""


def make(brought: Path, made: Path) -> None:
    move_all(brought, made)


def open_kept(entry: NamedSet, found: Kept, _: Reading) -> EmbeddingSpace:
    """Word rows, position rows, tokens, and the tokenizer where the package that reads it is there."""
    weights = found.folder / WEIGHTS
    tokenizer = _tokenizer(found.folder / TOKENIZER, entry.name)
    return EmbeddingSpace(
        name=entry.name,
        vocabulary=Vocabulary.from_tokens(_tokens(found.folder / TOKENIZER)),
        matrix=EmbeddingMatrix(ArrayRows(_tensor(weights, WORDS))),
        positions=LearnedPositions(ArrayRows(_tensor(weights, POSITIONS)), "from the checkpoint"),
        provenance=provenance_of(entry),
        tokenizer=tokenizer,
        notes=[REST_OF_INPUT] if tokenizer is not None else [REST_OF_INPUT, NO_TOKENIZER],
    )


def _tokens(path: Path) -> list[str]:
    """The tokens of a WordPiece ``tokenizer.json``, in id order. ValueError where an id is missing."""
    ids: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    if sorted(ids.values()) != list(range(len(ids))):
        raise ValueError(f"the ids in {path.name} have gaps")
    return sorted(ids, key=ids.__getitem__)


def _tokenizer(path: Path, name: str) -> Tokenizer | None:
    if find_spec("tokenizers") is None:
        return None
    from tui_embed.tokenizers.hf import HFTokenizer

    tokenizer = HFTokenizer.from_file(path)
    tokenizer.name = name
    return tokenizer


def _tensor(path: Path, name: str) -> Floats:
    """A float32 matrix of a safetensors file, mapped; KeyError or ValueError where it is not there."""
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        if header_bytes > path.stat().st_size - 8:
            raise ValueError(f"{path.name} is cut short")
        tensor = json.loads(file.read(header_bytes))[name]
    if tensor["dtype"] != "F32":
        raise ValueError(f"{name} is {tensor['dtype']}, not F32")
    start = 8 + header_bytes + tensor["data_offsets"][0]
    return np.memmap(path, dtype="<f4", mode="r", offset=start, shape=tuple(tensor["shape"]))
