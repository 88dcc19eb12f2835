"""gensim's Word2Vec in place of our own trainers, for large corpora: several workers, in C."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import ArrayRows, Floats
from tui_embed.engine.training.control import Control
from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.curve import LossCurve
from tui_embed.engine.training.run import (
    PACE_SECONDS,
    PAUSE_SECONDS,
    SNAPSHOT_SECONDS,
    Publish,
    publish_to_nobody,
)
from tui_embed.engine.training.settings import LAST_RATE, TrainingSettings
from tui_embed.engine.training.snapshot import RunState, Snapshot
from tui_embed.engine.training.start import Start
from tui_embed.engine.training.trainer import OUTPUT, TOKENS, Parameters
from tui_embed.errors import UsageError
from tui_embed.optional import require

SENTENCES_BETWEEN = 64
"""So many sentences are handed over between two looks at what was asked for."""


@dataclass(eq=False)
class GensimRun:
    """A training by gensim, with what :class:`~tui_embed.engine.training.run.Run` offers.

    A step is a sentence. gensim has no held-out loss, its own loss is a running sum in float32 and is not
    shown, its learning rate cannot be changed on the way, and there are no checkpoints. With several threads
    the same seed gives another matrix each time.
    """

    corpus: Corpus
    settings: TrainingSettings
    start: Start
    control: Control = field(default_factory=Control)
    publish: Publish = publish_to_nobody
    snapshot_seconds: float = SNAPSHOT_SECONDS
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        if not self.settings.negatives:
            raise UsageError("gensim has no full softmax", "give it --negatives, or leave --engine out")
        if self.settings.ngrams is not None:
            raise UsageError("gensim's Word2Vec has no n-grams", "leave --ngrams or --engine out")
        self._model = self._made()
        self._step = 0
        self._words = 0
        self._began = self.clock()
        self._pace: deque[tuple[float, int]] = deque()
        self._due = 0.0
        self._frozen_rows = self.start.rows[self.start.frozen].copy()
        self._ended = False

    @property
    def parameters(self) -> Parameters:
        """W_E and the output rows, gensim's own arrays."""
        return {TOKENS: self._model.wv.vectors, OUTPUT: self._model.syn1neg}

    def go(self, cancel: CancelToken | None = None) -> Snapshot:
        """Train until the end, or until it is stopped; the last snapshot says which."""
        settings = self.settings
        self._began = self.clock()
        if self.start.frozen.any():
            self._model.wv.vectors_lockf = (~self.start.frozen).astype(np.float32)
        self._model.train(
            _Sentences(self, cancel),
            total_words=self.corpus.n_tokens,
            epochs=settings.epochs,
            start_alpha=settings.first_rate,
            end_alpha=min(LAST_RATE, settings.first_rate / 100),
        )
        last = self._snapshot("stopped" if self._ended else "finished")
        self.publish(last)
        return last

    def _made(self) -> Any:
        settings, corpus = self.settings, self.corpus
        model = require("gensim.models", "gensim").Word2Vec(
            vector_size=settings.d_model,
            window=settings.window,
            shrink_windows=settings.dynamic_window,
            negative=settings.negatives,
            sg=int(settings.objective == "skipgram"),
            sample=settings.subsample,
            min_count=1,
            sorted_vocab=0,
            workers=settings.threads,
            seed=settings.seed % 2**32,
        )
        # words are their own ids: a token may be anything, gensim's words may not
        model.build_vocab_from_freq(
            {str(token_id): count for token_id, count in enumerate(corpus.counts.tolist())},
            corpus_count=corpus.n_sentences,
        )
        if model.wv.index_to_key != [str(token_id) for token_id in range(corpus.n_vocab)]:
            raise RuntimeError("gensim put the vocabulary in another order")
        model.wv.vectors[:] = self.start.rows
        return model

    def _hand_over(self, cancel: CancelToken | None) -> Iterator[list[str]]:
        """The sentences of an epoch, as gensim asks for them."""
        words = [str(token_id) for token_id in range(self.corpus.n_vocab)]
        for number in range(self.corpus.n_sentences):
            if number % SENTENCES_BETWEEN == 0:
                self._look(cancel)
            if self._ended:
                return
            sentence = self.corpus.sentence(number)
            self._step += 1
            self._words += len(sentence)
            yield [words[token_id] for token_id in sentence.tolist()]

    def _look(self, cancel: CancelToken | None) -> None:
        """See what is asked for, and publish where it is time."""
        while True:
            self._ended = self._ended or self.control.stopped or (cancel is not None and cancel.cancelled)
            now = self.clock()
            if now >= self._due:
                self._pace.append((now, self._words))
                while len(self._pace) > 2 and now - self._pace[0][0] > PACE_SECONDS:
                    self._pace.popleft()
                self.publish(self._snapshot("paused" if self.control.paused else "running"))
                self._due = self.clock() + self.snapshot_seconds
            if self._ended or not self.control.paused:
                return
            self.control.wait(PAUSE_SECONDS)

    def _words_per_second(self) -> float | None:
        if len(self._pace) < 2 or self._pace[-1][0] <= self._pace[0][0]:
            return None
        return (self._pace[-1][1] - self._pace[0][1]) / (self._pace[-1][0] - self._pace[0][0])

    def _snapshot(self, state: RunState) -> Snapshot:
        settings, n_words = self.settings, self.corpus.n_tokens * self.settings.epochs
        rows: Floats = self._model.wv.vectors.copy()
        pace = self._words_per_second()
        frozen_changed = None
        if self.start.n_frozen:
            same = rows[self.start.frozen].view(np.uint32) == self._frozen_rows.view(np.uint32)
            frozen_changed = int(np.count_nonzero(~same.all(axis=1)))
        return Snapshot(
            state=state,
            step=self._step,
            n_steps=self.corpus.n_sentences * settings.epochs,
            epoch=min(settings.epochs, self._words // max(1, self.corpus.n_tokens)),
            epochs=settings.epochs,
            words=self._words,
            n_words=n_words,
            seconds=self.clock() - self._began,
            words_per_second=pace,
            seconds_left=(n_words - self._words) / pace if pace else None,
            learning_rate=settings.rate_at(self._words / max(1, n_words)),
            loss=None,
            smoothed=None,
            heldout=None,
            touched=0,
            gradient_norm=None,
            frozen_changed=frozen_changed,
            curve=LossCurve.empty(),
            matrix=EmbeddingMatrix(ArrayRows(rows), version=self._step),
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Sentences:
    """What gensim goes through once an epoch."""

    run: GensimRun
    cancel: CancelToken | None

    def __iter__(self) -> Iterator[list[str]]:
        return self.run._hand_over(self.cancel)
