"""A space: tokens, their rows, positions, and where all of it came from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from tui_embed.engine.input_layer import PLAIN, InputLayer
from tui_embed.engine.lookup import get_token, token_at, unknown_token
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import Metadata
from tui_embed.engine.models.model import Model
from tui_embed.engine.positions import Positions
from tui_embed.engine.rows import Floats
from tui_embed.engine.subwords import Chosen, Composed, Subwords
from tui_embed.engine.tokens import Tokenizer
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import TuiEmbedError

if TYPE_CHECKING:
    from tui_embed.engine.neighbors import Neighbor
    from tui_embed.engine.scan import Metric
    from tui_embed.engine.training.record import TrainingRecord


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a space's numbers come from. ``origin`` reads after the name: "trained on 6B tokens"."""

    trained: bool
    origin: str
    licence: str = ""
    source: str = ""


SAVERS: "list[Callable[[EmbeddingSpace, str | PathLike[str]], None]]" = []
"""What writes a space to a file. The engine knows no format: :mod:`tui_embed.sources`, from which spaces
come, puts its own in here when it is imported.
"""


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
        metadata: Metadata | None = None,
        subwords: Subwords | None = None,
        training: "TrainingRecord | None" = None,
        input_layer: InputLayer = PLAIN,
        model: Model | None = None,
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
        self.metadata: Metadata = metadata or {}
        self.subwords = subwords
        self.training = training
        """How it was trained, where that was done here."""
        self.input_layer = input_layer
        self.model = model
        """The language model that the rows belong to, where they are a checkpoint's."""

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __contains__(self, token: object) -> bool:
        return isinstance(token, str) and get_token(self.vocabulary, token) is not None

    def __getitem__(self, token: str) -> Floats:
        """The row of ``token``, ``(d_model,) float32``, or the vector composed for a word that has none.
        UnknownTokenError where there is neither.
        """
        return self.vector(self.resolve(token))

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
        whole = self.matrix.array
        if whole is not None:
            return whole
        whole = self.matrix.rows.take(np.arange(len(self)))
        whole.flags.writeable = False
        return whole

    def save(self, path: "str | PathLike[str]") -> None:
        """Write the space to ``path``, in the format that the end of its name says (``.npz``, ``.npy``,
        ``.safetensors``, ``.txt``, ``.vec``, ``.bin``, ``.parquet``, …), in the place of what is there.
        ``.npz`` and ``.safetensors`` hold all of it but a tokenizer: loading them gives the same space.

        UsageError for a name that says no format; TuiEmbedError where the format cannot hold a token and
        where the file cannot be written.
        """
        if not SAVERS:
            raise TuiEmbedError("no file format is known yet", "import tui_embed.sources")
        SAVERS[-1](self, path)

    def id(self, token: str) -> int:
        """The id of ``token`` (``#7`` is id 7 where no token is spelled so), or UnknownTokenError."""
        found = get_token(self.vocabulary, token)
        if found is None:
            raise unknown_token(self.vocabulary, token, self.name, self.compose(token) is not None)
        return found

    def compose(self, word: str) -> Composed | None:
        """The vector of a word that the vocabulary does not have, from its n-grams; None for a word that it
        has, and where the space has no n-grams.
        """
        if self.subwords is None or not word or word in self:
            return None
        return self.subwords.compose(word)

    def resolve(self, text: str) -> Chosen:
        """The id of the token ``text``, or the word composed; UnknownTokenError where it is neither."""
        return self.compose(text) or self.id(text)

    def vector(self, chosen: Chosen) -> Floats:
        """The row of an id or the vector of a composed word, ``(d_model,) float32``."""
        return chosen.vector if isinstance(chosen, Composed) else self.matrix.row(chosen)

    def spelled(self, chosen: Chosen) -> str:
        """The token of an id, or the composed word."""
        return chosen.word if isinstance(chosen, Composed) else self.vocabulary[chosen]

    def checked_id(self, token_id: int) -> int:
        """``token_id`` if the space has it, else UsageError."""
        return token_at(self.vocabulary, token_id, self.name)

    def neighbors(self, query: "str | Floats", k: int = 10, metric: "Metric" = "cosine") -> "list[Neighbor]":
        """The ``k`` tokens nearest to a token (itself left out) or a vector ``(d_model,)``, nearest first."""
        from tui_embed.engine.neighbors import neighbors_of_token, neighbors_of_vector

        chosen = self.resolve(query) if isinstance(query, str) else query
        if isinstance(chosen, int):
            return neighbors_of_token(self, chosen, k, metric).neighbors
        vector = chosen.vector if isinstance(chosen, Composed) else np.asarray(chosen, dtype=np.float32)
        return neighbors_of_vector(self, vector, k, metric).neighbors

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
            [(1.0, self.resolve(token)) for token in positive]
            + [(-1.0, self.resolve(token)) for token in negative]
        )
        return solve(self, combination, k, checked_method(method), exclude_inputs).neighbors
