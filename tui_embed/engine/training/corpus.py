"""A text as token ids, with the vocabulary that was counted in it."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import UsageError

UNK = "<unk>"
MOST_IN_SENTENCE = 10_000
"""Longer sentences are split here, as gensim does: a text without line ends is one sentence otherwise."""


@dataclass(frozen=True, eq=False, slots=True)
class Corpus:
    """Sentences of token ids.

    ``ids`` ``(n_tokens,) int32`` are all sentences one after another; sentence ``i`` is ``ids[offsets[i] :
    offsets[i + 1]]``, ``offsets`` ``(n_sentences + 1,) int64``. ``counts`` ``(n_vocab,) int64`` are those of
    the whole corpus, most frequent token first (``unk``, the id of ``<unk>`` or None, stands where its count
    puts it). ``n_read`` tokens were read, rare ones included; ``n_dropped`` different ones were too rare.
    ``notes`` say what was odd in the text.
    """

    name: str
    vocabulary: Vocabulary
    counts: NDArray[np.int64]
    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    n_read: int
    n_dropped: int
    unk: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_vocab(self) -> int:
        return len(self.vocabulary)

    @property
    def n_tokens(self) -> int:
        return len(self.ids)

    @property
    def n_sentences(self) -> int:
        return len(self.offsets) - 1

    def sentence(self, number: int) -> NDArray[np.int32]:
        """The ids of one sentence."""
        return self.ids[self.offsets[number] : self.offsets[number + 1]]

    def split(self, share: float, seed: int) -> "tuple[Corpus, Corpus | None]":
        """This corpus without a ``share`` of its sentences, drawn by ``seed``, and those; vocabulary and
        counts stay those of the whole. None where the share is no sentence, or all of them.
        """
        n_held = round(share * self.n_sentences)
        if not 0 < n_held < self.n_sentences:
            return self, None
        generator = np.random.default_rng([seed, self.n_sentences])
        held = np.zeros(self.n_sentences, dtype=bool)
        held[generator.choice(self.n_sentences, n_held, replace=False)] = True
        return self._only(~held), self._only(held)

    def _only(self, wanted: NDArray[np.bool_]) -> "Corpus":
        lengths = np.diff(self.offsets)
        return Corpus(
            self.name,
            self.vocabulary,
            self.counts,
            self.ids[np.repeat(wanted, lengths)],
            np.concatenate([[0], np.cumsum(lengths[wanted])]),
            self.n_read,
            self.n_dropped,
            self.unk,
            self.notes,
        )


class CorpusBuilder:
    """Counts tokens as sentences come in, and makes the corpus when the last has come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids = array("i")
        self._ends = array("q", [0])

    @property
    def n_read(self) -> int:
        return len(self._ids)

    def add(self, sentence: Sequence[str]) -> None:
        """Append a sentence; an empty one is nothing."""
        numbers = self._numbers
        for start in range(0, len(sentence), MOST_IN_SENTENCE):
            part = sentence[start : start + MOST_IN_SENTENCE]
            # the length is asked for before the word is put in: its number is how many there were
            self._ids.extend([numbers.setdefault(token, len(numbers)) for token in part])
            self._ends.append(len(self._ids))

    def finish(self, name: str, min_count: int = 1, unk: bool = False) -> Corpus:
        """The corpus: tokens seen fewer than ``min_count`` times become ``<unk>``, or are left out.

        UsageError where nothing is left to train on.
        """
        ids = np.frombuffer(self._ids, dtype=np.int32) if self._ids else np.empty(0, dtype=np.int32)
        counts = np.bincount(ids, minlength=len(self._numbers))
        tokens = list(self._numbers)
        own_unk = self._numbers.get(UNK)
        wanted = counts >= min_count
        if own_unk is not None and unk:
            wanted[own_unk] = True
        n_dropped = int(np.count_nonzero(~wanted))
        rest = int(counts[~wanted].sum())
        if not wanted.any():
            raise UsageError(
                f"{name}: no token is seen {min_count:,} times in {self.n_read:,}",
                "give more text, or a lower --min-count",
            )
        if unk and own_unk is None and rest:
            own_unk = len(tokens)
            tokens.append(UNK)
            counts = np.append(counts, 0)
            wanted = np.append(wanted, True)
        if unk and own_unk is not None:
            counts[own_unk] += rest
        kept = np.flatnonzero(wanted)
        kept = kept[np.argsort(-counts[kept], kind="stable")]
        new_ids = np.full(len(tokens), -1, dtype=np.int32)
        new_ids[kept] = np.arange(len(kept), dtype=np.int32)
        unk_id = int(new_ids[own_unk]) if unk and own_unk is not None else None
        if unk_id is not None:
            new_ids[new_ids < 0] = unk_id
        mapped = new_ids[ids]
        ends = np.frombuffer(self._ends, dtype=np.int64)
        present = mapped >= 0
        offsets = np.concatenate([[0], np.cumsum(present)])[ends].astype(np.int64)
        offsets = offsets[np.concatenate([[True], np.diff(offsets) > 0])]
        return Corpus(
            name=name,
            vocabulary=Vocabulary.from_tokens(tokens[number] for number in kept.tolist()),
            counts=counts[kept].astype(np.int64),
            ids=np.ascontiguousarray(mapped[present]),
            offsets=offsets,
            n_read=self.n_read,
            n_dropped=n_dropped,
            unk=unk_id,
        )


def corpus_of(
    sentences: Iterable[Sequence[str]],
    name: str = "corpus",
    min_count: int = 1,
    unk: bool = False,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Corpus:
    """The corpus of an iterable of sentences, each a sequence of tokens. ``progress`` counts sentences, of
    how many is not known (0). UsageError where nothing is left to train on.
    """
    builder = CorpusBuilder()
    for number, sentence in enumerate(sentences, 1):
        builder.add(sentence)
        if number % 1000 == 0:
            if cancel is not None:
                cancel.check()
            progress(number, 0)
    return builder.finish(name, min_count, unk)
