"""Writing a space in any format that can be written, chosen by the end of the file's name or by its own."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.locations import at_home
from tui_embed.sources.writers.packed import packing_of

Write = Callable[..., None]
"""``write(space, path, …, cancel, progress)``; ``progress`` counts rows."""


@dataclass(frozen=True, slots=True)
class WriterFormat:
    """A format that can be written. ``module`` of ``tui_embed.sources.writers`` has ``write``, which takes
    ``kind`` where it writes several.
    """

    name: str
    suffixes: tuple[str, ...]
    what: str
    module: str
    kind: str = ""
    holds_metadata: bool = False
    holds_all: bool = False
    """Also positions, vectors of n-grams, notes, and where the numbers come from."""
    may_be_packed: bool = False

    def write(
        self, space: EmbeddingSpace, path: Path, cancel: CancelToken | None, progress: Progress
    ) -> None:
        """Write ``space`` to ``path``, by the module, which is imported now."""
        write = cast(Write, import_module(f"tui_embed.sources.writers.{self.module}").write)
        write(space, path, *([self.kind] if self.kind else []), cancel=cancel, progress=progress)


def _all(name: str, what: str) -> WriterFormat:
    return WriterFormat(name, (f".{name}",), what, name, holds_metadata=True, holds_all=True)


def _text(name: str, suffixes: tuple[str, ...], what: str) -> WriterFormat:
    return WriterFormat(name, suffixes, what, "text", name, may_be_packed=True)


def _table(name: str, suffixes: tuple[str, ...], what: str, may_be_packed: bool = False) -> WriterFormat:
    return WriterFormat(
        name, suffixes, what, "tables", name, holds_metadata=True, may_be_packed=may_be_packed
    )


WRITERS = (
    _all("npz", "NumPy arrays, everything in one file"),
    _all("safetensors", "tensors, everything in one file"),
    WriterFormat("npy", (".npy",), "a NumPy matrix, its tokens beside it as .vocab.json", "npy"),
    _text("glove", (".txt", ".glove"), "GloVe's text"),
    _text("word2vec", (".w2v.txt", ".w2v", ".vec"), "word2vec's text, with a header"),
    WriterFormat(
        "word2vec-binary", (".bin",), "word2vec's binary format", "word2vec_binary", may_be_packed=True
    ),
    _table("parquet", (".parquet",), "a Parquet table"),
    _table("arrow", (".arrow", ".feather"), "an Arrow table"),
    _table("csv", (".csv",), "comma-separated values", may_be_packed=True),
    _table("tsv", (".tsv",), "tab-separated values", may_be_packed=True),
    _table("jsonl", (".jsonl", ".ndjson"), "JSON lines", may_be_packed=True),
    WriterFormat(
        "projector",
        (".pbtxt", "projector_config.json"),
        "a folder for the Embedding Projector",
        "projector",
        holds_metadata=True,
    ),
)

BY_NAME = {writer.name: writer for writer in WRITERS}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the format's name, the files, and what of the space is not in them."""

    format: str
    files: tuple[Path, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a space is to be written, and how."""

    path: Path
    format: WriterFormat

    @classmethod
    def of(cls, path: str | os.PathLike[str], format_: str | None = None) -> "Target":
        """The target ``path`` in ``format_``, a name of BY_NAME, or else as the end of its name says.

        A folder is for the Embedding Projector; ``.gz``, ``.bz2``, ``.xz`` or ``.zst`` at the end packs it.

        UsageError for a name that says nothing, an unknown format, and one that is not packed.
        """
        text = os.fspath(path)
        found = at_home(text)
        if format_ is not None:
            if format_ not in BY_NAME:
                raise UsageError(f"no format is called {format_!r}", f"formats are {', '.join(BY_NAME)}")
            writer = BY_NAME[format_]
        elif text.endswith("/") or found.is_dir():
            writer = BY_NAME["projector"]
        else:
            writer = _by_suffix(found)
        packing = packing_of(found)
        if packing and not writer.may_be_packed:
            what = f"{found}: {writer.name} is not packed as {packing}"
            raise UsageError(what, f"leave .{packing} out of the name")
        return cls(found, writer)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are written or replaced."""
        if self.format.name == "npy":
            from tui_embed.sources.formats.beside import vocabulary_path

            return self.path, vocabulary_path(self.path)
        if self.format.name == "projector":
            from tui_embed.sources.writers.projector import files

            return files(self.path)
        return (self.path,)


def write_space(
    space: EmbeddingSpace,
    path: str | os.PathLike[str],
    format: str | None = None,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Written:
    """Write ``space`` to ``path`` as :meth:`Target.of` says, in the place of what is there.

    ``progress`` counts rows. UsageError as there; TuiEmbedError, in one line, for a token that the format
    cannot hold and where the system refuses anything; what was there is then as it was. CancelledError.
    """
    target = Target.of(path, format)
    target.format.write(space, target.path, cancel, progress)
    return Written(target.format.name, target.files, left_out(space, target.format))


def left_out(space: EmbeddingSpace, writer: WriterFormat) -> tuple[str, ...]:
    """What of ``space`` such a file does not hold."""
    lost: list[str] = []
    if space.metadata and not writer.holds_metadata:
        lost.append(f"the metadata ({', '.join(space.metadata)})")
    if not writer.holds_all:
        if space.positions.kind == "learned":
            lost.append(f"{space.positions.n_ctx:,} rows of positions")
        if space.subwords is not None:
            lost.append("the vectors of n-grams, from which other words get theirs")
        if not space.provenance.trained:
            lost.append("that its rows are untrained")
        if space.training is not None:
            lost.append("how it was trained: settings, losses, the output matrix")
    if space.training is None and space.tokenizer is not None and space.tokenizer.name != "words":
        lost.append(f"its tokenizer ({space.tokenizer.name})")
    return tuple(lost)


def _by_suffix(path: Path) -> WriterFormat:
    packing = packing_of(path)
    name = path.name.lower().removesuffix(f".{packing}" if packing else "")
    known = {suffix: writer for writer in WRITERS for suffix in writer.suffixes}
    for suffix in sorted(known, key=len, reverse=True):
        if name.endswith(suffix):
            return known[suffix]
    hint = f"ends that do: {', '.join(known)}; or name a format: {', '.join(BY_NAME)}"
    raise UsageError(f"{path}: the end of its name says no format", hint)
