"""A trained space, with the tokenizer that its corpus was split by."""

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.result import trained_space
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.engine.training.trainer import TrainedParts
from tui_embed.tokenizers.trained import trained_tokenizer


def space_from(trained: TrainedParts, snapshot: Snapshot, name: str) -> EmbeddingSpace:
    """What was ``trained``, as a space that splits text as its corpus was split."""
    corpus = trained.corpus
    tokenizer = trained_tokenizer(trained.settings.tokens, corpus.vocabulary, corpus.unk)
    return trained_space(trained, snapshot, name, tokenizer)
