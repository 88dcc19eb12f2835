"""Quantised numbers of GGUF files, by the ``gguf`` package, which its format's authors publish."""

from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from tui_embed.engine.rows import Floats
from tui_embed.errors import TuiEmbedError
from tui_embed.optional import require
from tui_embed.sources.gguf_header import TYPES
from tui_embed.sources.models.tensors import Bytes


@dataclass(frozen=True, slots=True)
class QuantisedEncoding:
    """Blocks of numbers that share a scale; a row is whole blocks."""

    type_id: int
    is_quantised = True

    @property
    def name(self) -> str:
        return TYPES[self.type_id][0]

    def row_bytes(self, width: int) -> int:
        _, of_block, block_bytes = TYPES[self.type_id]
        return width // of_block * block_bytes

    def float32(self, raw: Bytes, width: int) -> Floats:
        kind = _kind(self.type_id)
        if not len(raw):
            return np.empty((0, width), dtype=np.float32)
        with np.errstate(all="ignore"):  # a scale that is no number makes a row that is none
            return np.asarray(_numbers(raw, kind, self.name), dtype=np.float32)


def check_quantised(type_id: int) -> None:
    """TuiEmbedError for a type that this installation cannot read: without the package, or with one that is
    too old for it.
    """
    name, _, block_bytes = TYPES[type_id]
    _numbers(np.zeros((1, block_bytes), dtype=np.uint8), _kind(type_id), name)


def _numbers(raw: Bytes, kind: object, name: str) -> Any:
    try:
        return _package().quants.dequantize(raw, kind)
    except NotImplementedError:
        raise TuiEmbedError(f"quantised as {name}, which the gguf package does not read") from None


@cache
def _package() -> ModuleType:
    package = require("gguf", "gguf")
    require("gguf.quants", "gguf")
    return package


def _kind(type_id: int) -> object:
    try:
        return _package().GGMLQuantizationType(type_id)
    except ValueError:
        name = TYPES[type_id][0]
        raise TuiEmbedError(f"quantised as {name}, which the gguf package does not know") from None
