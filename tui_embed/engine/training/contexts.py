"""What a language model reads before it predicts a token.

It reads the tokens that stand before in the same sentence, at most ``n_ctx``, the nearest. The first that is
read has position 0. Fewer than ``n_ctx`` are read at the start of a sentence only, so the model can know a
start by it, and a prompt that is short is read as one. Before the first token of a sentence stands nothing:
then a row of its own is read, the boundary, which has no position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.corpus import Corpus


@dataclass(frozen=True, eq=False)
class Contexts:
    """``n`` contexts that end in the last of ``n_ctx`` slots, so that a slot is a distance from the token
    that is predicted. ``ids`` ``(n, n_ctx)`` are 0 in slots without a token; ``lengths`` ``(n,)`` say how
    many slots at the end have one.
    """

    ids: NDArray[np.integer]
    lengths: NDArray[np.integer]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_ctx(self) -> int:
        return int(self.ids.shape[1])

    @cached_property
    def positions(self) -> NDArray[np.integer]:
        """The position of the token in each slot, ``(n, n_ctx)``; negative where there is none."""
        found: NDArray[np.integer] = np.arange(-self.n_ctx, 0) + self.lengths[:, None]
        return found

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Slots with a token, ``(n, n_ctx)``."""
        return self.positions >= 0

    @cached_property
    def empty(self) -> NDArray[np.bool_]:
        """Contexts without a token, ``(n,)``, whose last slot has the boundary."""
        found: NDArray[np.bool_] = self.lengths == 0
        return found

    @cached_property
    def filled(self) -> NDArray[np.bool_]:
        """Slots with a token or the boundary, ``(n, n_ctx)``: every context has one."""
        filled = self.present.copy()
        filled[:, -1] = True
        return filled


def context_of(ids: Sequence[int], n_ctx: int) -> Contexts:
    """The one context of a prompt: its last ``n_ctx`` tokens."""
    read = np.array(ids[-n_ctx:], dtype=np.int64)
    slots = np.zeros((1, n_ctx), dtype=np.int64)
    slots[0, n_ctx - len(read) :] = read
    return Contexts(slots, np.array([len(read)]))


class CorpusContexts:
    """The context of every token of a corpus."""

    def __init__(self, corpus: Corpus, n_ctx: int) -> None:
        self._ids = corpus.ids
        self._n_ctx = n_ctx
        starts = np.repeat(corpus.offsets[:-1], np.diff(corpus.offsets))
        self._lengths = np.minimum(np.arange(corpus.n_tokens) - starts, n_ctx).astype(np.int16)

    def at(self, places: NDArray[np.integer]) -> Contexts:
        """The contexts of the tokens at ``places`` ``(n,)`` of ``corpus.ids``."""
        lengths = self._lengths[places]
        slots = np.arange(-self._n_ctx, 0)
        there = slots >= -lengths[:, None]
        return Contexts(self._ids[np.where(there, places[:, None] + slots, 0)] * there, lengths)
