"""A small valid file of every format that is read, by the writers and by other people's programs."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import safetensors.numpy as reference
from checkpoints import bert_folder, gpt2_folder, llama_folder
from data import package_file

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import LearnedPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.sources.convert import write_space

WORDS = ["the", "king", "queen", "naïve", "猫", "a b", "x" * 40, "'", "7", "[/]"]
"""What text formats hold too."""

WRITTEN = (
    *("a.npz", "a.safetensors", "a.npy", "a.txt", "a.vec", "a.w2v.txt", "a.bin", "a.parquet", "a.arrow"),
    *("a.csv", "a.tsv", "a.jsonl", "a.txt.gz", "a.bin.bz2", "a.csv.xz", "a.vec.zst"),
)


def small_space() -> EmbeddingSpace:
    tokens = [word.replace(" ", "_") for word in WORDS]
    rng = np.random.default_rng(3)
    rows, positions = (rng.normal(size=(n, 6)).astype(np.float32) for n in (len(tokens), 4))
    return EmbeddingSpace(
        "small",
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(rows)),
        LearnedPositions(ArrayRows(positions), "made"),
        Provenance(True, "made for a test"),
        metadata={"kind": TextColumn.from_texts([f"k{i % 3}" for i in range(len(tokens))])},
    )


def samples(folder: Path) -> dict[str, Path]:
    """A file of each kind below ``folder``, by what it is called here; others may lie beside it."""
    made: dict[str, Path] = {}
    space = small_space()
    for name in WRITTEN:
        home = folder / f"of-{name}"
        home.mkdir(parents=True)
        write_space(space, home / name)
        made[name.removeprefix("a.")] = home / name
    home = folder / "of-projector"
    home.mkdir()
    write_space(space, home / "projector_config.json")
    made["projector"] = next(home.rglob("projector_config.*"))
    for name in ("toy-model.bin", "euclidean_vectors.bin"):
        path = folder / name
        path.write_bytes(package_file(name).read_bytes())
        made[name] = path
    for kind, make in _GGUF.items():
        path = folder / f"{kind}.gguf"
        make(path)
        made[f"gguf {kind}"] = path
    for name, write in (("bert", bert_folder), ("gpt2", gpt2_folder), ("llama", llama_folder)):
        home = write(folder / name)
        for file in ("model.safetensors", "config.json", "tokenizer.json"):
            made[f"{name}: {file}"] = home / file
    tensors = {"model.embed_tokens.weight": np.ones((70, 4), np.float16), "x": np.zeros(3, np.float32)}
    reference.save_file(tensors, folder / "half.safetensors")
    made["safetensors f16"] = folder / "half.safetensors"
    (folder / "two.txt.gz").write_bytes(gzip.compress(b"2 3\na 1 2 3\nb 4 5 6\n"))
    made["text gz"] = folder / "two.txt.gz"
    return made


def _gguf(kind: str | None) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        import gguf

        writer = gguf.GGUFWriter(path, "llama")
        writer.add_block_count(1)
        writer.add_head_count(2)
        writer.add_tokenizer_model("gpt2")
        writer.add_token_list([f"t{i}" for i in range(8)])
        writer.add_token_types([1] * 8)
        writer.add_token_merges(["t 1"])
        rows = np.random.default_rng(0).normal(size=(8, 64)).astype(np.float32)
        if kind is None:
            writer.add_tensor("token_embd.weight", rows)
        else:
            number = gguf.GGMLQuantizationType[kind]
            writer.add_tensor("token_embd.weight", gguf.quants.quantize(rows, number), raw_dtype=number)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    return make


_GGUF = {"f32": _gguf(None), "Q8_0": _gguf("Q8_0"), "Q4_0": _gguf("Q4_0"), "Q5_1": _gguf("Q5_1")}
