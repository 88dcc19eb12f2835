"""A whole training in one call, for Python."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.corpus import Corpus, corpus_of
from tui_embed.engine.training.gensim_engine import GensimRun
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.run import Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import start_of
from tui_embed.engine.training.trainer import DivergedError
from tui_embed.sources.corpora import open_corpus
from tui_embed.sources.trained import space_from


def train_space(
    source: str | Path | Iterable[Sequence[str]], settings: TrainingSettings, space: EmbeddingSpace | None
) -> EmbeddingSpace:
    """The space of a training from its beginning to its end; see :func:`tui_embed.api.train`."""
    corpus = _corpus(source, settings)
    name = f"{corpus.name}-{settings.objective}"
    if settings.engine == "gensim":
        gensim = GensimRun(corpus, settings, start_of(corpus, settings, space))
        return space_from(gensim, gensim.go(), name)
    trainer = make_trainer(corpus, settings, space)
    last = Run(trainer).go()
    if last.state == "diverged":
        raise DivergedError(trainer.step + 1)
    return space_from(trainer, last, name)


def _corpus(source: str | Path | Iterable[Sequence[str]], settings: TrainingSettings) -> Corpus:
    if isinstance(source, str | Path):
        return open_corpus(source, tokens=settings.tokens, min_count=settings.min_count, unk=settings.unk)
    return corpus_of(source, "corpus", settings.min_count, settings.unk)
