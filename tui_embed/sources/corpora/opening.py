"""From a name, a path or a stream to a corpus."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.grammar import GRAMMARS
from tui_embed.errors import UsageError
from tui_embed.locations import at_home
from tui_embed.sources.catalog import is_path
from tui_embed.sources.corpora.lines import TextReader
from tui_embed.sources.corpora.named import GENSIM_TEXTS, corpus_entries, gensim_text, grammar_sentences
from tui_embed.tokenizers.splitting import WORDS, check_splitting, split_characters, splitter

STANDARD_INPUT = "-"


def open_corpus(
    name_or_path: str | Path,
    *,
    tokens: str = WORDS,
    min_count: int = 1,
    unk: bool = False,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Corpus:
    """The corpus of a name, a file or folder of text, or ``-``, standard input; a line is a sentence.

    ``tokens`` says how lines are split: ``words``, ``characters``, or the name of an encoding. ``progress``
    counts bytes. UsageError for a name that is not known, a way of splitting that is not known, and a text in
    which nothing is seen ``min_count`` times; SourceError for what cannot be read.
    """
    check_splitting(tokens)
    name = str(name_or_path)
    reader = TextReader(cancel, progress)
    if name in GRAMMARS:
        sentences = _grammar(name, tokens)
    else:
        split = splitter(tokens)
        sentences = (split(line) for line in _lines(name, reader))
    title = "standard input" if name == STANDARD_INPUT else Path(name).name or name
    corpus = corpus_of(sentences, title, min_count, unk, cancel)
    return replace(corpus, notes=tuple(reader.notes))


def _grammar(name: str, tokens: str) -> Iterator[list[str]]:
    if tokens == WORDS:
        yield from grammar_sentences(name)
        return
    # Chinese is written without spaces
    gap = "" if name.endswith("-zh") else " "
    split = split_characters if tokens == "characters" else splitter(tokens)
    for sentence in grammar_sentences(name):
        yield split(gap.join(sentence))


def _lines(name: str, reader: TextReader) -> Iterator[str]:
    if name == STANDARD_INPUT:
        return reader.stream(sys.stdin.buffer, "standard input")
    if name in GENSIM_TEXTS:
        return reader.file(gensim_text(name))
    path = at_home(name)
    if not path.exists() and not is_path(name):
        raise _unknown(name)
    if path.is_dir():
        return reader.folder(path)
    return reader.file(path)


def _unknown(name: str) -> UsageError:
    from rapidfuzz import process

    names = [entry.name for entry in corpus_entries()]
    near = [found for found, _, _ in process.extract(name, names, limit=2, score_cutoff=60)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"texts with a name: {', '.join(names)}"
    return UsageError(f"there is no text or file named {name!r}", hint)
