"""How many numbers a training trains, before it begins."""

import math

from tui_embed.engine.training.settings import TrainingSettings


def count_parameters(settings: TrainingSettings, n_vocab: int) -> int:
    """All parameters of a training over ``n_vocab`` tokens, tied ones once."""
    rows = n_vocab * settings.d_model
    if settings.objective == "lm":
        from tui_embed.engine.training.next_token import parameter_shapes

        return sum(math.prod(shape) for shape in parameter_shapes(settings, n_vocab).values())
    if settings.objective == "glove":
        return 2 * rows + 2 * n_vocab
    return 2 * rows + (0 if settings.ngrams is None else settings.buckets * settings.d_model)
