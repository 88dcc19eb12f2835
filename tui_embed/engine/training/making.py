"""From a corpus and settings to the trainer that they ask for."""

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import Start, start_of
from tui_embed.engine.training.trainer import Trainer


def make_trainer(
    corpus: Corpus,
    settings: TrainingSettings,
    space: EmbeddingSpace | None = None,
    start: Start | None = None,
) -> Trainer:
    """The trainer for ``settings``, with a share of the sentences held out, at its first step; ``space``
    gives pretrained rows where settings start from one, ``start`` takes the place of what they say.
    UsageError where settings and corpus do not fit.
    """
    start = start or start_of(corpus, settings, space)
    train, heldout = corpus.split(settings.heldout, settings.seed)
    if settings.objective == "lm":
        from tui_embed.engine.training.language_model import LanguageModelTrainer

        return LanguageModelTrainer(train, heldout, settings, start)
    if settings.objective == "glove":
        from tui_embed.engine.training.glove import GloveTrainer

        return GloveTrainer(train, heldout, settings, start)
    if settings.negatives == 0:
        from tui_embed.engine.training.softmax import SoftmaxTrainer

        return SoftmaxTrainer(train, heldout, settings, start)
    if settings.ngrams is not None:
        from tui_embed.engine.training.subword_skipgram import SubwordSkipGramTrainer

        return SubwordSkipGramTrainer(train, heldout, settings, start)
    if settings.objective == "cbow":
        from tui_embed.engine.training.cbow import CBOWTrainer

        return CBOWTrainer(train, heldout, settings, start)
    from tui_embed.engine.training.skipgram import SkipGramTrainer

    return SkipGramTrainer(train, heldout, settings, start)
