"""A space: tokens, their rows, positions, and where all of it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui_embed.engine.lookup import find_token, get_token, token_at
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import Positions
from tui_embed.engine.rows import Floats
from tui_embed.engine.tokens import Tokenizer
from tui_embed.engine.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tui_embed.engine.neighbors import Metric, Neighbor


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a space's numbers come from. ``origin`` reads after the name: "trained on 6B tokens"."""

    trained: bool
    origin: str
    licence: str = ""
    source: str = ""


class EmbeddingSpace:
    """A vocabulary and its token embedding matrix ``W_E``, with positions and a tokenizer if it has them."""

    def __init__(
        self,
        name: str,
        vocabulary: Vocabulary,
        matrix: EmbeddingMatrix,
        positions: Positions,
        provenance: Provenance,
        tokenizer: Tokenizer | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        if len(vocabulary) != matrix.n_vocab:
            raise ValueError(f"{len(vocabulary)} tokens for {matrix.n_vocab} rows")
        self.name = name
        self.vocabulary = vocabulary
        self.matrix = matrix
        self.positions = positions
        self.provenance = provenance
        self.tokenizer = tokenizer
        self.notes = tuple(notes)

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __contains__(self, token: object) -> bool:
        return isinstance(token, str) and get_token(self.vocabulary, token) is not None

    def __getitem__(self, token: str) -> Floats:
        """The row of ``token``, ``(d_model,) float32``. UnknownTokenError where there is none."""
        return self.matrix.row(self.id(token))

    def __repr__(self) -> str:
        return f"<EmbeddingSpace {self.name!r}: {len(self):,} × {self.d_model:,}, {self.provenance.origin}>"

    @property
    def d_model(self) -> int:
        return self.matrix.d_model

    @property
    def tokens(self) -> Vocabulary:
        """The tokens, in id order."""
        return self.vocabulary

    @property
    def vectors(self) -> Floats:
        """``W_E``, ``(n_vocab, d_model) float32``, read-only. MemoryError-sized matrices that exist only
        row by row (untrained shapes) are drawn whole here, so ask for single rows of those.
        """
        if self.matrix.array is not None:
            return self.matrix.array
        whole = self.matrix.rows.take(np.arange(len(self)))
        whole.flags.writeable = False
        return whole

    def id(self, token: str) -> int:
        """The id of ``token`` (``#7`` is id 7 where no token is spelled so), or UnknownTokenError."""
        return find_token(self.vocabulary, token, self.name)

    def checked_id(self, token_id: int) -> int:
        """``token_id`` if the space has it, else UsageError."""
        return token_at(self.vocabulary, token_id, self.name)

    def neighbors(self, query: "str | Floats", k: int = 10, metric: "Metric" = "cosine") -> "list[Neighbor]":
        """The ``k`` tokens nearest to a token (itself left out) or a vector ``(d_model,)``, nearest first."""
        from tui_embed.engine.neighbors import neighbors_of_token, neighbors_of_vector

        if isinstance(query, str):
            return neighbors_of_token(self, self.id(query), k, metric).neighbors
        return neighbors_of_vector(self, np.asarray(query, dtype=np.float32), k, metric).neighbors

    def analogy(
        self,
        positive: Sequence[str],
        negative: Sequence[str] = (),
        k: int = 10,
        method: str = "3cosadd",
        exclude_inputs: bool = True,
    ) -> "list[Neighbor]":
        """The ``k`` tokens that complete an analogy; see :func:`tui_embed.engine.arithmetic.solve`."""
        from tui_embed.engine.arithmetic import Combination, checked_method, solve

        combination = Combination.of(
            [(1.0, self.id(token)) for token in positive] + [(-1.0, self.id(token)) for token in negative]
        )
        return solve(self, combination, k, checked_method(method), exclude_inputs).neighbors
