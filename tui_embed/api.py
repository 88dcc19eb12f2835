"""The functions of ``import tui_embed``."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_embed.engine.rows import DrawKind
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.tokens import Token
from tui_embed.engine.training.settings import Objective, TrainingSettings
from tui_embed.sources.catalog import Drawing, open_space
from tui_embed.tokenizers.catalog import tokenizer

if TYPE_CHECKING:
    from tui_embed.engine.models.forward import Forward


def load(name: str | Path, *, seed: int = 0, init: DrawKind = "normal", cache: bool = True) -> EmbeddingSpace:
    """Open a space: a name (``"glove"``, a fetched set, an untrained shape such as ``"gpt2-init"``), or the
    path of a file of vectors in any format or of a checkpoint's folder; ``"path#part"`` is one of several
    tensors, members or columns.

    ``seed`` and ``init`` say how untrained rows are drawn; trained spaces ignore them. ``cache`` False reads
    a file anew and keeps nothing of it. UsageError for an unknown name, seed or kind of drawing, SourceError
    for a file that cannot be read, with the place in it.
    """
    return open_space(os.fspath(name), Drawing(seed, init), cache=cache)


def train(
    corpus: str | Path | Iterable[Sequence[str]],
    objective: Objective = "skipgram",
    d_model: int = 100,
    window: int = 5,
    negatives: int = 5,
    epochs: int = 2,
    min_count: int = 5,
    seed: int = 1,
    threads: int = 1,
    start: EmbeddingSpace | None = None,
    **settings: Any,
) -> EmbeddingSpace:
    """Train a matrix on ``corpus``: a path or a name (``"grammar-en"``), or an iterable of token lists.

    ``start`` gives pretrained rows. ``settings`` are others of
    :class:`~tui_embed.engine.training.settings.TrainingSettings`: ``learning_rate=0.05``, ``ngrams=(3, 6)``,
    ``freeze="pretrained"``, ``engine="gensim"`` … Returns a space whose ``training`` tells all of it.

    UsageError for settings without sense, SourceError for a text that cannot be read, DivergedError for a
    training that did not converge.
    """
    from tui_embed.training import train_space

    if start is not None:
        settings = {"start": "space", **settings}
    wanted = TrainingSettings(
        objective=objective,
        d_model=d_model,
        window=window,
        negatives=negatives,
        epochs=epochs,
        min_count=min_count,
        seed=seed,
        threads=threads,
        **settings,
    )
    return train_space(corpus, wanted, start)


def forward(space: EmbeddingSpace, text: str) -> "Forward":
    """Send ``text`` through the model that ``space`` was opened from: its tokens, their rows, the input
    embeddings ``(n, d_model)``, and a trace of all layers, None where no forward pass is known for it.

    :mod:`tui_embed.engine.models.forward` has what can be asked of the result. UsageError for a text without
    a token that has a row; TuiEmbedError for layers that cannot be read.
    """
    from tui_embed.engine.models.forward import forward

    return forward(space, text)


def tokenize(text: str, encoding: str = "cl100k_base") -> list[Token]:
    """Split ``text`` into tokens ``(id, bytes, start, end)``; special tokens written in it are plain text.

    ``encoding`` is the name of one of tiktoken's encodings, or the path of a ``tokenizer.json``. UsageError
    for an unknown one.
    """
    return tokenizer(encoding).encode(text)
