"""What a trained model, or one in training, needs to predict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.ngrams import bucket, ngrams
from tui_embed.engine.positions import LearnedPositions
from tui_embed.engine.rows import Rows
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.layers import Array
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.trainer import NGRAMS, OUTPUT, POSITIONS, TOKENS, Parameters, Trainer
from tui_embed.engine.vocabulary import Vocabulary, encode_token
from tui_embed.errors import UsageError


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """``parameters`` by the names of :mod:`~tui_embed.engine.training.trainer`, the arrays of a trainer or of
    a space themselves; ``[OUTPUT] is [TOKENS]`` where weights are tied.

    ``counts`` ``(n_vocab,)`` of the tokens in the corpus; ``frozen`` ``(n_vocab,)`` marks token rows that a
    step leaves as they are; ``unk`` is the id of ``<unk>``. ``ngrams_of`` gives the rows of a token's
    n-grams, where there are such.
    """

    settings: TrainingSettings
    parameters: Parameters
    counts: NDArray[np.int64]
    frozen: NDArray[np.bool_]
    unk: int | None = None
    ngrams_of: Callable[[int], list[int]] | None = None

    @property
    def n_vocab(self) -> int:
        return len(self.parameters[TOKENS])

    @property
    def tied(self) -> bool:
        """Whether the output rows are the token rows."""
        return self.parameters[OUTPUT] is self.parameters[TOKENS]

    def check_ids(self, ids: Sequence[int]) -> None:
        """UsageError for an id that has no row."""
        for token_id in ids:
            if not 0 <= token_id < self.n_vocab:
                raise UsageError(f"id {token_id} does not exist", f"ids are 0 … {self.n_vocab - 1:,}")


def model_in(trainer: Trainer) -> Model:
    """The model that ``trainer`` trains: its arrays, as they are now and as they change."""
    corpus, settings = trainer.corpus, trainer.settings
    return Model(
        settings,
        trainer.parameters,
        corpus.counts,
        trainer.start.frozen,
        corpus.unk,
        _ngrams_of(settings, corpus.vocabulary),
    )


def model_of(space: EmbeddingSpace) -> Model:
    """The model whose training made ``space``, to read only. Nothing in it is frozen: that belonged to the
    training, which is over.

    UsageError for a space that was not trained here.
    """
    record = space.training
    if record is None:
        raise UsageError(f"{space.name} was not trained here", "train a space, or open one that was")
    parameters: dict[str, Array] = {name: _read_only(array) for name, array in record.weights.items()}
    if record.settings.ngrams is not None:
        if TOKENS not in parameters or space.subwords is None:
            raise UsageError(
                f"{space.name} keeps vectors of whole words, not the rows that they were added up from",
                "ask while it trains",
            )
        parameters[NGRAMS] = _whole(space.subwords.rows)
    parameters.setdefault(TOKENS, space.vectors)
    parameters.setdefault(OUTPUT, parameters[TOKENS])
    if isinstance(space.positions, LearnedPositions):
        parameters[POSITIONS] = _whole(space.positions.rows)
    return Model(
        record.settings,
        parameters,
        record.counts,
        np.zeros(len(space), dtype=bool),
        record.unk,
        _ngrams_of(record.settings, space.vocabulary),
    )


def _ngrams_of(settings: TrainingSettings, vocabulary: Vocabulary) -> Callable[[int], list[int]] | None:
    if settings.ngrams is None:
        return None
    minn, maxn = settings.ngrams

    def found(token_id: int) -> list[int]:
        word = encode_token(vocabulary[token_id])
        return [bucket(ngram, settings.buckets) for ngram in ngrams(word, minn, maxn)]

    return found


def _whole(rows: Rows) -> Array:
    return _read_only(rows.take(np.arange(rows.shape[0])))


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
