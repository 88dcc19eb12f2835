"""GloVe as it comes with the program: mapped where it lies, nothing read until it is touched.

A folder of such words holds ``rows.npy`` ``(n_vocab, d_model) float32``, ``norms.npy`` ``(n_vocab,)
float32``, and the arrays of a Vocabulary: ``tokens.bin``, ``offsets.npy``, ``order.npy``.
"""

from functools import cache
from pathlib import Path

import numpy as np

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.locations import asset
from tui_embed.tokenizers.words import WordTokenizer

NAME = "glove-6B-50d"


@cache
def glove() -> EmbeddingSpace:
    """GloVe 6B, 50 dimensions, its 100,000 most frequent words (Pennington et al. 2014).

    TuiEmbedError where the installation lacks the data.
    """
    provenance = Provenance(
        trained=True,
        origin="trained on 6B tokens",
        licence="PDDL 1.0",
        source="GloVe 6B 50d, Wikipedia 2014 + Gigaword 5, its 100,000 most frequent words of 400,000",
    )
    return mapped_words(asset(NAME), NAME, provenance)


def mapped_words(folder: Path, name: str, provenance: Provenance) -> EmbeddingSpace:
    """The GloVe words in ``folder``, mapped. OSError or ValueError for files that are not as they were."""
    vocabulary = Vocabulary(
        np.memmap(folder / "tokens.bin", dtype=np.uint8, mode="r"),
        np.load(folder / "offsets.npy", mmap_mode="r"),
        np.load(folder / "order.npy", mmap_mode="r"),
    )
    rows = np.load(folder / "rows.npy", mmap_mode="r")
    return EmbeddingSpace(
        name=name,
        vocabulary=vocabulary,
        matrix=EmbeddingMatrix(ArrayRows(rows), norms=np.load(folder / "norms.npy")),
        positions=NoPositions("GloVe has no positions"),
        provenance=provenance,
        tokenizer=WordTokenizer("words", vocabulary.get, len(vocabulary)),
    )
