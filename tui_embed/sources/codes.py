"""Codes of a space's rows, made once and kept in the store beside them."""

from collections.abc import Iterator

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.quantized import QuantizedRows, worth_quantizing
from tui_embed.engine.rows import Floats, Ids, Rows
from tui_embed.sources.store.derived import Arrays, derived
from tui_embed.sources.store.parts import StoredRows

KIND = "codes"
BLOCKS_HELD = 16


def use_codes(matrix: EmbeddingMatrix) -> None:
    """Let searches of a large matrix go by its codes, where this installation can."""
    if worth_quantizing(matrix.rows.shape):
        matrix.quantize_with(lambda: _codes(matrix))


def _codes(matrix: EmbeddingMatrix) -> QuantizedRows:
    rows = matrix.rows
    passing: Rows = _PassingRows(rows) if isinstance(rows, StoredRows) else rows

    def build() -> Arrays:
        made = QuantizedRows.build(passing, matrix.norms())
        return {"codes": made.codes, "scales": made.scales, "errors": made.errors}

    kept = derived(rows, KIND, build)
    return QuantizedRows(kept["codes"], kept["scales"], kept["errors"])


class _PassingRows:
    """Rows of a store that are passed over once: they do not stay in memory beside what is made of them."""

    def __init__(self, rows: StoredRows) -> None:
        self.shape = rows.shape
        self._rows = rows

    def take(self, ids: Ids) -> Floats:
        return self._rows.take(ids)

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        for number, block in enumerate(self._rows.blocks(), 1):
            yield block
            if number % BLOCKS_HELD == 0:
                self._rows.let_go()
        self._rows.let_go()
