"""A training record as facts (JSON) and arrays by name, and back: what bundles and the store hold of it."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.curve import LossCurve
from tui_embed.engine.training.record import TrainingRecord
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.errors import UsageError

WEIGHT = "weight_"
"""Before the name of a weight stands this."""

COUNTS = "counts"
CURVE: Mapping[str, np.dtype[Any]] = {
    "steps": np.dtype("<i8"),
    "raw": np.dtype("<f4"),
    "smoothed": np.dtype("<f4"),
    "heldout_steps": np.dtype("<i8"),
    "heldout": np.dtype("<f4"),
}
MOST_WEIGHTS = 64

Arrays = Mapping[str, NDArray[Any]]


def record_facts(record: TrainingRecord) -> dict[str, Any]:
    """What of a record is no array."""
    return {
        "settings": record.settings.as_json(),
        "corpus": record.corpus,
        "n_read": record.n_read,
        "steps": record.steps,
        "n_steps": record.n_steps,
        "seconds": record.seconds,
        "words_per_second": record.words_per_second,
        "start": record.start,
        "unk": record.unk,
        "diverged": record.diverged,
        "weights": list(record.weights),
    }


def record_arrays(record: TrainingRecord) -> dict[str, NDArray[Any]]:
    """The arrays of a record by name."""
    curve = {name: getattr(record.curve, name) for name in CURVE}
    weights = {WEIGHT + name: array for name, array in record.weights.items()}
    return {COUNTS: record.counts, **curve, **weights}


def record_of(facts: Mapping[str, Any], small: Arrays, weights: Mapping[str, Floats]) -> TrainingRecord:
    """The record that ``facts`` and arrays are: counts and curve in ``small``. ValueError, KeyError,
    TypeError or UsageError where they are no record.
    """
    lengths = {name: len(small[name]) for name in CURVE}
    if lengths["raw"] != lengths["steps"] or lengths["smoothed"] != lengths["steps"]:
        raise ValueError("a curve of several lengths")
    if lengths["heldout"] != lengths["heldout_steps"]:
        raise ValueError("a curve of several lengths")
    unk = facts["unk"]
    if unk is not None and not 0 <= _a(int, unk) < len(small[COUNTS]):
        raise ValueError("<unk> is no token")
    pace = facts["words_per_second"]
    return TrainingRecord(
        settings=TrainingSettings.from_json(_a(dict, facts["settings"])),
        corpus=_a(str, facts["corpus"]),
        n_read=_a(int, facts["n_read"]),
        counts=small[COUNTS].astype(np.int64, copy=False),
        steps=_a(int, facts["steps"]),
        n_steps=_a(int, facts["n_steps"]),
        seconds=_finite(facts["seconds"]),
        words_per_second=None if pace is None else _finite(pace),
        curve=LossCurve(**{name: small[name].astype(dtype, copy=False) for name, dtype in CURVE.items()}),
        weights=weights,
        start=_a(str, facts["start"]),
        unk=unk,
        diverged=_a(bool, facts["diverged"]),
    )


def weight_names(facts: Mapping[str, Any]) -> list[str]:
    """The names of the weights. ValueError, KeyError or TypeError where there are none to be had."""
    names = [_a(str, name) for name in _a(list, facts["weights"])]
    if len(names) > MOST_WEIGHTS or len(set(names)) < len(names):
        raise ValueError("too many weights")
    return names


class LazyWeights(Mapping[str, Floats]):
    """Weights that are read when they are first asked for."""

    def __init__(self, names: list[str], read: Callable[[str], Floats]) -> None:
        self._names = names
        self._read = read
        self._found: dict[str, Floats] = {}

    def __getitem__(self, name: str) -> Floats:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _a(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"no {kind}")
    return value


def _finite(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


DAMAGES = (KeyError, TypeError, ValueError, UsageError)
"""What reading a record raises that was not written here."""
