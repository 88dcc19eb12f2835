"""The vocabulary of a matrix that holds none, in a file beside it: ``vectors.npy``, ``vectors.vocab.txt``."""

import re
from collections.abc import Iterable
from pathlib import Path

from tui_embed.sources.builder import NAMED, SpaceBuilder
from tui_embed.sources.formats.vocabulary_files import NoVocabularyError, read_labels

KINDS = ("vocab", "vocabulary", "words", "tokens", "labels", "metadata")
SUFFIXES = (".txt", ".tsv", ".json")

TOKENIZER_NOTE = "the tokenizer.json beside it may have its tokens: open the folder for them"
_BY_NUMBER, _FROM, _PASSED_OVER = (
    "its rows are named by number",
    "its tokens are from ",
    ": it was passed over",
)

_PACKED = re.compile(r"\.(gz|bz2|xz|zst|zip)$", re.IGNORECASE)
_OF_VECTORS = re.compile(r"[._-](vectors?|vecs?|embeddings?|embs?|matrix|weights?)$", re.IGNORECASE)


def name_rows(builder: SpaceBuilder, d_model: int) -> bool:
    """Take the tokens of the builder's rows, all of which it has, from the file beside its own that is their
    vocabulary. Notes say which that was, and which looked like it and was not taken.

    False where there is none: the rows are named by number, and a note says how to name them.
    """
    path = builder.file.path
    own: list[str] = []
    usual: list[str] = []
    is_named = _take_first(builder, _own(path), d_model, own) or _take_first(
        builder, _usual(path), d_model, usual
    )
    # what only has a usual name may belong to any other file of the folder
    for what in [*own, *([] if is_named else usual)][:NAMED]:
        builder.note(f"{what}{_PASSED_OVER}")
    if not is_named:
        example = f"{_stems(path)[0]}.vocab.txt"
        builder.note(f"{_BY_NUMBER}: {example} beside it, a token a line, would name them")
    return is_named


def is_of_names(note: str) -> bool:
    """Whether a note is of how rows came by their names, which is nothing to one who has others for them."""
    return note == TOKENIZER_NOTE or note.startswith((_BY_NUMBER, _FROM)) or note.endswith(_PASSED_OVER)


def _take_first(builder: SpaceBuilder, candidates: Iterable[Path], d_model: int, passed: list[str]) -> bool:
    """Take the first of ``candidates`` that is a vocabulary, if one is; ``passed`` gets which were none, and
    why.
    """
    for path in candidates:
        builder.consult(path)
        if not path.is_file():
            continue
        try:
            labels = read_labels(path, builder.n_rows, d_model)
        except NoVocabularyError as error:
            passed.append(f"{path.name} beside it {error}")
            continue
        builder.tokens(labels.tokens)
        builder.metadata |= labels.metadata
        builder.note(f"{_FROM}{path.name} beside it")
        return True
    return False


def vocabulary_path(path: Path) -> Path:
    """Where the vocabulary of the matrix at ``path`` is looked for first, and written: ``x.vocab.json``."""
    return path.with_name(f"{_stems(path)[0]}.vocab.json")


def _own(path: Path) -> Iterable[Path]:
    """Where a vocabulary of this very file would lie."""
    names = [vocabulary_path(path).name]
    for stem in _stems(path):
        names += [f"{stem}{sign}{kind}{suffix}" for suffix in SUFFIXES for kind in KINDS for sign in "._"]
        names += [f"{stem}{ending}" for ending in (*SUFFIXES, *(f".{kind}" for kind in KINDS))]
    return map(path.with_name, dict.fromkeys(names))


def _usual(path: Path) -> Iterable[Path]:
    """Where one of the files in a folder has its vocabulary."""
    return (path.with_name(f"{kind}{suffix}") for suffix in SUFFIXES for kind in KINDS)


def _stems(path: Path) -> list[str]:
    """``model_vectors`` and ``model`` for ``model_vectors.npy.gz``."""
    stem = Path(_PACKED.sub("", path.name)).stem or path.name
    shorter = _OF_VECTORS.sub("", stem)
    return [stem] if shorter in (stem, "") else [stem, shorter]
