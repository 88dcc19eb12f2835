"""The functions of ``import tui_embed``."""

import os
from pathlib import Path

from tui_embed.engine.rows import DrawKind
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.tokens import Token
from tui_embed.sources.catalog import Drawing, open_space
from tui_embed.tokenizers.catalog import tokenizer


def load(name: str | Path, *, seed: int = 0, init: DrawKind = "normal", cache: bool = True) -> EmbeddingSpace:
    """Open a space: a name (``"glove"``, a fetched set, an untrained shape such as ``"gpt2-init"``), or the
    path of a file of vectors in any format; ``"path#part"`` is one of several tensors, members or columns.

    ``seed`` and ``init`` say how untrained rows are drawn; trained spaces ignore them. ``cache`` False reads
    a file anew and keeps nothing of it. UsageError for an unknown name, seed or kind of drawing, SourceError
    for a file that cannot be read, with the place in it.
    """
    return open_space(os.fspath(name), Drawing(seed, init), cache=cache)


def tokenize(text: str, encoding: str = "cl100k_base") -> list[Token]:
    """Split ``text`` into tokens ``(id, bytes, start, end)``; special tokens written in it are plain text.

    ``encoding`` is the name of one of tiktoken's encodings, or the path of a ``tokenizer.json``. UsageError
    for an unknown one.
    """
    return tokenizer(encoding).encode(text)
