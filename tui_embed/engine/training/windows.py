"""The words of a corpus with those in the windows around them, step by step, as word2vec goes through it.

Frequent words are left out of an epoch by chance ("Distributed representations of words and phrases and their
compositionality", Mikolov et al. 2013; by the formula of its authors' program, which keeps a word with the
probability √(t/f) + t/f for the share f of the text that it is), so that a window reaches further.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.settings import TrainingSettings

KEPT_STREAM, REACHES_STREAM, HELDOUT_STREAM = 1, 2, 3
"""What, besides the token rows, is drawn from the seed; a trainer's own begin after these."""

HELDOUT_TOKENS = 4096
"""So many held-out tokens are gone through to measure: the first."""

LEAST_TOKENS, STEPS = 4, 256
"""A small corpus is gone through in at least STEPS steps, of no fewer tokens than these."""


def pairs_within(
    sentences: NDArray[np.integer], first: int, reaches: NDArray[np.integer]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of centres and of their contexts, ``(n,)`` each, ordered by centre.

    The text has a token a place; ``sentences`` ``(n_tokens,)`` says of which sentence. Centres are the
    places ``first`` … ``first + len(reaches) - 1``; one takes the tokens of its sentence that are at most
    its reach away, but itself.
    """
    widest = int(reaches.max(initial=0))
    offsets = np.concatenate([np.arange(-widest, 0), np.arange(1, widest + 1)])
    centres = np.arange(first, first + len(reaches))
    contexts = centres[:, None] + offsets
    there = contexts.clip(0, len(sentences) - 1)
    near = (np.abs(offsets) <= reaches[:, None]) & (contexts == there)
    near &= sentences[there] == sentences[centres, None]
    return centres[np.nonzero(near)[0]], contexts[near]


@dataclass(frozen=True, eq=False, slots=True)
class EpochText:
    """The tokens that an epoch keeps of a corpus: ``ids``, ``sentences`` and ``places`` in the corpus, which
    ascend, ``(n,)`` each.
    """

    ids: NDArray[np.int32]
    sentences: NDArray[np.int32]
    places: NDArray[np.int32]

    @classmethod
    def whole(cls, corpus: Corpus) -> "EpochText":
        sentences = np.repeat(np.arange(corpus.n_sentences, dtype=np.int32), np.diff(corpus.offsets))
        return cls(corpus.ids, sentences, np.arange(corpus.n_tokens, dtype=np.int32))

    @classmethod
    def drawn(cls, corpus: Corpus, threshold: float, generator: np.random.Generator) -> "EpochText":
        """What is kept with ``threshold`` t; all where that is 0."""
        whole = cls.whole(corpus)
        if not threshold:
            return whole
        share = threshold * corpus.counts.sum() / corpus.counts
        kept = generator.random(corpus.n_tokens, dtype=np.float32) < (np.sqrt(share) + share)[corpus.ids]
        return cls(whole.ids[kept], whole.sentences[kept], whole.places[kept])


@dataclass(frozen=True, eq=False, slots=True)
class WindowPairs:
    """Pairs of a centre and a context in a piece of text: ``ids`` ``(m,)``, in which ``centres``, ascending,
    and ``contexts`` are places, ``(n,)`` each.
    """

    ids: NDArray[np.int32]
    centres: NDArray[np.intp]
    contexts: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.centres)


class Windows:
    """Goes through ``corpus`` once an epoch, in its order, at most ``most_tokens`` a step.

    A step has few tokens where the corpus is small, so that there are many steps; and where the vocabulary
    is: its rows come so often that the gradients of a step, summed, would overshoot.
    """

    def __init__(self, corpus: Corpus, settings: TrainingSettings, most_tokens: int) -> None:
        self._corpus = corpus
        self._settings = settings
        self._most_tokens = most_tokens
        wanted = min(corpus.n_tokens // STEPS, corpus.n_vocab // 4)
        self.tokens_a_step = min(max(LEAST_TOKENS, wanted), most_tokens)
        self._text: tuple[int, EpochText] | None = None

    @property
    def steps_an_epoch(self) -> int:
        return -(-self._corpus.n_tokens // self.tokens_a_step)

    def of_step(self, step: int) -> tuple[int, WindowPairs]:
        """How many tokens of the corpus the step goes through, and the windows around those that are kept."""
        words, text, begin, reaches = self.reaches_of_step(step)
        return words, _pairs(text, begin, reaches)

    def reaches_of_step(self, step: int) -> tuple[int, EpochText, int, NDArray[np.int64]]:
        """How many tokens of the corpus the step goes through; the text of its epoch, the place of it where
        the step begins, and the reach of each centre from there on.
        """
        epoch, number = divmod(step, self.steps_an_epoch)
        first = number * self.tokens_a_step
        last = min(first + self.tokens_a_step, self._corpus.n_tokens)
        generator = np.random.default_rng([self._settings.seed, REACHES_STREAM, step])
        text = self._text_of(epoch)
        return last - first, text, *self._reaches(text, first, last, generator)

    def of_heldout(self, heldout: Corpus) -> Iterator[WindowPairs]:
        """The windows around the first HELDOUT_TOKENS tokens, in parts, the same each time."""
        for text, begin, reaches in self.reaches_of_heldout(heldout):
            pairs = _pairs(text, begin, reaches)
            if len(pairs):
                yield pairs

    def _text_of(self, epoch: int) -> EpochText:
        if self._text is None or self._text[0] != epoch:
            generator = np.random.default_rng([self._settings.seed, KEPT_STREAM, epoch])
            self._text = epoch, EpochText.drawn(self._corpus, self._settings.subsample, generator)
        return self._text[1]

    def reaches_of_heldout(self, heldout: Corpus) -> Iterator[tuple[EpochText, int, NDArray[np.int64]]]:
        """The windows of :meth:`of_heldout` as :meth:`reaches_of_step` has them."""
        text = EpochText.whole(heldout)
        generator = np.random.default_rng([self._settings.seed, HELDOUT_STREAM])
        n_tokens = min(heldout.n_tokens, HELDOUT_TOKENS)
        for first in range(0, n_tokens, self._most_tokens):
            last = min(first + self._most_tokens, n_tokens)
            yield text, *self._reaches(text, first, last, generator)

    def _reaches(
        self, text: EpochText, first: int, last: int, generator: np.random.Generator
    ) -> tuple[int, NDArray[np.int64]]:
        """Where tokens ``first`` … ``last - 1`` of the corpus begin in ``text``, and the reach of each that
        it has.
        """
        # of the places' own kind: all of them would be converted otherwise
        ends = np.array([first, last], dtype=text.places.dtype)
        begin, end = np.searchsorted(text.places, ends).tolist()
        window = self._settings.window
        least = 1 if self._settings.dynamic_window else window
        return begin, generator.integers(least, window + 1, end - begin)


def _pairs(text: EpochText, begin: int, reaches: NDArray[np.int64]) -> WindowPairs:
    widest = int(reaches.max(initial=0))
    low, high = max(0, begin - widest), begin + len(reaches) + widest
    centres, contexts = pairs_within(text.sentences[low:high], begin - low, reaches)
    return WindowPairs(text.ids[low:high], centres, contexts)
