"""A tokenizer by name or by path."""

from pathlib import Path

from tui_embed.engine.tokens import Tokenizer
from tui_embed.errors import UsageError
from tui_embed.tokenizers.encodings import ENCODINGS


def encoding_names() -> tuple[str, ...]:
    """The encodings that come with the package."""
    return tuple(ENCODINGS)


def tokenizer(name_or_path: str | Path) -> Tokenizer:
    """The encoding of that name, or the tokenizer in a ``tokenizer.json`` or in a folder that holds one.

    Raises UsageError for a name that is neither (with the nearest spelling), TuiEmbedError for a file that
    cannot be read as a tokenizer.
    """
    if isinstance(name_or_path, str) and name_or_path in ENCODINGS:
        from tui_embed.tokenizers.bpe import bpe_tokenizer

        return bpe_tokenizer(name_or_path)
    path = _existing(name_or_path)
    if path is None:
        raise UsageError(f"there is no encoding or file “{name_or_path}”", _suggestion(str(name_or_path)))
    if path.is_dir():
        path = path / "tokenizer.json"
    from tui_embed.tokenizers.hf import HFTokenizer

    return HFTokenizer.from_file(path)


def _existing(name_or_path: str | Path) -> Path | None:
    path = Path(name_or_path)
    try:
        return path if str(name_or_path) and path.exists() else None
    except (OSError, ValueError):  # a name that no file system takes: too long, or with a NUL in it
        return None


def _suggestion(name: str) -> str:
    from rapidfuzz import fuzz, process, utils

    names = encoding_names()
    nearest = process.extractOne(
        name, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=60
    )
    listed = f"encodings: {', '.join(names)}"
    return f"did you mean {nearest[0]}? {listed}" if nearest else listed
