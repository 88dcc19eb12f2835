"""Texts to train on: by name, or out of files."""

from tui_embed.sources.corpora.named import CorpusEntry, corpus_entries, recommended
from tui_embed.sources.corpora.opening import open_corpus

__all__ = ["CorpusEntry", "corpus_entries", "open_corpus", "recommended"]
