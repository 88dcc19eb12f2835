"""The parameters of a checkpoint's layers: read when first asked for, then kept while they are few."""

import threading

from tui_embed.engine.rows import Floats
from tui_embed.sources.models.weights import Weights

MOST_KEPT = 2 << 30
"""Bytes that stay in memory between one prompt and the next."""


class StoredParameters:
    """Arrays of ``weights`` below ``prefix``."""

    def __init__(self, weights: Weights, prefix: str) -> None:
        self._weights = weights
        self._prefix = prefix
        self._kept: dict[str, Floats] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def __contains__(self, name: object) -> bool:
        return f"{self._prefix}{name}" in self._weights.tensors

    def __getitem__(self, name: str) -> Floats:
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                return kept
            array = self._weights.tensors[f"{self._prefix}{name}"].read()
            array.flags.writeable = False
            if self._bytes + array.nbytes <= MOST_KEPT:
                self._kept[name] = array
                self._bytes += array.nbytes
            return array
