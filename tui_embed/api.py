"""The functions of ``import tui_embed``."""

from tui_embed.engine.rows import DrawKind
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.tokens import Token
from tui_embed.sources.catalog import Drawing, open_space
from tui_embed.tokenizers.catalog import tokenizer


def load(name: str, *, seed: int = 0, init: DrawKind = "normal") -> EmbeddingSpace:
    """Open a space by name: ``"glove"``, or an untrained model shape such as ``"gpt2-init"``.

    ``seed`` and ``init`` say how untrained rows are drawn; trained spaces ignore them. UsageError for an
    unknown name, seed or kind of drawing.
    """
    return open_space(name, Drawing(seed, init))


def tokenize(text: str, encoding: str = "cl100k_base") -> list[Token]:
    """Split ``text`` into tokens ``(id, bytes, start, end)``; special tokens written in it are plain text.

    ``encoding`` is the name of one of tiktoken's encodings, or the path of a ``tokenizer.json``. UsageError
    for an unknown one.
    """
    return tokenizer(encoding).encode(text)
