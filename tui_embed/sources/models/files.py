"""Which files make a checkpoint, and which of them has the tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tui_embed.engine.tokens import Tokenizer
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.optional import require
from tui_embed.sources.file import SourceFile
from tui_embed.sources.models.config import Config, config_of, read_object
from tui_embed.sources.models.vocabulary import (
    Tokens,
    ids_of_vocab_json,
    lines_of,
    tokens_of_json,
    tokens_of_lines,
    tokens_of_vocab_json,
)
from tui_embed.sources.models.weights import INDEX, Weights, safetensors_weights, sharded_weights
from tui_embed.tokenizers.hf import MOST_BYTES

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
VOCAB_JSON, MERGES, VOCAB_LINES = "vocab.json", "merges.txt", "vocab.txt"
TOKENIZER_CONFIG = "tokenizer_config.json"
_MARKS = {
    CONFIG: ("model_type", "architectures"),
    TOKENIZER: ("pre_tokenizer", "added_tokens"),
    TOKENIZER_CONFIG: ("tokenizer_class", "added_tokens_decoder"),
    INDEX: ("weight_map",),
}
"""The files that a folder is known by, and one of the keys that each has: others may be called the same."""
DESCRIPTIONS = frozenset(_MARKS)
MOST_LISTED = 4
NO_PACKAGE = "splitting texts as it does needs a package: pip install 'tui-embed[hf]'"


def weights_in(folder: Path) -> Weights | SourceFile:
    """The weights of a checkpoint folder, or the GGUF file that is alone in it. SourceError where there are
    none, or more than one set of them.
    """
    index = folder / INDEX
    if index.exists():
        return sharded_weights(index)
    if (folder / WEIGHTS).exists():
        return safetensors_weights(SourceFile(folder / WEIGHTS))
    try:
        found = sorted(
            path
            for path in folder.iterdir()
            if path.suffix in (".safetensors", ".gguf", ".bin", ".pt", ".pth")
        )
    except OSError as error:
        raise SourceError(folder, (error.strerror or "cannot be read").lower()) from None
    usable = [path for path in found if path.suffix in (".safetensors", ".gguf")]
    pickles = [path for path in found if path.name.startswith("pytorch_model") or path.suffix == ".pth"]
    if len(usable) == 1:
        file = SourceFile(usable[0])
        return safetensors_weights(file) if usable[0].suffix == ".safetensors" else file
    if usable:
        names = ", ".join(path.name[:60] for path in usable[:MOST_LISTED])
        more = ", …" if len(usable) > MOST_LISTED else ""
        raise SourceError(
            folder, f"{len(usable)} files of weights in it and no {INDEX}", hint=f"open one of {names}{more}"
        )
    if pickles:
        what = f"its weights are {pickles[0].name[:60]}, a pickle, which can run code and is never opened"
        raise SourceError(folder, what, hint="convert it to safetensors where you trust it")
    what = f"no checkpoint: neither {WEIGHTS} nor {INDEX} nor a .gguf file is in it"
    raise SourceError(folder, what, hint="give the folder that has them, or a file")


def folder_around(file: SourceFile) -> Path | None:
    """The folder of the checkpoint that ``file`` describes; None for a file that is more than a description
    of the weights beside it.
    """
    marks = () if file.part or file.packing is not None else _MARKS.get(file.path.name, ())
    if not marks:
        return None
    try:
        found = read_object(file.path, MOST_BYTES)
    except SourceError:
        # such as lines of JSON, whose columns may be called the same
        return None
    return file.path.absolute().parent if any(mark in found for mark in marks) else None


def config_in(folder: Path) -> Config:
    """What ``config.json`` says; nothing where there is none. SourceError for one that is no JSON."""
    path = folder / CONFIG
    return config_of(read_object(path)) if path.exists() else Config({})


@dataclass(frozen=True, eq=False, slots=True)
class TokensFound:
    """The tokens, where a file has them, and what splits a text into them, where that can be made."""

    tokens: Tokens | None
    tokenizer: Tokenizer | None
    notes: tuple[str, ...] = ()


def tokens_in(folder: Path, name: str, n_vocab: int) -> TokensFound:
    """What the files beside the weights say of the tokens. SourceError for a tokenizer that is none."""
    for file, read, make in (
        (TOKENIZER, tokens_of_json, _from_json),
        (VOCAB_JSON, tokens_of_vocab_json, _from_pairs),
        (VOCAB_LINES, tokens_of_lines, _from_lines),
    ):
        path = folder / file
        if path.exists():
            tokens = read(path, n_vocab)
            return TokensFound(tokens, *_splitter(folder, name, n_vocab, make))
    what = "no tokenizer.json, vocab.json or vocab.txt is beside it: tokens are named by id"
    if (folder / "tokenizer.model").exists():
        what = "its tokenizer.model is not read, and there is no tokenizer.json: tokens are named by id"
    return TokensFound(None, None, (what,))


def _splitter(
    folder: Path, name: str, n_vocab: int, make: "Callable[[Path, str], object]"
) -> tuple[Tokenizer | None, tuple[str, ...]]:
    if find_spec("tokenizers") is None:
        return None, (NO_PACKAGE,)
    from tui_embed.tokenizers.hf import HFTokenizer
    from tui_embed.tokenizers.lazy import LazyTokenizer

    def made() -> HFTokenizer:
        found = make(folder, name)
        if not isinstance(found, HFTokenizer):
            raise TypeError(f"{make} makes a {type(found).__name__}")
        found.name = name
        return found

    return LazyTokenizer(name, n_vocab, made), ()


def _from_json(folder: Path, name: str) -> object:
    from tui_embed.tokenizers.hf import HFTokenizer

    return HFTokenizer.from_file(folder / TOKENIZER)


def _from_pairs(folder: Path, name: str) -> object:
    """GPT-2's two files; the library is given their content, as it would wait for a pipe and hold all up."""
    from tui_embed.tokenizers.hf import HFTokenizer

    library = require("tokenizers", "hf")
    if not (folder / MERGES).exists():
        raise SourceError(folder / VOCAB_JSON, f"there is no {MERGES} beside it, so texts cannot be split")
    vocabulary, merges = ids_of_vocab_json(folder / VOCAB_JSON), _merges(folder / MERGES)
    try:
        model = library.models.BPE(vocab=vocabulary, merges=merges)
    except Exception as error:  # noqa: BLE001 — the library raises bare ones
        raise _not_taken(folder / VOCAB_JSON, error) from None
    made = library.Tokenizer(model)
    made.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = library.decoders.ByteLevel()
    return HFTokenizer(name, made)


def _not_taken(path: Path, error: Exception) -> TuiEmbedError:
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return SourceError(path, f"the tokenizers package does not take it: {reason[:120]}")


def _merges(path: Path) -> list[tuple[str, str]]:
    """The pairs of a ``merges.txt``. SourceError, with the line, for one that is no pair."""
    merges = []
    for number, text in enumerate(_texts(path), 1):
        if text.startswith("#version"):
            continue
        parts = text.split(" ")
        if len(parts) != 2:
            raise SourceError(path, f"“{text[:40]}” is no pair of tokens", f"line {number:,}")
        merges.append((parts[0], parts[1]))
    return merges


def _texts(path: Path) -> list[str]:
    try:
        return [line.rstrip(b"\r").decode("utf-8") for line in lines_of(path)]
    except UnicodeDecodeError:
        raise SourceError(path, "it is not UTF-8") from None


def _from_lines(folder: Path, name: str) -> object:
    """BERT's list of words; ``tokenizer_config.json`` says whether they are in lower case."""
    from tui_embed.tokenizers.hf import HFTokenizer

    library = require("tokenizers", "hf")
    path = folder / TOKENIZER_CONFIG
    said = read_object(path) if path.exists() else {}
    vocabulary = {text.rstrip(): number for number, text in enumerate(_texts(folder / VOCAB_LINES))}
    try:
        made = library.Tokenizer(library.models.WordPiece(vocab=vocabulary, unk_token="[UNK]"))
    except Exception as error:  # noqa: BLE001 — as above
        raise _not_taken(folder / VOCAB_LINES, error) from None
    made.normalizer = library.normalizers.BertNormalizer(lowercase=said.get("do_lower_case") is not False)
    made.pre_tokenizer = library.pre_tokenizers.BertPreTokenizer()
    made.decoder = library.decoders.WordPiece()
    if "[CLS]" in vocabulary and "[SEP]" in vocabulary:
        made.post_processor = library.processors.BertProcessing(
            ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
        )
    return HFTokenizer(name, made)
